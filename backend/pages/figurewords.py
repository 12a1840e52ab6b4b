"""What the figures' pages call things, in whole words."""

from django.utils.translation import gettext as _

from backend.pages import alertwords


def ownership(code: str) -> str:
    return {
        "public": _("Of the ward or the fund"),
        "household": _("Of households"),
        "business": _("Of businesses"),
        "agency": _("Of public offices"),
        "school": _("Of schools"),
    }.get(code, code)


def purpose(code: str) -> str:
    return {
        "security": _("Security"),
        "traffic": _("Traffic"),
        "urban_order": _("Urban order"),
        "defence": _("Defence"),
        "environment": _("Environment"),
    }.get(code, code)


def kind(code: str) -> str:
    return {"fixed": _("Fixed"), "ptz": _("Turning (PTZ)")}.get(code, code)


def helped(code: str) -> str:
    return {
        "vehicle": _("a vehicle"),
        "place": _("a place"),
        "time": _("a time"),
        "person": _("a person"),
        "other": _("something else"),
    }.get(code, code)


def source(code: str) -> str:
    """As ``alertwords.source``, to begin a line."""
    words = alertwords.source(code)
    return words[:1].upper() + words[1:]


def role(code: str) -> str:
    return {
        "resident": _("Residents"),
        "owner": _("Owners of a camera"),
        "leader": _("Leader"),
        "deputy": _("Deputies"),
        "officer": _("Officers"),
        "operator": _("Operators"),
        "wall": _("Shared screens"),
    }.get(code, code)


def make(name: str) -> str:
    return name or _("not said")


def hours(count: int) -> str:
    """A retention in days where it is whole days."""
    if count % 24:
        return _("%(n)d hours") % {"n": count}
    return _("%(n)d days") % {"n": count // 24}


def retention(shortest: int, longest: int) -> str:
    if shortest == longest:
        return hours(shortest)
    return _("%(low)s to %(high)s") % {"low": hours(shortest), "high": hours(longest)}
