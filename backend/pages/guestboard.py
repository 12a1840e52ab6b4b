"""What a household's own pages show of its guests and its phones: rows made ready for a template."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from cameras.guests import own_cameras
from neighborhoods.access import Actor
from neighborhoods.devices import cuts, devices_of
from neighborhoods.guestcodes import guest_codes_of
from neighborhoods.models import AccessCode, Device


@dataclass(frozen=True, slots=True)
class GuestRow:
    code: AccessCode
    cameras: str
    shows: str
    """Live or more, and at which hours."""
    phones: list[Device]


@dataclass(frozen=True, slots=True)
class PhoneRow:
    device: Device
    here: bool
    """The one in hand."""
    guest: bool
    cuttable: bool


def guest_rows(actor: Actor, *, now: datetime) -> list[GuestRow]:
    """The guest codes that still open something, newest first."""
    living = Device.objects.filter(revoked_at=None, expires_at__gt=now).order_by("created_at")
    codes = guest_codes_of(actor).filter(expires_at__gt=now)
    names = {str(camera.id): camera.name for camera in own_cameras(actor)}  # one that was taken down shows nothing
    return [
        GuestRow(
            code,
            _cameras(code, names),
            f"{_('live and looking back') if code.replay else _('live only')} · {_hours(code)}",
            code.phones,  # prefetched below
        )
        for code in codes.prefetch_related(Prefetch("devices", queryset=living, to_attr="phones"))
    ]


def lengths() -> list[tuple[str, str]]:
    """For how many days a guest may look, in words."""
    return [("1", _("1 day")), ("3", _("3 days")), ("7", _("7 days")), ("14", _("14 days")), ("30", _("30 days"))]


def phone_rows(actor: Actor, *, now: datetime) -> list[PhoneRow]:
    """The phones of the household, the one in hand first."""
    rows = [
        PhoneRow(
            device,
            device.id == actor.device_id,
            device.code is not None and device.code.kind == AccessCode.Kind.GUEST,
            cuts(actor, device),
        )
        for device in devices_of(actor, now=now)
    ]
    return sorted(rows, key=lambda row: (not row.here, not row.cuttable))


def _cameras(code: AccessCode, names: dict[str, str]) -> str:
    """A code that names cameras never opens more, even where none of them is left."""
    if not code.camera_scope:
        return _("every camera of the neighborhood")
    return ", ".join(names[one] for one in code.camera_scope if one in names) or _("none of your cameras any more")


def _hours(code: AccessCode) -> str:
    if not code.hours_scope:
        return _("all day")
    return ", ".join(f"{span['from']}-{span['to']}" for span in code.hours_scope)
