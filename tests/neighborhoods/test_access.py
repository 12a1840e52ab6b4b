"""The one table of rules, asked as people would: who may do what, where."""

from dataclasses import replace
from uuid import uuid4

import pytest

from backend.lib.errors import Absent
from neighborhoods.access import RULES, Action, Actor, Grant, Place, Role, reach, require, system

WARD, OTHER_WARD, TO7, TO8, AN, CUC = (uuid4() for _n in range(6))
A = Action

IN_TO7 = Place(ward_id=WARD, neighborhood_id=TO7)
IN_TO8 = Place(ward_id=WARD, neighborhood_id=TO8)
ANS = replace(IN_TO7, owner_household_id=AN)
CUCS = replace(IN_TO7, owner_household_id=CUC)
ELSEWHERE = Place(ward_id=OTHER_WARD, neighborhood_id=uuid4())
PLATFORM = Place()

PEOPLE = {
    "resident": (Grant(Role.OWNER, household_id=AN), Grant(Role.RESIDENT, neighborhood_id=TO7)),
    "leader": (Grant(Role.LEADER, neighborhood_id=TO7),),
    "deputy": (Grant(Role.DEPUTY, neighborhood_id=TO7),),
    "treasurer": (Grant(Role.TREASURER, neighborhood_id=TO7),),
    "officer": (Grant(Role.OFFICER, ward_id=WARD),),
    "supervisor": (Grant(Role.SUPERVISOR, ward_id=WARD),),
    "operator": (Grant(Role.OPERATOR, ward_id=WARD),),
    "school": (Grant(Role.SCHOOL, household_id=AN),),
    "street worker": (Grant(Role.STREET_WORKER, ward_id=WARD),),
    "auditor": (Grant(Role.AUDITOR, ward_id=WARD),),
    "wall": (Grant(Role.WALL, neighborhood_id=TO7),),
    "agent": (Grant(Role.DEVICE, household_id=AN),),
    "administrator": (Grant(Role.ADMINISTRATOR),),
    "nobody": (),
}

# who: what they may do in tổ 7 at nobody's own thing / at An's own thing besides / in tổ 8
WATCH = {A.SEE_CAMERAS, A.VIEW_LIVE, A.VIEW_REPLAY, A.KEEP_SNAPSHOT}
SELF = {A.SEE_SELF, A.SEE_PLACES}
HEAR = {A.HEAR_NEWS, A.SEE_ALERTS, A.READ_ALERTS}
TELL = HEAR | {A.RAISE_ALERT, A.VIEW_ALERT_CLIP}
DECIDE = TELL | {A.STEWARD_ALERTS}
OPEN_BOOK = {A.SEE_FUND, A.SEE_LEGAL_RECORD, A.SEE_STATISTICS}  # for everybody who lives there
DUES = {A.SEE_DUES, A.WAIVE_DUES}  # who paid and who is excused: the leader and the treasurer, and nobody else
ANSWER = {A.READ_FOOTAGE_REQUESTS, A.DECIDE_FOOTAGE, A.SERVE_FOOTAGE}
WATCHERS = {A.SEE_VIEWERS, A.SEE_ODD_USES}
ASK = {A.READ_FOOTAGE_REQUESTS, A.SEE_FOOTAGE_REQUESTS}
LEAD = (
    WATCH | SELF | {A.LOCATE_PLACE}
    | {A.SEE_HOUSEHOLDS, A.MANAGE_HOUSEHOLDS, A.SEE_CODES, A.MANAGE_CODES, A.SEE_DEVICES, A.CUT_DEVICES}
    | {A.SEE_CAMERA_DETAILS, A.ADD_CAMERA, A.APPROVE_CAMERA, A.EDIT_CAMERA, A.RETIRE_CAMERA, A.SEE_WATCHING_NOW}
    | DECIDE | {A.MANAGE_ALERT_ENDPOINTS, A.MANAGE_WALLS, A.HANDLE_DATA_REQUESTS}
    | OPEN_BOOK | {A.PLAN_FUND, A.TEND_FUND, A.APPROVE_EXPENSE} | ANSWER | WATCHERS
)  # fmt: skip
OWN = {A.ADD_CAMERA, A.SEE_CAMERA_DETAILS, A.EDIT_CAMERA, A.RETIRE_CAMERA, A.SEE_DEVICES, A.CUT_DEVICES} | WATCHERS
OWN |= {A.MANAGE_GUEST_CODES, A.MANAGE_OWN_DATA, A.SEE_OWN_DUES, A.PLEDGE} | ANSWER
LIVE_THERE = WATCH | SELF | TELL | OPEN_BOOK
FIRST = LEAD | DUES | {A.MANAGE_ROLES, A.SIGN_LEGAL_RECORD}  # what a deputy does not
KEEP = SELF | HEAR | OPEN_BOOK | DUES | {A.SEE_HOUSEHOLDS, A.KEEP_FUND, A.TEND_FUND}
SHOW = {A.SEE_CAMERAS, A.VIEW_LIVE, A.VIEW_ALERT_CLIP} | HEAR
DUTY = SELF | DECIDE | {A.BROADCAST_ALERT}
OPERATE = DUTY | {A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.SEE_LEGAL_RECORD, A.SEE_STATISTICS}
OPERATE |= {A.VIEW_LIVE, A.SEE_ROOM, A.CHOOSE_ROOM_CAMERAS, A.READ_FOOTAGE_REQUESTS, A.DECIDE_FOOTAGE}
TEACH = (
    {
        A.SEE_SELF,
        A.SEE_CAMERAS,
        A.SEE_CAMERA_DETAILS,
        A.VIEW_LIVE,
        A.VIEW_REPLAY,
        A.EDIT_CAMERA,
        A.HEAR_NEWS,
    }
    | ANSWER
    | WATCHERS
)
POLICE = DUTY | {A.SEE_ROOM, A.SEE_STATISTICS, A.SEE_CASES, A.RECORD_CASES, A.ASK_FOOTAGE} | ASK
IN_CHARGE = SELF | {A.SEE_STATISTICS, A.SEE_CASES, A.SIGN_FOOTAGE, A.OPEN_FOOTAGE_ANNEX} | ASK  # signs and does not ask
AUDIT = SELF | OPEN_BOOK | {A.SEE_AUDIT, A.SEE_CASES, A.REVIEW_FOOTAGE, A.SEE_ODD_USES} | ASK
PLATFORM_WIDE = SELF | {A.LOCATE_PLACE, A.MANAGE_PLATFORM, A.MANAGE_ROLES, A.SEE_STATISTICS}

TABLE: dict[str, dict[str, set[Action]]] = {
    "resident": {"to7": LIVE_THERE, "ans": LIVE_THERE | OWN, "cucs": LIVE_THERE},
    "leader": {"to7": FIRST, "ans": FIRST, "cucs": FIRST},
    "deputy": {"to7": LEAD, "ans": LEAD, "cucs": LEAD},
    "treasurer": dict.fromkeys(("to7", "ans", "cucs"), KEEP),
    "officer": dict.fromkeys(("to7", "ans", "cucs", "to8"), POLICE),
    "supervisor": dict.fromkeys(("to7", "ans", "cucs", "to8"), IN_CHARGE),
    "operator": dict.fromkeys(("to7", "ans", "cucs", "to8"), OPERATE),
    "school": {"ans": TEACH},
    "street worker": dict.fromkeys(("to7", "ans", "cucs", "to8"), SELF | {A.RAISE_ALERT, A.READ_ALERTS}),
    "auditor": dict.fromkeys(("to7", "ans", "cucs", "to8"), AUDIT),
    "wall": dict.fromkeys(("to7", "ans", "cucs"), SHOW),
    "agent": {},
    "administrator": dict.fromkeys(("to7", "ans", "cucs", "to8", "elsewhere", "platform"), PLATFORM_WIDE),
    "nobody": {},
}
PLACES = {"to7": IN_TO7, "ans": ANS, "cucs": CUCS, "to8": IN_TO8, "elsewhere": ELSEWHERE, "platform": PLATFORM}


def person(name: str) -> Actor:
    return Actor(pseudonym=name, grants=PEOPLE[name])


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what_where(who: str, where: str) -> None:
    actor, allowed = person(who), set()
    for action in Action:
        try:
            require(actor, action, PLACES[where])
        except Absent:
            continue
        allowed.add(action)
    assert allowed == TABLE[who].get(where, set())


def test_every_role_stands_in_the_table() -> None:
    assert {grant.role for grants in PEOPLE.values() for grant in grants} == set(Role) == set(RULES)


def test_the_owner_comes_before_the_resident() -> None:
    assert require(person("resident"), A.SEE_DEVICES, ANS) is Role.OWNER
    assert require(person("resident"), A.VIEW_LIVE, ANS) is Role.RESIDENT


@pytest.mark.parametrize("who", PEOPLE)
def test_lists_and_single_things_agree(who: str) -> None:
    """``reach`` allows a place exactly where ``require`` does, for every action."""
    actor = person(who)
    for action in Action:
        to = reach(actor, action)
        for place in PLACES.values():
            listed = (
                to.everywhere
                or place.ward_id in to.ward_ids
                or place.neighborhood_id in to.neighborhood_ids
                or place.owner_household_id in to.household_ids
            )
            assert listed == (actor.role_at(place, action) is not None)


TEND = {A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.ADD_CAMERA, A.APPROVE_CAMERA, A.EDIT_CAMERA, A.RETIRE_CAMERA}
TEND |= {A.DECIDE_FOOTAGE, A.SERVE_FOOTAGE}
AT_SCHOOLS = {
    "school": TEACH,
    "operator": {A.SEE_CAMERAS, A.SEE_CAMERA_DETAILS, A.VIEW_LIVE},
    "leader": TEND,
    "deputy": TEND,
}


@pytest.mark.parametrize("who", PEOPLE)
def test_what_holds_for_a_schools_camera_and_for_its_own_phones_nothing(who: str) -> None:
    """Were it An's camera, An's phones would do nothing with it, and nobody who lives there."""
    actor, place = person(who), replace(ANS, at_school=True)
    assert {action for action in Action if actor.role_at(place, action)} == AT_SCHOOLS.get(who, set())
    for action in Action:
        to = reach(actor, action, at_school=True)
        listed = WARD in to.ward_ids or TO7 in to.neighborhood_ids or AN in to.household_ids or to.everywhere
        assert listed == (action in AT_SCHOOLS.get(who, set()))


def test_a_school_gives_its_word_and_is_nobodys_home() -> None:
    thu = person("school")
    assert (thu.home_id, thu.speaks_for(AN), thu.speaks_for(CUC)) == (None, True, False)
    assert person("resident").speaks_for(AN) and not person("leader").speaks_for(AN)


def test_what_a_code_leaves_out_no_role_gives_back() -> None:
    guest = replace(person("resident"), without=frozenset({A.VIEW_REPLAY}))
    assert guest.role_at(ANS, A.VIEW_LIVE) is Role.RESIDENT
    assert not guest.may(A.VIEW_REPLAY) and guest.role_at(ANS, A.VIEW_REPLAY) is None
    assert reach(guest, A.VIEW_REPLAY).neighborhood_ids == frozenset()


def test_the_system_holds_no_grants_but_those_it_is_given() -> None:
    assert not any(system("retention").may(action) for action in Action)
    loader = system("demo", Grant(Role.LEADER, neighborhood_id=TO7))
    assert require(loader, A.MANAGE_CODES, IN_TO7) is Role.LEADER


def test_a_place_without_an_id_is_nobodys_but_the_platforms() -> None:
    nowhere = Place(neighborhood_id=None, ward_id=None, owner_household_id=None)
    assert [who for who in PEOPLE if person(who).role_at(nowhere, A.SEE_SELF)] == ["administrator"]
