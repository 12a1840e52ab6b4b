"""From a template to an answer, with what every page shows: who watches, where, and the sentences its scripts say."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.pages.alerting import alerting_of
from backend.pages.sentences import script_sentences
from neighborhoods.access import Action, Actor
from neighborhoods.models import Account, Neighborhood


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    actor: Actor | None = getattr(request, "actor", None)
    shared = {
        "actor": actor,
        "viewer_name": viewer_name(actor),
        "place_name": place_name(actor),
        "alerting": alerting_of(actor),
        "watches": actor is not None and actor.may(Action.SEE_CAMERAS),
        "manages_roles": actor is not None and actor.may(Action.MANAGE_ROLES),
        "funds": actor is not None and actor.may(Action.SEE_FUND),
        "leads": actor is not None and actor.may(Action.SEE_HOUSEHOLDS),
        "tabs": tabs_of(actor),
        "owns": actor is not None and actor.may(Action.MANAGE_OWN_DATA),
        "handles": actor is not None and actor.may(Action.HANDLE_DATA_REQUESTS),
        "answers": actor is not None and actor.account_id and actor.may(Action.READ_FOOTAGE_REQUESTS),
        "asks_after": actor is not None and actor.account_id and actor.may(Action.SEE_ODD_USES),
        "on_duty": actor is not None and actor.may(Action.SEE_ROOM),
        "reads_cases": actor is not None and actor.may(Action.SEE_CASES),
        "pairs": actor is not None and actor.may(Action.MANAGE_WALLS),
        "reads_record": actor is not None and actor.may(Action.SEE_LEGAL_RECORD),
        "audits": actor is not None and actor.may(Action.SEE_AUDIT),
        "counts": actor is not None and actor.may(Action.SEE_STATISTICS),
        "words": script_sentences(),
    }
    return render(request, f"pages/{template}", shared | (context or {}), status=status)


def tabs_of(actor: Actor | None) -> dict[str, Any]:
    """Which of the leading tabs this phone has, and where the fund's leads: to the desk of who keeps it."""
    if actor is None:
        return {}
    return {
        "overview": actor.may(Action.SEE_WATCHING_NOW),
        "health": actor.may(Action.SEE_HOUSEHOLDS) and actor.may(Action.SEE_CAMERA_DETAILS),
        "fund": "pages:fund-desk" if actor.may(Action.TEND_FUND) else "pages:fund",
    }


def viewer_name(actor: Actor | None) -> str:
    """What is laid over the picture: the household's name, or the staff member's."""
    if actor is None:
        return ""
    if actor.account_id is None:
        return actor.household_name
    account = Account.objects.filter(id=actor.account_id).first()
    return str(account) if account else ""


def place_name(actor: Actor | None) -> str:
    if actor is None or actor.neighborhood_id is None:
        return ""
    return Neighborhood.objects.filter(id=actor.neighborhood_id).values_list("name", flat=True).first() or ""
