"""The first start of an empty installation: a one-time link makes its first administrator, ward, neighborhood, leader.

The supervisor prints the link where ``DEMO=0`` and nobody can sign in yet. It works once, for a day, and only while
there is no administrator; a newer link kills the older ones.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from neighborhoods import access, accounts, audit, places, roles, tokens
from neighborhoods.access import Grant, Role
from neighborhoods.models import Account, Neighborhood, RoleGrant, SetupLink, Ward

T = TypeVar("T")

LINK_LIFETIME = timedelta(hours=24)

# Fields as the verbs name them → as the one form of set-up does.
LEADER_FIELDS = {name: f"leader.{name}" for name in ("username", "password", "display_name")}
WARD_FIELDS = {"code": "ward_code", "name": "ward_name"}
NEIGHBORHOOD_FIELDS = {"name": "neighborhood_name"}


@dataclass(frozen=True, slots=True)
class SetupIssued:
    """The link's secret, which exists nowhere else: it goes into the page's path or fragment, never a query."""

    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "SetupIssued(…)"


@dataclass(frozen=True, slots=True)
class NewAccount:
    username: str
    password: str
    display_name: str

    def __repr__(self) -> str:
        return f"NewAccount({self.username}, …)"


@dataclass(frozen=True, slots=True)
class NewPlace:
    ward_code: str
    ward_name: str
    province_code: str
    province_name: str
    neighborhood_name: str
    selector: str | None = None


@dataclass(frozen=True, slots=True)
class SetUp:
    administrator: Account
    leader: Account
    ward: Ward
    neighborhood: Neighborhood


class SetupLinkRefused(BadInput):
    code, title = "setup_link", "This set-up link does not work"


def needed() -> bool:
    """Whether nobody has ever been made an administrator."""
    return not RoleGrant.objects.filter(role=Role.ADMINISTRATOR).exists()


def setup_link_issue(*, now: datetime) -> SetupIssued | None:
    """A fresh link, which kills older ones; None where an administrator is already there."""
    with transaction.atomic():
        if not needed():
            return None
        SetupLink.objects.filter(used_at=None).delete()
        token = secrets.token_urlsafe(32)
        link = SetupLink.objects.create(
            token_hash=tokens.hash_of(token), created_at=now, expires_at=now + LINK_LIFETIME
        )
        audit.record(
            actor=access.system("setup"),
            action="setup.link_issued",
            subject=("setup", link.id),
            ward_id=None,
            neighborhood_id=None,
            now=now,
        )
    return SetupIssued(token, link.expires_at)


def setup_link_works(token: str, *, now: datetime) -> bool:
    """For the page: whether it makes sense to fill the form in."""
    links = SetupLink.objects.filter(token_hash=tokens.hash_of(token), used_at=None, expires_at__gt=now)
    return needed() and links.exists()


def setup_complete(
    *, token: str, administrator: NewAccount, place: NewPlace, now: datetime, leader: NewAccount | None = None
) -> SetUp:
    """Use the link: all is made, or nothing. Without ``leader`` the administrator leads the neighborhood too.

    Raises ``SetupLinkRefused`` for a link that is unknown, used or too old, ``BadInput`` with every field of the form
    that is wrong, ``Conflict`` where a name or code is taken.
    """
    actor = access.system("setup", Grant(Role.ADMINISTRATOR))
    with transaction.atomic():
        links = SetupLink.objects.filter(token_hash=tokens.hash_of(token), used_at=None, expires_at__gt=now)
        if not links.update(used_at=now) or not needed():
            raise SetupLinkRefused(
                _(
                    "This set-up link was used, is too old or was replaced. "
                    "If set-up is still to be done, a restart prints a new one."
                )
            )
        form = _Form()
        admin = form.take(lambda: _account(actor, administrator, now))
        head = form.take(lambda: _account(actor, leader, now), LEADER_FIELDS) if leader else admin
        ward = form.take(lambda: _ward(actor, place, now), WARD_FIELDS)
        neighborhood = form.take(lambda: _neighborhood(actor, ward, place, now), NEIGHBORHOOD_FIELDS) if ward else None
        if admin is None or head is None or ward is None or neighborhood is None:
            raise BadInput(_("Some fields are not valid."), fields=form.mistakes)
        roles.role_grant(actor=actor, account_id=admin.id, role=Role.ADMINISTRATOR, now=now)
        roles.role_grant(actor=actor, account_id=head.id, role=Role.LEADER, neighborhood_id=neighborhood.id, now=now)
    return SetUp(admin, head, ward, neighborhood)


class _Form:
    """Runs the verbs behind one form and gathers what each finds wrong, under the form's own names."""

    def __init__(self) -> None:
        self.mistakes: dict[str, list[str]] = {}

    def take(self, make: Callable[[], T], names: Mapping[str, str] = {}) -> T | None:
        """What ``make`` makes, or None where its input was wrong; half of it is never left behind."""
        try:
            with transaction.atomic():
                return make()
        except BadInput as error:
            self.mistakes |= {names.get(field, field): list(texts) for field, texts in error.fields.items()}
            return None


def _ward(actor: access.Actor, place: NewPlace, now: datetime) -> Ward:
    return places.ward_create(
        actor=actor,
        code=place.ward_code,
        name=place.ward_name,
        province_code=place.province_code,
        province_name=place.province_name,
        now=now,
    )


def _neighborhood(actor: access.Actor, ward: Ward, place: NewPlace, now: datetime) -> Neighborhood:
    return places.neighborhood_create(
        actor=actor, ward_id=ward.id, name=place.neighborhood_name, selector=place.selector, now=now
    )


def _account(actor: access.Actor, wanted: NewAccount, now: datetime) -> Account:
    return accounts.account_create(
        actor=actor,
        username=wanted.username,
        password=wanted.password,
        display_name=wanted.display_name,
        now=now,
    )
