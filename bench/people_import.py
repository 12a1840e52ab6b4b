"""``make bench-people-import``: 500 households from an XLSX, read, looked through and put in, on either database.

Each database runs in a process of its own, for Django takes its settings once; PostgreSQL is the tests' own. Times are
of the verbs, the file's parsing and every commit included.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from bench.report import Report, median

HOUSEHOLDS, LIMIT_S = 500, 5.0
COLUMNS = [
    ("database", "database", "s"), ("households", "households", "d"), ("people", "people", "d"),
    ("read_s", "read and look s", ".2f"), ("apply_s", "put in s", ".2f"), ("again_s", "look again s", ".2f"),
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgres"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.database:
        print(json.dumps(_measure(options.households, options.rounds)))
        return 0
    report = Report("people_import", COLUMNS)
    for database in ("sqlite", "postgres"):
        row = _in_a_process(database, options.households, options.rounds)
        report.row(database=database, **row)
        report.check(f"{database}: {options.households} households, s", row["read_s"] + row["apply_s"], LIMIT_S,
                     at_most=True)  # fmt: skip
    return report.finish()


def _in_a_process(database: str, households: int, rounds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.people_import", "--database", database, "--households", str(households),
               "--rounds", str(rounds)]  # fmt: skip
    environment = {**os.environ, "TEST_DB": database, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _measure(households: int, rounds: int) -> dict[str, Any]:
    """Medians of ``rounds``, each into a neighborhood of its own."""
    import django  # noqa: PLC0415  (settings are the child's)

    django.setup()
    from bench.rig.importscene import importing, tables  # noqa: PLC0415

    with tables():
        times = [importing(number, households) for number in range(rounds)]
    middle = {name: median([one[name] for one in times]) for name in ("read_s", "apply_s", "again_s")}
    return {"households": households, "people": times[0]["people"], **middle}


if __name__ == "__main__":
    sys.exit(main())
