"""What the pages show of cameras, households, codes and viewers: rows made ready for a template, nothing decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _

from backend.pages import words
from backend.pages.states import State, state_of
from cameras.models import Camera, Rendition, ViewSession
from cameras.registry import asks_purpose, may_record, sees_details
from cameras.viewers import watching_now
from neighborhoods.access import Action, Actor, reach
from neighborhoods.households import households_for
from neighborhoods.models import AccessCode, AuditEntry, Device, Household, Member

GUESSING_TOLD_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Card:
    """One camera of the grid. Residents get neutral words for others' cameras: why one is down, and since when, is no
    burglar's business. That a picture is old the page tells everybody, for an old picture must not pass for the street.
    """

    id: UUID
    name: str
    state: str
    icon: str
    tone: str
    last_frame_at: datetime | None
    details: bool
    asks: bool
    """Whether the reader must say why before any picture of it, so that the card shows none."""


def card_of(camera: Camera, actor: Actor, *, now: datetime) -> Card:
    main, asks = _main(camera), asks_purpose(actor, camera)
    if not sees_details(actor, camera):
        return Card(camera.id, camera.name, _("Tap to watch"), "play", "quiet", None, details=False, asks=asks)
    text, icon, tone = words.health(state_of(camera, main, now=now).name)
    return Card(camera.id, camera.name, text, icon, tone, main.last_frame_at if main else None, details=True, asks=asks)


def _main(camera: Camera) -> Rendition | None:
    return next((r for r in camera.renditions.all() if r.name == Rendition.Name.MAIN), None)


@dataclass(frozen=True, slots=True)
class HealthRow:
    camera: Camera
    words: str
    icon: str
    tone: str
    since: datetime | None
    reason: str
    last_frame_at: datetime | None
    picture: str
    key_frames: str


def health_row(camera: Camera, *, now: datetime) -> HealthRow:
    main = _main(camera)
    if not may_record(camera) and camera.state == Camera.State.ACTIVE:
        state = State("left" if camera.owner_left_at else "unrecorded" if camera.legal_record_id else "unsigned")
    else:
        state = state_of(camera, main, now=now)
    picture = f"{main.width}×{main.height} · {main.bitrate_bps / 1e6:.1f} Mbit/s" if main and main.width else ""
    far = main is not None and main.keyframe_ms > 10_000
    key_frames = _("Key frames come too rarely: set their distance to 2 seconds in the camera.") if far else ""
    return HealthRow(
        camera, *words.health(state.name), state.since, words.health_reason(state.reason),
        main.last_frame_at if main else None, picture, key_frames,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watching:
    """Who watches what now. A household is named, a person is not (they come out only on a complaint)."""

    who: str
    camera: str
    mode: str
    since: datetime
    phones: int


def watching_rows(actor: Actor, *, now: datetime) -> list[Watching]:
    """One row for a household, camera and mode, however many of its phones watch; the longest first."""
    names = {
        ViewSession.Mode.LIVE.value: _("live"),
        ViewSession.Mode.PLAYBACK.value: _("a recording"),
        ViewSession.Mode.SNAPSHOT.value: _("a kept moment"),
    }
    found: dict[tuple[str, str, str], list[ViewSession]] = {}
    for session in watching_now(actor, now=now).select_related("device__account").order_by("created_at"):
        who = str(session.device.household or session.device.account or session.device.name)
        camera = session.camera.name if session.camera else ""
        found.setdefault((who, camera, names.get(session.mode, session.mode)), []).append(session)
    return [
        Watching(who, camera, mode, sessions[0].created_at, len({session.device_id for session in sessions}))
        for (who, camera, mode), sessions in found.items()
    ]


def households_list(actor: Actor, *, now: datetime) -> list[Household]:
    """The households that live here, with ``codes_now``, ``phones_now`` and who is ``here``, by their number."""
    alive = Q(codes__kind=AccessCode.Kind.HOUSEHOLD, codes__revoked_at=None, codes__expires_at__gt=now)
    phones = Q(devices__revoked_at=None, devices__expires_at__gt=now)
    return list(
        households_for(actor)
        .filter(left_at=None)
        .annotate(
            codes_now=Count("codes", filter=alive, distinct=True),
            phones_now=Count("devices", filter=phones, distinct=True),
        )
        .prefetch_related(Prefetch("members", queryset=Member.objects.filter(left_at=None), to_attr="here"))
        .order_by("number")
    )


def codes_of(household: Household, *, now: datetime) -> list[AccessCode]:
    """Codes that still open something, newest first, each with its living phones in ``phones``."""
    living = Device.objects.filter(revoked_at=None, expires_at__gt=now).select_related("member").order_by("created_at")
    return list(
        AccessCode.objects.filter(household=household, revoked_at=None)
        .filter(Q(expires_at__gt=now) | Q(devices__revoked_at=None, devices__expires_at__gt=now))
        .prefetch_related(Prefetch("devices", queryset=living, to_attr="phones"))
        .order_by("-kind", "-issued_at")  # the household's before its guests'
        .distinct()
    )


def guessing_told_at(actor: Actor, *, now: datetime) -> datetime | None:
    """When somebody was last seen guessing at the neighborhood's codes; None where that was long ago or never."""
    to = reach(actor, Action.SEE_CODES)
    return (
        AuditEntry.objects.filter(action="code.guessing", neighborhood_id__in=to.neighborhood_ids)
        .filter(at__gt=now - GUESSING_TOLD_FOR)
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )
