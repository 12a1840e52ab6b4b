"""Ordering a package of what was released, and giving up one that nobody has fetched.

Whoever asked orders it, whenever they like: everything that is released by then and stands in no package goes into a
new one. A worker makes it (``packing``). Each release is in one package at most, whoever presses what how often.
"""

import shutil
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Conflict
from cameras.footage import telling
from cameras.footage.annex import annex_seal
from cameras.footage.held import own_request_held
from cameras.footage.inforce import POLICY
from cameras.models import EvidencePackage, FootageAsk, FootageRequest, Rendition, Slice
from neighborhoods import jobs
from neighborhoods.access import Actor

KIND = "footage.package"
"""Of the job that makes one."""


def root() -> Path:
    """Under it each package has a folder by its id."""
    path: Path = settings.CONFIG.evidence_dir
    return path


def packages_order(
    *, actor: Actor, request_id: UUID, viewing_copies: bool = False, now: datetime
) -> list[EvidencePackage]:
    """Have everything packed that is released and in no package yet, and begin anew what could not be made.
    ``viewing_copies``: with a copy to look at beside each file, which takes a while.

    Raises ``Absent``; ``Conflict``: ``only_looked_at``, ``footage_settled`` (withdrawn or concluded),
    ``nothing_released``, ``still_recording``, ``too_many_jobs``.
    """
    with transaction.atomic():
        request = own_request_held(actor, request_id)
        if request.delivery != FootageRequest.Delivery.COPY:
            raise Conflict(_("This was asked for to be looked at, not to be taken along."), code="only_looked_at")
        if request.state != FootageRequest.State.OPEN or request.concluded_at:
            raise Conflict(_("That is settled already."), code="footage_settled")
        unmade = request.packages.filter(made_at=None, withdrawn_at=None).select_related("job")
        failed = [one for one in unmade if one.job is None or one.job.state not in jobs.UNFINISHED]
        found = [*failed, *_fresh(actor, request, viewing_copies, now)]
        if not found:
            raise Conflict(_("Nothing new has been released."), code="nothing_released")
        for package in found:
            package.job = jobs.job_start(
                actor=actor, kind=KIND, neighborhood_id=None, arguments={"package": str(package.id)}, now=now,
                once=f"package:{package.id}",
            )  # fmt: skip
            package.save(update_fields=["job"])
    return found


class State(StrEnum):
    """What a package is to whoever ordered it."""

    MAKING = "making"
    FAILED = "failed"  # it can be begun again
    READY = "ready"
    FETCHED = "fetched"  # as often as it may be
    WITHDRAWN = "withdrawn"  # a yes was taken back
    GONE = "gone"  # its files are deleted here


def state_of(package: EvidencePackage, *, now: datetime) -> State:
    """Asks no rows where ``job`` and ``links`` were read with it."""
    if package.withdrawn_at is not None:
        return State.WITHDRAWN
    if package.made_at is None:
        at_it = package.job is not None and package.job.state in jobs.UNFINISHED
        return State.MAKING if at_it else State.FAILED
    if package.removed_at is not None or package.made_at + POLICY.package_kept <= now:
        return State.GONE
    used = sum(link.used_at is not None for link in package.links.all())
    return State.READY if used < package.fetches else State.FETCHED


def require_there(package: EvidencePackage, now: datetime) -> None:
    """Raises ``Conflict``: ``footage_settled``, ``not_ready``, ``file_gone``."""
    if package.withdrawn_at is not None:
        raise Conflict(_("An owner has taken their yes back. Order what is left anew."), code="footage_settled")
    if package.made_at is None:
        raise Conflict(_("It is still being made. Wait a moment."), code="not_ready")
    if package.removed_at is not None or package.made_at + POLICY.package_kept <= now:
        raise Conflict(_("The file is no longer here. Have it made again."), code="file_gone")


def package_give_up(package: EvidencePackage, *, now: datetime) -> None:
    """Nobody fetches it any more; what else is in it can be packed anew. Inside the verb that holds its request.

    The files go after the commit; a worker that is at them stops by itself (``packing``).
    """
    package.withdrawn_at = now
    package.save(update_fields=["withdrawn_at"])
    package.asks.update(package=None)
    transaction.on_commit(partial(package_forget, package))


def packages_end(request: FootageRequest, *, now: datetime) -> None:
    """Its purpose is over: what was made of a request is deleted here, and what was not is given up. Inside the verb
    that holds the request."""
    for package in request.packages.filter(withdrawn_at=None, removed_at=None):
        if package.made_at is None:
            package_give_up(package, now=now)
        else:
            EvidencePackage.objects.filter(id=package.id).update(removed_at=now)
            transaction.on_commit(partial(package_forget, package))


def package_forget(package: EvidencePackage) -> None:
    """Delete a package's files."""
    shutil.rmtree(root() / str(package.id), ignore_errors=True)


def packages_expire(*, now: datetime) -> int:
    """Delete the files of packages whose time is over; what was recorded of them stays. Returns how many went."""
    over = EvidencePackage.objects.filter(removed_at=None, made_at__lte=now - POLICY.package_kept)
    found = list(over.select_related("request__case"))
    for package in found:
        package_forget(package)
        with transaction.atomic():
            if EvidencePackage.objects.filter(id=package.id, removed_at=None).update(removed_at=now):
                telling.package_act(telling.ITSELF, "footage.package_removed", package, now)
    wanted = {str(one) for one in _wanted().values_list("id", flat=True)}
    for folder in root().glob("*-*-*-*-*"):  # what a worker wrote into a package that was given up meanwhile
        if folder.name not in wanted and not _wanted().filter(id=folder.name).exists():  # made while we looked
            shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _wanted() -> QuerySet[EvidencePackage]:
    return EvidencePackage.objects.filter(withdrawn_at=None, removed_at=None)


def _fresh(actor: Actor, request: FootageRequest, viewing_copies: bool, now: datetime) -> list[EvidencePackage]:
    """New packages, one for each machine that holds some of it."""
    released = request.asks.filter(state=FootageAsk.State.RELEASED, package=None).select_related(
        "camera__neighborhood", "camera__owner_household"
    )
    made = []
    for node_id, group in groupby(released.order_by("camera__node_id", "number"), key=lambda ask: ask.camera.node_id):
        asks = list(group)
        _require_closed(asks)
        package = EvidencePackage.objects.create(
            request=request, number=request.packages.count() + 1, node_id=node_id, ordered_by_id=request.asked_by_id,
            ordered_at=now, annex=annex_seal(asks), viewing_copies=viewing_copies,
        )  # fmt: skip
        request.asks.filter(id__in=[ask.id for ask in asks]).update(package=package)
        numbers = [ask.number for ask in asks]
        telling.package_act(actor, "footage.package_ordered", package, now, number=package.number, cameras=numbers)
        made.append(package)
    return made


def _require_closed(asks: list[FootageAsk]) -> None:
    """What is still being written is no evidence yet: a slice is about a minute long."""
    still = Slice.objects.filter(state=Slice.State.OPEN, rendition=Rendition.Name.MAIN)
    if any(still.filter(camera_id=ask.camera_id, starts_at__lt=ask.ends_at).exists() for ask in asks):
        raise Conflict(
            _("The last minute of it is still being recorded. Try again in a minute."), code="still_recording"
        )
