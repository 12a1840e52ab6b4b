"""The demonstration neighborhood: Hà Giang's tổ 7 with its 86 households, a leader, a treasurer, and the ward's
officers, operator and auditor.

Names and addresses are drawn from a fixed seed, so every installation shows the same street; people and addresses are
made up. Passwords, the keys of the second step and the household code are random per installation.
"""

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction

from backend.lib import totp
from neighborhoods import access, accounts, audit, codeforms, codes, factors, households, legal, people, places, roles
from neighborhoods.access import Actor, Grant, Role
from neighborhoods.models import AccessCode, Account, Household, LegalRecord, Neighborhood, Ward
from neighborhoods.neighborhood_changes import neighborhood_locate

# Hà Giang was a province (old code 02) until 2025-07-01; its wards are now in Tuyên Quang, code 08. Official codes are
# text and keep their zeros.
PROVINCE = ("08", "Tuyên Quang")
WARD = ("00691", "Phường Hà Giang 2")
SELECTOR, PLACE = "HG7", "Tổ dân phố 7"
MIDDLE = (22.8236, 104.9841)
HOUSEHOLDS = 86
CODE_FOR = timedelta(days=365)
CODE_HOUSEHOLD = 12
CODE_SLOTS = 30

STREETS = (("đường Nguyễn Trãi", 2, 118, 2), ("đường Trần Hưng Đạo", 31, 121, 2), ("ngõ 46 Nguyễn Trãi", 1, 40, 1))
"""Name, first and last house number, step: a street's even side, another's odd side, an alley."""
FAMILIES = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ",
    "Ngô", "Dương", "Lý", "Vàng", "Sùng", "Giàng", "Nông", "Triệu", "Lù", "Mai", "Hà",
)  # fmt: skip
MEN = (
    ("Văn", "Đức", "Quang", "Minh", "Hữu", "Xuân", "Công", "Ngọc"),
    (
        "An",
        "Bảo",
        "Cường",
        "Dũng",
        "Hải",
        "Hùng",
        "Khánh",
        "Long",
        "Nam",
        "Phong",
        "Quân",
        "Sơn",
        "Thắng",
        "Tùng",
        "Việt",
    ),
)
WOMEN = (
    ("Thị", "Thị", "Thị", "Thu", "Ngọc", "Thanh", "Kim", "Minh"),
    (
        "Bích",
        "Chi",
        "Dung",
        "Hạnh",
        "Hiền",
        "Hoa",
        "Hương",
        "Lan",
        "Liên",
        "Mai",
        "Nga",
        "Oanh",
        "Phượng",
        "Thảo",
        "Yến",
    ),
)


@dataclass(frozen=True, slots=True)
class StaffSignIn:
    role: Role
    name: str
    username: str
    password: str
    totp: str
    """The key of the second step, base32, from which whoever starts the product is shown the code of the moment."""

    def __repr__(self) -> str:
        return f"StaffSignIn({self.username}, …)"


@dataclass(frozen=True, slots=True)
class HouseholdCode:
    household: str
    typed: str

    def __repr__(self) -> str:
        return f"HouseholdCode({self.household}, …)"


@dataclass(frozen=True, slots=True)
class SignIns:
    """What the person at the terminal needs. The plain secrets exist here and in the file the command writes."""

    code: HouseholdCode | None
    """None where every household has moved away."""
    staff: tuple[StaffSignIn, ...]

    def __repr__(self) -> str:
        return "SignIns(…)"


STAFF = (
    (Role.LEADER, "Trần Thị Bình", "binh"), (Role.TREASURER, "Đỗ Thị Hoa", "hoa"), (Role.OFFICER, "Phạm Dũng", "dung"),
    (Role.SUPERVISOR, "Hoàng Văn Quyết", "quyet"), (Role.OPERATOR, "Lý Thị Nga", "nga"),
    (Role.AUDITOR, "Mai Thị Tâm", "tam"),
)  # fmt: skip


def administrator() -> Actor:
    """Who makes the demonstration. The audit says so."""
    return access.system("demonstration", Grant(Role.ADMINISTRATOR))


def demonstration_create(*, now: datetime) -> tuple[Neighborhood, SignIns]:
    """Make the neighborhood with everybody in it, and one household code. Raises ``Conflict`` where it is there."""
    actor = administrator()
    with transaction.atomic():
        place = _place(actor, now)
        staff = tuple(_staff(actor, place, role, name, username, now) for role, name, username in STAFF)
        rng = random.Random(7)  # noqa: S311  (made-up names, the same everywhere)
        for name, address, members in _families(rng):
            household = households.household_create(
                actor=leader(place), neighborhood_id=place.id, name=name, address=address, now=now
            )
            for member in members:
                people.member_create(actor=leader(place), household_id=household.id, name=member, now=now)
        demonstration_sign(place, now=now)
        return place, SignIns(demonstration_code(place, now=now), staff)


def demonstration_renew(place: Neighborhood, *, now: datetime) -> SignIns:
    """A new household code and new passwords, for a demonstration whose sign-ins were lost."""
    with transaction.atomic():
        staff = []
        for role, name, username in STAFF:
            account = Account.objects.filter(username=username).first()
            if account is None:  # made by an earlier version
                staff.append(_staff(administrator(), place, role, name, username, now))
                continue
            password = _password()
            account.set_password(password)
            account.save(update_fields=["password"])
            _record_password(account, now)
            Authenticator.objects.filter(user_id=account.id).delete()
            staff.append(StaffSignIn(role, name, username, password, _second_factor(account, now)))
        return SignIns(demonstration_code(place, now=now), tuple(staff))


def demonstration_sign(place: Neighborhood, *, now: datetime) -> None:
    """Its cameras are drawn, and nothing is recorded without a signed record all the same."""
    name = STAFF[0][1]
    facts = legal.Facts(
        controller=LegalRecord.Controller.BOARD,
        controller_name=f"Ban tự quản {place.name} (tổ mẫu)",
        processor_name="Máy chủ Mắt Phố của tổ mẫu",
        purposes=("security", "disaster"),
        retention_days=7,
        contact=f"Tổ trưởng {name}",
    )
    legal.legal_sign(
        actor=leader(place), neighborhood_id=place.id, facts=facts, signed_name=name, sure=True, now=now
    )  # fmt: skip


def second_factor_complete(username: str, *, now: datetime) -> str:
    """The key of the second step for an account from before there was one; empty where its owner set up their own."""
    account = Account.objects.filter(username=username).first()
    if account is None or factors.primary(account.id).exists():
        return ""
    return _second_factor(account, now)


def demonstration_code(place: Neighborhood, *, now: datetime) -> HouseholdCode | None:
    """A fresh code for the usual household, or for the first that lives there still; None where nobody does."""
    living = Household.objects.filter(neighborhood=place, left_at=None).order_by("number")
    household = living.filter(number=CODE_HOUSEHOLD).first() or living.first()
    if household is None:
        return None
    issued = codes.code_issue(
        actor=leader(place), household_id=household.id, now=now, slots=CODE_SLOTS, expires_at=now + CODE_FOR
    )
    return HouseholdCode(household.name, issued.typed)


def code_works(typed: str, *, now: datetime) -> bool:
    """Whether the code that was printed may still be redeemed: the leader may have taken it back."""
    return AccessCode.objects.filter(codes.redeemable(now), typed_hmac=codeforms.read(typed).digest).exists()


def find() -> Neighborhood | None:
    return Neighborhood.objects.select_related("ward").filter(selector=SELECTOR, ward__code=WARD[0]).first()


def leader(place: Neighborhood) -> Actor:
    """The actor under which the demonstration's leader would act."""
    account = Account.objects.filter(username=STAFF[0][2]).first()
    return Actor(
        pseudonym="system:demonstration",
        grants=(Grant(Role.LEADER, neighborhood_id=place.id),),
        account_id=account.id if account else None,
        neighborhood_id=place.id,
        ward_id=place.ward_id,
    )


def _place(actor: Actor, now: datetime) -> Neighborhood:
    code, name = WARD
    ward = Ward.objects.filter(code=code).first() or places.ward_create(
        actor=actor, code=code, name=name, province_code=PROVINCE[0], province_name=PROVINCE[1], now=now
    )
    made = places.neighborhood_create(actor=actor, ward_id=ward.id, name=PLACE, selector=SELECTOR, now=now)
    return neighborhood_locate(actor=actor, neighborhood_id=made.id, middle=MIDDLE, now=now)


def _staff(actor: Actor, place: Neighborhood, role: Role, name: str, username: str, now: datetime) -> StaffSignIn:
    password = _password()
    account = accounts.account_create(actor=actor, username=username, password=password, display_name=name, now=now)
    ward_id = place.ward_id if role in roles.IN_WARD else None
    roles.role_grant(
        actor=actor,
        account_id=account.id,
        role=role,
        ward_id=ward_id,
        neighborhood_id=None if ward_id else place.id,
        now=now,
    )
    return StaffSignIn(role, name, username, password, _second_factor(account, now))


def _second_factor(account: Account, now: datetime) -> str:
    key = totp.fresh_key()
    factors.totp_keep(account=account, secret=key, now=now)
    return key


def _families(rng: random.Random) -> Iterator[tuple[str, str, list[str]]]:
    """Name of the household, its address, its members; in house order, street by street."""
    houses = [f"{number} {street}" for street, first, last, step in STREETS for number in range(first, last + 1, step)]
    chosen = sorted(rng.sample(range(len(houses)), HOUSEHOLDS))
    for index in chosen:
        family = rng.choice(FAMILIES)
        man, woman = _name(rng, family, MEN), _name(rng, rng.choice(FAMILIES), WOMEN)
        head, title = (man, "ông") if rng.random() < 0.6 else (woman, "bà")
        members = [head, woman if head == man else man][: rng.choice((1, 2, 2))]
        members += [_name(rng, family, rng.choice((MEN, WOMEN))) for _child in range(rng.choice((0, 0, 1, 2)))]
        yield f"Hộ {title} {' '.join(head.split()[1:])}", f"Số {houses[index]}", members


def _name(rng: random.Random, family: str, given: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    return f"{family} {rng.choice(given[0])} {rng.choice(given[1])}"


def _password() -> str:
    """Twelve letters in threes, easily read from a terminal and typed on a phone: 50 bits."""
    letters = "".join(secrets.choice("abcdefghkmnpqrstuvwxyz") for _n in range(12))
    return "-".join(letters[start : start + 4] for start in range(0, 12, 4))


def _record_password(account: Account, now: datetime) -> None:
    audit.record(
        actor=administrator(),
        action="account.password_set",
        subject=("account", account.id),
        ward_id=None,
        neighborhood_id=None,
        now=now,
    )
