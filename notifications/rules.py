"""Who is told what, decided purely: news in, drafts of events out. The table of streams: ``docs/design/alerts.md``.

A topic that stands in no table here is told to nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from notifications.categories import CATEGORIES, Audience

ESCALATED_TO_OFFICER = 2
"""``Alert.escalation`` from which on the ward's duty officers hear of it."""


class View(StrEnum):
    OPEN = "open"  # what everybody may see: no words before they are released, never a person's name
    FULL = "full"  # for those who decide about it
    DATA = "data"  # not an alert: the draft says it itself


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """What of an alert decides who hears of it."""

    id: UUID
    ward_id: UUID
    neighborhood_id: UUID | None
    """None for a broadcast to the ward."""
    category: str
    escalation: int = 0

    @property
    def broadcast(self) -> bool:
        return self.neighborhood_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An outbox row, read."""

    topic: str
    subject: str = ""
    """``<kind>:<id>``, as the audit writes it; empty where the row has none."""
    data: Mapping[str, object] = field(default_factory=dict)
    neighborhood_id: UUID | None = None
    alert: AlertFacts | None = None
    """Of ``alert.*`` news only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event to be written."""

    stream_kind: str
    subject_id: UUID
    kind: str
    view: View
    data: Mapping[str, object] = field(default_factory=dict)
    """With ``View.DATA``: all that is told."""


def decide(news: News) -> list[Draft]:
    """The events that ``news`` becomes. Raises ``KeyError`` or ``ValueError`` where it lacks what its topic has."""
    if news.topic in ALERT_TOPICS:
        return _of_alert(news.topic, news.alert) if news.alert else []
    line = _LINES.get(news.topic)
    subject_id = line.hearer(news) if line else None
    if line is None or subject_id is None:
        return []
    told = line.says(news)
    return [Draft(stream_kind=line.stream, subject_id=subject_id, kind=news.topic, view=View.DATA, data=told)]


def _of_alert(topic: str, alert: AlertFacts) -> list[Draft]:
    def draft(stream: str, subject_id: UUID, view: View) -> Draft:
        return Draft(stream_kind=stream, subject_id=subject_id, kind=topic, view=view)

    if alert.neighborhood_id is None:
        return [draft("ward", alert.ward_id, View.OPEN), draft("duty", alert.ward_id, View.FULL)]
    drafts = []
    category = CATEGORIES.get(alert.category)  # an alert outlives its category: then it stays with those who lead
    if category is not None and category.audience == Audience.EVERYONE:
        drafts.append(draft("neighborhood", alert.neighborhood_id, View.OPEN))
    drafts.append(draft("stewards", alert.neighborhood_id, View.FULL))
    if (category is not None and category.tells_officer) or alert.escalation >= ESCALATED_TO_OFFICER:
        drafts.append(draft("duty", alert.ward_id, View.FULL))
    return drafts


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the table for what is no alert."""

    stream: str
    hearer: Callable[[News], UUID | None]
    says: Callable[[News], Mapping[str, object]]


def _neighborhood(news: News) -> UUID | None:
    return news.neighborhood_id


def _household(news: News) -> UUID | None:
    return UUID(str(news.data["household"]))


def _owner(news: News) -> UUID | None:
    """The household that owns the camera; None of the street's own and of schools', of which those who lead have the
    alert."""
    return _household(news) if "household" in news.data else None


def _askers(news: News) -> UUID | None:
    """The household that asked at the desk; None of somebody who came to the door."""
    return _household(news) if news.data.get("household") else None


def _which(news: News) -> Mapping[str, object]:
    return {"camera": str(news.data["camera"])}


def _camera(news: News) -> Mapping[str, object]:
    return {"camera": str(news.data["camera"]), "reason": str(news.data.get("reason", ""))}


def _footage(news: News) -> Mapping[str, object]:
    """Which request and which camera: who asks and why is read where it is decided."""
    return {key: str(news.data[key]) for key in ("request", "camera")} | {"urgent": bool(news.data.get("urgent"))}


def _ward(news: News) -> UUID | None:
    return UUID(news.subject.removeprefix("ward:"))


def _cameras(news: News) -> Mapping[str, object]:
    return {"cameras": len(list(news.data["cameras"]))}  # type: ignore[call-overload]


def _odd_use(news: News) -> Mapping[str, object]:
    """Which one, and which of the hearer's cameras. Who it was is read where it is looked at."""
    return {"odd_use": str(news.data["odd_use"]), "cameras": _texts(news.data["cameras"])}


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _device(news: News) -> Mapping[str, object]:
    """Which phone is new. The code it came by is nobody's business on the others' screens."""
    return {"device": str(UUID(news.subject.removeprefix("device:")))}


def _nothing(news: News) -> Mapping[str, object]:
    return {}


ALERT_TOPICS = frozenset({
    "alert.raised", "alert.joined", "alert.released", "alert.acknowledged", "alert.resolved", "alert.withdrawn",
    "alert.expired", "alert.escalated", "alert.clip", "alert.words",
})  # fmt: skip

_LINES = {
    "bank_account.added": _Line("stewards", _neighborhood, _nothing),  # where everybody's money will go
    "camera.offline": _Line("stewards", _neighborhood, _camera),
    "camera.online": _Line("stewards", _neighborhood, _camera),
    "camera.motion": _Line("household", _owner, _which),
    "code.guessing": _Line("stewards", _neighborhood, _nothing),
    "data_request.received": _Line("stewards", _neighborhood, _nothing),
    "data_request.answered": _Line("household", _askers, _nothing),
    "data_request.extended": _Line("household", _askers, _nothing),
    "data_request.done": _Line("household", _askers, _nothing),
    "data_request.refused": _Line("household", _askers, _nothing),
    "footage.put_to_owner": _Line("household", _owner, _footage),
    "footage.put_to_school": _Line("school", _household, _footage),
    "footage.put_to_leader": _Line("stewards", _neighborhood, _footage),
    "footage.answered_owner": _Line("household", _owner, _footage),
    "footage.answered_school": _Line("school", _household, _footage),
    "footage.answered_leader": _Line("stewards", _neighborhood, _footage),
    "footage.outcome_owner": _Line("household", _owner, _footage),
    "footage.outcome_school": _Line("school", _household, _footage),
    "footage.outcome_leader": _Line("stewards", _neighborhood, _footage),
    "footage.annex_opened_owner": _Line("household", _owner, _footage),
    "footage.annex_opened_school": _Line("school", _household, _footage),
    "footage.annex_opened_leader": _Line("stewards", _neighborhood, _footage),
    "recording.gave_way": _Line("stewards", _neighborhood, _cameras),
    "recording.gave_way_ward": _Line("duty", _ward, _cameras),
    "recording.resumed": _Line("stewards", _neighborhood, _cameras),
    "recording.resumed_ward": _Line("duty", _ward, _cameras),
    "odd_use.owner": _Line("household", _owner, _odd_use),
    "odd_use.leader": _Line("stewards", _neighborhood, _odd_use),
    "odd_use.school": _Line("school", _household, _odd_use),
    "device.redeemed": _Line("household", _household, _device),
}

HEARD = ALERT_TOPICS | _LINES.keys()
"""Every topic that somebody may be told of."""
