"""Which act leads where: the whole table, and the same through the verbs and the API."""

from datetime import timedelta

import pytest

from backend.lib.clock import now
from notifications import life
from notifications.life import Act, State
from notifications.models import Alert
from tests.cameras.api.conftest import Api
from tests.cast import Cast
from tests.notifications.pipeline import make_alert

R, K, S, W, E = State.RAISED, State.ACKNOWLEDGED, State.RESOLVED, State.WITHDRAWN, State.EXPIRED
TABLE = {
    Act.RELEASE: {R: R, K: K, S: S, E: E, W: None},
    Act.ACKNOWLEDGE: {R: K, K: K, S: None, E: None, W: None},
    Act.RESOLVE: {R: S, K: S, S: S, E: S, W: None},
    Act.WITHDRAW: {R: W, K: W, S: W, E: W, W: W},
    Act.EXPIRE: {R: E, K: E, S: None, E: None, W: None},
}
BODIES = {
    Act.RELEASE: {}, Act.ACKNOWLEDGE: {}, Act.RESOLVE: {"verdict": "used"}, Act.WITHDRAW: {"reason": "Nhầm nhà"},
}  # fmt: skip
CODES = {W: "alert_withdrawn", S: "alert_over", E: "alert_over"}


def test_the_states_are_the_rows() -> None:
    assert set(State) == set(Alert.State.values)


@pytest.mark.parametrize("act", Act)
def test_every_act_on_every_state(act: Act) -> None:
    assert {state: life.after(state, act) for state in State} == TABLE[act]


@pytest.mark.django_db
@pytest.mark.parametrize("act", BODIES)
def test_the_api_says_the_same(cast: Cast, act: Act) -> None:
    binh, moment = Api(cast.binh), now()
    for state, to in TABLE[act].items():
        alert = make_alert(cast, state=state, expires_at=moment + timedelta(hours=1))
        status, answer = binh.post(f"/alerts/{alert.id}/{act}/", BODIES[act])
        alert.refresh_from_db()
        if to is None:
            assert (status, answer["code"], alert.version) == (409, CODES[state], 1)
        else:
            assert (status, answer["state"], alert.state) == (200, to, to)
        before = alert.version
        assert binh.post(f"/alerts/{alert.id}/{act}/", BODIES[act])[0] == status
        alert.refresh_from_db()
        assert alert.version == before  # twice is once
