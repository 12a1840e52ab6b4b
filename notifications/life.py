"""The life of an alert: which act leads from which state to which. Pure.

raised → acknowledged → resolved with a verdict. What nobody ends expires, and may still be judged. Withdrawing takes an
alert back from whatever state, for good. Doing a thing twice is doing it once.
"""

from enum import StrEnum


class State(StrEnum):
    """The values of ``models.Alert.State``."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(StrEnum):
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


OPEN = frozenset({State.RAISED, State.ACKNOWLEDGED})
"""Still going on: others join these, and they expire."""

_S, _A = State, Act
_LEADS_TO: dict[Act, dict[State, State]] = {
    _A.RELEASE: {state: state for state in State if state is not _S.WITHDRAWN},
    _A.ACKNOWLEDGE: {_S.RAISED: _S.ACKNOWLEDGED, _S.ACKNOWLEDGED: _S.ACKNOWLEDGED},
    _A.RESOLVE: {state: _S.RESOLVED for state in State if state is not _S.WITHDRAWN},
    _A.WITHDRAW: dict.fromkeys(State, _S.WITHDRAWN),
    _A.EXPIRE: {_S.RAISED: _S.EXPIRED, _S.ACKNOWLEDGED: _S.EXPIRED},
}


def after(state: str, act: Act) -> State | None:
    """The state that ``act`` leads to; None where it is not possible any more."""
    return _LEADS_TO[act].get(State(state))
