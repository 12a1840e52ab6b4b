"""Wards and neighborhoods: who sees them, how they come to be, how a selector is minted."""

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Neighborhood, Ward

LONGEST_SELECTOR = 12


def place_of(neighborhood: Neighborhood) -> Place:
    return Place(ward_id=neighborhood.ward_id, neighborhood_id=neighborhood.id)


def neighborhoods_for(actor: Actor, action: Action = Action.SEE_PLACES) -> QuerySet[Neighborhood]:
    """The neighborhoods where ``actor`` may do ``action``."""
    to = reach(actor, action)
    rows = Neighborhood.objects.select_related("ward").order_by("id")
    if to.everywhere:
        return rows
    return rows.filter(Q(id__in=to.neighborhood_ids) | Q(ward_id__in=to.ward_ids))


def wards_for(actor: Actor) -> QuerySet[Ward]:
    """The wards of the actor's places."""
    to = reach(actor, Action.SEE_PLACES)
    rows = Ward.objects.order_by("id")
    if to.everywhere:
        return rows
    return rows.filter(Q(id__in=to.ward_ids) | Q(neighborhoods__id__in=to.neighborhood_ids)).distinct()


def neighborhood_for(actor: Actor, action: Action, neighborhood_id: UUID) -> Neighborhood:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    found = Neighborhood.objects.select_related("ward").filter(id=neighborhood_id).first()
    if found is None:
        raise Absent()
    require(actor, action, place_of(found))
    return found


def ward_create(*, actor: Actor, code: str, name: str, province_code: str, province_name: str, now: datetime) -> Ward:
    """Add a ward under its official five-digit code. Raises ``BadInput``, ``Conflict`` where the code is taken."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    _digits(code, 5, "code")
    _digits(province_code, 2, "province_code")
    names = clean_name(name), clean_name(province_name, field="province_name")
    with transaction.atomic():
        try:
            with transaction.atomic():
                ward = Ward.objects.create(
                    code=code, name=names[0], province_code=province_code, province_name=names[1], created_at=now
                )
        except IntegrityError:
            raise Conflict(_("That ward is already there."), code="ward_exists") from None
        audit.record(
            actor=actor,
            action="ward.created",
            subject=("ward", ward.id),
            ward_id=ward.id,
            neighborhood_id=None,
            data={"code": code},
            now=now,
        )
    return ward


def neighborhood_create(
    *, actor: Actor, ward_id: UUID, name: str, now: datetime, selector: str | None = None
) -> Neighborhood:
    """Add a neighborhood; its code is minted under the ward's, its selector from its names unless one is given.

    Raises ``Absent`` for a ward that is not there, ``BadInput`` or ``Conflict`` for a selector that cannot be.
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    name = clean_name(name)
    with transaction.atomic():
        ward = Ward.objects.select_for_update().filter(id=ward_id).first()
        if ward is None:
            raise Absent()
        code = f"{ward.code}-T{ward.neighborhoods.count() + 1:02d}"
        chosen = selector_mint(ward, name) if selector is None else _checked_selector(selector)
        try:
            with transaction.atomic():
                neighborhood = Neighborhood.objects.create(
                    ward=ward, code=code, selector=chosen, name=name, created_at=now
                )
        except IntegrityError:  # another ward's neighborhood took the selector this very moment
            raise _taken() from None
        audit.record(
            actor=actor,
            action="neighborhood.created",
            subject=("neighborhood", neighborhood.id),
            ward_id=ward.id,
            neighborhood_id=neighborhood.id,
            data={"code": neighborhood.code, "selector": neighborhood.selector},
            now=now,
        )
    return neighborhood


def selector_mint(ward: Ward, name: str) -> str:
    """A free selector: the initials of the ward's own name and the number in the neighborhood's, such as ``HG7``.

    Where it is taken it grows by a digit, as often as it needs.
    """
    words = re.sub(r"^(phường|xã|đặc khu|thị trấn)\s+", "", ward.name.strip(), flags=re.IGNORECASE).split()
    letters = "".join(_ascii(word)[:1] for word in words if _ascii(word)[:1].isalpha())[:6]
    number = "".join(sign for sign in name if sign.isascii() and sign.isdigit()).lstrip("0")[:3]
    base = (letters or "T") + (number or "1")
    taken = set(Neighborhood.objects.filter(selector__startswith=base).values_list("selector", flat=True))
    candidates = [base, *(f"{base}{extra}" for extra in range(2, 1000))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _checked_selector(text: str) -> str:
    selector = text.strip().upper()
    if not re.fullmatch(rf"[A-Z0-9]{{1,{LONGEST_SELECTOR}}}", selector):
        reason = _("A selector has 1 to 12 letters A-Z or digits.")
        raise BadInput(reason, fields={"selector": [reason]})
    if Neighborhood.objects.filter(selector=selector).exists():
        raise _taken()
    return selector


def _taken() -> Conflict:
    return Conflict(_("Another neighborhood has that selector."), code="selector_taken")


def _ascii(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.upper().replace("Đ", "D"))
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def _digits(text: str, length: int, field: str) -> None:
    if not re.fullmatch(rf"[0-9]{{{length}}}", text):
        reason = _("%(length)d digits, leading zeros kept.") % {"length": length}
        raise BadInput(reason, fields={field: [reason]})
