"""Long work: asked for, done once whatever dies, told only to who asked."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from backend.lib.errors import BadInput, Conflict
from neighborhoods import jobfiles, jobs
from neighborhoods.devices import actor_for, device_revoke
from neighborhoods.jobs import JobLost, JobRun
from neighborhoods.models import Household, Job
from tests.cast import Cast, Person
from tests.neighborhoods.conftest import NOW

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
API = "/api/v1/jobs"


@pytest.fixture
def runners(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, jobs.Runner]]:
    """Kinds of the test's own."""
    monkeypatch.setattr(jobs, "RUNNERS", found := {})
    yield found


def asked(person: Person, kind: str = "count", *, once: str = "", **arguments: Any) -> Job:
    actor = actor_for(person.device, now=NOW)
    assert actor
    return jobs.job_start(
        actor=actor, kind=kind, neighborhood_id=actor.neighborhood_id, arguments=arguments, once=once, now=NOW
    )


def done(job: Job, at: datetime = NOW) -> Job:
    jobs.job_run(job.id, now=lambda: at)
    job.refresh_from_db()
    return job


def test_it_runs_as_who_asked_and_gives_the_result(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    seen = []

    def count(run: JobRun) -> dict[str, Any]:
        seen.append(run.actor.account_id)
        run.progress(3, 3)
        return {"sum": sum(run.arguments["numbers"])}

    runners["count"] = count
    job = done(asked(cast.binh, numbers=[1, 2]))
    assert (job.state, job.result, job.done, job.total) == ("done", {"sum": 3}, 3, 3)
    assert seen == [cast.binh.account and cast.binh.account.id]
    assert jobs.job_run(job.id, now=lambda: NOW) is False  # once


def test_it_tells_what_stopped_it(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    def refuse(run: JobRun) -> dict[str, Any]:
        raise BadInput("Dòng 3 sai", code="bad_name", fields={"name": ["sai"]})

    def break_down(run: JobRun) -> dict[str, Any]:
        raise ZeroDivisionError

    runners.update(count=refuse, other=break_down)
    job = done(asked(cast.binh))
    assert (job.state, job.problem) == (
        "failed", {"code": "bad_name", "detail": "Dòng 3 sai", "errors": {"name": ["sai"]}},
    )  # fmt: skip
    other = done(asked(cast.binh, "other"))
    assert (other.state, other.problem and other.problem["code"]) == ("failed", "internal")


def test_a_phone_that_was_cut_off_meanwhile_gets_nothing_done(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    runners["count"] = lambda run: {"who": run.actor.pseudonym}
    job = asked(cast.an)
    actor = actor_for(cast.an.device, now=NOW)
    assert actor
    device_revoke(actor=actor, device_id=cast.an.device.id, now=NOW)
    assert done(job).problem and job.problem and job.problem["code"] == "not_signed_in"


def test_what_a_dead_worker_held_is_handed_out_again_within_eight_seconds(
    cast: Cast, runners: dict[str, jobs.Runner]
) -> None:
    runners["count"] = lambda run: {}
    job = asked(cast.binh)
    assert jobs.jobs_sweep(now=NOW) == [job.id]
    assert jobs.jobs_sweep(now=NOW + timedelta(seconds=1)) == []  # a message is on its way
    Job.objects.filter(id=job.id).update(state="running", worker="dead", heartbeat_at=NOW, attempts=1)
    assert jobs.jobs_sweep(now=NOW + timedelta(seconds=5)) == []
    assert jobs.jobs_sweep(now=NOW + timedelta(seconds=7)) == [job.id]
    assert done(job).state == "done"


def test_three_dead_workers_are_enough(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    runners["count"] = lambda run: {}
    job = asked(cast.binh)
    Job.objects.filter(id=job.id).update(state="running", worker="dead", heartbeat_at=NOW, attempts=3)
    assert jobs.jobs_sweep(now=NOW + timedelta(seconds=7)) == []
    job.refresh_from_db()
    assert (job.state, job.problem and job.problem["code"]) == ("failed", "internal")


def test_work_and_outcome_are_one_commit_and_a_lost_worker_undoes_its_own(
    cast: Cast, runners: dict[str, jobs.Runner]
) -> None:
    """It was taken for dead while it worked: what it wrote goes with its claim."""

    def rename(run: JobRun) -> dict[str, Any]:
        with transaction.atomic():
            Household.objects.filter(id=cast.an.household and cast.an.household.id).update(name="Hai lần")
            Job.objects.filter(id=run.job.id).update(worker="another")
            run.settle({})
        return {}

    runners["count"] = rename
    job = asked(cast.binh)
    assert jobs.job_run(job.id, now=lambda: NOW) is False
    assert Household.objects.get(number=12).name == "Hộ ông An"
    Job.objects.filter(id=job.id).update(worker="another")
    with pytest.raises(JobLost):
        JobRun(job, lambda: NOW).progress(1, 1)


def test_a_passing_fault_of_the_database_is_tried_again(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    faults = [OperationalError("locked")]

    def count(run: JobRun) -> dict[str, Any]:
        if faults:
            raise faults.pop()
        return {}

    runners["count"] = count
    job = done(asked(cast.binh))
    assert job.state == "waiting"
    assert jobs.jobs_sweep(now=NOW + timedelta(seconds=6)) == [job.id]
    assert done(job).state == "done"


def test_a_fault_of_the_database_that_does_not_pass_ends_the_job(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    def count(run: JobRun) -> dict[str, Any]:
        raise OperationalError("database or disk is full")

    runners["count"] = count
    job = asked(cast.binh)
    for second in range(0, 6 * 20, 6):
        for due in jobs.jobs_sweep(now=NOW + timedelta(seconds=second)):
            jobs.job_run(due, now=lambda at=NOW + timedelta(seconds=second): at)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", jobs.MOST_PUT_BACK)
    assert asked(cast.binh).state == "waiting"  # and it can be asked for again


def test_the_same_is_not_made_twice_at_once(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    runners["count"] = lambda run: {}
    job = asked(cast.binh, once="codes:7")
    with pytest.raises(Conflict) as refused:
        asked(cast.binh, once="codes:7")
    assert refused.value.code == "job_running"
    done(job)
    asked(cast.binh, once="codes:7")


def test_five_at_a_time_are_enough(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    runners["count"] = lambda run: {}
    for _n in range(5):
        asked(cast.an)
    with pytest.raises(Conflict) as refused:
        asked(cast.an)
    assert refused.value.code == "too_many_jobs"
    asked(cast.binh)


def keeping(data: bytes, *, secret: bool) -> jobs.Runner:
    def keep(run: JobRun) -> dict[str, Any]:
        run.keep(data, "Phiếu mã.pdf", "application/pdf", secret=secret)
        return {"pages": 1}

    return keep


def test_a_secret_file_is_encrypted_and_given_out_once(
    client: Client, cast: Cast, runners: dict[str, jobs.Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    runners["count"] = keeping(b"HG7-BCDF-GHJK", secret=True)
    job = done(asked(cast.binh))
    path = jobfiles.root() / job.file_path
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"BCDF" not in path.read_bytes()
    monkeypatch.setattr("neighborhoods.api.jobs.now", lambda: NOW)
    told = client.get(f"{API}/{job.id}/", **cast.binh.bearer).json()
    assert (told["state"], told["file"], told["file_once"]) == ("done", f"{API}/{job.id}/file/", True)
    assert client.head(told["file"], **cast.binh.bearer).status_code == 200  # to look uses nothing up
    assert client.get(told["file"], **cast.hoa.bearer).status_code == 404
    given = client.get(told["file"], **cast.binh.bearer)
    assert given.content == b"HG7-BCDF-GHJK"
    assert given["Cache-Control"] == "no-store" and "Phi%E1%BA%BFu" in given["Content-Disposition"]
    again = client.get(told["file"], **cast.binh.bearer)
    assert (again.status_code, again.json()["code"]) == (409, "file_gone")
    assert client.get(f"{API}/{job.id}/", **cast.binh.bearer).json()["file"] is None


def test_files_and_rows_go_when_their_time_is_over(cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    runners.update(count=keeping(b"secret", secret=True), other=keeping(b"plain", secret=False))
    secret, plain = done(asked(cast.binh)), done(asked(cast.binh, "other"))
    stray = jobfiles.root() / "left.by-a-kill"
    stray.write_bytes(b"")
    hour, day = NOW + timedelta(minutes=61), NOW + timedelta(hours=25)
    jobs.jobs_expire(now=hour)
    assert not (jobfiles.root() / secret.file_path).exists()
    assert (jobfiles.root() / plain.file_path).read_bytes() == b"plain"
    jobs.jobs_expire(now=max(day, datetime.now(day.tzinfo) + timedelta(hours=2)))
    assert not (jobfiles.root() / plain.file_path).exists() and not stray.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_one_does_it(live_cast: Cast, runners: dict[str, jobs.Runner]) -> None:
    calls: list[int] = []

    def count(run: JobRun) -> dict[str, Any]:
        calls.append(1)
        return {}

    runners["count"] = count
    job = asked(live_cast.binh)

    def work() -> None:
        jobs.job_run(job.id, now=lambda: NOW, beating=True)
        connection.close()

    threads = [threading.Thread(target=work) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]
