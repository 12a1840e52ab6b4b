"""The sealed annex: who supplied which camera of a package. It leaves with the package and only we can open it.

The supplier's identity is confidential (Decree 61/2026), and a court may need it: opening is an act of its own, by
somebody in charge, with a reason, on record, and told to the supplier.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput
from backend.lib.text import clean_words
from cameras.footage import telling
from cameras.footage.held import package_held
from cameras.footage.vague import says_something
from cameras.models import AnnexOpening, FootageAsk
from neighborhoods import sealing
from neighborhoods.access import Action, Actor

PURPOSE = "evidence-annex"
NAME = "annex.sealed"
"""In the package."""


def annex_seal(asks: Iterable[FootageAsk]) -> bytes:
    """What the annex of these cameras says, as it stands today, sealed under a key of this installation."""
    said = {f"K{ask.number}": _supplier(ask) for ask in asks}
    return sealing.seal(PURPOSE, json.dumps(said, ensure_ascii=False, sort_keys=True).encode())


def annex_open(*, actor: Actor, package_id: UUID, words: str, now: datetime) -> dict[str, Any]:
    """Who supplied what: K1, K2, … → camera, household, address, neighborhood. ``words``: why it has to be known.

    Raises ``Absent``; ``BadInput`` without a reason that says something.
    """
    said = clean_words(words, field="words", longest=400)
    if not says_something(said):
        reason = _("Say why it has to be known who supplied it.")
        raise BadInput(reason, fields={"words": [reason]})
    if actor.account_id is None:
        raise Absent()
    with transaction.atomic():
        package = package_held(actor, Action.OPEN_FOOTAGE_ANNEX, package_id)
        opened: dict[str, Any] = json.loads(sealing.unseal(PURPOSE, package.annex))
        AnnexOpening.objects.create(package=package, opened_by_id=actor.account_id, opened_at=now, words=said)
        told = [telling.ask_news("footage.annex_opened", ask) for ask in telling.asks_of(package)]
        telling.package_act(actor, "footage.annex_opened", package, now, asks=told)
    return opened


def _supplier(ask: FootageAsk) -> dict[str, object]:
    camera = ask.camera
    home = camera.owner_household if camera.owner_household and camera.owner_left_at is None else None
    return {
        "camera": camera.name, "ownership": camera.ownership, "neighborhood": camera.neighborhood.name,
        "household": home.name if home else "", "address": home.address if home else "",
    }  # fmt: skip
