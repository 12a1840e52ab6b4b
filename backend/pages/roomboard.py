"""The ward's operations room made ready for a template: its wall, the schools, and what is open with its clocks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.lib.clock import VIETNAM
from backend.pages import alertboard, board, caseboard, footagewords, words
from backend.pages.alertboard import AlertCard
from backend.pages.board import Card
from backend.pages.caseboard import CaseRow, RequestRow
from cameras import rules, schoolhours
from cameras.footage import clocks, reading
from cameras.footage.clocks import Clocks
from cameras.models import Camera, FootageRequest
from cameras.registry import cameras_for, place_of
from cameras.roomwall import room_cameras
from cameras.statistics import CaseFigures, case_figures
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Ward
from neighborhoods.scopes import Scope, month_of
from notifications.alerts import alerts_for, view_for

MOST_ALERTS = 8
MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school's camera. ``open``: it is one of the hours in which the ward may watch it."""

    camera: Camera
    state: str
    icon: str
    tone: str
    hours: str
    open: bool


@dataclass(frozen=True, slots=True)
class News:
    """What changes by itself. ``requests`` and ``cases`` are None for a reader who is told figures alone."""

    at: datetime
    alerts: list[AlertCard]
    more_alerts: bool
    clocks: Clocks
    deadline: str
    review: str
    review_late: bool
    requests: list[RequestRow] | None
    cases: list[CaseRow] | None
    figures: CaseFigures


def wards_of(actor: Actor) -> list[Ward]:
    """The wards whose room the actor may enter."""
    return list(Ward.objects.filter(id__in=reach(actor, Action.SEE_ROOM).ward_ids, closed_at=None).order_by("name"))


def wall_of(actor: Actor, ward_id: UUID, *, now: datetime) -> list[Card]:
    cameras = room_cameras(actor, ward_id).prefetch_related("renditions")
    return [board.card_of(camera, actor, now=now) for camera in cameras]


def schools_of(actor: Actor, ward_id: UUID, *, now: datetime) -> list[SchoolRow]:
    """The schools' cameras that the actor may watch, those whose hour it is first."""
    found = cameras_for(actor, Action.VIEW_LIVE).filter(
        neighborhood__ward_id=ward_id, ownership=Camera.Ownership.SCHOOL
    )  # fmt: skip
    rows = [_school(camera, actor, now) for camera in found.prefetch_related("renditions").order_by("name")]
    return sorted(rows, key=lambda row: not row.open)


def _school(camera: Camera, actor: Actor, now: datetime) -> SchoolRow:
    card = board.card_of(camera, actor, now=now)
    role = require(actor, Action.VIEW_LIVE, place_of(camera))
    closed = rules.in_private_hours(camera, now) or rules.outside_school_hours(role, camera, now)
    return SchoolRow(camera, card.state, card.icon, card.tone, schoolhours.in_words(camera.school_hours), not closed)


def news_of(actor: Actor, ward: Ward, *, now: datetime) -> News:
    place, running = Place(ward_id=ward.id), clocks.clocks_of(actor, ward.id, now=now)
    asks = actor.role_at(place, Action.SEE_FOOTAGE_REQUESTS) is not None
    logs = actor.role_at(place, Action.SEE_CASES) is not None
    going_on = alerts_for(actor).filter(ward_id=ward.id, state__in=alertboard.OPEN).order_by("-id")
    alerts = list(going_on[: MOST_ALERTS + 1])
    month, overdue = now.astimezone(VIETNAM), running.next_review_at is not None and running.next_review_at <= now
    return News(
        at=now,
        alerts=[
            alertboard.card_of(view_for(actor, one), place=ward.name, now=now) for one in alerts[:MOST_ALERTS]
        ],
        more_alerts=len(alerts) > MOST_ALERTS,
        clocks=running,
        deadline=footagewords.left_until(running.next_deadline_at, now=now)[0] if running.next_deadline_at else "",
        review=words.local_time(running.next_review_at) if running.next_review_at else "",
        review_late=overdue,
        requests=_requests(actor, ward, now) if asks else None,
        cases=caseboard.case_rows(actor, ward_id=ward.id, most=MOST_ROWS)[0] if logs else None,
        figures=case_figures(Scope(ward_id=ward.id), month_of(month.year, month.month)),
    )  # fmt: skip


def _requests(actor: Actor, ward: Ward, now: datetime) -> list[RequestRow]:
    """Those still running, the first to run out first."""
    running = reading.requests_for(actor).filter(case__ward_id=ward.id, deadline_at__gt=now)
    found = running.exclude(state=FootageRequest.State.WITHDRAWN).order_by("deadline_at")
    return caseboard.request_rows(actor, list(found[:MOST_ROWS]), now=now)
