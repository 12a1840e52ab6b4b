"""The verbs: who may open what, what a session is bound to, and that each act is in the audit."""

from datetime import datetime, timedelta

import pytest

from backend.lib.clock import VIETNAM, from_us, now, to_us
from backend.lib.errors import Absent, BadInput, Conflict, MatPhoError, NotSignedIn
from cameras import viewing
from cameras.models import Camera, Slice, ViewSession
from cameras.playback.targets import target_duration
from cameras.store.catalog import node_here
from neighborhoods import codes
from neighborhoods.access import Actor
from neighborhoods.models import AccessCode, AuditEntry, Device
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast, Person

HERE = "192.168.1.5"


def local(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M}"


def daily(start: datetime, end: datetime) -> list[dict[str, object]]:
    return [{"days": [0, 1, 2, 3, 4, 5, 6], "from": local(start), "to": local(end)}]


@pytest.fixture
def eye(cast: Cast) -> Camera:
    return make_camera(cast)


def recorded(camera: Camera, starts_at: datetime, ends_at: datetime) -> None:
    Slice.objects.create(
        id=camera.id, camera=camera, rendition="main", node=node_here(), generation=1, path=f"{camera.id}/x.mp4",
        init_hash="0" * 64, media_sequence=0, discontinuity_sequence=0, starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


def live(person: Person, camera: Camera, at: datetime | None = None, **more: str) -> viewing.Opened:
    return viewing.view_open_live(
        actor=actor_of(person), camera_id=camera.id, address=HERE, now=at or now(), **more
    )  # fmt: skip


def replay(person: Person, camera: Camera, starts_at: datetime, ends_at: datetime, at: datetime) -> viewing.Opened:
    return viewing.view_open_playback(
        actor=actor_of(person), camera_id=camera.id, starts_at=starts_at, ends_at=ends_at, address=HERE, now=at
    )


def test_opening_is_in_the_audit_without_its_token(cast: Cast, eye: Camera) -> None:
    opened = live(cast.an, eye)
    entry = AuditEntry.objects.get(action="view.opened")
    assert entry.subject == f"view:{opened.session.id}"
    assert entry.actor == f"device:{cast.an.device.id}"
    assert entry.ward_id == cast.ward.id
    assert entry.data["camera"] == str(eye.id)
    assert opened.url.split("/")[2] not in str(entry.data)


def test_it_knows_its_six_subjects_and_its_floor(cast: Cast, eye: Camera) -> None:
    session = live(cast.an, eye).session
    device = cast.an.device
    assert session.subjects == {
        "device": str(device.id), "household": str(device.household_id), "code": str(device.code_id),
        "camera": str(eye.id), "neighborhood": str(cast.place.id),
    }  # fmt: skip
    assert cast.binh.account is not None
    assert live(cast.binh, eye).session.subjects["role"] == str(cast.binh.account.id)


def test_it_lasts_four_hours_at_the_most(cast: Cast, eye: Camera) -> None:
    at = now()
    assert live(cast.an, eye, at).expires_at == at + timedelta(hours=4)


def test_it_ends_at_the_cameras_next_private_hour(cast: Cast, eye: Camera) -> None:
    at = datetime(2026, 11, 20, 13, 30, tzinfo=VIETNAM)
    eye.private_hours = daily(at + timedelta(minutes=30), at + timedelta(hours=2))
    eye.save()
    Device.objects.update(expires_at=at + timedelta(days=30))
    assert live(cast.an, eye, at).expires_at == at + timedelta(minutes=30)
    with pytest.raises(Conflict) as refused:
        live(cast.an, eye, at + timedelta(minutes=30))
    assert refused.value.code == "private_hours"


def test_it_ends_with_the_codes_hours(cast: Cast, eye: Camera) -> None:
    at = datetime(2026, 11, 20, 13, 30, tzinfo=VIETNAM)
    AccessCode.objects.update(hours_scope=daily(at - timedelta(hours=1), at + timedelta(minutes=10)))
    Device.objects.update(expires_at=at + timedelta(days=30))
    assert live(cast.an, eye, at).expires_at == at + timedelta(minutes=10)
    with pytest.raises(Conflict) as refused:
        live(cast.an, eye, at + timedelta(minutes=10))
    assert refused.value.code == "outside_hours"


def test_a_session_just_after_private_hours_shows_nothing_of_them(cast: Cast, eye: Camera) -> None:
    at = datetime(2026, 11, 20, 13, 30, 20, tzinfo=VIETNAM)
    over = at.replace(second=0)
    eye.private_hours = daily(over - timedelta(hours=1), over)
    eye.save()
    Device.objects.update(expires_at=at + timedelta(days=30))
    session = live(cast.an, eye, at).session
    assert session.windows[0][0] == to_us(over)
    assert session.data["away"][0][1] == to_us(over)


def test_a_resident_reaches_back_one_day(cast: Cast, eye: Camera) -> None:
    at = now()
    recorded(eye, at - timedelta(days=3), at)
    session = replay(cast.an, eye, at - timedelta(hours=30), at - timedelta(hours=20), at).session
    assert from_us(session.windows[0][0]) == at - timedelta(hours=24)
    with pytest.raises(BadInput) as refused:
        replay(cast.an, eye, at - timedelta(hours=30), at - timedelta(hours=25), at)
    assert refused.value.code == "out_of_reach"
    with pytest.raises(BadInput):
        replay(cast.an, eye, at, at - timedelta(hours=1), at)


def test_a_range_without_footage_says_so(cast: Cast, eye: Camera) -> None:
    with pytest.raises(Conflict) as refused:
        replay(cast.an, eye, now() - timedelta(hours=2), now() - timedelta(hours=1), now())
    assert refused.value.code == "no_footage"


def test_staff_say_why_they_watch_a_private_camera(cast: Cast) -> None:
    private = make_camera(cast, ownership=Camera.Ownership.HOUSEHOLD)
    with pytest.raises(BadInput) as refused:
        live(cast.binh, private)
    assert refused.value.code == "purpose_required"
    assert live(cast.binh, private, purpose="incident").session.purpose == "incident"
    assert live(cast.an, private).session.purpose == ""
    with pytest.raises(BadInput):
        live(cast.binh, private, purpose="because")


@pytest.mark.parametrize("who", ["cuc", "dung", "hoa"])
def test_others_find_nothing(who: str, cast: Cast, eye: Camera) -> None:
    with pytest.raises(Absent):
        live(getattr(cast, who), eye)
    assert not ViewSession.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_camera_outside_the_codes_scope_is_absent(cast: Cast, eye: Camera) -> None:
    other = make_camera(cast)
    AccessCode.objects.update(camera_scope=[str(other.id)])
    with pytest.raises(Absent):
        live(cast.an, eye)
    assert live(cast.an, other)


def test_an_actor_revoked_since_the_request_began_opens_nothing(cast: Cast, eye: Camera) -> None:
    """The token was good when the request came in; the code was taken back before the session was born."""
    before: Actor = actor_of(cast.an)
    assert cast.an.device.code_id is not None
    codes.code_revoke(actor=actor_of(cast.binh), code_id=cast.an.device.code_id, now=now())
    with pytest.raises(NotSignedIn):
        viewing.view_open_live(actor=before, camera_id=eye.id, address=HERE, now=now())


def test_ending_is_for_the_own_device_and_twice_is_once(cast: Cast, eye: Camera) -> None:
    session = live(cast.an, eye).session
    with pytest.raises(Absent):
        viewing.view_end(actor=actor_of(cast.cuc), session_id=session.id, now=now())
    viewing.view_end(actor=actor_of(cast.an), session_id=session.id, now=now())
    viewing.view_end(actor=actor_of(cast.an), session_id=session.id, now=now())
    assert AuditEntry.objects.filter(action="view.ended").count() == 1


def test_the_grid_is_one_per_device_while_it_lives(cast: Cast, eye: Camera) -> None:
    first = viewing.view_open_grid(actor=actor_of(cast.an), address=HERE, now=now())
    again = viewing.view_open_grid(actor=actor_of(cast.an), address=HERE, now=now())
    theirs = viewing.view_open_grid(actor=actor_of(cast.binh), address=HERE, now=now())
    assert first.url == again.url != theirs.url
    elsewhere = viewing.view_open_grid(actor=actor_of(cast.an), address="10.0.0.9", now=now())
    assert elsewhere.url != first.url
    assert AuditEntry.objects.filter(action="view.opened").count() == 3


def test_a_frame_of_the_future_or_of_last_week_is_refused(cast: Cast, eye: Camera) -> None:
    for at in (now() + timedelta(minutes=1), now() - timedelta(days=7)):
        with pytest.raises(MatPhoError):
            viewing.view_open_frame(actor=actor_of(cast.an), camera_id=eye.id, at=at, address=HERE, now=now())


@pytest.mark.parametrize(
    ("keyframe_ms", "target_s"),
    [(0, 4), (500, 2), (1000, 2), (1950, 2), (2000, 2), (1500, 3), (2040, 2), (4000, 4), (10_000, 10), (60_000, 10)],
)
def test_target_duration_follows_the_key_frames(keyframe_ms: int, target_s: int) -> None:
    assert target_duration(keyframe_ms) == target_s
