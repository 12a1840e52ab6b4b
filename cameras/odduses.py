"""Odd uses: what ``oddity`` finds in the view minutes, noticed once, and told to the cameras' owners and the auditor.

Each is one transaction: the row, the news, the audit entry. The tick reads and decides before it, so that nobody waits
for it, and asks under a lock whether the same was told meanwhile. So a kill at any moment, and two ticks at once, leave
each told once; what was watched before and arrives late (``playback.viewjournal``) is found by a later tick.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, Prefetch, Q, QuerySet

from cameras import oddity
from cameras.models import Camera, OddUse, ViewMinute
from cameras.oddity import Finding, Look, Rule
from neighborhoods import audit, locks, outbox
from neighborhoods.access import Action, Actor, Reach, reach, system

OWNER, SCHOOL, LEADER = "odd_use.owner", "odd_use.school", "odd_use.leader"
"""Topics: to the household whose camera it is, to the staff of a school, and to those who lead where it is nobody's."""
LOCK = "odd_uses"
LOOKED = (ViewMinute.Mode.LIVE, ViewMinute.Mode.PLAYBACK, ViewMinute.Mode.FRAME, ViewMinute.Mode.SNAPSHOT)
BACK, RECENT = timedelta(days=8), timedelta(days=2)
"""How far back is read: for habits; and for what happens within a day, with a day more for what arrives late."""
KEPT = timedelta(days=365)
"""After a year nobody follows it up any more (Law 91/2025, Art. 32: only as long as necessary)."""
BATCH = 2_000

Pair = tuple[UUID, UUID]
"""Who watched (a household, or one of staff) and which camera."""


@dataclass(frozen=True, slots=True)
class _Who:
    household_id: UUID | None
    account_id: UUID | None
    role: str


@dataclass(slots=True)
class _Watched:
    """What the rules are asked about."""

    looks: dict[UUID, Look] = field(default_factory=dict)
    """By the view minute's id: the same may be read for two rules."""
    who: dict[UUID, _Who] = field(default_factory=dict)


def odd_uses_notice(*, now: datetime) -> int:
    """Notice what is odd and was not told yet; returns how many. Run again it finds nothing new."""
    watched = _watched(now)
    told = OddUse.objects.filter(ends_at__gte=now - BACK - max(oddity.QUIET.values())).prefetch_related("cameras")
    found = oddity.noticed(watched.looks.values(), told=[finding_of(odd) for odd in told])
    return sum(_notice(finding, watched.who[finding.viewer], now=now) for finding in found)


def odd_uses_for(actor: Actor) -> QuerySet[OddUse]:
    """Those of the actor's own cameras (where it is no household's, of whose neighborhood they lead) and those of the
    wards they audit; newest first. ``cameras`` holds those that are the reader's business."""
    at_school = reach(actor, Action.SEE_ODD_USES, at_school=True)
    shown = Camera.objects.filter(_business(reach(actor, Action.SEE_ODD_USES), at_school)).order_by("name")
    rows = OddUse.objects.filter(cameras__in=shown).distinct()
    return rows.prefetch_related(Prefetch("cameras", shown)).order_by("-id")


def odd_uses_of(camera: Camera, *, since: datetime) -> QuerySet[OddUse]:
    """Those of one camera, newest first. Who may read them was asked where the camera was loaded."""
    return OddUse.objects.filter(cameras=camera, ends_at__gte=since).order_by("-id")


def odd_uses_expire(*, now: datetime) -> int:
    """Delete what was noticed more than a year ago; returns how many. The audit keeps that it was."""
    gone = 0
    while count := _expire_batch(now - KEPT, now):
        gone += count
    return gone


def finding_of(odd: OddUse) -> Finding:
    """The row as the rules know it."""
    cameras = tuple(camera.id for camera in odd.cameras.all())
    viewer = odd.household_id or odd.account_id
    assert viewer is not None  # noqa: S101  (a constraint says so)
    return Finding(Rule(odd.rule), viewer, cameras, odd.count, odd.starts_at, odd.ends_at)


def _business(to: Reach, at_school: Reach) -> Q:
    """A school's camera is its staff's and not its address's phones'."""
    school = Q(ownership=Camera.Ownership.SCHOOL)
    own = ~school & Q(owner_household_id__in=to.household_ids)
    staffs = school & Q(owner_household_id__in=at_school.household_ids)
    street = Q(owner_household=None, neighborhood_id__in=to.neighborhood_ids)
    return own | staffs | street | Q(neighborhood__ward_id__in=to.ward_ids)


def _watched(now: datetime) -> _Watched:
    """The looks of those who looked often enough that any rule could hold: the database counts, so that an ordinary
    week is not read row by row."""
    seen = ViewMinute.objects.filter(mode__in=LOOKED, watched_at__gt=now - BACK, watched_at__lte=now).order_by()
    out = _Watched()
    busy, wide = _often(seen, now)
    some = seen.filter(camera_id__in={camera for _viewer, camera in busy}).filter(_by({who for who, _camera in busy}))
    _read(out, some, busy)
    _read(out, seen.filter(_by(wide), watched_at__gt=now - RECENT))
    return out


def _often(seen: QuerySet[ViewMinute], now: datetime) -> tuple[set[Pair], set[UUID]]:
    """Who looked at one camera often enough for the rules about one, and who at enough cameras for the rule of many."""
    counted = seen.values_list("household_id", "account_id", "camera_id", "camera__owner_household_id").annotate(
        n=Count("id"), last=Max("watched_at")
    )
    busy: set[Pair] = set()
    lately: dict[UUID, int] = defaultdict(int)
    for household, account, camera, home, n, last in counted:
        viewer = household or account
        if viewer is None or viewer == home:
            continue  # a wall; or a household before its own door
        lately[viewer] += last > now - RECENT
        if n >= (oddity.FEWEST if home else oddity.ENDLESS_MINUTES):
            busy.add((viewer, camera))
    return busy, {viewer for viewer, cameras in lately.items() if cameras >= oddity.MANY}


def _by(viewers: Iterable[UUID]) -> Q:
    listed = list(viewers)
    return Q(household_id__in=listed) | Q(account_id__in=listed)


def _read(out: _Watched, rows: QuerySet[ViewMinute], only: set[Pair] | None = None) -> None:
    for row in rows.annotate(home=F("camera__owner_household_id")).iterator(chunk_size=BATCH):
        viewer = row.household_id or row.account_id
        if viewer is not None and (only is None or (viewer, row.camera_id) in only):
            out.looks[row.id] = Look(viewer, row.camera_id, row.home, row.minute, row.watched_at)
            out.who[viewer] = _Who(row.household_id, row.account_id, row.role)


def _notice(finding: Finding, who: _Who, *, now: datetime) -> int:
    with transaction.atomic():
        locks.hold([LOCK])
        same = OddUse.objects.filter(rule=finding.rule, household_id=who.household_id, account_id=who.account_id)
        if any(_is_told(odd, finding) for odd in same.filter(_near(finding)).prefetch_related("cameras")):
            return 0
        odd = OddUse.objects.create(
            rule=finding.rule, household_id=who.household_id, account_id=who.account_id, role=who.role,
            count=finding.count, starts_at=finding.starts_at, ends_at=finding.ends_at, noticed_at=now,
        )  # fmt: skip
        cameras = list(Camera.objects.filter(id__in=finding.cameras).select_related("owner_household", "neighborhood"))
        odd.cameras.set(cameras)
        for topic, place_id, payload in _news(odd, cameras):
            outbox.add(topic=topic, neighborhood_id=place_id, payload=payload, now=now)
        audit.record_all(actor=system("odduses"), acts=_acts(odd, cameras), now=now)
    return 1


def _near(finding: Finding) -> Q:
    quiet = oddity.QUIET[finding.rule]
    return Q(ends_at__gte=finding.starts_at - quiet, starts_at__lte=finding.ends_at + quiet)


def _acts(odd: OddUse, cameras: Iterable[Camera]) -> list[audit.Act]:
    """An entry for each ward; of more than one there is hardly ever."""
    wards: dict[UUID, list[UUID]] = defaultdict(list)
    for camera in cameras:
        wards[camera.neighborhood.ward_id].append(camera.id)
    facts = {
        "rule": odd.rule, "household": odd.household_id, "account": odd.account_id, "role": odd.role,
        "count": odd.count, "from": odd.starts_at, "to": odd.ends_at,
    }  # fmt: skip
    return [
        audit.Act(action="odd_use.noticed", subject=("odd_use", odd.id), ward_id=ward_id, data=facts | {"cameras": ids})
        for ward_id, ids in wards.items()
    ]


def _is_told(odd: OddUse, finding: Finding) -> bool:
    known = finding_of(odd)
    return known.key == finding.key and known.near(finding.starts_at, finding.ends_at)


def _news(odd: OddUse, cameras: Iterable[Camera]) -> Iterator[tuple[str, UUID, dict[str, object]]]:
    """One piece for each owner, about their own cameras alone. A household that has left is told nothing any more."""
    owned: dict[tuple[UUID, UUID | None, str], list[str]] = defaultdict(list)
    for camera in cameras:
        if camera.owner_left_at is None:
            to = SCHOOL if camera.ownership == Camera.Ownership.SCHOOL else OWNER
            owned[camera.neighborhood_id, camera.owner_household_id, to].append(str(camera.id))
    for (place_id, household_id, to), theirs in owned.items():
        payload: dict[str, object] = {"odd_use": str(odd.id), "cameras": sorted(theirs)}
        if household_id is not None:
            yield to, place_id, payload | {"household": str(household_id)}
        else:
            yield LEADER, place_id, payload


def _expire_batch(before: datetime, now: datetime) -> int:
    with transaction.atomic():
        due = list(
            OddUse.objects.filter(noticed_at__lt=before).order_by("noticed_at").values_list("id", flat=True)[:BATCH]
        )
        if due:
            OddUse.objects.filter(id__in=due).delete()
            audit.record(
                actor=system("retention"), action="odd_uses.deleted", subject=("platform", "odd_uses"), ward_id=None,
                neighborhood_id=None, data={"odd_uses": len(due), "before": before}, now=now,
            )  # fmt: skip
    return len(due)
