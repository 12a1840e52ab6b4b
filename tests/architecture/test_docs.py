"""Docs are tested: every setting, error code and package is documented, and every documented one exists."""

import re
from pathlib import Path

import pytest

from backend import asgi  # noqa: F401  (loads every application, and with them every error class)
from backend.lib import errors
from backend.lib.config import ROOT, Config
from backend.setup import notices

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
SOURCES = [
    path for top in ("backend", "neighborhoods", "cameras", "notifications") for path in (ROOT / top).rglob("*.py")
]


def _first_cells(page: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", (DOCS / page).read_text(), re.MULTILINE)


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    assert sorted(_first_cells("settings.md")) == sorted(Config.__dataclass_fields__)


def test_no_setting_is_read_beside_the_config() -> None:
    """Our own knobs come through ``Config``; tests and benchmarks hand some to child processes by environment."""
    allowed = {"DJANGO_SETTINGS_MODULE", "PATH", "HOME", "LANG", "CI", "LOG_LEVEL", "MATPHO_SLOW_FSYNC_MS"}
    read = re.compile(r"os\.(?:environ\.get\(|environ\[|getenv\()\s*[\"']([A-Z_]+)[\"']")
    found = {name for path in SOURCES for name in read.findall(path.read_text())}
    assert found <= allowed


def _codes() -> set[str]:
    """Codes of all error classes that are loaded, and those that a raise names for itself."""
    families, declared = [errors.MatPhoError], set()
    while families:
        family = families.pop()
        families += family.__subclasses__()
        declared.add(family.code)
    raises = r"(?:raise |return |error = )[A-Za-z_]+\((?:[^()]|\([^()]*\))*?code=\"([a-z_]+)\""
    plain = r"_plain\(exc, \"([a-z_]+)\""
    for path in SOURCES:
        text = path.read_text()
        declared |= set(re.findall(raises, text)) | set(re.findall(plain, text))
    return declared


def test_every_error_code_is_documented() -> None:
    assert sorted(_codes() - set(_first_cells("errors.md"))) == []


def test_every_documented_error_code_exists() -> None:
    text = "".join(path.read_text() for path in SOURCES)
    assert [code for code in _first_cells("errors.md") if f'"{code}"' not in text] == []


def test_every_package_stands_in_the_notices() -> None:
    page = notices.PAGE.read_text()
    for name, version in notices.pinned((ROOT / "requirements.txt").read_text()):
        assert f"| {name} | {version} |" in page
    for name, version, _ in notices.scripts(ROOT / "package-lock.json"):
        assert f"| {name} | {version} |" in page


@pytest.mark.parametrize("page", ["README.md", *sorted(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md"))])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [*PAGES, *SOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_files_named_in_passing_exist(page: Path) -> None:
    tops = "backend|bench|cameras|deploy|docs|neighborhoods|notifications|tests"
    named = re.findall(rf"(?<![\w/.<-])((?:{tops})/[\w/.-]*?\.(?:py|md|txt|html|js|po))(?!\w)", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_make_target_in_the_docs_exists() -> None:
    made = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    named = {name for path in pages for name in re.findall(r"`make ([a-z][a-z-]*[a-z])`", path.read_text())}
    benches = {f"bench-{path.stem.replace('_', '-')}" for path in (ROOT / "bench").glob("*.py")}
    assert named - made - benches == set()
