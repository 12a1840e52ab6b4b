"""Footage requests in whole words."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cameras.footage.inforce import POLICY, days, figure, hours
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
        "window": _("more than %(hours)s hours") % {"hours": hours(POLICY.window)},
        "area": _("a large area"),
        "cameras": _("many cameras"),
        "off_duty": _("asked at night"),
        "urgent": _("life in danger"),
    }


def in_force() -> list[tuple[str, str]]:
    """The figures in force (``FOOTAGE_LIMITS``, ``DUTY_HOURS``), each with what it is."""
    begins, ends = settings.CONFIG.duty_hours
    alone, policy = _("%(n)s; with a superior's signature %(most)s"), POLICY
    return [
        (_("Hours of one request"), alone % {"n": hours(policy.window), "most": hours(policy.longest_window)}),
        (_("Area, in km²"), alone % {"n": figure(policy.extent_km2), "most": figure(policy.largest_km2)}),
        (_("Neighborhoods"), alone % {"n": policy.places, "most": policy.most_places}),
        (_("Cameras there"), alone % {"n": policy.cameras, "most": policy.most_cameras}),
        (_("Asked alone"), _("from %(begins)s to %(ends)s o'clock") % {"begins": begins, "ends": ends}),
        (_("Held while nobody has answered"), _hours(policy.held_for)),
        (
            _("Held longer by a superior"),
            _("%(days)s days, at most %(times)s times")
            % {"days": days(policy.extended_by), "times": policy.most_extensions},
        ),
        (_("Held for one officer at once"), _("%(n)s hours of footage") % {"n": policy.officer_hours}),
        (_("Held of one neighborhood"), _("%(n)s %% of the disk") % {"n": figure(policy.neighborhood_share * 100)}),
        (_("Kept after it was given"), _days(policy.kept_after_release)),
        (_("A package is here"), _days(policy.package_kept)),
        (_("A link is open"), _hours(policy.link_open)),
        (_("Urgent releases are reviewed within"), _hours(policy.review_within)),
    ]


def _hours(value: timedelta) -> str:
    return _("%(n)s hours") % {"n": hours(value)}


def _days(value: timedelta) -> str:
    return _("%(n)s days") % {"n": days(value)}


def longer() -> str:
    """What a superior's extension gives, for its button."""
    return _("Hold it %(days)s days longer") % {"days": days(POLICY.extended_by)}


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
