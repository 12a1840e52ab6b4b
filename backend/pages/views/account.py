"""One's own account, for whoever signs in with a password: how one signs in, and in which browsers."""

from typing import NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from backend.pages.rolewords import held_of
from neighborhoods import factors
from neighborhoods.access import Action
from neighborhoods.devices import devices_of
from neighborhoods.models import Account


class Way(NamedTuple):
    """A second step as the page lists it."""

    factor: factors.Factor
    name: str
    icon: str


@ensure_csrf_cookie
@page(action=Action.SEE_SELF)
def account(request: PageRequest) -> HttpResponse:
    """A household's phone has no account: there is nothing here for it."""
    if request.actor.account_id is None:
        raise Absent()
    moment, account_id = now(), request.actor.account_id
    ways = [_way(factor) for factor in factors.factors_of(account_id)]
    context = {
        "section": "account",
        "account": Account.objects.get(id=account_id),
        "held": held_of(account_id, now=moment),
        "ways": ways,
        "has_app": any(way.factor.kind == factors.Kind.TOTP for way in ways),
        "codes_left": factors.codes_left(account_id),
        "browsers": devices_of(request.actor, now=moment),
    }
    return render_page(request, "account.html", context)


def _way(factor: factors.Factor) -> Way:
    if factor.kind == factors.Kind.TOTP:
        return Way(factor, _("App with six digits"), "phone")
    return Way(factor, _("Fingerprint, face or key: %(name)s") % {"name": factor.name}, "finger")
