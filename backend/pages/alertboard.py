"""Alerts made ready for a template: a card from a view, in whole words. Nothing is decided here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from backend.lib.clock import iso
from backend.pages import alertwords, words
from neighborhoods.access import Actor
from notifications.alerts import alerts_for, view_for

MOST_SHOWN = 40
OPEN = ("raised", "acknowledged")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCard:
    """Every part of a card. A blank one is the form that scripts fill."""

    id: str = ""
    name: str = ""
    sign: str = "bell"
    severity: str = "notice"
    loud: str = ""
    state: str = ""
    state_words: str = ""
    state_sign: str = "check"
    open: bool = False
    place: str = ""
    occurred_at: str = ""
    raised_at: str = ""
    age: str = ""
    reports: str = ""
    text: str = ""
    pending: bool = False
    clip: str = "none"
    clip_words: str = ""
    may_play: bool = False
    reporter: str = ""
    joined: list[str] = field(default_factory=list)
    escalation: str = ""
    released: str = ""


BLANK = AlertCard()


def views_for(actor: Actor, *, open_first: bool = False) -> list[dict[str, Any]]:
    """The newest alerts as ``actor`` may see them, those still going on among them however old they are."""
    newest = list(alerts_for(actor).order_by("-id")[:MOST_SHOWN])
    known = {alert.id for alert in newest}
    older = alerts_for(actor).filter(state__in=OPEN).exclude(id__in=known).order_by("-id")[:MOST_SHOWN]
    views = [view_for(actor, alert) for alert in (*newest, *older)]
    return sorted(views, key=lambda view: view["state"] not in OPEN) if open_first else views


def context(views: list[dict[str, Any]], *, place: str, now: datetime) -> dict[str, Any]:
    """For ``parts/alert_list.html``. ``drawn`` is the same state for the page's script."""
    return {
        "section": "alerts",
        "cards": [card_of(view, place=place, now=now) for view in views],
        "blank": BLANK,
        "drawn": {"at": iso(now), "views": views},
    }


def card_of(view: dict[str, Any], *, place: str, now: datetime) -> AlertCard:
    occurred = datetime.fromisoformat(view["occurred_at"])
    state, clip = view["state"], view["clip"]
    full = view["view"] == "full"
    may_play = clip == "ready" and (view["clip_released"] or full)
    return AlertCard(
        id=view["id"],
        name=alertwords.category(view["category"]),
        sign=alertwords.sign(view["category"]),
        severity=view["severity"],
        loud=alertwords.severity(view["severity"]),
        state=state,
        state_words=alertwords.state(view),
        state_sign=alertwords.state_sign(state),
        open=state in OPEN,
        place=view["place"] or (place if view["neighborhood"] else _("The whole ward")),
        occurred_at=view["occurred_at"],
        raised_at=view["raised_at"],
        age=words.age((now - occurred).total_seconds()),
        reports=alertwords.reports(view["reports"]) if view["reports"] > 1 else "",
        text=view["text"] or "",
        pending=view["text"] is None and state in OPEN,
        clip=clip,
        clip_words="" if may_play else alertwords.clip(clip),
        may_play=may_play,
        **(_of_stewards(view) if full else {}),
    )


def _of_stewards(view: dict[str, Any]) -> dict[str, Any]:
    return {
        "reporter": alertwords.reporter(view),
        "joined": [f"{one['reporter']}: {one['text'] or _('without words')}" for one in view["joined"]],
        "escalation": alertwords.escalation(view["escalation"]) if view["state"] == "raised" else "",
        "released": alertwords.released(view),
    }
