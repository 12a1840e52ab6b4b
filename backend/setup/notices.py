"""Writes ``docs/third-party-notices.md`` from what is really installed: ``python -m backend.setup.notices``.

Covers the Python packages pinned in requirements.txt and the page scripts pinned in package-lock.json.
"""

import json
import re
from importlib import metadata
from pathlib import Path

from backend.lib.config import ROOT

PAGE = ROOT / "docs" / "third-party-notices.md"
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s\\;]+)", re.MULTILINE)


def pinned(requirements: str) -> list[tuple[str, str]]:
    """``(name, version)`` of every pin in a requirements text."""
    return _PINNED.findall(requirements)


def license_of(name: str) -> str:
    """What the package says of its own licence: the SPDX expression, else the field, else the classifier."""
    about = metadata.metadata(name).json
    if "license_expression" in about:
        return str(about["license_expression"])
    classifiers = [
        line.split("::")[-1].strip() for line in about.get("classifier", []) if line.startswith("License ::")
    ]  # fmt: skip
    stated = str(about.get("license", "")).strip().splitlines()
    if stated and len(stated[0]) < 60:
        return stated[0]
    return ", ".join(classifiers) or "see the package"


def scripts(lock: Path) -> list[tuple[str, str, str]]:
    """``(name, version, licence)`` of every page script; what only benchmarks use is not given to anybody."""
    packages = json.loads(lock.read_text())["packages"]
    return sorted(
        (path.removeprefix("node_modules/"), entry["version"], entry.get("license", "see the package"))
        for path, entry in packages.items()
        if path and not entry.get("dev")
    )


def page() -> str:
    lines = [
        "# Third-party notices",
        "",
        "Made by `make notices` from the pinned files; a test fails when a package is missing here.",
        "",
        "## Python packages",
        "",
        "| package | version | licence |",
        "| --- | --- | --- |",
    ]
    for name, version in pinned((ROOT / "requirements.txt").read_text()):
        lines.append(f"| {name} | {version} | {license_of(name)} |")
    lines += ["", "## Page scripts", "", "| package | version | licence |", "| --- | --- | --- |"]
    lines += [f"| {name} | {version} | {licence} |" for name, version, licence in scripts(ROOT / "package-lock.json")]
    lines += ["", "GPL libraries inside media wheels: [gpl-in-media-wheels.md](gpl-in-media-wheels.md).", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
