"""A request of the filmed street, answered, packed and fetched: what the tests of packages begin with."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from asgiref.sync import async_to_sync
from django.conf import settings

from cameras.evidence import verify
from cameras.evidence.package import fingerprint
from cameras.footage import decisions, links, packages, requests
from cameras.models import Camera, EvidencePackage, FootageRequest
from neighborhoods import jobs
from neighborhoods.models import Job
from tests.cameras.footage.street import HOUR, Street


def asked(street: Street, **changes) -> FootageRequest:
    """Twenty seconds of the minute that was recorded."""
    begins = street.moment - 3 * HOUR + timedelta(seconds=25)
    window = {"starts_at": begins, "ends_at": begins + timedelta(seconds=20)}
    wanted = street.wanted(**(window | changes))
    return requests.request_make(actor=street.dung, case_id=street.case.id, wanted=wanted, now=street.moment)


def approved(street: Street, request: FootageRequest, *cameras: Camera) -> FootageRequest:
    for camera in cameras:
        actor = street.an if camera == street.gate else street.binh
        decisions.ask_approve(actor=actor, request_id=request.id, camera_id=camera.id, now=street.moment)
    return request


def ordered(street: Street, request: FootageRequest) -> EvidencePackage:
    (package,) = packages.packages_order(actor=street.dung, request_id=request.id, now=street.moment)
    return package


def made(street: Street, package: EvidencePackage) -> Job:
    """What a worker does with the package's newest job."""
    package.refresh_from_db()
    assert package.job
    jobs.job_run(package.job.id, now=lambda: street.moment)
    package.refresh_from_db()
    return Job.objects.get(id=package.job.id)


def packed(street: Street, *cameras: Camera, **changes) -> EvidencePackage:
    """A package of what these cameras' owners released."""
    package = ordered(street, approved(street, asked(street, **changes), *cameras))
    assert made(street, package).state == Job.State.DONE
    return package


def folder_of(package: EvidencePackage) -> Path:
    return packages.root() / str(package.id)


def manifest_of(package: EvidencePackage) -> dict:
    return json.loads((folder_of(package) / "manifest.json").read_bytes())


def verdict(path: Path) -> int:
    return verify.main([str(path), "--key", fingerprint(settings.SECRETS.signing_key)])


def fetched(street: Street, package: EvidencePackage, *, now: datetime | None = None) -> bytes:
    """The whole ZIP, by a fresh link."""
    moment = now or street.moment
    link = links.link_make(actor=street.dung, package_id=package.id, now=moment)
    return read(links.link_open(actor=street.dung, link_id=link.id, now=moment), street)


def read(fetch: links.Fetch, street: Street, start: int = 0, end: int | None = None) -> bytes:
    async def whole() -> bytes:
        until = fetch.zip.size if end is None else end
        blocks = links.handed_out(fetch, start, until, actor=street.dung, now=lambda: street.moment)
        return b"".join([block async for block in blocks])

    return async_to_sync(whole)()  # in this thread, whose connection has the test's rows
