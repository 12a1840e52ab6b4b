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
    """Words, icon and tone of a camera's state (``states.State.name``), for those who may see outages."""
    return {
        "new": (_("Not started yet"), "clock", "quiet"),
        "connecting": (_("Connecting"), "clock", "quiet"),
        "live": (_("Recording"), "live", "good"),
        "retrying": (_("No signal, trying again"), "warn", "bad"),
        "refused": (_("Cannot be recorded: somebody has to look at it"), "lock", "bad"),
        "silent": (_("Nothing is being recorded"), "warn", "bad"),
        "gave_way": (_("Not recorded: the disk is full"), "warn", "bad"),
        "proposed": (_("Waits for your approval"), "clock", "quiet"),
        "planned": (_("Planned: it has no address yet"), "clock", "quiet"),
        "left": (_("Not recorded: its household has moved away"), "still", "quiet"),
        "unrecorded": (_("Not recorded"), "still", "quiet"),
        "unsigned": (_("Not recorded: the legal record is not signed yet"), "lock", "bad"),
    }.get(state, (_("Unknown"), "still", "quiet"))


def health_reason(code: str) -> str:
    """A reason's stable code in words that say what to do; empty where there is no reason."""
    return health_reasons().get(code, "")


def health_reasons() -> dict[str, str]:
    """Words by code: every reason that ``cameras.ingest`` gives, and ``recorder_silent`` where it gives none."""
    return _of_the_camera() | _of_its_video() | _of_its_address() | _of_ours()


def _of_the_camera() -> dict[str, str]:
    return {
        "unauthorized": _("The camera's user name or password is wrong. Enter them again."),
        "forbidden": _("The camera does not let this user see its picture. Give the user that right in the camera."),
        "unreachable": _("The camera cannot be reached. Look whether it has power and network."),
        "no_answer": _("The camera is there but does not answer. Take its plug out, wait a minute, plug it in again."),
        "busy": _("Too many others are watching the camera directly. Close other apps that show it."),
        "closed": _("The camera hung up. We call again by ourselves."),
        "session_lost": _("The camera lost the connection. We call again by ourselves."),
        "rejected": _("The camera turned the request down. Take its plug out, wait a minute, plug it in again."),
    }


def _of_its_video() -> dict[str, str]:
    return {
        "no_media": _("The camera answers but sends no picture. Take its plug out, wait a minute, plug it in again."),
        "no_keyframe": _(
            "The picture never comes whole. Set the key frame distance (I-frame) to 2 seconds in the camera."
        ),
        "no_video": _("This address gives no video. Look up the camera's RTSP address."),
        "no_tcp": _("The camera does not send over TCP. Switch on RTSP over TCP in the camera."),
        "unsupported_codec": _("The camera sends H.265 or another kind of video. Set it to H.264 in the camera."),
        "too_much": _("The camera sends far too much at once. Lower its picture quality (bit rate) in the camera."),
        "unsteady": _(
            "The camera's video begins anew all the time. Take its plug out, wait a minute, plug it in again."
        ),
        "damaged": _("What the camera sends cannot be read. Take its plug out, wait a minute, plug it in again."),
    }


def _of_its_address() -> dict[str, str]:
    wrong = _("The camera's address is not allowed. Look at the address.")
    named = {code: wrong for code in ("scheme", "form", "host", "this_server", "forbidden")}
    return {f"address_{reason}": text for reason, text in named.items()} | {
        "address_port": _("The camera's port is not allowed. Ask the operator to allow it."),
        "address_private": _("The camera's address leads into a private network. The leader has to enter it."),
        "address_unresolved": _("The camera's name is not found on the network. Look whether it is spelled right."),
        "unresolved": _("The camera's name is not found on the network. Look whether it is spelled right."),
        "not_found": _("The camera knows no picture of that address. Look up its RTSP address."),
        "redirected_too_often": _("The camera keeps sending us on to other addresses. Look up its RTSP address."),
        "tls_unsupported": _("rtsps:// cannot be recorded yet. Enter the camera's rtsp:// address."),
    }


def _of_ours() -> dict[str, str]:
    return {
        "store_failed": _("The recordings cannot be written. The camera is well; call the operator about the disk."),
        "gave_way": _("The disk is full of footage that is held for cases, which is never deleted. Call the operator."),
        "internal": _("A fault on our side. The camera is well; call the operator."),
        "recorder_silent": _("The recorder has said nothing for a while. The camera may be well; call the operator."),
    }
