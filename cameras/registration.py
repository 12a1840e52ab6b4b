"""Registering cameras: add, edit, approve, retire. Each verb writes its audit entry in its own transaction.

A leader's camera is approved and active at once. A household's own is *proposed*: its address is judged now and dialled
only after the leader's tap, when it is judged again. Addresses are looked up before the transaction, never inside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from cameras import credentials, dialling, posters, protection, registry, rules
from cameras.models import Camera, Rendition
from cameras.store import catalog
from neighborhoods import audit, hours, legal, nudges, revocations
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.households import living_household
from neighborhoods.models import Household, Neighborhood, Revocation

CHANNEL = "matpho:cameras"
"""Told the camera's id when a verb has changed it; brings the recorder's next look forward and means nothing else."""
MOST_PROPOSALS = 10
"""Cameras of one household that wait for the leader."""
LONGEST_RETENTION_HOURS = 24 * 90
LEADERS_ONLY = frozenset({"purpose", "retention_hours", "retention_bytes"})
_ENDS_VIEWS = frozenset({"private_hours", "masks", "ownership", "school_hours"})
HARDWARE = {"make": 40, "model": 40, "firmware": 40, "certificate": 60, "certificate_rule": 40}
"""What a camera is, as people write it, each with its longest."""
EDITABLE = LEADERS_ONLY | _ENDS_VIEWS | HARDWARE.keys() | {
    "name", "kind", "latitude", "longitude", "bearing_deg", "watch_hours",
}  # fmt: skip
_HOURS = ("private_hours", "watch_hours", "school_hours")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a camera shows and where, as its form says it. Degrees are WGS 84; bearing is clockwise from north."""

    ownership: str = Camera.Ownership.PUBLIC
    purpose: str = Camera.Purpose.SECURITY
    kind: str = Camera.Kind.FIXED
    make: str = ""
    model: str = ""
    firmware: str = ""
    certificate: str = ""
    certificate_rule: str = ""
    latitude: float | None = None
    longitude: float | None = None
    bearing_deg: int | None = None
    private_hours: Sequence[Mapping[str, object]] = ()


def camera_add(
    *,
    actor: Actor,
    neighborhood_id: UUID,
    name: str,
    url: str,
    user: str = "",
    password: str = "",
    owner_household_id: UUID | None = None,
    view: View = View(),
    now: datetime,
) -> Camera:
    """Register a camera with its main rendition. Active at once where the actor may approve it, else proposed.

    One that a household owns does not begin as ``public``: that is the household's to say (``protection``).

    Raises ``Absent`` (place, household), ``BadInput`` with fields, ``Conflict`` (``too_many_proposals``, and
    ``legal_record_missing`` where it would be recorded at once).
    """
    if actor.camera_scope:  # a guest's code shows some cameras and brings none
        raise Absent()
    place = _place(neighborhood_id, owner_household_id)
    role_may_approve = actor.role_at(place, Action.APPROVE_CAMERA) is not None
    require(actor, Action.ADD_CAMERA, place)
    if role_may_approve:
        legal.require_record(neighborhood_id)
    source = check_source(url, user, password, private=role_may_approve)
    facts = checked({"name": name, **fields_of(view)})
    if not role_may_approve:
        facts |= {"ownership": Camera.Ownership.HOUSEHOLD, "purpose": Camera.Purpose.SECURITY}
    elif owner_household_id is not None and facts["ownership"] == Camera.Ownership.PUBLIC:
        facts["ownership"] = Camera.Ownership.HOUSEHOLD
    with transaction.atomic():
        if not role_may_approve:
            _require_room(owner_household_id)
        camera = Camera.objects.create(
            neighborhood_id=neighborhood_id,
            node=catalog.node_here(),
            owner_household_id=owner_household_id,
            state=Camera.State.ACTIVE if role_may_approve else Camera.State.PROPOSED,
            created_by_id=actor.account_id,
            created_at=now,
            approved_at=now if role_may_approve else None,
            approved_by_id=actor.account_id if role_may_approve else None,
            **facts,
        )
        sealed = credentials.seal(source.user, source.password)
        Rendition.objects.create(
            camera=camera, source_url=source.url, private_allowed=role_may_approve, credentials=sealed, health_since=now
        )
        nudges.on_commit(CHANNEL, str(camera.id))
        _record(actor, camera, "camera.added", {"state": camera.state, "ownership": camera.ownership}, now)
    return camera


def camera_edit(
    *,
    actor: Actor,
    camera_id: UUID,
    changes: Mapping[str, object],
    url: str | None = None,
    user: str = "",
    password: str = "",
    school_address_id: UUID | None = None,
    now: datetime,
) -> Camera:
    """Change facts (names of ``EDITABLE``) and, where ``url`` is given, the address with its user and password.

    ``school_address_id`` gives a school's camera that nobody owns yet to the school's registered address, whose staff
    then answer for it. Whoever leads does so once; from then on hours are the school's to give.

    An address changed by somebody who may not approve makes the camera proposed again. Changed private hours, masks,
    school hours or ownership end its views, so that they are opened anew under the new rule. What protects a household
    that owns the camera is loosened by that household alone (``protection``); a school's camera stays one. Raises
    ``Absent``, ``BadInput``, ``Conflict``.
    """
    camera = registry.camera_for(actor, Action.EDIT_CAMERA, camera_id, now=now)
    if camera.state == Camera.State.RETIRED:
        raise Conflict(_("The camera is retired."), code="retired")
    may_approve = actor.role_at(registry.place_of(camera), Action.APPROVE_CAMERA) is not None
    if not may_approve and (refused := LEADERS_ONLY & changes.keys()):
        raise _refuse_all(refused, _("Only the leader changes that."), _("Ask your leader."))
    if school_address_id is not None and not may_approve:
        raise _refuse_all({"owner_household"}, _("Only the leader changes that."), _("Ask your leader."))
    facts = checked(changes)
    source = check_source(url, user, password, private=may_approve) if url is not None else None
    with transaction.atomic():
        locked = _locked(camera_id)
        if school_address_id is not None and school_address_id != locked.owner_household_id:
            facts |= _given_to(school_address_id, locked, facts)
        _require_owners_word(actor, locked, facts)
        changed = [field for field, value in facts.items() if getattr(locked, field) != value]
        if source is not None:
            sealed = credentials.seal(source.user, source.password)
            locked.renditions.update_or_create(  # one that was only planned has none yet
                name=Rendition.Name.MAIN,
                defaults={"source_url": source.url, "private_allowed": may_approve, "credentials": sealed},
            )
            changed.append("source")
            if not may_approve and locked.state == Camera.State.ACTIVE:
                facts |= {"state": Camera.State.PROPOSED, "approved_at": None, "approved_by_id": None}
        if not changed:
            return camera
        if "masks" in changed:
            facts["mask_version"] = locked.mask_version + 1
        Camera.objects.filter(id=camera_id).update(**facts)
        if (_ENDS_VIEWS | {"owner_household_id"}) & set(changed) or "state" in facts:
            _end_views(camera_id, now)
        nudges.on_commit(CHANNEL, str(camera_id))
        _record(actor, camera, "camera.edited", {"fields": sorted(changed)}, now)
    return registry.camera_for(actor, Action.EDIT_CAMERA, camera_id, now=now)


def camera_approve(*, actor: Actor, camera_id: UUID, now: datetime) -> Camera:
    """The leader's tap: the recorder may dial it from now on. The address is judged again first, as an address of
    whoever named it: the tap is for the view, and nobody shows the leader where a name leads. Twice is once.

    Raises ``Absent``, ``Conflict`` (``retired``, ``no_address``, ``legal_record_missing``; ``changed_meanwhile``: what
    was judged is what is approved), ``AddressRefused``.
    """
    camera = registry.camera_for(actor, Action.APPROVE_CAMERA, camera_id, now=now)
    if camera.state == Camera.State.RETIRED:
        raise Conflict(_("The camera is retired."), code="retired")
    legal.require_record(camera.neighborhood_id)
    judged = set()
    if not camera.renditions.all():
        raise Conflict(_("The camera is only planned. Enter its address first."), code="no_address")
    for rendition in camera.renditions.all():
        dialling.judge(rendition.source_url, private=rendition.private_allowed)
        judged.add(rendition.source_url)
    with transaction.atomic():
        locked = _locked(camera_id)
        if judged != {rendition.source_url for rendition in locked.renditions.all()}:
            raise Conflict(_("The camera's address was changed just now. Look at it again."), code="changed_meanwhile")
        approved = Camera.objects.filter(id=camera_id, state=Camera.State.PROPOSED).update(
            state=Camera.State.ACTIVE, approved_at=now, approved_by_id=actor.account_id
        )
        if approved:
            nudges.on_commit(CHANNEL, str(camera_id))
            _record(actor, camera, "camera.approved", {}, now)
    return registry.camera_for(actor, Action.APPROVE_CAMERA, camera_id, now=now)


def camera_retire(*, actor: Actor, camera_id: UUID, now: datetime) -> Camera:
    """The end of a camera: recording stops, every view ends; what is recorded stays until retention takes it."""
    camera = registry.camera_for(actor, Action.RETIRE_CAMERA, camera_id, now=now)
    with transaction.atomic():
        retired = (
            Camera.objects.filter(id=camera_id)
            .exclude(state=Camera.State.RETIRED)
            .update(state=Camera.State.RETIRED, retired_at=now)
        )
        if retired:
            _end_views(camera_id, now)
            nudges.on_commit(CHANNEL, str(camera_id))
            _record(actor, camera, "camera.retired", {}, now)
    return registry.camera_for(actor, Action.RETIRE_CAMERA, camera_id, now=now)


def check_source(url: str, user: str = "", password: str = "", *, private: bool) -> credentials.Source:
    """Judge an address the way every dial does, look-up included. Not inside a transaction: it waits for the resolver.

    ``private`` addresses are for leaders and operators. Raises ``AddressRefused`` and ``BadInput``.
    """
    source = credentials.split_source(url, user, password)
    dialling.judge(source.url, private=private)
    return source


def _end_views(camera_id: UUID, now: datetime) -> None:
    """Every view of the camera ends, and its poster goes: both were made under the rules of before."""
    transaction.on_commit(lambda: posters.poster_forget(camera_id))
    revocations.revoke(Revocation.Kind.CAMERA, camera_id, now=now)


def _place(neighborhood_id: UUID, owner_household_id: UUID | None) -> Place:
    ward_id = Neighborhood.objects.filter(id=neighborhood_id).values_list("ward_id", flat=True).first()
    if ward_id is None:
        raise Absent()
    if owner_household_id is not None:
        living = Household.objects.filter(id=owner_household_id, neighborhood_id=neighborhood_id, left_at=None)
        if not living.exists():
            raise Absent()
    return Place(ward_id, neighborhood_id, owner_household_id)


def fields_of(view: View) -> dict[str, object]:
    return {field: getattr(view, field) for field in View.__dataclass_fields__}


def checked(changes: Mapping[str, object]) -> dict[str, object]:
    """The changes in their stored form; raises ``BadInput`` naming the field."""
    facts = dict(changes)
    if unknown := facts.keys() - EDITABLE:
        raise BadInput(_("There is no such field."), fields={field: [_("Unknown.")] for field in sorted(unknown)})
    if "name" in facts:
        facts["name"] = clean_name(str(facts["name"]), longest=80)
    for field, longest in HARDWARE.items():
        if facts.get(field):
            facts[field] = clean_name(str(facts[field]), field=field, longest=longest)
    for field, choices in (("ownership", Camera.Ownership), ("purpose", Camera.Purpose), ("kind", Camera.Kind)):
        if field in facts and facts[field] not in choices.values:
            raise _refuse(field, ", ".join(choices.values))
    for field, low, high in _RANGES:
        value = facts.get(field)
        if value is not None and not (isinstance(value, int | float) and low <= value <= high):
            raise _refuse(field, _("From %(low)s to %(high)s.") % {"low": low, "high": high})
    for field in _HOURS:
        if field in facts:
            facts[field] = hours.checked(facts[field], field=field)  # type: ignore[arg-type]
    return facts


_RANGES: tuple[tuple[str, int, int], ...] = (
    ("latitude", -90, 90),
    ("longitude", -180, 180),
    ("bearing_deg", 0, 359),
    ("retention_hours", 1, LONGEST_RETENTION_HOURS),
    ("retention_bytes", 0, 2**62),
)


def _require_room(household_id: UUID | None) -> None:
    """In the verb's transaction; the household's row is locked, so that two at once are counted one after the other."""
    if household_id is not None:
        living_household(household_id)
    waiting = Camera.objects.filter(owner_household_id=household_id, state=rules.PROPOSED).count()
    if waiting >= MOST_PROPOSALS:
        raise Conflict(_("Ten cameras of yours wait for the leader already."), code="too_many_proposals")


def _given_to(address_id: UUID, camera: Camera, facts: Mapping[str, object]) -> dict[str, object]:
    if camera.owner_household_id is not None or facts.get("ownership", camera.ownership) != rules.SCHOOL:
        raise _refuse("owner_household", _("Only a school's camera that nobody owns yet is given to an address."))
    if not Household.objects.filter(id=address_id, neighborhood_id=camera.neighborhood_id, left_at=None).exists():
        raise _refuse("owner_household", _("No such household lives in this neighborhood."))
    return {"owner_household_id": address_id}


def _require_owners_word(actor: Actor, camera: Camera, facts: Mapping[str, object]) -> None:
    if camera.ownership == rules.SCHOOL and facts.get("ownership", rules.SCHOOL) != rules.SCHOOL:
        raise _refuse("ownership", _("A school's camera stays one. Retire it, and register what hangs there now anew."))
    owner_id = camera.owner_household_id or facts.get("owner_household_id")
    if not isinstance(owner_id, UUID) or actor.speaks_for(owner_id):
        return
    before = {field: getattr(camera, field) for field in ("ownership", *_HOURS)}
    if refused := protection.loosened(before, facts):
        reason = _("Only the household that owns the camera may have it show more, or to more people.")
        raise _refuse_all(refused, reason, _("Ask the household. You may restrict more, or retire the camera."))


def _locked(camera_id: UUID) -> Camera:
    return Camera.objects.select_for_update().get(id=camera_id)


def _refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})


def _refuse_all(fields: Iterable[str], reason: str, hint: str) -> BadInput:
    return BadInput(reason, fields={field: [hint] for field in sorted(fields)})


def _record(actor: Actor, camera: Camera, action: str, data: Mapping[str, object], now: datetime) -> None:
    neighborhood = camera.neighborhood
    audit.record(
        actor=actor,
        action=action,
        subject=("camera", camera.id),
        ward_id=neighborhood.ward_id,
        neighborhood_id=neighborhood.id,
        data=data,
        now=now,
    )
