"""Requests about personal data, the legal record and what is kept, in whole words."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.lib.clock import vietnam_day


def kinds() -> dict[str, str]:
    """What may be asked, as the person says it."""
    return {
        "see": _("See what is kept of me"),
        "correct": _("Correct something that is wrong"),
        "export": _("Give me a copy"),
        "delete": _("Delete my name and telephone number"),
        "restrict": _("Do not use it for a while"),
        "object": _("I object to its use"),
        "withdraw": _("I take back a consent I gave"),
        "view": _("A camera sees my home or yard"),
    }


def states() -> dict[str, str]:
    return {
        "received": _("Received, not answered yet"),
        "answered": _("Answered, being worked on"),
        "done": _("Done"),
        "refused": _("Turned down"),
    }


def grounds() -> dict[str, str]:
    return {
        "law_keeps": _("The law says that it is kept (the fund's books, evidence)"),
        "not_theirs": _("It is about somebody else, or nobody could show that it is about them"),
        "others_rights": _("It would harm the rights of others"),
        "order": _("Public order and safety need it (Law 91/2025, Article 32)"),
        "nothing_kept": _("Nothing of the kind is kept here"),
    }


def purposes() -> dict[str, str]:
    """``legal.PURPOSES``."""
    return {
        "security": _("Security and order"),
        "traffic": _("Traffic"),
        "urban_order": _("Urban order and cleanliness"),
        "environment": _("Environment"),
        "disaster": _("Fire, flood and other disasters"),
    }


def controllers() -> dict[str, str]:
    return {
        "board": _("The neighborhood's self-management board"),
        "ward": _("The ward's people's committee"),
        "household": _("A household"),
    }


def time_left(due: date, *, now: datetime) -> tuple[str, bool]:
    """How long is left to a day, in words, and whether it is over."""
    left = (due - vietnam_day(now)) // timedelta(days=1)
    if left < 0:
        return ngettext("%(n)d day too late", "%(n)d days too late", -left) % {"n": -left}, True
    if left == 0:
        return _("today is the last day"), False
    return ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left}, False


def day(due: date) -> str:
    return due.strftime("%d/%m/%Y")
