"""A real Celery worker on a real Valkey is killed while it packs: one and only one package comes out, whole."""

import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from backend.lib.clock import now
from cameras.footage import packages
from cameras.models import EvidencePackage, Slice
from neighborhoods.models import AuditEntry, Job
from tests.cameras.evidence.authority import AuthorityServer, local_authority
from tests.cameras.footage.parcels import approved, asked, folder_of, ordered, verdict
from tests.cameras.footage.street import HOUR, Street, make_street, noon
from tests.cameras.playback.footage import Recorder
from tests.cameras.test_snapshots_killed import RESCUED_WITHIN_S, until, workers
from tests.cast import Cast
from tests.pace import PATIENCE_S

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
__all__ = ["workers"]


@pytest.fixture
def package(live_cast: Cast) -> EvidencePackage:
    street: Street = make_street(live_cast, noon())
    Slice.objects.all().delete()
    for camera in (street.gate, street.corner):
        recorder = Recorder(camera, slice_seconds=20)
        recorder.past(street.moment - 3 * HOUR, 60)
        recorder.close()
    request = approved(street, asked(street), street.gate, street.corner)
    street.moment = now()
    return ordered(street, request)


def begun(package: EvidencePackage) -> bool:
    """Something of it is on the disk, and not all."""
    folder = folder_of(package)
    return (folder / "footage").is_dir() and any((folder / "footage").iterdir())


def made_at(package: EvidencePackage) -> datetime | None:
    package.refresh_from_db()
    return package.made_at


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthorityServer]:
    """The workers' time stamp authority."""
    server = AuthorityServer(local_authority())
    monkeypatch.setenv("TSA_URL", server.url)
    monkeypatch.setenv("TSA_CA_FILE", str(local_authority().root_file))
    yield server
    server.stop()


@pytest.mark.both_databases
def test_killed_again_and_again_it_goes_on_to_one_package(package: EvidencePackage, workers) -> None:
    for _time in range(2):
        worker = workers("tests.cameras.slow_worker", "0.5")
        until(lambda: begun(package), PATIENCE_S, worker)
        worker.kill()
        assert made_at(package) is None and not (folder_of(package) / "manifest.sig").exists()
    worker = workers()
    until(lambda: made_at(package) is not None, 30 + RESCUED_WITHIN_S, worker)
    assert verdict(folder_of(package)) == 0
    assert EvidencePackage.objects.count() == 1
    assert [path.name for path in packages.root().iterdir() if str(package.id) in path.name] == [str(package.id)]
    assert not [path for path in folder_of(package).rglob("*") if path.name.startswith(".")]
    assert Job.objects.get(id=package.job_id).state == Job.State.DONE
    assert AuditEntry.objects.filter(action="footage.packaged").count() == 1


def test_a_worker_that_was_frozen_does_not_spoil_what_its_successor_makes(package: EvidencePackage, workers) -> None:
    frozen = workers("tests.cameras.slow_worker", "0.5")
    until(lambda: begun(package), PATIENCE_S, frozen)
    frozen.process.send_signal(signal.SIGSTOP)
    other = workers()
    until(lambda: Job.objects.get(id=package.job_id).state == Job.State.FAILED, 30 + RESCUED_WITHIN_S, other)
    assert Job.objects.get(id=package.job_id).problem["code"] == "unavailable"
    frozen.kill()
    Job.objects.filter(id=package.job_id).update(state=Job.State.WAITING, worker="", heartbeat_at=None, problem=None)
    until(lambda: made_at(package) is not None, 30 + RESCUED_WITHIN_S, other)
    assert verdict(folder_of(package)) == 0
    assert Path(settings.CONFIG.evidence_dir).stat().st_mode & 0o077 == 0


def test_killed_while_it_waits_for_a_time_stamp_it_goes_on_to_one_package(
    package: EvidencePackage, authority: AuthorityServer, workers
) -> None:
    def for_ever(_body: bytes, _handler: Any) -> None:
        time.sleep(60)

    authority.answers = for_ever
    worker = workers()
    until(lambda: bool(authority.asked), 30, worker)
    worker.kill()
    sealed = {name: (folder_of(package) / name).read_bytes() for name in ("manifest.json", "manifest.sig")}
    assert made_at(package) is None and not (folder_of(package) / "manifest.tsr").exists()
    authority.answers = None
    worker = workers()
    until(lambda: made_at(package) is not None, 30 + RESCUED_WITHIN_S, worker)
    assert {name: (folder_of(package) / name).read_bytes() for name in sealed} == sealed
    assert verdict(folder_of(package)) == 0 and "Verification: OK" in local_authority().verify(folder_of(package))
    assert not [path for path in folder_of(package).rglob("*") if path.name.startswith(".")]
    assert AuditEntry.objects.filter(action="footage.packaged").count() == 1
