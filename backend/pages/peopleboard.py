"""Who lives in a household and under which registrations, made ready for the leader's page of it."""

from typing import Any

from django.utils.translation import gettext as _

from backend.pages.page import PageRequest
from neighborhoods.access import Action
from neighborhoods.importing.notes import KINDS
from neighborhoods.models import Household


def people_of(request: PageRequest, household: Household) -> dict[str, Any]:
    """Only those who are there now; who has left is in nobody's way."""
    return {
        "people": household.members.filter(left_at=None).order_by("created_at", "id"),
        "registrations": [(one, _(KINDS[one.kind])) for one in household.registrations.filter(ended_at=None)],
        "registration_kinds": [(kind, _(words)) for kind, words in KINDS.items()],
        "manages_list": request.actor.may(Action.MANAGE_HOUSEHOLDS),
    }
