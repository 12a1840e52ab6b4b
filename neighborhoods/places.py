"""Wards and neighborhoods: who sees them, how they come to be, how a selector is minted.

How they change is in ``wards``, ``neighborhood_changes`` and ``neighborhood_merging``.
"""

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name, folded
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Neighborhood, PlaceHistory, Province, Ward

LONGEST_SELECTOR = 12


def place_of(neighborhood: Neighborhood) -> Place:
    return Place(ward_id=neighborhood.ward_id, neighborhood_id=neighborhood.id)


def within(actor: Actor, action: Action, path: str = "neighborhood") -> Q:
    """A filter for rows whose ``path`` leads to a neighborhood where ``actor`` may do ``action``."""
    to = reach(actor, action)
    if to.everywhere:
        return Q()
    return Q(**{f"{path}_id__in": to.neighborhood_ids}) | Q(**{f"{path}__ward_id__in": to.ward_ids})


def neighborhoods_for(actor: Actor, action: Action = Action.SEE_PLACES) -> QuerySet[Neighborhood]:
    """The neighborhoods where ``actor`` may do ``action``; not those that were merged into others."""
    to = reach(actor, action)
    rows = Neighborhood.objects.select_related("ward").filter(closed_at=None).order_by("id")
    if to.everywhere:
        return rows
    return rows.filter(Q(id__in=to.neighborhood_ids) | Q(ward_id__in=to.ward_ids))


def wards_for(actor: Actor) -> QuerySet[Ward]:
    """The wards of the actor's places; not those that were merged into others."""
    to = reach(actor, Action.SEE_PLACES)
    rows = Ward.objects.filter(closed_at=None).order_by("id")
    if to.everywhere:
        return rows
    return rows.filter(Q(id__in=to.ward_ids) | Q(neighborhoods__id__in=to.neighborhood_ids)).distinct()


def neighborhood_for(actor: Actor, action: Action, neighborhood_id: UUID) -> Neighborhood:
    """Load and authorise; absent and forbidden are the same ``Absent``.

    ``Conflict`` (``place_closed``) for one that was merged into another, unless it is only looked at: nothing new is
    hung on it.
    """
    found = Neighborhood.objects.select_related("ward").filter(id=neighborhood_id).first()
    if found is None:
        raise Absent()
    require(actor, action, place_of(found))
    if found.closed_at is not None and action != Action.SEE_PLACES:
        raise closed()
    return found


def ward_for(actor: Actor, ward_id: UUID) -> Ward:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    found = Ward.objects.filter(id=ward_id).first()
    to = reach(actor, Action.SEE_PLACES)
    if found is None:
        raise Absent()
    own = found.id in to.ward_ids or found.neighborhoods.filter(id__in=to.neighborhood_ids).exists()
    if not (to.everywhere or own):
        raise Absent()
    return found


def ward_create(*, actor: Actor, code: str, name: str, province_code: str, province_name: str, now: datetime) -> Ward:
    """Add a ward under its official five-digit code. Raises ``BadInput``, ``Conflict`` where the code is taken.

    Its kind is read from its name, and its province comes with it where nobody has loaded the official list.
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    _digits(code, 5, "code")
    _digits(province_code, 2, "province_code")
    names = clean_name(name), clean_name(province_name, field="province_name")
    with transaction.atomic():
        try:
            with transaction.atomic():
                Province.objects.get_or_create(code=province_code, defaults={"name": names[1]})
                ward = Ward.objects.create(
                    code=code, name=names[0], kind=kind_of(names[0]), province_code=province_code,
                    province_name=names[1], created_at=now,
                )  # fmt: skip
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
        ward = ward_held(ward_id)
        neighborhood = neighborhood_insert(ward, name=name, selector=selector, now=now)
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


def ward_held(ward_id: UUID) -> Ward:
    """The ward, held until commit; before any neighborhood of it. Raises ``Absent``, ``Conflict`` where it was merged
    into another."""
    ward = Ward.objects.select_for_update(no_key=True).filter(id=ward_id).first()
    if ward is None:
        raise Absent()
    if ward.closed_at is not None:
        raise closed()
    return ward


def neighborhood_insert(ward: Ward, *, name: str, selector: str | None, now: datetime) -> Neighborhood:
    """The row of a new neighborhood in ``ward``, which is held; the caller audits. Raises as ``neighborhood_create``
    does."""
    chosen = selector_mint(ward, name) if selector is None else _checked_selector(selector)
    try:
        with transaction.atomic():
            return Neighborhood.objects.create(
                ward=ward, code=code_mint(ward), selector=chosen, name=name, created_at=now
            )
    except IntegrityError:  # another ward's neighborhood took the selector this very moment
        raise _taken() from None


def code_mint(ward: Ward) -> str:
    """The next code under the ward's, such as ``00691-T07``. One that ever was is never given again."""
    prefix = f"{ward.code}-T"
    now = Neighborhood.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    before = PlaceHistory.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    return f"{prefix}{max((int(code[len(prefix) :]) for code in {*now, *before}), default=0) + 1:02d}"


def kind_of(name: str) -> Ward.Kind:
    """What a name says: phường unless it begins with xã or đặc khu."""
    first = folded(name).split(" ", 1)[0]
    return {"xa": Ward.Kind.COMMUNE, "dac": Ward.Kind.ZONE}.get(first, Ward.Kind.WARD)


def closed() -> Conflict:
    return Conflict(_("This place was merged into another."), code="place_closed")


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
