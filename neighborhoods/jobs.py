"""Long work: a row, a worker, progress on a page. The row is the truth; messages only carry its id.

``waiting`` → claimed by a worker (``running``, with a heartbeat) → ``done`` or ``failed``. ``jobs_sweep`` runs every
second: it hands out what waits and frees what a dead worker held, so that a killed job goes on within eight seconds.

A runner is therefore called again after a kill, from its beginning: it is idempotent, or does all its work in one
transaction and calls ``JobRun.settle`` inside it, so that work and outcome are one commit. It acts as the holder of the
device that asked, with what that holder may at that very moment.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from backend.lib.clock import Now
from backend.lib.errors import Absent, Conflict, MatPhoError, NotSignedIn
from backend.lib.heartbeat import heartbeat
from neighborhoods import audit, devices, jobfiles
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Job, Neighborhood

log = logging.getLogger(__name__)

DEAD_AFTER = timedelta(seconds=6)
"""A claim without a heartbeat for this long belongs to a dead worker; three beats were missed."""
HAND_OUT_AGAIN = timedelta(seconds=5)
MOST_ATTEMPTS = 3
MOST_PUT_BACK = 12
"""How often a fault of the database is taken for a passing one: a minute. A full disk does not pass by itself."""
MOST_UNFINISHED = 5
KEPT = timedelta(days=1)
TELL_EVERY_S = 0.2
"""Progress is written this often: a page cannot show more, and SQLite has one writer."""
UNFINISHED = (Job.State.WAITING, Job.State.RUNNING)


class JobLost(Exception):
    """The claim was taken for dead and is another worker's: this one stops, and nothing it did counts."""


@dataclass
class JobRun:
    """What a runner is given."""

    job: Job
    now: Now
    _kept: jobfiles.Kept | None = None
    _told_at: float = field(default=0.0, repr=False)

    @property
    def arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = self.job.arguments
        return arguments

    @property
    def actor(self) -> Actor:
        """Whoever asked, as the rows say now: raises ``NotSignedIn`` where that device has been cut off meanwhile."""
        found = devices.actor_by_id(self.job.device_id, now=self.now())
        if found is None:
            raise NotSignedIn(_("The phone that asked is no longer signed in."))
        return found

    def progress(self, done: int, total: int) -> None:
        """Tell how far it is. Inside a transaction nobody sees it before the commit: call it between them.

        Raises ``JobLost``.
        """
        if done < total and time.monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = time.monotonic()
        if not self._held().update(done=done, total=total, heartbeat_at=self.now()):
            raise JobLost()
        self.job.done, self.job.total = done, total

    def keep(self, data: bytes, name: str, media_type: str, *, secret: bool = False) -> None:
        """Keep the one file that comes of this job. ``secret``: encrypted on disk, given out once (``jobfiles``)."""
        attempt = self.job.worker.rpartition(":")[2]
        self._kept = jobfiles.file_write(self.job.id, attempt, data, name=name, media_type=media_type, secret=secret)

    def settle(self, result: dict[str, Any]) -> None:
        """Done, with this result. Call it inside the transaction that does the work, or simply return the result.

        Raises ``JobLost``, which rolls that transaction back.
        """
        moment = self.now()
        kept = jobfiles.columns(self._kept, now=moment)
        settled = self._held().update(state=Job.State.DONE, result=result, finished_at=moment, **kept)
        if not settled:
            raise JobLost()

    def fail(self, error: MatPhoError) -> None:
        problem = {"code": error.code, "detail": error.detail, "errors": {k: list(v) for k, v in error.fields.items()}}
        self._held().update(state=Job.State.FAILED, problem=problem, finished_at=self.now())

    def put_back(self) -> None:
        """A passing fault of the database: somebody tries again in a few seconds."""
        self._held().update(state=Job.State.WAITING, worker="", heartbeat_at=self.now())

    def _held(self) -> QuerySet[Job]:
        return Job.objects.filter(id=self.job.id, state=Job.State.RUNNING, worker=self.job.worker)


Runner = Callable[[JobRun], dict[str, Any]]
RUNNERS: dict[str, Runner] = {}
"""Kind → what does it and gives the result as JSON. Filled by ``AppConfig.ready`` of the part that has the kind."""


def job_start(
    *,
    actor: Actor,
    kind: str,
    neighborhood_id: UUID | None,
    arguments: dict[str, Any],
    now: datetime,
    once: str = "",
    action: Action | None = None,
) -> Job:
    """Ask for long work; who may was asked by the caller. ``once`` names what must not be done twice at the same time.

    ``action``: whoever has handed their role over meanwhile sees the job and its file no more. Work of a whole ward
    names it among its arguments, as ``ward``.

    Raises ``Conflict`` (``job_running``, ``too_many_jobs``), ``NotSignedIn`` where no device asks, ``KeyError`` for a
    kind nobody runs.
    """
    RUNNERS[kind]
    if actor.device_id is None:
        raise NotSignedIn()
    if Job.objects.filter(device_id=actor.device_id, state__in=UNFINISHED).count() >= MOST_UNFINISHED:
        raise Conflict(_("Wait until what is being made is ready."), code="too_many_jobs")
    place = Neighborhood.objects.filter(id=neighborhood_id).first() if neighborhood_id else None
    with transaction.atomic():
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind, neighborhood=place, device_id=actor.device_id, account_id=actor.account_id, once=once,
                    action=action or "",
                    language=translation.get_language() or "vi", arguments=arguments, created_at=now,
                )  # fmt: skip
        except IntegrityError:
            raise Conflict(_("This is being made already. Wait until it is ready."), code="job_running") from None
        audit.record(
            actor=actor,
            action="job.started",
            subject=("job", job.id),
            ward_id=place.ward_id if place else actor.ward_id,
            neighborhood_id=neighborhood_id,
            data={"kind": kind},
            now=now,
        )
    return job


def jobs_of(actor: Actor) -> QuerySet[Job]:
    """What the actor asked for: a staff member from any of their browsers, anybody else from this very phone."""
    mine = Q(account_id=actor.account_id) if actor.account_id else Q(device_id=actor.device_id, account=None)
    return Job.objects.select_related("neighborhood").filter(mine)


def job_for(actor: Actor, job_id: UUID) -> Job:
    """One job of the actor's own; absent and another's are the same ``Absent``."""
    job = jobs_of(actor).filter(id=job_id).first()
    if job is None:
        raise Absent()
    if job.action:
        require(actor, Action(job.action), _place_of(job))
    return job


def _place_of(job: Job) -> Place:
    if job.neighborhood:
        return Place(ward_id=job.neighborhood.ward_id, neighborhood_id=job.neighborhood_id)
    return Place(ward_id=UUID(job.arguments["ward"]) if "ward" in job.arguments else None)


def job_run(job_id: UUID, *, now: Now, beating: bool = False) -> bool:
    """Do one job that waits. False where somebody else has it, or it was lost meanwhile. Raises nothing foreseeable.

    ``beating``: with a heartbeat from a thread, as a worker does it; without one it must be over within six seconds.
    """
    worker = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid4().hex[:12]}"
    claimed = Job.objects.filter(id=job_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, worker=worker, heartbeat_at=now(), attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    run = JobRun(Job.objects.select_related("neighborhood").get(id=job_id), now)
    with (
        heartbeat(Job.objects.filter(id=run.job.id, worker=run.job.worker), now) if beating else nullcontext(),
        translation.override(run.job.language),
    ):
        return _work(run)


def _work(run: JobRun) -> bool:
    job = run.job
    try:
        result = RUNNERS[job.kind](run)
        if not Job.objects.filter(id=job.id, worker=job.worker, state=Job.State.DONE).exists():
            run.settle(result)
    except JobLost:
        log.warning("job %s (%s) was lost to another worker", job.id, job.kind)
        return False
    except MatPhoError as error:
        run.fail(error)
    except Exception as error:  # one unit of a worker's work
        log.exception("job %s (%s)", job.id, job.kind)
        if isinstance(error, OperationalError) and job.attempts < MOST_PUT_BACK:
            run.put_back()
        else:
            run.fail(MatPhoError(_("Something went wrong on our side. Try again in a moment.")))
    return True


def jobs_sweep(*, now: datetime) -> list[UUID]:
    """Free what dead workers held, and give the ids a worker should take now. Running it twice does no harm."""
    if not Job.objects.filter(state__in=UNFINISHED).exists():
        return []  # the usual second: one SELECT, and SQLite's one writer is left alone
    dead = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=now - DEAD_AFTER)
    if dead.exists():
        gave_up = {"code": "internal", "detail": _("Something went wrong on our side. Try again in a moment.")}
        dead.filter(attempts__gte=MOST_ATTEMPTS).update(
            state=Job.State.FAILED, problem=gave_up | {"errors": {}}, finished_at=now
        )
        dead.update(state=Job.State.WAITING, worker="", heartbeat_at=None)
    waiting = Job.objects.filter(state=Job.State.WAITING)
    due = waiting.filter(Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - HAND_OUT_AGAIN))
    return [
        job_id
        for job_id, seen in due.order_by("id").values_list("id", "heartbeat_at")[:100]
        if waiting.filter(id=job_id, heartbeat_at=seen).update(heartbeat_at=now)
    ]


def jobs_expire(*, now: datetime) -> int:
    """Remove files whose time is over, then the rows of what was finished a day ago; returns how many went."""
    files = jobfiles.files_expire(now=now)
    return files + Job.objects.filter(finished_at__lt=now - KEPT).delete()[0]
