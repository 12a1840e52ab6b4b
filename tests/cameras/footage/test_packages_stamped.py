"""Packages with a time stamp: made, fetched, on paper and on a stick; and made without where there is none."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from cameras.evidence import verify
from cameras.footage import handover, stick, timestamping
from cameras.models import EvidencePackage
from tests.cameras.evidence.authority import AuthorityServer, local_authority
from tests.cameras.footage.parcels import fetched, folder_of, manifest_of, packed, verdict
from tests.cameras.footage.street import Street
from tests.pdfs import pages_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[AuthorityServer]:
    one = AuthorityServer(local_authority())
    settings.CONFIG = replace(settings.CONFIG, TSA_URL=one.url, TSA_CA_FILE=str(local_authority().root_file))
    yield one
    one.stop()


def paper_of(street: Street, package: EvidencePackage) -> str:
    record = handover.handover_of(street.dung, package.id, now=street.moment)
    return " ".join(" ".join(pages_text(handover.handover_paper(record))).split())


def test_its_token_leaves_with_it(filmed: Street, server: AuthorityServer, tmp_path: Path) -> None:
    package = packed(filmed, filmed.gate)
    assert manifest_of(package)["timestamp"] == {"authority": "127.0.0.1", "file": "manifest.tsr"}
    assert "Verification: OK" in local_authority().verify(folder_of(package))
    (note,) = [one for one in verify.Check(verify.Package(str(folder_of(package)))).run().notes if "time stamp" in one]
    at = note.removeprefix("time stamp: ")[:19]
    assert f"{at[14:19]} ngày" in paper_of(filmed, package) and "do 127.0.0.1 cấp" in paper_of(filmed, package)
    archive = tmp_path / "goi.zip"
    archive.write_bytes(fetched(filmed, package))
    assert "manifest.tsr" in zipfile.ZipFile(BytesIO(archive.read_bytes())).namelist()
    assert verdict(archive) == 0 and len(server.asked) == 1


def test_a_stick_has_it_too(filmed: Street, server: AuthorityServer, tmp_path: Path) -> None:
    package = packed(filmed, filmed.gate)
    (tmp_path / "stick").mkdir()
    folder = stick.package_copy(package.id, tmp_path / "stick", now=filmed.moment)
    assert (folder / "manifest.tsr").read_bytes() == (folder_of(package) / "manifest.tsr").read_bytes()
    assert verdict(folder) == 0


def test_an_authority_that_does_not_answer_stops_nobody(
    filmed: Street, server: AuthorityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timestamping, "WAITS_S", (0.0, 0.0, 0.0))
    server.answers = lambda _body, _handler: (503, b"")
    package = packed(filmed, filmed.gate)
    assert len(server.asked) == 3 and verdict(folder_of(package)) == 0
    assert manifest_of(package)["timestamp"] == {"authority": "127.0.0.1", "file": None, "reason": "no_answer"}
    assert "không có, 127.0.0.1 không trả lời" in paper_of(filmed, package)


def test_without_one_nothing_is_said_of_it(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    assert manifest_of(package)["timestamp"] is None and "Dấu thời gian" not in paper_of(filmed, package)
