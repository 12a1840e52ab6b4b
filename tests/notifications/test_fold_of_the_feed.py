"""A snapshot of the state and the events since its cursor give the fresh state, whatever happened in between.

The real verbs do what hypothesis picks, the dispatcher runs when it picks, and readers take their snapshots when it
picks. In the end each has its events doubled and shuffled over all its streams, and must know what a reader who asks
now is told.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.lib.clock import now
from backend.lib.errors import MatPhoError
from cameras import snapshots
from cameras.models import Camera, Snapshot
from neighborhoods.access import Actor
from notifications import alerts, broadcasts, cursors, escalations, feed, readers, telling
from notifications.dispatching import dispatch_once
from notifications.facing import Place
from notifications.folding import State, fold, state_of
from notifications.models import Alert
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast, make_resident
from tests.neighborhoods.conftest import actor

pytestmark = pytest.mark.django_db

CATEGORIES = ("theft", "theft", "fire", "school_gate")
READERS = ("an", "binh", "cuc", "dung", "hoa")


@dataclass
class Street:
    """What happens in tổ 7, one step after the other, on a clock of its own."""

    people: dict[str, Actor]
    camera: Camera
    chance: random.Random
    clock: datetime
    taken: list[tuple[str, State, str]] = field(default_factory=list)
    """Snapshots: reader, state, cursor."""
    done: int = 0

    def step(self, name: str) -> None:
        self.clock += timedelta(seconds=self.chance.choice((0, 1, 20, 200)))
        try:
            with transaction.atomic():
                getattr(self, name)()
            self.done += 1
        except MatPhoError:
            pass  # over already, withdrawn, or too many: a refusal changes nothing

    def some(self) -> Any:
        """The newest alert, or one of the two before it."""
        ids = list(Alert.objects.order_by("-id").values_list("id", flat=True)[:3])
        return self.chance.choice(ids) if ids else None

    def act(self, verb: Callable[..., Any], **fields: Any) -> None:
        alert_id = self.some()
        if alert_id is not None:
            by = self.chance.choice(("binh", "dung"))
            verb(actor=self.people[by], alert_id=alert_id, now=self.clock, **fields)

    def raise_or_join(self) -> None:
        teller = self.people[self.chance.choice(("an", "binh", "lan"))]
        alerts.alert_raise(
            actor=teller, category=self.chance.choice(CATEGORIES), text=f"Tin {self.clock:%H:%M:%S}",
            location=Place(22.82, 104.98), camera_ids=self.chance.choice(([], [self.camera.id])), now=self.clock,
        )  # fmt: skip

    def broadcast(self) -> None:
        officer = self.people["dung"]
        broadcasts.alert_broadcast(
            actor=officer, ward_id=officer.ward_id, category="fraud", text="Lừa đảo", now=self.clock
        )

    def camera_falls_silent(self) -> None:
        alerts.alert_raise_by_camera(camera_id=self.camera.id, now=self.clock)

    def camera_comes_back(self) -> None:
        alerts.alert_resolve_by_camera(camera_id=self.camera.id, now=self.clock)

    def release(self) -> None:
        self.act(alerts.alert_release)

    def acknowledge(self) -> None:
        self.act(alerts.alert_acknowledge)

    def resolve(self) -> None:
        self.act(alerts.alert_resolve, verdict="used")

    def withdraw(self) -> None:
        self.act(alerts.alert_withdraw, reason="Nhầm")

    def escalate(self) -> None:
        self.clock += timedelta(minutes=5)
        escalations.alerts_escalate(now=self.clock)

    def expire(self) -> None:
        self.clock += timedelta(hours=self.chance.choice((1, 3, 13)))
        alerts.alerts_expire(now=self.clock)

    def cut(self) -> None:
        for snapshot in Snapshot.objects.filter(status=Snapshot.Status.WAITING)[:1]:
            Snapshot.objects.filter(id=snapshot.id).update(status=Snapshot.Status.CUTTING, worker="w")
            snapshots.snapshot_done(snapshot, worker="w", path="x", covers_us=(0, 1), size=1, now=self.clock)

    def dispatch(self) -> None:
        dispatch_once(now=self.clock)

    def look(self) -> None:
        """As ``GET /alerts/`` does: the cursor first."""
        name = self.chance.choice(READERS)
        cursor = cursors.pack(feed.head_id(), self.clock)
        self.taken.append((name, fresh(self.people[name]), cursor))


STEPS = [
    "raise_or_join", "raise_or_join", "broadcast", "camera_falls_silent", "camera_comes_back", "release", "acknowledge",
    "resolve", "withdraw", "escalate", "escalate", "expire", "cut", "dispatch", "dispatch", "look", "look",
]  # fmt: skip


def fresh(reader: Actor) -> State:
    """Each alert's best view for ``reader``, as rows say now and as it would be read from JSON."""
    views = [
        telling.full_view(alert) if readers.is_steward(reader, alert) else telling.open_view(alert)
        for alert in readers.alerts_for(reader)
    ]
    return state_of(json.loads(json.dumps(views)))


def best(state: State) -> State:
    """Of an alert told in both views (a leader reads two streams of it) the full one counts."""
    full = {alert_id for alert_id, view in state if view == "full"}
    return {key: view for key, view in state.items() if key[1] == "full" or key[0] not in full}


def since(reader: Actor, cursor: str, chance: random.Random, at: datetime) -> list[Any]:
    events: list[Any] = []
    while True:
        page = feed.feed_page(reader, cursor, limit=chance.choice((1, 3, 200)), now=at)
        assert not page.reload
        events += [json.loads(feed.wire(event)) for event in page.results]
        cursor = page.cursor
        if not page.more:
            return events


@pytest.fixture
def street(cast: Cast) -> Callable[[random.Random], Street]:
    lan = make_resident(cast.place, 15, "Hộ bà Lan", "Vũ Thị Lan")
    people = {name: actor(getattr(cast, name)) for name in READERS} | {"lan": actor(lan)}
    camera = make_camera(cast, latitude=22.82, longitude=104.98)
    return lambda chance: Street(people, camera, chance, now())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STEPS), min_size=10, max_size=25), st.integers(0, 2**32))
def test_snapshot_and_events_are_the_fresh_state(
    street: Callable[[random.Random], Street], steps: list[str], seed: int
) -> None:
    with transaction.atomic():
        scene = street(random.Random(seed))
        for step in ["look", *steps]:
            scene.step(step)
        scene.taken += [(name, {}, "") for name in READERS]
        while dispatch_once(now=scene.clock):
            pass
        known = {name: fresh(scene.people[name]) for name in READERS}
        for name, state, cursor in scene.taken:
            reader = scene.people[name]
            events = since(reader, cursor, scene.chance, scene.clock)
            heard = events + scene.chance.choices(events, k=len(events)) if events else []
            scene.chance.shuffle(heard)
            for event in heard:
                state = fold(state, event)
            assert best(state) == known[name], name
        transaction.set_rollback(True)
