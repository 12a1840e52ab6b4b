"""Who may do what, in one place: ``Actor``, ``Role``, ``Action``, and one table of rules.

Two doors: ``require(actor, action, place)`` for one thing and ``reach(actor, action)`` for filtering lists. A view
that names no action is denied. Consent, schedule, mask and hold are facts of a camera, checked in
``cameras.registry.camera_for`` after ``require``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from backend.lib.errors import Absent


class Role(StrEnum):
    RESIDENT = "resident"  # a household's device
    OWNER = "owner"  # a resident, towards their own household's cameras and phones; a guest of it is none
    LEADER = "leader"
    DEPUTY = "deputy"
    TREASURER = "treasurer"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"  # of a ward's police: signs what an officer asks, and asks nothing
    OPERATOR = "operator"
    WALL = "wall"
    SCHOOL = "school"  # named staff of a school or kindergarten, towards its own cameras alone
    STREET_WORKER = "street_worker"  # raises alerts in a ward, and nothing else
    AUDITOR = "auditor"
    DEVICE = "device"  # a camera or home agent
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    SEE_SELF = "see_self"
    SEE_PLACES = "see_places"
    LOCATE_PLACE = "locate_place"  # say where on the map one's neighborhood lies
    SEE_HOUSEHOLDS = "see_households"
    MANAGE_HOUSEHOLDS = "manage_households"
    SEE_CODES = "see_codes"
    MANAGE_CODES = "manage_codes"
    SEE_DEVICES = "see_devices"
    CUT_DEVICES = "cut_devices"
    SEE_CAMERAS = "see_cameras"
    SEE_CAMERA_DETAILS = "see_camera_details"  # exact place, outages, source address
    VIEW_LIVE = "view_live"
    VIEW_REPLAY = "view_replay"
    KEEP_SNAPSHOT = "keep_snapshot"
    ADD_CAMERA = "add_camera"
    APPROVE_CAMERA = "approve_camera"
    EDIT_CAMERA = "edit_camera"
    RETIRE_CAMERA = "retire_camera"
    SEE_VIEWERS = "see_viewers"  # of one's own camera; of one that is no household's, those who lead
    SEE_ODD_USES = "see_odd_uses"  # watching that somebody should look at: of those cameras, or of a whole ward
    SEE_WATCHING_NOW = "see_watching_now"
    HEAR_NEWS = "hear_news"  # the feed and its socket: what is told on the streams one reads
    SEE_ALERTS = "see_alerts"  # as everybody is told them
    READ_ALERTS = "read_alerts"  # the list and one: those of ``SEE_ALERTS``, and what one raised oneself
    VIEW_ALERT_CLIP = "view_alert_clip"  # of an alert one reads, once it is released or for those who steward it
    RAISE_ALERT = "raise_alert"
    BROADCAST_ALERT = "broadcast_alert"  # to a whole ward
    STEWARD_ALERTS = "steward_alerts"  # read what is not released; release, acknowledge, resolve, withdraw
    MANAGE_ALERT_ENDPOINTS = "manage_alert_endpoints"
    MANAGE_ROLES = "manage_roles"  # invite, end, hand over: of one's own neighborhood, or of the platform
    MANAGE_WALLS = "manage_walls"  # pair a screen that only shows
    MANAGE_GUEST_CODES = "manage_guest_codes"  # of one's own household's cameras
    MANAGE_OWN_DATA = "manage_own_data"  # see, correct, export what is kept of oneself; leave; ask for deletion
    HANDLE_DATA_REQUESTS = "handle_data_requests"
    SEE_LEGAL_RECORD = "see_legal_record"  # who controls and who processes, as signed
    SIGN_LEGAL_RECORD = "sign_legal_record"
    SEE_FUND = "see_fund"  # campaigns and the open ledger: totals, never who paid
    SEE_OWN_DUES = "see_own_dues"  # what one's household pledged, paid and owes
    PLEDGE = "pledge"
    SEE_DUES = "see_dues"  # who paid, who has not, who is excused
    WAIVE_DUES = "waive_dues"
    PLAN_FUND = "plan_fund"  # campaigns and the resolutions behind them
    KEEP_FUND = "keep_fund"  # money in and out, receipts, bank accounts, matching
    TEND_FUND = "tend_fund"  # the fund's desk: what it holds, what was spent, what waits for a second person
    APPROVE_EXPENSE = "approve_expense"  # the second pair of eyes, never the first's
    SEE_STATISTICS = "see_statistics"
    SEE_CASES = "see_cases"  # the register of extractions and what came of them
    RECORD_CASES = "record_cases"
    READ_FOOTAGE_REQUESTS = "read_footage_requests"  # the list and one: as who asks, or as who decides
    SEE_FOOTAGE_REQUESTS = "see_footage_requests"  # as their asker does: counts, and what was released
    ASK_FOOTAGE = "ask_footage"
    SIGN_FOOTAGE = "sign_footage"  # the second signature, never the first's
    DECIDE_FOOTAGE = "decide_footage"  # the owner's word; of a camera that is nobody's house's, the leader's or ward's
    SERVE_FOOTAGE = "serve_footage"  # confirm that a legal demand has come
    OPEN_FOOTAGE_ANNEX = "open_footage_annex"  # learn who supplied what has left
    REVIEW_FOOTAGE = "review_footage"  # what was released before anybody was asked
    SEE_ROOM = "see_room"  # the ward's operations room: what is open, and its clocks
    CHOOSE_ROOM_CAMERAS = "choose_room_cameras"
    SEE_AUDIT = "see_audit"
    MANAGE_PLATFORM = "manage_platform"


R, A = Role, Action
_WATCH = {A.SEE_CAMERAS, A.VIEW_LIVE, A.VIEW_REPLAY, A.KEEP_SNAPSHOT}
_LEAD = _WATCH | {
    A.SEE_SELF, A.SEE_PLACES, A.LOCATE_PLACE, A.SEE_HOUSEHOLDS, A.MANAGE_HOUSEHOLDS, A.SEE_CODES, A.MANAGE_CODES,
    A.SEE_DEVICES, A.CUT_DEVICES, A.SEE_CAMERA_DETAILS, A.ADD_CAMERA, A.APPROVE_CAMERA, A.EDIT_CAMERA, A.RETIRE_CAMERA,
    A.SEE_VIEWERS, A.SEE_ODD_USES,
    A.SEE_WATCHING_NOW, A.HEAR_NEWS, A.SEE_ALERTS, A.READ_ALERTS, A.RAISE_ALERT, A.STEWARD_ALERTS,
    A.VIEW_ALERT_CLIP, A.MANAGE_ALERT_ENDPOINTS, A.MANAGE_WALLS, A.HANDLE_DATA_REQUESTS, A.SEE_LEGAL_RECORD,
    A.SEE_FUND, A.PLAN_FUND, A.TEND_FUND, A.APPROVE_EXPENSE, A.SEE_STATISTICS, A.READ_FOOTAGE_REQUESTS,
    A.DECIDE_FOOTAGE, A.SERVE_FOOTAGE,
}  # fmt: skip
_HEAR = {A.HEAR_NEWS, A.SEE_ALERTS, A.READ_ALERTS}
_DUTY = _HEAR | {A.RAISE_ALERT, A.BROADCAST_ALERT, A.STEWARD_ALERTS, A.VIEW_ALERT_CLIP}

RULES: dict[Role, frozenset[Action]] = {
    R.RESIDENT: frozenset(
        _WATCH
        | _HEAR
        | {A.SEE_SELF, A.SEE_PLACES, A.RAISE_ALERT, A.VIEW_ALERT_CLIP}
        | {A.SEE_LEGAL_RECORD, A.SEE_FUND, A.SEE_STATISTICS}
    ),
    R.OWNER: frozenset(
        {
            A.SEE_CAMERA_DETAILS,
            A.ADD_CAMERA,  # their own: proposed, and dialled only after the leader's approval
            A.EDIT_CAMERA,
            A.RETIRE_CAMERA,
            A.SEE_VIEWERS,
            A.SEE_ODD_USES,
            A.SEE_DEVICES,
            A.CUT_DEVICES,
            A.MANAGE_GUEST_CODES,
            A.MANAGE_OWN_DATA,
            A.SEE_OWN_DUES,
            A.PLEDGE,
            A.READ_FOOTAGE_REQUESTS,
            A.DECIDE_FOOTAGE,
            A.SERVE_FOOTAGE,
        }
    ),
    R.LEADER: frozenset(_LEAD | {A.MANAGE_ROLES, A.SIGN_LEGAL_RECORD, A.SEE_DUES, A.WAIVE_DUES}),
    R.DEPUTY: frozenset(_LEAD),
    R.TREASURER: frozenset(
        _HEAR
        | {A.SEE_SELF, A.SEE_PLACES, A.SEE_HOUSEHOLDS, A.SEE_LEGAL_RECORD, A.SEE_STATISTICS}
        | {A.SEE_FUND, A.SEE_DUES, A.WAIVE_DUES, A.KEEP_FUND, A.TEND_FUND}
    ),
    R.OFFICER: frozenset(
        {A.SEE_SELF, A.SEE_PLACES, A.SEE_STATISTICS, A.SEE_CASES, A.RECORD_CASES, A.SEE_ROOM}
        | {A.READ_FOOTAGE_REQUESTS, A.SEE_FOOTAGE_REQUESTS, A.ASK_FOOTAGE}
        | _DUTY
    ),
    R.SUPERVISOR: frozenset(
        {A.SEE_SELF, A.SEE_PLACES, A.SEE_STATISTICS, A.SEE_CASES}
        | {A.READ_FOOTAGE_REQUESTS, A.SEE_FOOTAGE_REQUESTS, A.SIGN_FOOTAGE, A.OPEN_FOOTAGE_ANNEX}
    ),
    R.OPERATOR: frozenset(
        {A.SEE_SELF, A.SEE_PLACES, A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.SEE_LEGAL_RECORD, A.SEE_STATISTICS}
        | {A.VIEW_LIVE, A.SEE_ROOM, A.CHOOSE_ROOM_CAMERAS}
        | {A.READ_FOOTAGE_REQUESTS, A.DECIDE_FOOTAGE}  # public cameras, where ``FOOTAGE_PUBLIC`` says so
        | _DUTY
    ),
    R.WALL: frozenset(_HEAR | {A.SEE_CAMERAS, A.VIEW_LIVE, A.VIEW_ALERT_CLIP}),
    R.SCHOOL: frozenset(
        {A.SEE_SELF, A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.VIEW_LIVE, A.VIEW_REPLAY, A.EDIT_CAMERA, A.SEE_VIEWERS}
        | {A.READ_FOOTAGE_REQUESTS, A.DECIDE_FOOTAGE, A.SERVE_FOOTAGE, A.HEAR_NEWS, A.SEE_ODD_USES}
    ),
    R.STREET_WORKER: frozenset({A.SEE_SELF, A.SEE_PLACES, A.READ_ALERTS, A.RAISE_ALERT}),
    R.AUDITOR: frozenset(
        {A.SEE_SELF, A.SEE_PLACES, A.SEE_AUDIT, A.SEE_LEGAL_RECORD, A.SEE_FUND, A.SEE_STATISTICS, A.SEE_CASES}
        | {A.READ_FOOTAGE_REQUESTS, A.SEE_FOOTAGE_REQUESTS, A.REVIEW_FOOTAGE, A.SEE_ODD_USES}
    ),
    R.DEVICE: frozenset(),
    R.ADMINISTRATOR: frozenset(
        {A.SEE_SELF, A.SEE_PLACES, A.LOCATE_PLACE, A.MANAGE_PLATFORM, A.MANAGE_ROLES, A.SEE_STATISTICS}
    ),
}
"""The table. ``tests/architecture`` walks every route against its committed copy."""

_TEND = frozenset(
    {A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.ADD_CAMERA, A.APPROVE_CAMERA, A.EDIT_CAMERA, A.RETIRE_CAMERA}
    | {A.DECIDE_FOOTAGE, A.SERVE_FOOTAGE}
)
AT_SCHOOLS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        R.SCHOOL: RULES[R.SCHOOL],
        R.OPERATOR: frozenset({A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.VIEW_LIVE}),
        R.LEADER: _TEND,  # keeps it working, and sees no picture of it
        R.DEPUTY: _TEND,
    }
)
"""What of ``RULES`` holds for the camera of a school or kindergarten, which stands outside every household's code: for
a role that is not here, nothing does, its household's own phones included."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing belongs. ``owner_household_id`` only for things a household owns (its camera, its devices)."""

    ward_id: UUID | None = None
    neighborhood_id: UUID | None = None
    owner_household_id: UUID | None = None
    at_school: bool = False
    """Whether it is a school's or kindergarten's camera (``AT_SCHOOLS``)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that is in force now, and where: exactly one of the ids, none for the platform."""

    role: Role
    ward_id: UUID | None = None
    neighborhood_id: UUID | None = None
    household_id: UUID | None = None

    def covers(self, place: Place) -> bool:
        if self.household_id is not None:
            return self.household_id == place.owner_household_id
        if self.neighborhood_id is not None:
            return self.neighborhood_id == place.neighborhood_id
        if self.ward_id is not None:
            return self.ward_id == place.ward_id
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: built once per request from a device token (``devices.actor_of``), or a part of the system."""

    pseudonym: str
    """What the audit writes: ``device:<id>``, ``account:<id>``, ``system:<part>``."""
    grants: tuple[Grant, ...] = ()
    device_id: UUID | None = None
    household_id: UUID | None = None
    household_name: str = ""
    member_id: UUID | None = None
    account_id: UUID | None = None
    code_id: UUID | None = None
    neighborhood_id: UUID | None = None
    """A resident's neighborhood, or a leader's."""
    ward_id: UUID | None = None
    camera_scope: frozenset[UUID] = frozenset()
    """The code's cameras; empty means all."""
    hours_scope: tuple[dict[str, object], ...] = field(default=(), hash=False)
    without: frozenset[Action] = frozenset()
    """What the code takes from the roles: a guest's that shows the live picture alone."""
    expires_at: datetime | None = None

    @property
    def is_authenticated(self) -> bool:
        """What REST framework asks of a request's user: whoever is an ``Actor`` has signed in."""
        return True

    @property
    def home_id(self) -> UUID | None:
        """The household the actor lives in. A guest has none (``household_id`` says whose code they came by), nor has
        a school's staff, who serve an address and do not live there."""
        return next((grant.household_id for grant in self.grants if grant.role is Role.OWNER), None)

    def speaks_for(self, household_id: UUID) -> bool:
        """Whether the actor gives that household's word: its own phones, and a school's staff for the school."""
        return any(grant.household_id == household_id for grant in self.grants)

    def may(self, action: Action) -> bool:
        """Whether any of the actor's roles allows ``action`` somewhere."""
        return bool(self.grants_for(action))

    def role_at(self, place: Place, action: Action) -> Role | None:
        """The first of the actor's roles that allows ``action`` there; owner before the others."""
        grants = self.grants_for(action, at_school=place.at_school)
        return next((grant.role for grant in grants if grant.covers(place)), None)

    def grants_for(self, action: Action, *, at_school: bool = False) -> list[Grant]:
        """The grants that allow ``action``, wherever they reach."""
        if action in self.without:
            return []
        rules = AT_SCHOOLS if at_school else RULES
        return [grant for grant in self.grants if action in rules.get(grant.role, ())]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an action is allowed, for filtering lists."""

    everywhere: bool = False
    ward_ids: frozenset[UUID] = frozenset()
    neighborhood_ids: frozenset[UUID] = frozenset()
    household_ids: frozenset[UUID] = frozenset()


def system(part: str, *grants: Grant) -> Actor:
    """An actor for what the product does by itself, such as ``system("retention")``.

    It holds no grants but those it is given: the demonstration's loader goes through the same verbs as a person.
    """
    return Actor(pseudonym=f"system:{part}", grants=grants)


def require(actor: Actor, action: Action, place: Place) -> Role:
    """The role under which ``actor`` may do ``action`` at ``place``; raises ``Absent`` where there is none."""
    role = actor.role_at(place, action)
    if role is None:
        raise Absent()
    return role


def reach(actor: Actor, action: Action, *, at_school: bool = False) -> Reach:
    """All places at which ``actor`` may do ``action``; with cameras of schools where that is asked."""
    grants = actor.grants_for(action, at_school=at_school)
    return Reach(
        everywhere=any(not (g.ward_id or g.neighborhood_id or g.household_id) for g in grants),
        ward_ids=frozenset(g.ward_id for g in grants if g.ward_id),
        neighborhood_ids=frozenset(g.neighborhood_id for g in grants if g.neighborhood_id and not g.household_id),
        household_ids=frozenset(g.household_id for g in grants if g.household_id),
    )
