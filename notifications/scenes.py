"""Where an alert is: in which neighborhood, at which cameras, on the map, and in words.

What everybody is told must not give away a home: a camera's place stands on the list's grid of about 100 m, and where
the words come from a camera it is one of the street's, never a household's or a school's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.errors import Absent
from cameras import grid, registry, rules
from cameras.models import Camera
from neighborhoods.access import Action, Actor, reach
from neighborhoods.models import Neighborhood
from neighborhoods.places import neighborhood_for
from notifications import moments
from notifications.claims import Claim, refuse
from notifications.facing import Place, metres

BESIDE_DEG, IN_WARD_DEG = 0.003, 0.01
"""Some 300 m: how far a camera's name is still a word for the place. A kilometre: how far it tells the neighborhood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    neighborhood: Neighborhood
    named: tuple[Camera, ...] = ()
    place: Place | None = None
    words: str = ""


def scene_of(actor: Actor, claim: Claim, neighborhood_id: UUID | None) -> Scene:
    """Where ``actor`` says it is. Raises ``Absent`` for a neighborhood that is not theirs, ``BadInput``."""
    named = _named(actor, claim.camera_ids)
    neighborhood = neighborhood_for(
        actor, Action.RAISE_ALERT, neighborhood_id or _neighborhood_id(actor, named, claim.place)
    )
    if any(camera.neighborhood_id != neighborhood.id for camera in named):
        raise _no_camera()
    return scene_in(neighborhood, claim, named)


def scene_in(neighborhood: Neighborhood, claim: Claim, named: Iterable[Camera]) -> Scene:
    """The scene where neighborhood and cameras are known. Without place and camera the neighborhood itself is the
    place: in a frightened moment nobody must be stopped by a map that did not load."""
    named = tuple(named)
    if not claim.category.needs_place:
        return Scene(neighborhood=neighborhood)
    place = claim.place or next((_on_grid(camera) for camera in named if camera.latitude is not None), None)
    words = _words(neighborhood.id, named, claim.place or _exact(named))
    return Scene(neighborhood=neighborhood, named=named, place=place, words=words or neighborhood.name)


def cameras_in(neighborhood_id: UUID, camera_ids: Collection[UUID]) -> list[Camera]:
    """Cameras of the neighborhood, in the order they were named. Raises ``BadInput`` where one is not there."""
    found = Camera.objects.select_related("neighborhood", "owner_household").filter(neighborhood_id=neighborhood_id)
    return _all_of(camera_ids, found.filter(id__in=camera_ids, state=rules.ACTIVE))


def _named(actor: Actor, camera_ids: Collection[UUID]) -> list[Camera]:
    if not camera_ids:
        return []
    seen = registry.cameras_for(actor, Action.SEE_CAMERAS).select_related("owner_household")
    return _all_of(camera_ids, seen.filter(id__in=camera_ids))


def _all_of(camera_ids: Collection[UUID], found: Iterable[Camera]) -> list[Camera]:
    """One that is absent and one that is not theirs are refused alike."""
    by_id = {camera.id: camera for camera in found}
    if any(camera_id not in by_id for camera_id in camera_ids):
        raise _no_camera()
    return [by_id[camera_id] for camera_id in camera_ids]


def _no_camera() -> Exception:
    return refuse("camera_ids", _("One of these cameras is not there."))


def _neighborhood_id(actor: Actor, named: list[Camera], place: Place | None) -> UUID:
    """A resident's own, a leader's; of the ward's people the one of the camera they name or that is nearest."""
    where = reach(actor, Action.RAISE_ALERT)
    if named:
        return named[0].neighborhood_id
    if actor.neighborhood_id in where.neighborhood_ids:
        return actor.neighborhood_id
    if not where.ward_ids:
        raise Absent()
    found = _nearest_in(where.ward_ids, place) if place else None
    if found is None:
        raise refuse("neighborhood", _("Name the neighborhood."))
    return found.neighborhood_id


def _nearest_in(ward_ids: Collection[UUID], place: Place) -> Camera | None:
    around = Camera.objects.filter(
        neighborhood__ward_id__in=ward_ids,
        state=rules.ACTIVE,
        latitude__range=(place.lat - IN_WARD_DEG, place.lat + IN_WARD_DEG),
        longitude__range=(place.lon - IN_WARD_DEG, place.lon + IN_WARD_DEG),
    )
    return _nearest(around, place)


def _words(neighborhood_id: UUID, named: tuple[Camera, ...], place: Place | None) -> str:
    streets = (camera for camera in named if camera.owner_household_id is None and camera.ownership != rules.SCHOOL)
    street = next((camera.name for camera in streets), "")
    if street or place is None:
        return street
    beside = moments.near(neighborhood_id, place, BESIDE_DEG).filter(owner_household=None)
    found = _nearest(beside, place)
    return found.name if found else ""


def _nearest(cameras: Iterable[Camera], place: Place) -> Camera | None:
    eyes = [(metres(eye.at, place), camera) for camera in cameras if (eye := moments.eye_of(camera)) is not None]
    return min(eyes, key=lambda each: (each[0], each[1].id), default=(0.0, None))[1]


def _exact(named: tuple[Camera, ...]) -> Place | None:
    eyes = (moments.eye_of(camera) for camera in named)
    return next((eye.at for eye in eyes if eye is not None), None)


def _on_grid(camera: Camera) -> Place | None:
    eye = moments.eye_of(camera)
    return Place(grid.on_grid(eye.at.lat), grid.on_grid(eye.at.lon)) if eye is not None else None
