"""What the pages say of alerts, in whole words: categories, how loud, how it stands, who raised it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.categories import CATEGORIES, Severity

SIGNS = {
    "fire": "fire", "flood": "flood", "snatching": "snatch", "accident": "crash", "theft": "lock", "disorder": "fight",
    "missing_person": "search", "school_gate": "school", "utility": "bolt", "fraud": "shield",
    "motion": "walk", "camera_health": "camera",
}  # fmt: skip
"""Icon by category; what this page does not know yet gets the bell."""

CALLS = {"fire": "114", "flood": "114", "accident": "115", "snatching": "113", "theft": "113", "disorder": "113",
         "missing_person": "113"}  # fmt: skip
"""The state's emergency number for it: fire and rescue, ambulance, police."""


def sign(category: str) -> str:
    return SIGNS.get(category, "bell")


def category(code: str) -> str:
    known = CATEGORIES.get(code)
    return _(known.name) if known else code


def severity(code: str) -> str:
    return {
        Severity.EMERGENCY.value: _("Emergency"),
        Severity.URGENT.value: _("Urgent"),
        Severity.NOTICE.value: _("Notice"),
    }.get(code, code)


def source(code: str) -> str:
    return {
        "resident": _("a resident"),
        "leader": _("the leader"),
        "officer": _("the ward's duty"),
        "street_worker": _("a street worker"),
        "camera": _("a camera"),
        "system": _("another system"),
    }.get(code, code)


def verdict(code: str) -> str:
    return {
        "used": _("it was of use"),
        "not_used": _("nothing to be done"),
        "false": _("a false alarm"),
        "duplicate": _("told already"),
    }.get(code, code)


def verdicts() -> list[tuple[str, str]]:
    """Code and words, as the console's buttons say them."""
    return [(code, verdict(code).capitalize()) for code in ("used", "not_used", "false", "duplicate")]


def broadcastable() -> list[tuple[str, str]]:
    """What the ward's duty may tell the whole ward; the warning without a place first."""
    found = [one for one in CATEGORIES.values() if one.raised_by_people]
    return [(one.code, category(one.code)) for one in sorted(found, key=lambda one: one.needs_place)]


def state(view: dict[str, Any]) -> str:
    """How an alert stands, in one short sentence. A camera's own alert ends without a verdict: nobody judged it."""
    if view["state"] == "resolved" and not view.get("verdict"):
        return _("Over")
    return {
        "raised": _("Nobody has taken it yet"),
        "acknowledged": _("Somebody is on it"),
        "resolved": _("Over: %(verdict)s") % {"verdict": verdict(str(view.get("verdict", "")))},
        "withdrawn": _("Withdrawn: %(reason)s") % {"reason": view.get("withdrawn_reason", "")},
        "expired": _("Over"),
    }.get(str(view["state"]), "")


def state_sign(code: str) -> str:
    return {"raised": "clock", "acknowledged": "people", "withdrawn": "cross"}.get(code, "check")


def clip(code: str) -> str:
    """Of a clip that may not be played (yet)."""
    return {
        "coming": _("The picture of that moment is being kept…"),
        "failed": _("There is no picture of that moment."),
        "ready": _("The picture waits for the leader's yes."),
    }.get(code, "")


def reporter(view: dict[str, Any]) -> str:
    """Who told it, and who has it now: for those who decide."""
    return " · ".join(filter(None, [
        _("Told by %(who)s") % {"who": view["reporter"] or source(str(view["source"]))},
        _("Taken by %(who)s") % {"who": view["acknowledged_by"]} if view["acknowledged_by"] else "",
        _("Ended by %(who)s") % {"who": view["resolved_by"]} if view["resolved_by"] else "",
    ]))  # fmt: skip


def released(view: dict[str, Any]) -> str:
    return " ".join(filter(None, [
        _("Everybody can read the words.") if view["text"] and view["text_released"] else "",
        _("Everybody can see the clip.") if view["clip_released"] else "",
    ]))  # fmt: skip


def reports(count: int) -> str:
    return ngettext("%(n)d report", "%(n)d reports", count) % {"n": count}


def escalation(level: int) -> str:
    return {1: _("Nobody answered: the deputies were told"), 2: _("Nobody answered: the ward's duty was told")}.get(
        level, ""
    )


def script_sentences() -> dict[str, str]:
    """Sentences of the alert scripts, beside those of ``sentences.py``."""
    return _of_the_line() | _of_cards() | _of_raising() | _of_the_console() | _of_settings()


def script_categories() -> dict[str, dict[str, Any]]:
    """Name, sign, loudness and number to call by category, for cards that scripts fill."""
    return {
        code: {
            "name": category(code), "sign": sign(code), "severity": found.severity.value, "call": CALLS.get(code, ""),
            "breaksQuiet": found.breaks_quiet, "open": "text" in found.released,
        }
        for code, found in CATEGORIES.items()
    }  # fmt: skip


def _of_the_line() -> dict[str, str]:
    return {
        "lineOn": _("Connected"),
        "lineCatching": _("Catching up…"),
        "lineOff": _("No connection"),
        "unseen": _("{n} not seen yet"),
        "asOf": _("No connection. Below is what was known at {time}; it goes on by itself."),
        "newPhone": _("A new phone uses your household's code."),
        "codeGuessing": _("Somebody is trying out codes."),
        "cameraOffline": _("A camera sends no picture."),
        "cameraMotion": _("Something moves before your household's camera."),
        "open": _("Look"),
        "close": _("Close"),
    }


def _of_cards() -> dict[str, str]:
    return {
        "daysAgo": _("{n} days ago"),
        "justNow": _("just now"),
        "emergency": severity("emergency"),
        "urgent": severity("urgent"),
        "notice": severity("notice"),
        "reports": _("{n} reports"),
        "stateRaised": state({"state": "raised"}),
        "stateAcknowledged": state({"state": "acknowledged"}),
        "stateResolved": _("Over: {verdict}"),
        "stateWithdrawn": _("Withdrawn: {reason}"),
        "stateExpired": _("Over"),
        "verdict_used": verdict("used"),
        "verdict_not_used": verdict("not_used"),
        "verdict_false": verdict("false"),
        "verdict_duplicate": verdict("duplicate"),
        "wholeWard": _("The whole ward"),
        "clipComing": clip("coming"),
        "clipFailed": clip("failed"),
        "clipWaits": clip("ready"),
        "clipOf": _("Clip of {camera}"),
        "clipGone": _("The clip is not shown just now."),
        "source_resident": source("resident"),
        "source_leader": source("leader"),
        "source_officer": source("officer"),
        "source_street_worker": source("street_worker"),
        "source_camera": source("camera"),
        "source_system": source("system"),
    }


def _of_raising() -> dict[str, str]:
    return {
        "raising": _("Telling everybody…"),
        "raised": _("Told: {category}"),
        "raisedText": _("The neighborhood's phones get it now."),
        "raisedJoined": _("Others have told it already. Now {n} say the same."),
        "raiseWaits": _("Not sent yet: no connection"),
        "raiseWaitsText": _("This phone keeps it and sends it by itself as soon as the network is back."),
        "raiseBusy": _("Not sent yet"),
        "raiseBusyText": _("This phone keeps it and tries again by itself."),
        "raiseRefused": _("It was not sent"),
        "raiseSentLater": _("Sent now: {category}, of {time}."),
        "raiseWaiting": _("{category}, {time}: waits for the network, then goes out by itself."),
        "raiseWaitingTurn": _("{category}, {time}: not sent yet; this phone tries again by itself."),
        "wordsSent": _("Your words are sent."),
        "wordsOpen": _("Everybody can read it at once."),
        "wordsClosed": _("The leader reads it first and decides who else may."),
        "callNumber": _("Call {number}"),
    }


def _of_the_console() -> dict[str, str]:
    return {
        "reached": _("Reached {delivered} of {households} households in {seconds} s."),
        "reachedNobody": _("Reached 0 of {households} households so far."),
        "seenBy": _("Looked at in {n}."),
        "escalation1": escalation(1),
        "escalation2": escalation(2),
        "escalatesAt": _("Unless somebody takes it, it goes on at {time}."),
        "saidBy": _("{who}: {text}"),
        "noWords": _("without words"),
        "toldBy": _("Told by {who}"),
        "ackBy": _("Taken by {who}"),
        "resolvedBy": _("Ended by {who}"),
        "everybodyReads": _("Everybody can read the words."),
        "everybodySees": _("Everybody can see the clip."),
    }


def _of_settings() -> dict[str, str]:
    return {
        "saved": _("Saved."),
        "pushOn": _("On: this phone is told even when the page is closed."),
        "pushOff": _("Off."),
        "pushRefused": _(
            "This browser does not allow it. Allow notifications for this site in the browser's settings."
        ),
        "pushNever": _("This browser cannot do it."),
        "pushNeedsTls": _("It works only over a secure connection (https)."),
        "pushServerOff": _("The operator has not switched it on."),
    }
