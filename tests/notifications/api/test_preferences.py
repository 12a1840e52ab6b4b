"""Each phone's own settings: what it reads, what it changes, what is refused."""

from datetime import time
from typing import Any

import pytest

from neighborhoods.models import AuditEntry
from notifications.models import Preferences
from tests.cameras.api.conftest import Api
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PATH = "/me/notifications/"
DEFAULTS = {
    "quiet_from": None, "quiet_to": None, "muted": [], "sound": True, "vibration": True, "digest": False,
    "mutable": ["accident", "theft", "missing_person", "school_gate", "utility", "fraud", "motion", "camera_health"],
    "subscribed": False,
}  # fmt: skip


def test_a_phone_that_never_chose_has_the_defaults(cast: Cast) -> None:
    assert Api(cast.an).get(PATH) == (200, DEFAULTS)
    assert not Preferences.objects.exists()


@pytest.mark.both_databases
def test_what_is_changed_stays_and_the_rest_is_as_it_was(cast: Cast) -> None:
    an = Api(cast.an)
    wanted = {"quiet_from": "22:00", "quiet_to": "06:30", "muted": ["utility", "theft", "utility"], "digest": True}
    status, answer = an.patch(PATH, wanted)
    assert (status, answer) == (200, DEFAULTS | wanted | {"muted": ["theft", "utility"]})
    assert an.patch(PATH, {"sound": False})[1] == answer | {"sound": False}
    assert an.get(PATH)[1] == answer | {"sound": False}
    kept = Preferences.objects.get()
    assert (kept.device, kept.quiet_from, kept.quiet_to) == (cast.an.device, time(22), time(6, 30))
    assert an.patch(PATH, {"quiet_from": None, "quiet_to": None, "muted": []})[1]["quiet_from"] is None
    assert Api(cast.binh).get(PATH)[1] == DEFAULTS  # each phone its own


def test_a_change_is_on_record_by_its_fields_alone(cast: Cast) -> None:
    an = Api(cast.an)
    for change in ({"quiet_from": "22:00", "quiet_to": "06:00"}, {"sound": False}, {"sound": False}, {}):
        assert an.patch(PATH, change)[0] == 200
    entries = AuditEntry.objects.filter(action="preferences.changed").order_by("seq")
    assert [entry.data for entry in entries] == [{"fields": ["quiet_from", "quiet_to"]}, {"fields": ["sound"]}]
    assert {(entry.subject, entry.actor) for entry in entries} == {(f"device:{cast.an.device.id}",) * 2}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"quiet_from": "22:00"}, "quiet_to"), ({"quiet_to": "22:00"}, "quiet_from"),
    ({"quiet_from": "22:00", "quiet_to": "22:00"}, "quiet_to"),
    ({"quiet_from": "24:00", "quiet_to": "6:00"}, "quiet_from"),
    ({"quiet_from": "22:00:30", "quiet_to": "06:00"}, "quiet_from"),
    ({"quiet_from": "ten", "quiet_to": "06:00"}, "quiet_from"),
    ({"quiet_from": 22, "quiet_to": "06:00"}, "quiet_from"), ({"quiet_from": "", "quiet_to": "06:00"}, "quiet_from"),
    ({"muted": ["suspicious_person"]}, "muted"), ({"muted": ["fire"]}, "muted"), ({"muted": "theft"}, "muted"),
    ({"muted": ["theft"] * 13}, "muted"), ({"muted": [None]}, "muted.0"), ({"muted": None}, "muted"),
    ({"muted": ["x" * 100]}, "muted.0"), ({"sound": "loud"}, "sound"), ({"sound": None}, "sound"),
    ({"volume": 5}, "volume"),
    ({"digest": []}, "digest"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field"), BAD, ids=str)
def test_what_makes_no_sense_is_400_and_changes_nothing(cast: Cast, change: dict[str, Any], field: str) -> None:
    status, problem = Api(cast.an).patch(PATH, change)
    assert status == 400 and list(problem["errors"]) == [field], problem
    assert not Preferences.objects.exists()


def test_whoever_may_not_has_none(cast: Cast) -> None:
    assert Api(None).get(PATH)[0] == 401
