"""What the walk needs of data requests, walls and the legal record: An's request, a screen in tổ 7, one that waits."""

import uuid
from datetime import timedelta

from django.utils import timezone

from neighborhoods import codeforms
from neighborhoods.models import DataRequest, Device, WallPairing
from tests.cast import Cast, Person, token_pair

USER_CODE = "BCDF-GHJK"

RECORD = {
    "controller": "board", "controller_name": "Ban tự quản", "processor_name": "Tổ", "purposes": ["security"],
    "retention_days": 7, "contact": "Tổ trưởng", "signed_name": "Trần Thị Bình", "sure": True,
}  # fmt: skip


def make_wall(cast: Cast, name: str = "Nhà ông Tư") -> Person:
    """A shared screen of tổ 7's. It is nobody's."""
    token, stored = token_pair()
    device = Device.objects.create(
        kind=Device.Kind.WALL, name=name, token_hash=stored, neighborhood=cast.place,
        expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    return Person(device, token)


def make_own(cast: Cast) -> dict[str, uuid.UUID]:
    moment = timezone.now()
    WallPairing.objects.create(
        device_hash=b"d" * 32, user_hmac=codeforms.digest("wall", USER_CODE.replace("-", "")), source="x",
        expires_at=moment + timedelta(minutes=10),
    )  # fmt: skip
    asked = DataRequest.objects.create(
        neighborhood=cast.place, household=cast.an.household, member=cast.an.member, kind=DataRequest.Kind.DELETE,
        answer_due=moment.date() + timedelta(days=2), finish_due=moment.date() + timedelta(days=15),
    )  # fmt: skip
    return {"request_id": asked.id, "wall_id": make_wall(cast, "Nhà văn hoá").device.id}
