"""The named cast. An lives in tổ 7, Bình leads it, Cúc lives in tổ 8, Dũng is an officer, Hoa keeps the fund.

Rows are written directly, so that a broken verb breaks its own test and not every other one.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from neighborhoods.access import Role
from neighborhoods.models import (
    AccessCode,
    Account,
    Device,
    Household,
    LegalRecord,
    Member,
    Neighborhood,
    RoleGrant,
    Ward,
)

YEAR = timedelta(days=365)


@dataclass
class Person:
    """Somebody with a device. ``token`` is what their phone or browser holds."""

    device: Device
    token: str
    household: Household | None = None
    member: Member | None = None
    account: Account | None = None

    @property
    def bearer(self) -> dict[str, str]:
        """Headers for Django's test clients: ``client.get(url, **an.bearer)``."""
        return {"HTTP_AUTHORIZATION": f"Bearer {self.token}"}


@dataclass
class Cast:
    ward: Ward
    place: Neighborhood
    other_place: Neighborhood
    an: Person
    binh: Person
    cuc: Person
    dung: Person
    hoa: Person


def sign_record(place: Neighborhood) -> LegalRecord:
    """Who answers for the recordings there is signed, so that its cameras may be recorded."""
    place.legal_record = LegalRecord.objects.create(
        neighborhood=place, controller=LegalRecord.Controller.BOARD, controller_name="Ban tự quản", contact="Tổ trưởng",
        processor_name="Tổ", purposes=["security"], retention_days=7, sign_version=1, signed_name="Trần Thị Bình",
    )  # fmt: skip
    place.save(update_fields=["legal_record"])
    return place.legal_record


def token_pair() -> tuple[str, bytes]:
    """A device token and what is stored of it."""
    token = "mp_" + secrets.token_urlsafe(32)
    return token, hashlib.sha256(token.encode()).digest()


def make_cast() -> Cast:
    ward = Ward.objects.create(code="00691", name="Phường Hà Giang 2", province_code="08", province_name="Tuyên Quang")
    place = Neighborhood.objects.create(ward=ward, code="00691-T07", selector="HG7", name="Tổ dân phố 7")
    other = Neighborhood.objects.create(ward=ward, code="00691-T08", selector="HG8", name="Tổ dân phố 8")
    sign_record(place)
    sign_record(other)
    return Cast(
        ward=ward,
        place=place,
        other_place=other,
        an=make_resident(place, 12, "Hộ ông An", "Nguyễn Văn An"),
        binh=make_staff("binh", "Trần Thị Bình", Role.LEADER, place),
        cuc=make_resident(other, 3, "Hộ bà Cúc", "Lê Thị Cúc"),
        dung=make_staff("dung", "Phạm Dũng", Role.OFFICER, ward),
        hoa=make_staff("hoa", "Đỗ Thị Hoa", Role.TREASURER, place),
    )


def make_lan(cast: Cast) -> Person:
    """Lan sweeps the ward's streets: she raises alerts and does nothing else."""
    return make_staff("lan", "Lò Thị Lan", Role.STREET_WORKER, cast.ward)


def make_phuc(cast: Cast) -> Person:
    """Phúc is Bình's deputy in tổ 7."""
    return make_staff("phuc", "Hoàng Văn Phúc", Role.DEPUTY, cast.place)


def make_nga(cast: Cast) -> Person:
    """Nga is on duty in the ward's operations room."""
    return make_staff("nga", "Lý Thị Nga", Role.OPERATOR, cast.ward)


@dataclass
class School:
    """Hoa Sen, a kindergarten in tổ 7: its address with a code, as any has, and Thu, who answers for its cameras."""

    household: Household
    phone: Person
    thu: Person


def make_school(cast: Cast) -> School:
    phone = make_resident(cast.place, 40, "Trường mầm non Hoa Sen", "Văn phòng")
    assert phone.household
    return School(phone.household, phone, make_staff("thu", "Mai Thị Thu", Role.SCHOOL, phone.household))


def make_resident(place: Neighborhood, number: int, household_name: str, name: str) -> Person:
    household = Household.objects.create(
        neighborhood=place, number=number, name=household_name, address=f"Số {number}, {place.name}"
    )
    member = Member.objects.create(household=household, name=name)
    code = AccessCode.objects.create(
        neighborhood=place,
        household=household,
        typed_hmac=secrets.token_bytes(32),
        qr_hmac=secrets.token_bytes(32),
        slots_used=1,
        expires_at=timezone.now() + YEAR,
    )
    token, stored = token_pair()
    device = Device.objects.create(
        kind=Device.Kind.PHONE, name="Điện thoại", token_hash=stored, household=household, member=member, code=code,
        slot=1, expires_at=timezone.now() + YEAR,
    )  # fmt: skip
    return Person(device, token, household=household, member=member)


def make_staff(username: str, name: str, role: Role, where: Neighborhood | Ward | Household) -> Person:
    account = Account.objects.create_user(username=username, password=f"{username}-mat-khau-dai", display_name=name)
    RoleGrant.objects.create(
        account=account,
        role=role,
        neighborhood=where if isinstance(where, Neighborhood) else None,
        ward=where if isinstance(where, Ward) else None,
        household=where if isinstance(where, Household) else None,
        starts_at=timezone.now() - timedelta(days=1),
        ends_at=timezone.now() + 5 * YEAR,
    )
    token, stored = token_pair()
    device = Device.objects.create(
        kind=Device.Kind.STAFF, name="Trình duyệt", token_hash=stored, account=account,
        second_factor="totp", second_factor_at=timezone.now(), expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    return Person(device, token, account=account)
