"""Who does what in the neighborhood ("Phân công"), and the page of whoever was invited. The API acts; these show."""

from datetime import datetime
from typing import NamedTuple

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.public import PUBLIC
from backend.pages.page import OpenRequest, PageRequest, page
from backend.pages.render import render_page
from backend.pages.rolewords import Held, held, place_words, role_words
from cameras.models import Camera
from neighborhoods import roles
from neighborhoods.access import Action, Actor, Role, reach
from neighborhoods.invitations import invitations_for
from neighborhoods.models import Account, Household, Invitation, Neighborhood, RoleGrant, Ward

MOST_PLACES = 500


class Row(NamedTuple):
    held: Held
    mine: bool
    acts: bool
    """Whether the reader may end it, hand it over, help its holder."""
    ends_soon: bool
    successors: list[Account]
    """Who helps there already, to whom it can pass at once."""


class Invited(NamedTuple):
    invitation: Invitation
    word: str
    place: str


@ensure_csrf_cookie
@page(action=Action.MANAGE_ROLES)
def roles_page(request: PageRequest) -> HttpResponse:
    moment, actor = now(), request.actor
    everywhere = roles.manages_all(actor)
    open_ones = invitations_for(actor).filter(used_at=None, revoked_at=None, expires_at__gt=moment)
    words, schools = role_words(), _schools() if everywhere else []
    context = {
        "section": "roles",
        "rows": _rows(actor, moment),
        "invited": [Invited(one, words.get(Role(one.role), one.role), place_words(one)) for one in open_ones],
        "everywhere": everywhere,
        "choices": [
            (role, word)
            for role, word in words.items()
            if (everywhere or role in roles.HELPERS) and (schools or role not in roles.IN_HOUSEHOLD)
        ],
        "in_ward": roles.IN_WARD,
        "in_neighborhood": roles.IN_NEIGHBORHOOD,
        "in_household": roles.IN_HOUSEHOLD,
        "schools": schools,
        "neighborhoods": _neighborhoods(actor),
        "wards": Ward.objects.filter(neighborhoods__isnull=False).distinct()[:MOST_PLACES] if everywhere else [],
    }
    return render_page(request, "leader/roles.html", context)


@ensure_csrf_cookie
@page(action=PUBLIC)
def invite(request: OpenRequest) -> HttpResponse:
    """The link's secret is in the fragment; the page's script asks what it is worth."""
    return render_page(request, "invite.html", {"role_words": {str(role): word for role, word in role_words().items()}})


def _rows(actor: Actor, moment: datetime) -> list[Row]:
    living = roles.roles_for(actor).filter(starts_at__lte=moment, ends_at__gt=moment, ended_at=None)
    grants = list(living.order_by("neighborhood__name", "starts_at"))
    return [_row(actor, grant, grants, moment) for grant in grants]


def _row(actor: Actor, grant: RoleGrant, grants: list[RoleGrant], moment: datetime) -> Row:
    mine = grant.account_id == actor.account_id
    near = {
        other.account_id: other.account for other in grants
        if other.neighborhood_id == grant.neighborhood_id
        and other.account_id not in (grant.account_id, actor.account_id)
    }  # fmt: skip
    return Row(
        held=held(grant),
        mine=mine,
        acts=mine or roles.manages_all(actor) or grant.role in roles.HELPERS,
        ends_soon=grant.ends_at <= moment + roles.ENDS_SOON,
        successors=list(near.values()) if grant.neighborhood_id else [],
    )


def _schools() -> list[Household]:
    """The addresses that own a school's camera: whose staff can be invited."""
    owners = Household.objects.filter(cameras__ownership=Camera.Ownership.SCHOOL, left_at=None).distinct()
    return list(owners.select_related("neighborhood").order_by("name")[:MOST_PLACES])


def _neighborhoods(actor: Actor) -> list[Neighborhood]:
    rows = Neighborhood.objects.order_by("code")
    if not roles.manages_all(actor):
        rows = rows.filter(id__in=reach(actor, Action.MANAGE_ROLES).neighborhood_ids)
    return list(rows[:MOST_PLACES])
