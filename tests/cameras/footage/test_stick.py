"""A package on a stick: whole, read back, and counted as the one fetch."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backend.lib.errors import Conflict
from cameras.footage import links
from cameras.footage.stick import package_copy
from cameras.models import EvidencePackage, Extraction
from neighborhoods.models import AuditEntry
from tests.cameras.footage.parcels import fetched, packed, verdict
from tests.cameras.footage.street import Street

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(filmed: Street) -> EvidencePackage:
    return packed(filmed, filmed.gate)


def test_it_is_the_package_and_valid_and_counts(filmed: Street, package: EvidencePackage, tmp_path: Path) -> None:
    folder = package_copy(package.id, tmp_path, now=filmed.moment)
    assert verdict(folder) == 0
    package.refresh_from_db()
    assert package.handed_at == filmed.moment and Extraction.objects.count() == 1
    told = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert told[-2:] == ["footage.taken", "footage.handed_over"]
    with pytest.raises(Conflict) as refused:
        fetched(filmed, package)
    assert refused.value.code == "link_used"
    with pytest.raises(Conflict) as refused:
        package_copy(package.id, tmp_path / "again", now=filmed.moment)
    assert refused.value.code == "link_used"
    links.fetch_allow(actor=filmed.chief, package_id=package.id, now=filmed.moment)
    (tmp_path / "again").mkdir()
    assert verdict(package_copy(package.id, tmp_path / "again", now=filmed.moment)) == 0


def test_a_stick_that_loses_bytes_does_not_count_and_leaves_nothing(
    filmed: Street, package: EvidencePackage, tmp_path: Path, monkeypatch
) -> None:
    def lossy(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes()[:-1] + b"?")

    monkeypatch.setattr("cameras.footage.stick._copy", lossy)
    with pytest.raises(Conflict) as refused:
        package_copy(package.id, tmp_path / ".", now=filmed.moment)
    assert refused.value.code == "stick" and not list(tmp_path.glob("goi-hinh-*"))
    package.refresh_from_db()
    assert package.taken_at and not package.handed_at and not package.links.exists()


def test_two_sticks_at_once_are_two_fetches(filmed: Street, package: EvidencePackage, tmp_path: Path) -> None:
    """The second is begun while the first is copied, and ends first."""
    (tmp_path / "quick").mkdir()
    begun: list[Path] = []

    def meanwhile(name: str) -> None:
        if not begun:
            begun.append(tmp_path / "quick")
            package_copy(package.id, tmp_path / "quick", now=filmed.moment)

    with pytest.raises(Conflict) as refused:
        package_copy(package.id, tmp_path, now=filmed.moment, progress=meanwhile)
    assert refused.value.code == "link_used" and not list(tmp_path.glob("goi-hinh-*"))
    assert package.links.count() == 1


def test_the_command_says_what_is_wrong(package: EvidencePackage, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("footage_usb", package.id, tmp_path / "nowhere")
    EvidencePackage.objects.filter(id=package.id).update(removed_at=package.made_at)
    with pytest.raises(CommandError):
        call_command("footage_usb", package.id, tmp_path)
