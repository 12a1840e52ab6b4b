"""A few days of acts, with a clock of their own and a key of their own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from neighborhoods import access, audit, audit_chain
from neighborhoods.auditing import heads, verify
from neighborhoods.auditing.export import export_lines

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
FINGERPRINT = verify.fingerprint(heads.public_of(KEY))
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
"""In Vietnam, of the first day."""
DAY = timedelta(days=1)
CLERK = access.system("test")


def acts(ward: UUID | None, count: int, at: datetime) -> None:
    for number in range(count):
        with transaction.atomic():
            audit.record(
                actor=CLERK, action="test.done", subject=("thing", uuid4()), ward_id=ward, neighborhood_id=None,
                data={"n": number, "words": "Ngõ 5"}, now=at,
            )  # fmt: skip


def exported(*chains: str, key: bytes = KEY, **how: object) -> list[bytes]:
    return list(export_lines(list(chains), key=key, now=NOON + 3 * DAY, **how))  # type: ignore[arg-type]


def faults_of(lines: list[bytes], *, keys: list[str] | None = None) -> list[str]:
    check = verify.Check().run(lines)
    check.expect([FINGERPRINT] if keys is None else keys)
    return check.faults


@pytest.fixture
def ward() -> UUID:
    return uuid4()


@pytest.fixture
def chain(ward: UUID) -> str:
    return audit.chain_of(ward)


@pytest.fixture
def three_days(db: None, ward: UUID, tmp_path: Path) -> list[str]:
    """Three entries the first day, two the second, one after the last head; the heads of two days are signed."""
    path = tmp_path / "audit-head.json"
    for day, count in enumerate((3, 2, 1)):
        acts(ward, count, NOON + day * DAY)
        if day < 2:
            report, faults = audit_chain.verify_and_sign(path, key=KEY, now=NOON + (day + 1) * DAY)
            assert (faults, report.faults) == ([], [])
    return [str(head) for head in heads.AuditHead.objects.values_list("day", flat=True)]
