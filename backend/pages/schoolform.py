"""The form of a school's camera, made ready for a template: whose it is and in which hours the ward may watch."""

from dataclasses import dataclass

from cameras import schoolhours
from cameras.models import Camera
from cameras.registry import place_of
from neighborhoods.access import Action, Actor, Role
from neighborhoods.models import Household

SPANS = 4
"""Rows of the form; more where more are stored already, as over the API."""


@dataclass(frozen=True, slots=True)
class Span:
    """One row. ``days`` are number, word and whether it is chosen."""

    days: list[tuple[int, str, bool]]
    begins: str
    ends: str
    given: bool


@dataclass(frozen=True, slots=True)
class SchoolForm:
    """``is_school``: it is one already, and stays one. ``takes_away``: the reader may only shorten its hours."""

    is_school: bool
    takes_away: bool
    spans: list[Span]
    addresses: list[Household]


def who_watches(camera: Camera) -> list[str]:
    """Sentences, for a school's camera alone."""
    return schoolhours.who_watches(camera.school_hours) if _is_school(camera) else []


def form_for(actor: Actor, camera: Camera) -> SchoolForm | None:
    """For whoever leads, and for the school's own staff; None for everybody else."""
    place = place_of(camera)
    leads = actor.role_at(place, Action.APPROVE_CAMERA) is not None
    if camera.state == Camera.State.RETIRED or not (leads or actor.role_at(place, Action.EDIT_CAMERA) == Role.SCHOOL):
        return None
    owner_id = camera.owner_household_id
    rows = [_span(one) for one in camera.school_hours]
    empty = Span([(day, word, False) for day, word in enumerate(schoolhours.day_names())], "", "", given=False)
    households = Household.objects.filter(neighborhood_id=camera.neighborhood_id, left_at=None)
    return SchoolForm(
        is_school=_is_school(camera),
        takes_away=owner_id is not None and not actor.speaks_for(owner_id),
        spans=rows + [empty] * max(0, SPANS - len(rows)),
        addresses=list(households.order_by("number")) if leads and owner_id is None else [],
    )


def _is_school(camera: Camera) -> bool:
    return camera.ownership == Camera.Ownership.SCHOOL


def _span(one: dict[str, object]) -> Span:
    chosen = one["days"]
    assert isinstance(chosen, list)  # noqa: S101  (for the type checker; ``hours.checked`` stored it)
    days = [(day, word, day in chosen) for day, word in enumerate(schoolhours.day_names())]
    return Span(days, str(one["from"]), str(one["to"]), given=True)
