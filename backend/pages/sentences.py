"""The sentences that the page scripts say, translated here so that every word goes through one catalogue."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backend.pages import alertwords


def script_sentences() -> dict[str, str]:
    """Sentences by the name under which the scripts know them (``say("…")``); ``{x}`` is filled there."""
    return _states() | _covers() | _acts() | alertwords.script_sentences()


def _states() -> dict[str, str]:
    return {
        "secondsAgo": _("{n} s ago"),
        "minutesAgo": _("{n} min ago"),
        "hoursAgo": _("{n} h ago"),
        "pictureFrom": _("Picture from {ago}"),
        "posterOf": _("Latest picture of {name}"),
        "modeOpening": _("Opening…"),
        "modeLive": _("LIVE"),
        "modeReplay": _("RECORDING"),
        "modeStopped": _("Stopped"),
        "goFull": _("Full screen"),
        "leaveFull": _("Leave full screen"),
        "valueLive": _("Live"),
        "valueAt": _("{time}"),
        "valueGap": _("{text}, nothing recorded"),
    }


def _covers() -> dict[str, str]:
    return {
        "coverLost": _("The connection is lost"),
        "coverLostText": _("The picture goes on by itself as soon as the network is back."),
        "coverTrouble": _("The picture does not come"),
        "coverTroubleText": _("We try again by ourselves every few seconds."),
        "coverNoSignal": _("No live picture just now"),
        "coverNoSignalText": _("We try again by ourselves. You can look at what was recorded below."),
        "coverNoFootage": _("Nothing was recorded then"),
        "coverNoFootageText": _("Choose another time on the bar, or go back to live."),
        "coverOutOfReach": _("That is too long ago"),
        "coverOutOfReachText": _("You can look back over the last 24 hours."),
        "coverGone": _("This camera is no longer shown"),
        "coverGoneText": _("The leader or its owner has taken it away."),
        "coverPrivate": _("Private hours"),
        "coverPrivateText": _("The camera's owner shows nothing at this time of day. Come back later."),
        "coverHours": _("Outside your hours"),
        "coverHoursText": _("Your code lets you watch at other times of day."),
        "coverPurpose": _("No picture without a reason"),
        "coverPurposeText": _("This is somebody's own camera. Say why you watch, or go back to the other cameras."),
        "sayPurpose": _("Say why"),
        "tryAgain": _("Try again"),
    }


def _acts() -> dict[str, str]:
    return {
        "typeFirst": _("Type the code first."),
        "phone": _("Phone"),
        "againIn": _("You can try again in {n} min."),
        "noNetwork": _("No connection. Look at the network and try again."),
        "wentWrong": _("Something went wrong on our side. Try again in a moment."),
        "tooMany": _("Too many tries. Wait a few minutes and try again."),
        "copied": _("Copied"),
        "linkFor": _("For {name}"),
        "inviteTo": _("{name}, you are invited to be {role} of {place}"),
        "inviteToAll": _("{name}, you are invited to be {role}"),
        "inviteRenews": _("{name}, choose a new password"),
        "inviteBy": _("{name} invites you."),
        "inviteBad": _("The invitation does not open"),
        "inviteMissing": _("The link is incomplete. Open it once more from the message, or scan the QR again."),
        "codesFile": _("Mắt Phố: recovery codes for signing in. Each works once. Keep them on paper."),
        "wrongPassword": _("User name or password is wrong."),
        "keeping": _("Keeping {time}…"),
        "keepingWaits": _("Waiting for the seconds after {time}…"),
        "savedOnce": _("Saved on this machine. It is not given out again."),
        "kept": _("Kept: {time}"),
        "keepFailed": _("{time} could not be kept. Try again."),
        "keptGone": _("The clip of {time} is no longer shown."),
        "keptPoster": _("Picture of the kept moment, {time}"),
        "lookAbove": _("Look at what is marked above, and try again."),
        "found": _("{n} found"),
        "probing": _("Trying the camera…"),
        "probeGood": _("The camera answers: {codec}, {width}×{height}."),
        "added": _("The camera is added. Recording starts within seconds."),
        "bankAccount": _("Money of the fund goes to another bank account now. Look under “Overview”."),
        "dataRequest": _("Somebody asks about their data. The days are counted."),
        "dataRequestNews": _("There is news about what you asked the leader. Look under “Mine”."),
        "oddUse": _("A camera was watched in an unusual way. Look under “Who has watched” on its page."),
        "footageAsked": _("The police ask for footage. Look under “Requests for footage”."),
        "footageOutcome": _("The police say what came of your footage. Look under “Requests for footage”."),
        "footageAnnex": _("Somebody in charge looked up who supplied footage. Look under “Requests for footage”."),
        "recordingGaveWay": _("The disk is full of held footage: cameras are no longer recorded. Call the operator."),
        "recordingResumed": _("There is room on the disk again: cameras are recorded as before."),
        "footageOver": _("It is not shown any more. Open it again."),
        "footageThere": _("{n} cameras; at least one has {share} of the time."),
        "footageCells": _("By half kilometres: {counts}."),
        "areaCorner": _("Corner {n}"),
        "areaSize": _("{n} corners, {size} km²."),
        "areaAlone": _("One officer may ask for it alone."),
        "areaSigned": _("Above {most} km²: a superior signs, too."),
        "areaTooLarge": _("Above {most} km² it is refused: draw a smaller area."),
        "areaMisread": _("This is no corner: {line}"),
        "footageNothing": _("No camera stands there."),
        "schoolNoDay": _("Choose at least one day."),
        "schoolNoTime": _("Give both: from and to."),
        "schoolEndsFirst": _("It has to end after it begins, on the same day."),
        "wallTurnedAway": _("The leader has turned this screen away."),
    }


ERROR_TITLES = (
    gettext_noop("Something went wrong on our side"),
    gettext_noop("The request is not valid"),
    gettext_noop("Sign in first"),
    gettext_noop("That is not allowed"),
    gettext_noop("There is nothing here"),
    gettext_noop("That is no longer possible"),
    gettext_noop("That is too large"),
    gettext_noop("Too many tries"),
    gettext_noop("Try again in a moment"),
    gettext_noop("That part does not exist"),
    gettext_noop("That method is not allowed here"),
    gettext_noop("The request took too long to arrive"),
    gettext_noop("That code does not work"),
    gettext_noop("This set-up link does not work"),
    gettext_noop("The screen is not connected"),
    gettext_noop("One more step to sign in"),
    gettext_noop("This invitation does not work"),
    gettext_noop("Set up the second step first"),
)
"""Titles of ``backend.lib.errors`` and its kin: translated where answered, collected for the catalogue here."""
