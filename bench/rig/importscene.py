"""A neighborhood and a list for it, on the database of this process; the list put in, with its times."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from backend.lib.tables import write_xlsx
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import Household, Neighborhood, Ward
from neighborhoods.people_import import import_apply, import_read
from tests.servers import Postgres

HEADINGS = ["Số nhà", "Ngõ", "Đường", "Chủ hộ", "Điện thoại", "Thành viên"]


@contextmanager
def tables() -> Iterator[None]:
    """The product's tables in a database of its own, gone afterwards."""
    server = Postgres(settings.CONFIG.data_dir) if connection.vendor == "postgresql" else None
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        if server is not None:
            server.stop()
        shutil.rmtree(settings.CONFIG.data_dir, ignore_errors=True)


def importing(number: int, households: int) -> dict[str, float]:
    """Read, put in, and read again; seconds of each."""
    ward, _made = Ward.objects.get_or_create(code="00691", name="Phường Hà Giang 2", province_code="08")
    place = Neighborhood.objects.create(ward=ward, code=f"00691-T{number}", selector=f"HG{number}", name=f"Tổ {number}")
    actor = system("bench", Grant(Role.LEADER, neighborhood_id=place.id))
    data, moment = _list(households), datetime.now(UTC)
    begun = time.monotonic()
    found = import_read(actor=actor, neighborhood_id=place.id, data=data, name="hộ.xlsx", now=moment)
    read = time.monotonic()
    result = import_apply(actor=actor, import_id=found.id, now=moment)
    applied = time.monotonic()
    again = import_read(actor=actor, neighborhood_id=place.id, data=data, name="hộ.xlsx", now=moment)
    looked = time.monotonic()
    assert (result["added"], again.same, again.refused) == (households, households, 0)
    assert Household.objects.filter(neighborhood=place).count() == households
    return {
        "read_s": read - begun, "apply_s": applied - read, "again_s": looked - applied, "people": result["people"],
    }  # fmt: skip


def _list(households: int) -> bytes:
    rows = [
        [str(n + 1), str(n % 40 + 1), "Nguyễn Huệ", f"Nguyễn Văn Số {n}", 912_000_000 + n, f"Vợ Số {n}; Con Số {n}"]
        for n in range(households)
    ]
    return write_xlsx(HEADINGS, rows, "Danh sách hộ")
