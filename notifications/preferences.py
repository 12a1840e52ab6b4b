"""Each person's own settings, per device: quiet hours, what never rings, sound and vibration, the evening's summary.

They are about noise alone: what stands in the feed is the same for everybody of a stream.
"""

from collections.abc import Collection
from datetime import datetime, time
from typing import TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput, NotSignedIn
from neighborhoods import audit
from neighborhoods.access import Actor
from neighborhoods.models import Device
from notifications.categories import CATEGORIES
from notifications.models import Preferences
from notifications.quiet import Wishes

MUTABLE = tuple(code for code, category in CATEGORIES.items() if not category.breaks_quiet)
"""What a person may mute. Fire, flood and violence ring always."""


class Changes(TypedDict, total=False):
    quiet_from: time | None
    quiet_to: time | None
    muted: Collection[str]
    sound: bool
    vibration: bool
    digest: bool


def preferences_of(actor: Actor) -> Preferences:
    """The caller's device's; one that never chose has the defaults, which are not saved. Raises ``NotSignedIn``."""
    if actor.device_id is None:
        raise NotSignedIn()
    found = Preferences.objects.filter(device_id=actor.device_id).first()
    return found or Preferences(device_id=actor.device_id)


def wishes_of(preferences: Preferences | None) -> Wishes:
    """What ``quiet`` decides by."""
    if preferences is None:
        return Wishes()
    return Wishes(
        quiet_from=preferences.quiet_from,
        quiet_to=preferences.quiet_to,
        muted=frozenset(preferences.muted),
        digest=preferences.digest,
    )


def preferences_change(*, actor: Actor, changes: Changes, now: datetime) -> Preferences:
    """Change what ``changes`` names of the caller's own device. Raises ``BadInput`` and changes nothing where one of
    them is not possible. Writing the same again is no act."""
    with transaction.atomic():
        if actor.device_id is None:
            raise NotSignedIn()
        Device.objects.select_for_update().get(id=actor.device_id)  # two pages of one phone: one after the other
        wanted = preferences_of(actor)
        before = _facts(wanted)
        for name, value in changes.items():
            setattr(wanted, name, value)
        _check(wanted)
        wanted.muted = [code for code in MUTABLE if code in set(wanted.muted)]
        changed = sorted(name for name, value in _facts(wanted).items() if value != before[name])
        if not changed:
            return wanted
        wanted.changed_at = now
        wanted.save()
        audit.record(
            actor=actor,
            action="preferences.changed",
            subject=("device", actor.device_id),
            ward_id=actor.ward_id,
            neighborhood_id=actor.neighborhood_id,
            data={"fields": changed},  # which, not how: at what hours somebody sleeps is theirs
            now=now,
        )
    return wanted


def _facts(preferences: Preferences) -> dict[str, object]:
    return {name: getattr(preferences, name) for name in Changes.__annotations__}


def _check(wanted: Preferences) -> None:
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        missing = "quiet_from" if wanted.quiet_from is None else "quiet_to"
        raise _refuse(missing, _("Quiet hours have a beginning and an end."))
    if wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_to:
        raise _refuse("quiet_to", _("Quiet hours end at another time than they begin."))
    for code in wanted.muted:
        if code not in CATEGORIES:
            raise _refuse("muted", _("There is no category “%(code)s”.") % {"code": str(code)[:20]})
        if code not in MUTABLE:
            raise _refuse("muted", _("Fire, flood and violence always ring: they cannot be muted."))


def _refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})
