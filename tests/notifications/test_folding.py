"""State + events = fresh state, for each event alone. With the real verbs: ``test_fold_of_the_feed.py``."""

from notifications.folding import fold, state_of


def event(version: int, view: str = "open", alert: str = "a", kind: str = "alert.raised") -> dict:
    return {"kind": kind, "data": {"alert": {"id": alert, "view": view, "version": version}}}


def versions(state) -> dict:
    return {key: view["version"] for key, view in state.items()}


def test_the_highest_version_stays_whatever_the_order() -> None:
    state = state_of([])
    for version in (2, 1, 3, 3, 2):
        state = fold(state, event(version))
    assert versions(state) == {("a", "open"): 3}


def test_views_and_alerts_are_apart() -> None:
    state = state_of([{"id": "a", "view": "full", "version": 5}])
    for one in (event(1), event(2, alert="b"), event(4, view="full")):
        state = fold(state, one)
    assert versions(state) == {("a", "full"): 5, ("a", "open"): 1, ("b", "open"): 2}


def test_what_is_no_alert_changes_nothing() -> None:
    state = state_of([{"id": "a", "view": "open", "version": 1}])
    assert fold(state, {"kind": "camera.offline", "data": {"camera": "c"}}) is state


def test_the_state_before_is_left_as_it_was() -> None:
    before = state_of([])
    after = fold(before, event(1))
    assert (before, versions(after)) == ({}, {("a", "open"): 1})
