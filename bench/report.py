"""What every benchmark prints: a table for people, and at the end one line of JSON for machines."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """Rows as they come, then ``finish``. ``columns`` are (key, heading, format) of a row's values."""

    name: str
    columns: Sequence[tuple[str, str, str]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self, **values: Any) -> None:
        self.rows.append(values)

    def check(self, what: str, value: float, limit: float, *, at_most: bool, aim: float | None = None) -> None:
        """A figure with the limit it must keep (and one to aim for)."""
        held = value <= limit if at_most else value >= limit
        self.checks.append({"what": what, "value": value, "limit": limit, "at_most": at_most, "aim": aim, "held": held})

    def note(self, text: str) -> None:
        self.notes.append(text)

    @property
    def held(self) -> bool:
        return all(check["held"] for check in self.checks)

    def finish(self) -> int:
        """Print everything; 0 where every check held, 1 otherwise."""
        print(self.table())
        for check in self.checks:
            print(_verdict(check))
        for note in self.notes:
            print(f"note   {note}")
        found = {
            "bench": self.name, "held": self.held, "rows": self.rows, "checks": self.checks, "notes": self.notes,
            "machine": {"python": platform.python_version(), "kernel": platform.release(), "cores": _cores()},
        }  # fmt: skip
        print(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
        sys.stdout.flush()
        return 0 if self.held else 1

    def table(self) -> str:
        lines = [[heading for _, heading, _ in self.columns]]
        for row in self.rows:
            lines.append([_cell(row.get(key), form) for key, _, form in self.columns])
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        out = []
        for line in lines:
            cells = [
                cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
            ]
            out.append("  ".join(cells).rstrip())
        out.insert(1, "-" * len(out[0]))
        return "\n".join(out)


def _verdict(check: dict[str, Any]) -> str:
    word, sign = "held  " if check["held"] else "MISSED", "<=" if check["at_most"] else ">="
    aim = "" if check["aim"] is None else f" (aim {check['aim']:g})"
    return f"{word} {check['what']}: {check['value']:.4g} {sign} {check['limit']:g}{aim}"


def _cell(value: Any, form: str) -> str:
    return "" if value is None else format(value, form)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")
