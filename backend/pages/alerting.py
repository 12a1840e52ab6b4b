"""What every page of somebody who is signed in says of alerts and other news: read only where it is really drawn."""

import json
from functools import cached_property
from typing import Any

from django.urls import reverse

from backend.lib.clock import now
from backend.pages import alertwords
from cameras.models import Camera
from cameras.registry import cameras_for
from neighborhoods.access import Action, Actor, reach
from neighborhoods.models import Neighborhood
from notifications import cursors, feed
from notifications.alerts import alerts_for
from notifications.categories import CATEGORIES, Category
from notifications.claims import only_stewards
from notifications.models import Alert, Delivery

MOST_UNSEEN = 100
OPEN = (Alert.State.RAISED, Alert.State.ACKNOWLEDGED)


class Alerting:
    """Facts for the frame of a page. ``None`` takes its place where nobody is signed in who hears or raises."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.hears = actor.may(Action.HEAR_NEWS)
        self.sees = actor.may(Action.SEE_ALERTS)
        self.raises = actor.may(Action.RAISE_ALERT)
        self.page = reverse("pages:alert-console" if actor.may(Action.STEWARD_ALERTS) else "pages:alerts")

    @cached_property
    def cursor(self) -> str:
        """Read before anything else of the feed: what comes meanwhile comes twice rather than not at all."""
        return cursors.pack(feed.head_id(), now())

    @cached_property
    def unseen(self) -> list[str]:
        """Ids of open alerts that nobody has looked at on this device; its own are none."""
        mine = self.actor.device_id
        if mine is None or not self.sees:
            return []
        seen = Delivery.objects.filter(device_id=mine, seen_at__isnull=False).values("alert_id")
        others = alerts_for(self.actor).filter(state__in=OPEN).exclude(id__in=seen).exclude(device_id=mine)
        return [str(found) for found in others.values_list("id", flat=True)[:MOST_UNSEEN]]

    @property
    def tabs(self) -> bool:
        """Whether the page has the row of sections: a school's staff, who hear of footage alone, have one place."""
        return self.sees or self.raises

    @property
    def unseen_json(self) -> str:
        return json.dumps(self.unseen)

    @property
    def categories(self) -> dict[str, dict[str, Any]]:
        return alertwords.script_categories()

    @cached_property
    def places(self) -> list[Camera]:
        """Cameras that may be named as the place; a school's says its name to nobody."""
        if not self.actor.may(Action.SEE_CAMERAS):
            return []
        seen = cameras_for(self.actor, Action.SEE_CAMERAS).exclude(ownership=Camera.Ownership.SCHOOL)
        return list(seen.exclude(state=Camera.State.RETIRED).order_by("name"))

    @cached_property
    def neighborhoods(self) -> list[Neighborhood]:
        """Of those who serve a ward, where it may be; everybody else has one of their own."""
        wards = reach(self.actor, Action.RAISE_ALERT).ward_ids
        return list(Neighborhood.objects.filter(ward_id__in=wards).order_by("name")) if wards else []

    @property
    def raisable(self) -> list[tuple[str, str, str, str]]:
        """Code, name, sign and severity of each category this person may raise, in the order of the list."""
        return [
            (found.code, alertwords.category(found.code), alertwords.sign(found.code), found.severity.value)
            for found in raisable(self.actor)
        ]

    @property
    def signs(self) -> list[str]:
        """Drawings that scripts put into cards."""
        return sorted(
            {
                *alertwords.SIGNS.values(),
                "bell",
                "clock",
                "people",
                "cross",
                "check",
                "phone",
                "warn",
                "live",
                "eye",
                "offline",
            }
        )


def raisable(actor: Actor) -> list[Category]:
    """What the verb will take from them (``claims.only_stewards``)."""
    leads = actor.may(Action.STEWARD_ALERTS)
    return [found for found in CATEGORIES.values() if found.raised_by_people and (leads or not only_stewards(found))]


def alerting_of(actor: Actor | None) -> Alerting | None:
    if actor is None or not (actor.may(Action.HEAR_NEWS) or actor.may(Action.RAISE_ALERT)):
        return None
    return Alerting(actor)
