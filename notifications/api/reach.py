"""Who was reached, for those who lead; and a day in a few lines, for everybody."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now, vietnam_day
from backend.lib.valid import valid
from cameras.api.fields import EARLIEST, LATEST, Instant, QuerySerializer
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from notifications.digests import digest_of
from notifications.reach import reach_for


class ReachShape(serializers.Serializer[Any]):
    households = serializers.IntegerField(help_text="with a phone that counts now")
    devices = serializers.IntegerField(help_text="their phones")
    delivered = serializers.IntegerField(help_text="households of which a phone has it")
    seen = serializers.IntegerField(help_text="households that opened it")
    seconds = serializers.FloatField(allow_null=True, help_text="until the last of them had it")
    pushed = serializers.IntegerField(help_text="phones for which a push service took it")


class AlertReachView(APIView):
    """Delivered to so many of so many households, in so many seconds."""

    action = Action.STEWARD_ALERTS

    @extend_schema(responses=ReachShape)
    def get(self, request: Request, alert_id: UUID) -> Response:
        return Response(ReachShape(reach_for(caller(request), alert_id, now=now())).data)


class DayAsked(QuerySerializer):
    day = serializers.DateField(required=False, help_text="local date, 2026-11-25; today where left out")

    def validate_day(self, day: date) -> date:
        if not EARLIEST.date() < day < LATEST.date():
            raise serializers.ValidationError(_("That time is not possible."))
        return day


class DigestGroup(serializers.Serializer[Any]):
    category = serializers.CharField()
    severity = serializers.CharField()
    raised = serializers.IntegerField()
    handled = serializers.IntegerField()
    alerts = serializers.ListField(child=serializers.DictField(), help_text="open views, newest first")


class DigestShape(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {
            "day": serializers.DateField(),
            "from": Instant(),  # a word of Python's
            "to": Instant(),
            "raised": serializers.IntegerField(),
            "handled": serializers.IntegerField(),
            "categories": DigestGroup(many=True),
        }


class AlertDigestView(APIView):
    """The 24 hours until half past six of that day, by category: what the evening's message sums up."""

    action = Action.SEE_ALERTS

    @extend_schema(parameters=[DayAsked], responses=DigestShape)
    def get(self, request: Request) -> Response:
        asked = valid(DayAsked, request.query_params)
        day = asked.get("day") or vietnam_day(now())
        return Response(DigestShape(digest_of(caller(request), day)).data)
