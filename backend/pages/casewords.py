"""Cases and extractions in whole words."""

from django.utils.translation import gettext as _


def outcomes() -> dict[str, str]:
    """``Case.Outcome``."""
    return {
        "clarified": _("Clarified"),
        "not_clarified": _("Not clarified"),
        "dropped": _("Not pursued"),
    }


def uses() -> dict[str, str]:
    """``Extraction.Outcome``."""
    return {"used": _("It was of use"), "not_used": _("It was of no use")}


def helps() -> dict[str, str]:
    """``cases.HELPS``."""
    return {
        "vehicle": _("the vehicle"),
        "place": _("the place"),
        "time": _("the time"),
        "person": _("the person"),
        "other": _("something else"),
    }
