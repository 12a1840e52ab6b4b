"""Finding cameras: the loader every view and verb goes through, and the list that only holds what the actor may see.

``camera_for`` is the one door to one camera. Absent and forbidden raise the same ``Absent``; that a camera one may see
shows nothing just now is a ``Conflict``, which says so. The verbs that change cameras are in ``registration.py``.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from cameras import rules, schoolhours
from cameras.models import Camera
from neighborhoods.access import Action, Actor, Place, Reach, Role, reach, require

may_record = rules.may_record


def place_of(camera: Camera) -> Place:
    """Where a camera belongs. Reads ``camera.neighborhood``, which ``camera_for`` has joined."""
    at_school = camera.ownership == Camera.Ownership.SCHOOL
    return Place(camera.neighborhood.ward_id, camera.neighborhood_id, camera.owner_household_id, at_school)


def camera_for(actor: Actor, action: Action, camera_id: UUID, *, now: datetime) -> Camera:
    """The camera, where ``actor`` may do ``action`` with it; neighborhood, ward, node and household are joined.

    Raises ``Absent`` where there is none or the actor may not, and ``Conflict`` (``private_hours``, ``outside_hours``,
    ``school_hours``) where an action that shows footage comes at an hour at which nothing is shown.
    """
    camera = (
        Camera.objects.select_related("neighborhood__ward", "node", "owner_household")
        .prefetch_related("renditions")
        .filter(id=camera_id)
        .first()
    )
    if camera is None or not in_scope(actor, camera_id):
        raise Absent()
    role = require(actor, action, place_of(camera))
    if not rules.may_show(camera, action, sees_details=sees_details(actor, camera)):
        raise Absent()
    if action in rules.WATCHING:
        _require_hours(actor, camera, role, now)
    return camera


def cameras_for(actor: Actor, action: Action) -> QuerySet[Camera]:
    """Every camera on which ``actor`` may do ``action``. Hours are not asked: a list shows cameras, not pictures."""
    found = Camera.objects.select_related("neighborhood__ward", "node").filter(_within(actor, action))
    shown = Q(state=rules.ACTIVE, owner_household__left_at=None)  # ``rules.shared``
    if action not in rules.WATCHING:
        shown |= details_within(actor)
    found = found.filter(shown)
    return found.filter(id__in=actor.camera_scope) if actor.camera_scope else found


def sees_details(actor: Actor, camera: Camera) -> bool:
    """Whether exact place and outages are shown: to those who look after the camera, never to its neighbours."""
    return actor.role_at(place_of(camera), Action.SEE_CAMERA_DETAILS) is not None


def details_within(actor: Actor) -> Q:
    """The same question as a condition of a query."""
    return _within(actor, Action.SEE_CAMERA_DETAILS)


def asks_purpose(actor: Actor, camera: Camera) -> bool:
    """Whether the actor must say why before seeing any picture of this camera, its poster included."""
    role = actor.role_at(place_of(camera), Action.VIEW_LIVE)
    return role is not None and rules.asks_purpose(role, camera.ownership)


def in_scope(actor: Actor, camera_id: UUID) -> bool:
    """Whether the actor's code reaches this camera."""
    return not actor.camera_scope or camera_id in actor.camera_scope


def _within(actor: Actor, action: Action) -> Q:
    """``Actor.role_at`` and ``place_of`` as a condition of a query."""
    school = Q(ownership=Camera.Ownership.SCHOOL)
    return (~school & _inside(reach(actor, action))) | (school & _inside(reach(actor, action, at_school=True)))


def _inside(where: Reach) -> Q:
    if where.everywhere:
        return Q()
    return (
        Q(neighborhood__ward_id__in=where.ward_ids)
        | Q(neighborhood_id__in=where.neighborhood_ids)
        | Q(owner_household_id__in=where.household_ids)
    )


def _require_hours(actor: Actor, camera: Camera, role: Role, now: datetime) -> None:
    if rules.in_private_hours(camera, now):
        raise Conflict(_("The camera shows nothing in its private hours."), code="private_hours")
    if rules.outside_code(actor.hours_scope, now):
        raise Conflict(_("Your code does not allow watching at this hour."), code="outside_hours")
    if rules.outside_school_hours(role, camera, now):
        raise Conflict(schoolhours.refusal(camera.school_hours), code="school_hours")
