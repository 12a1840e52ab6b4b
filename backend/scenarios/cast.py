"""The people and places of a story, each made by the verb that makes it for anybody.

Names are those of places and offices; nobody here is a person.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.scenarios.replay import Replay
from neighborhoods import access, accounts, codes, devices, households, legal, official, places, roles, sessions
from neighborhoods.access import Actor, Grant, Role
from neighborhoods.models import Account, Household, LegalRecord, Neighborhood, Ward

BEFORE_2025 = 90_001
"""Five digits that no commune has: wards of before July 2025, and those of another country, get codes from here on."""


def administrator() -> Actor:
    """Who sets places up. The audit says that it was a story."""
    return access.system("scenario", Grant(Role.ADMINISTRATOR))


def leader(place: Neighborhood) -> Actor:
    """A leader without a name, where the act asks for none."""
    return replace(
        access.system("scenario", Grant(Role.LEADER, neighborhood_id=place.id)),
        neighborhood_id=place.id, ward_id=place.ward_id,
    )  # fmt: skip


def wards(replay: Replay, names: Sequence[str], *, province: tuple[str, str]) -> list[Ward]:
    """Wards of the time, under codes that are no commune's."""

    def make(index: int, name: str) -> Ward:
        return places.ward_create(
            actor=administrator(), code=str(BEFORE_2025 + index), name=name, province_code=province[0],
            province_name=province[1], now=replay.at(0),
        )  # fmt: skip

    return replay.each("wards", names[: replay.count("households.wards")], make)


def official_wards(replay: Replay, province_code: str) -> list[Ward]:
    """Today's wards of a province, under their official codes."""
    found = [one for one in official.wards() if one.province.code == province_code]
    chosen = found[: replay.count("households.wards")]
    return replay.each("wards", chosen, lambda _n, one: official_ward(one, now=replay.at(0)))


def official_ward(one: official.OfficialWard, *, now: datetime) -> Ward:
    return places.ward_create(
        actor=administrator(), code=one.code, name=one.name, province_code=one.province.code,
        province_name=one.province.name, now=now,
    )  # fmt: skip


def neighborhoods(replay: Replay, inside: Sequence[Ward], count: int, name: str = "Tổ dân phố") -> list[Neighborhood]:
    """``count`` of them, dealt to the wards in turn, each with its legal record signed."""

    def make(index: int, ward: Ward) -> Neighborhood:
        return neighborhood(ward, f"{name} {index // len(inside) + 1}", now=replay.at(0))

    return replay.each("neighborhoods", [inside[n % len(inside)] for n in range(count)], make)


def neighborhood(ward: Ward, name: str, *, now: datetime) -> Neighborhood:
    place = places.neighborhood_create(actor=administrator(), ward_id=ward.id, name=name, now=now)
    sign(place, now=now)
    return place


def sign(place: Neighborhood, *, now: datetime) -> None:
    """Nothing is recorded before somebody has signed who answers for it."""
    facts = legal.Facts(
        controller=LegalRecord.Controller.BOARD,
        controller_name=f"Ban tự quản {place.name}",
        processor_name="Máy chủ Mắt Phố",
        purposes=("security", "traffic"),
        retention_days=7,
        contact=f"Tổ trưởng {place.name}",
    )
    legal.legal_sign(
        actor=leader(place), neighborhood_id=place.id, facts=facts, signed_name="Tổ trưởng", sure=True, now=now
    )


def staff(
    role: Role, name: str, *, place: Neighborhood | None = None, ward: Ward | None = None, now: datetime
) -> Actor:
    """Somebody with an account of their own and a role: acts that ask who did them get an answer."""
    account = accounts.account_create(
        actor=administrator(), username=f"{role}-{Account.objects.count() + 1}", password=secrets.token_urlsafe(16),
        display_name=name, now=now,
    )  # fmt: skip
    granted = roles.role_grant(
        actor=administrator(), account_id=account.id, role=role, now=now, neighborhood_id=place.id if place else None,
        ward_id=ward.id if ward else None,
    )  # fmt: skip
    return Actor(
        pseudonym=f"account:{account.id}",
        grants=(Grant(role, ward_id=granted.ward_id, neighborhood_id=granted.neighborhood_id),),
        account_id=account.id,
        neighborhood_id=granted.neighborhood_id,
        ward_id=place.ward_id if place else granted.ward_id,
    )


@dataclass(frozen=True, slots=True)
class Home:
    """A household and its phone, let in by a code of its own."""

    household: Household
    phone: Actor


def homes(replay: Replay, where: Sequence[Neighborhood], *, begins: float, ends: float) -> list[Home]:
    """A household in each of ``where``: it comes, gets its code on paper, and a day later lets a phone in.

    Letting in counts wrong guesses, which must outlive a failure: it stands in no transaction of others.
    """
    of = len(where)

    def arrive(index: int, place: Neighborhood) -> tuple[Household, str]:
        number, leads, now = index + 1, leader(place), replay.during(begins, ends, index, of)
        household = households.household_create(
            actor=leads, neighborhood_id=place.id, name=f"Hộ số {number}", address=f"Số {number} đường {place.code}",
            now=now,
        )  # fmt: skip
        return household, codes.code_issue(actor=leads, household_id=household.id, now=now).typed

    def let_in(index: int, each: tuple[Household, str]) -> Home:
        now = replay.during(begins, ends, index, of) + timedelta(days=1)
        redeemed = sessions.session_redeem(
            code=each[1], device_name="Điện thoại", source=f"203.0.113.{index % 250 + 1}", now=now
        )
        phone = devices.actor_for(redeemed.device, now=now)
        if phone is None:
            raise RuntimeError(f"the phone of household {index + 1} was let in and counts for nobody")
        return Home(each[0], phone)

    return replay.each("phones", replay.each("households", where, arrive), let_in, together=False)
