"""Footage requests in whole words."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cameras.models import FootageAsk, FootageRequest


def kinds() -> dict[str, str]:
    return {"voluntary": _("A request: the owner decides"), "demand": _("A legal demand")}


def bases() -> dict[str, str]:
    return {
        "criminal": _("Criminal case"),
        "administrative": _("Administrative case"),
        "traffic": _("Traffic accident or offence"),
        "missing_person": _("Somebody is missing"),
        "disaster": _("Fire, flood and other disasters"),
    }


def reasons() -> dict[str, str]:
    """``Extraction.Reason``."""
    return {
        "vehicle": _("Which vehicle it was, and where it went"),
        "person": _("Who was there, and where they went"),
        "sequence": _("What happened, and in which order"),
        "time_place": _("When and where it was"),
        "statement": _("Whether a statement holds"),
        "search": _("Looking for what is missing"),
    }


def case_kinds() -> dict[str, str]:
    """``Case.Kind``."""
    return {
        "theft": _("Theft"),
        "traffic": _("Traffic accident or offence"),
        "assault": _("Assault"),
        "fire": _("Fire"),
        "missing_person": _("Somebody is missing"),
        "public_order": _("Public order"),
        "fraud": _("Fraud"),
        "other": _("Something else"),
    }


def deliveries() -> dict[str, str]:
    return {"copy": _("To take a copy along"), "view": _("Only to look at it")}


def limits() -> dict[str, str]:
    """``FootageRequest.over_limits``."""
    return {
        "window": _("more than two hours"),
        "area": _("a large area"),
        "cameras": _("many cameras"),
        "off_duty": _("asked at night"),
        "urgent": _("life in danger"),
    }


def said(ask: FootageAsk) -> str:
    """What became of one camera, to who decides about it."""
    if ask.state == FootageAsk.State.DENIED:
        return _("You did not agree")
    return {
        "approved": _("You agreed"),
        "narrowed": _("You agreed to a part"),
        "served": _("Confirmed"),
        "urgent": _("Released at once: life in danger"),
    }.get(ask.how, "")


def package_states() -> dict[str, str]:
    """``footage.packages.State``."""
    return {
        "making": _("being made"),
        "failed": _("stopped"),
        "ready": _("ready"),
        "fetched": _("fetched"),
        "withdrawn": _("an owner took their yes back"),
        "gone": _("deleted here"),
    }


def outcomes() -> dict[str, str]:
    """``Extraction.Outcome``, to who supplied it."""
    return {"used": _("The footage helped the case."), "not_used": _("The footage was not used.")}


def left(request: FootageRequest, *, now: datetime) -> tuple[str, bool]:
    """How long there is to answer, and whether that is over."""
    return left_until(request.deadline_at, now=now)


def left_until(deadline_at: datetime, *, now: datetime) -> tuple[str, bool]:
    """The same of an instant. Under an hour it says minutes, one at least."""
    rest = int((deadline_at - now).total_seconds())
    if rest <= 0:
        return _("The time is over"), True
    hours, minutes = rest // 3600, max(1, rest // 60)
    if hours >= 48:
        return ngettext("%(n)d day left", "%(n)d days left", hours // 24) % {"n": hours // 24}, False
    if hours:
        return ngettext("%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}, False
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}, False
