"""Who watched, in whole words; and what whoever watches is told beforehand."""

from django.utils.translation import gettext as _

from backend.pages import footagewords, rolewords
from cameras.models import Camera
from neighborhoods.access import Actor, Role


def purposes() -> dict[str, str]:
    """The closed list of ``cameras.viewing.Purpose``."""
    return {
        "incident": _("Something is happening"),
        "alert": _("A neighbour's alert"),
        "complaint": _("A complaint"),
        "maintenance": _("The camera itself"),
        "patrol": _("Patrol"),
    }


def purpose(code: str) -> str:
    """Why somebody watched, or took footage along; empty where nothing was to be said."""
    return (footagewords.reasons() | purposes()).get(code, code)


def role(code: str) -> str:
    """Of staff; a household has none."""
    return "" if code == Role.RESIDENT else rolewords.role_words().get(code, "")


def mode(code: str) -> tuple[str, str]:
    """``ViewMinute.Mode`` in words, and its icon."""
    return {
        "live": (_("Watched live"), "live"),
        "playback": (_("Looked back"), "rewind"),
        "frame": (_("Looked at one picture"), "photo"),
        "grid": (_("Saw the small picture in the list, some time within this hour"), "camera"),
        "snapshot": (_("Watched a kept moment"), "play"),
        "alert": (_("Watched an alert's clip"), "bell"),
        "kept": (_("Had a moment kept"), "keep"),
        "export": (_("Took footage along for a case"), "paper"),
    }.get(code, (code, "eye"))


def odd(rule: str, count: int) -> str:
    """What was odd, in one sentence. ``count`` is of what the rule counts."""
    said = {
        "many_cameras": _("%(n)s cameras within minutes"),
        "at_night": _("%(n)s minutes in one night"),
        "again": _("Again and again, on %(n)s days of a week"),
        "endless": _("Hardly ever switched off: %(n)s minutes within a day"),
    }
    return said[rule] % {"n": count}


def told_beforehand(actor: Actor, camera: Camera) -> str:
    """What stands beside the picture: who will know of this. Nothing where the reader watches their own camera."""
    if camera.owner_household_id is None:
        if actor.account_id:
            return _("On record, for those who lead the neighborhood: your name, why you watch, and which minutes. "
                     "Unusual watching is told to them and to the auditor.")  # fmt: skip
        return _("On record, for those who lead the neighborhood: that your household watches, and which minutes. "
                 "Unusual watching is told to them and to the auditor.")  # fmt: skip
    if camera.owner_household_id == actor.home_id:
        return ""
    if actor.account_id:
        return _("The camera's owner sees your name, why you watch, and which minutes. "
                 "Unusual watching is told to them and to the auditor.")  # fmt: skip
    return _("The camera's owner sees that your household watches, and which minutes. "
             "Unusual watching is told to them and to the auditor.")  # fmt: skip
