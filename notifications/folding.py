"""What a reader knows: a state folded with the events since. Pure.

Events carry state, not changes: ``data`` of an ``alert.*`` event is the whole view of the alert with its ``version``.
So a state and the events since its cursor give the fresh state, whichever of them are doubled, late or joined up; pages
and apps do the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Key = tuple[str, str]
"""(alert's id, ``open`` or ``full``): a leader is told both views of an alert, each on its own stream."""

State = Mapping[Key, Mapping[str, Any]]
"""Each alert's newest view known."""


def state_of(views: Iterable[Mapping[str, Any]]) -> State:
    """A state from a list of views, such as ``GET /alerts/`` answers."""
    return {key_of(view): view for view in views}


def key_of(view: Mapping[str, Any]) -> Key:
    return str(view["id"]), str(view["view"])


def fold(state: State, event: Mapping[str, Any]) -> State:
    """``state`` after ``event`` (``{kind, data, …}`` as on the wire). What is no news leaves it as it is."""
    if not str(event["kind"]).startswith("alert."):
        return state
    view = event["data"]["alert"]
    known = state.get(key_of(view))
    if known is not None and known["version"] >= view["version"]:
        return state
    return {**state, key_of(view): view}
