"""What alerts look like on the wire. Output is ``telling``'s own dict: these describe it; writes go to verbs."""

from typing import Any

from rest_framework import serializers

from cameras.api.fields import Instant, QuerySerializer, StrictSerializer
from cameras.api.shapes import Place as PlaceShape
from cameras.api.shapes import PlaceInput
from notifications import claims
from notifications.categories import CATEGORIES, Audience, Severity
from notifications.facing import Place
from notifications.models import Alert

OPEN = "open"
CATEGORY_CODES = list(CATEGORIES)
SEVERITIES = [severity.value for severity in Severity]
AUDIENCES = [audience.value for audience in Audience]
CLIP_STATES = ["none", "coming", "ready", "failed"]
VIEWS = ["open", "full"]
LONGEST_SENT = 4_000
"""Of text on its way in: longer than the verb allows even where every letter comes decomposed, and no more."""


def place_of(location: dict[str, float] | None) -> Place | None:
    return Place(location["lat"], location["lon"]) if location else None


def source_field() -> serializers.ChoiceField:
    """``source`` and ``from`` are words of the framework's and of Python's: such fields are named in ``get_fields``."""
    return serializers.ChoiceField(choices=Alert.Source.choices)


class ReportShape(serializers.Serializer[Any]):
    reporter = serializers.CharField()
    text = serializers.CharField()
    at = Instant()


class AlertShape(serializers.Serializer[Any]):
    """An alert as its reader may see it. `text` is null until it is released, but to those who lead and to whoever
    wrote it. The fields from `text_released` on stand only in the full view."""

    id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="rises with every change: keep the highest")
    view = serializers.ChoiceField(choices=VIEWS)
    category = serializers.ChoiceField(choices=CATEGORY_CODES)
    severity = serializers.ChoiceField(choices=SEVERITIES)
    state = serializers.ChoiceField(choices=Alert.State.choices)
    neighborhood = serializers.UUIDField(allow_null=True, help_text="null: a broadcast to the ward")
    ward = serializers.UUIDField()
    place = serializers.CharField(help_text="in words")
    location = PlaceShape(allow_null=True)
    cameras = serializers.ListField(child=serializers.UUIDField())
    occurred_at = Instant()
    raised_at = Instant()
    expires_at = Instant()
    reports = serializers.IntegerField(help_text="households, and others, that say the same")
    text = serializers.CharField(allow_null=True)
    clip = serializers.ChoiceField(choices=CLIP_STATES)
    clip_released = serializers.BooleanField()
    acknowledged_at = Instant(allow_null=True)
    resolved_at = Instant(allow_null=True)
    verdict = serializers.ChoiceField(choices=Alert.Verdict.choices, allow_blank=True)
    withdrawn_reason = serializers.CharField()
    mine = serializers.BooleanField(help_text="the caller's household, or account, told it first")
    said = serializers.BooleanField(help_text="the caller's household, or account, told it, first or later")
    text_released = serializers.BooleanField(required=False)
    reporter = serializers.CharField(required=False)
    joined = ReportShape(many=True, required=False, help_text="the newest 20, the latest last; of one alert 200")
    joined_count = serializers.IntegerField(required=False, help_text="how many there are in all")
    escalation = serializers.IntegerField(required=False, help_text="0 leader, 1 deputies, 2 the ward's duty")
    escalate_at = Instant(required=False, allow_null=True)
    acknowledged_by = serializers.CharField(required=False)
    resolved_by = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "source": source_field()}


class AlertsShape(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    results = AlertShape(many=True)
    cursor = serializers.CharField(help_text="of the feed: `GET /events/?since=` goes on from this list")


class AlertQuery(QuerySerializer):
    state = serializers.ChoiceField(
        choices=[OPEN, *Alert.State.values], required=False, help_text="`open`: raised or acknowledged"
    )
    category = serializers.ChoiceField(choices=CATEGORY_CODES, required=False)
    since = Instant(required=False, help_text="raised at or after it")
    neighborhood = serializers.UUIDField(required=False)


class WhatHappened(StrictSerializer):
    """What a person and another system may say alike."""

    category = serializers.CharField(max_length=20)
    text = serializers.CharField(
        max_length=LONGEST_SENT, required=False, allow_blank=True, trim_whitespace=False, help_text="500 characters"
    )
    camera_ids = serializers.ListField(child=serializers.UUIDField(), max_length=claims.MOST_CAMERAS, required=False)
    location = PlaceInput(required=False, allow_null=True)
    occurred_at = Instant(required=False, help_text="now; up to 24 hours ago")

    def validate_location(self, location: dict[str, float] | None) -> Place | None:
        return place_of(location)


class AlertInput(WhatHappened):
    neighborhood = serializers.UUIDField(
        source="neighborhood_id", required=False, help_text="for the ward's people; else the caller's own"
    )


class HookInput(WhatHappened):
    event_id = serializers.CharField(max_length=400, trim_whitespace=False, help_text="80 characters; once an event")


class BroadcastInput(StrictSerializer):
    ward = serializers.UUIDField(source="ward_id", required=False, help_text="the caller's own where left out")
    category = serializers.CharField(max_length=20)
    text = serializers.CharField(max_length=LONGEST_SENT, allow_blank=True, trim_whitespace=False)
    occurred_at = Instant(required=False)


class WordsInput(StrictSerializer):
    text = serializers.CharField(
        max_length=LONGEST_SENT, allow_blank=True, trim_whitespace=False, help_text="500 characters"
    )


class ReleaseInput(StrictSerializer):
    text = serializers.BooleanField(required=False, default=True)
    clip = serializers.BooleanField(required=False, default=True)


class ResolveInput(StrictSerializer):
    verdict = serializers.ChoiceField(choices=Alert.Verdict.choices)


class WithdrawInput(StrictSerializer):
    reason = serializers.CharField(
        max_length=LONGEST_SENT, allow_blank=True, trim_whitespace=False, help_text="300 characters; everybody reads it"
    )


class ClipShape(serializers.Serializer[Any]):
    camera = serializers.UUIDField()
    camera_name = serializers.CharField()
    clip_url = serializers.CharField(help_text="HLS; a view session of its own")
    poster_url = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(), "to": Instant()}


class ClipsShape(serializers.Serializer[Any]):
    clips = ClipShape(many=True)


class CategoryShape(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=CATEGORY_CODES)
    name = serializers.CharField(help_text="in the caller's language")
    severity = serializers.ChoiceField(choices=SEVERITIES)
    audience = serializers.ChoiceField(choices=AUDIENCES)
    tells_officer = serializers.BooleanField()
    released = serializers.ListField(child=serializers.CharField(), help_text="`text`, `clip`: everybody's at once")
    needs_place = serializers.BooleanField()
    breaks_quiet = serializers.BooleanField()
    raised_by_people = serializers.BooleanField()
    only_stewards = serializers.BooleanField(help_text="of people only those who lead, and the ward's duty, raise it")
    lives_s = serializers.IntegerField()
    escalates_after_s = serializers.IntegerField(allow_null=True)


class StatisticsQuery(QuerySerializer):
    def get_fields(self) -> dict[str, Any]:
        return {"from": Instant(required=False), "to": Instant(required=False)}


class SourceShape(serializers.Serializer[Any]):
    raised = serializers.IntegerField()
    used = serializers.IntegerField()
    not_used = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    judged = serializers.IntegerField()
    precision = serializers.FloatField(allow_null=True, help_text="used / judged")

    def get_fields(self) -> dict[str, Any]:
        return {"source": source_field(), **super().get_fields(), "false": serializers.IntegerField()}


class StatisticsShape(serializers.Serializer[Any]):
    sources = SourceShape(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": Instant(), "to": Instant(), **super().get_fields()}


class EndpointInput(StrictSerializer):
    neighborhood = serializers.UUIDField(source="neighborhood_id", required=False, help_text="the caller's own")
    name = serializers.CharField(max_length=300, trim_whitespace=False)
    categories = serializers.ListField(child=serializers.CharField(max_length=20), max_length=len(CATEGORIES))


class EndpointShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    name = serializers.CharField()
    categories = serializers.ListField(child=serializers.CharField())
    created_at = Instant()
    last_used_at = Instant(allow_null=True)
    revoked_at = Instant(allow_null=True)


class EndpointCreated(EndpointShape):
    secret = serializers.CharField(help_text="shown now and never again: signs the messages")
    url = serializers.CharField(help_text="where they are posted")


class HookAnswer(serializers.Serializer[Any]):
    alert = serializers.UUIDField()
    joined = serializers.BooleanField(help_text="the same event again, or told by somebody before")
