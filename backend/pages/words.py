"""What the pages say about times and states, in whole words."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.lib.clock import VIETNAM


def age(seconds: float) -> str:
    """How long ago, rounded the way people say it."""
    whole = max(0, int(seconds))
    if whole < 60:
        return ngettext("%(n)d second ago", "%(n)d seconds ago", whole) % {"n": whole}
    if whole < 3600:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", whole // 60) % {"n": whole // 60}
    if whole < 48 * 3600:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", whole // 3600) % {"n": whole // 3600}
    return ngettext("%(n)d day ago", "%(n)d days ago", whole // 86400) % {"n": whole // 86400}


def local_time(at: datetime) -> str:
    """Date and time on the neighborhood's clock, day first."""
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def local_day(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y")


def health(state: str) -> tuple[str, str, str]:
    """Words, icon and tone of a camera's health, for those who may see outages."""
    return {
        "new": (_("Not started yet"), "clock", "quiet"),
        "connecting": (_("Connecting"), "clock", "quiet"),
        "live": (_("Recording"), "live", "good"),
        "retrying": (_("No signal, trying again"), "warn", "bad"),
        "proposed": (_("Waits for your approval"), "clock", "quiet"),
        "refused": (_("The camera refuses: look at its address and password"), "lock", "bad"),
    }.get(state, (_("Unknown"), "still", "quiet"))


def health_reason(code: str) -> str:
    """A reason's stable code in words; empty where the code says nothing to a person."""
    return {
        "unauthorized": _("Wrong user or password"),
        "unreachable": _("Nothing answers at that address"),
        "timeout": _("The camera does not answer in time"),
        "no_media": _("It answers, but sends no picture"),
        "address_refused": _("This address is not allowed"),
        "unsupported": _("It sends a kind of video we cannot record yet"),
        "closed": _("The camera hung up"),
    }.get(code, "")
