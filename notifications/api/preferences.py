"""``/me/notifications/``: how my phone wants to be told."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from cameras.api.fields import StrictSerializer
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from notifications.categories import CATEGORIES
from notifications.models import Preferences, PushSubscription
from notifications.preferences import MUTABLE, Changes, preferences_change, preferences_of

MINUTES = "%H:%M"


class PreferencesInput(StrictSerializer):
    quiet_from = serializers.TimeField(
        required=False, allow_null=True, input_formats=[MINUTES], help_text="22:00, in Việt Nam; null: no quiet hours"
    )
    quiet_to = serializers.TimeField(required=False, allow_null=True, input_formats=[MINUTES])
    muted = serializers.ListField(
        required=False, child=serializers.CharField(max_length=20), max_length=len(CATEGORIES),
        help_text="categories that never ring here; those that break quiet hours cannot be muted",
    )  # fmt: skip
    sound = serializers.BooleanField(required=False)
    vibration = serializers.BooleanField(required=False)
    digest = serializers.BooleanField(
        required=False, help_text="one summary each evening, and what breaks quiet hours; nothing else rings"
    )


class PreferencesShape(serializers.Serializer[Any]):
    quiet_from = serializers.TimeField(format=MINUTES, allow_null=True)
    quiet_to = serializers.TimeField(format=MINUTES, allow_null=True)
    muted = serializers.ListField(child=serializers.CharField())
    sound = serializers.BooleanField()
    vibration = serializers.BooleanField()
    digest = serializers.BooleanField()
    mutable = serializers.ListField(child=serializers.CharField(), help_text="categories that may be muted")
    subscribed = serializers.BooleanField(help_text="whether this phone has a push subscription with us")


class MyNotificationsView(APIView):
    """Of the phone or browser that asks."""

    action = Action.SEE_SELF

    @extend_schema(responses=PreferencesShape)
    def get(self, request: Request) -> Response:
        return Response(shape(preferences_of(caller(request))))

    @extend_schema(request=PreferencesInput, responses=PreferencesShape)
    def patch(self, request: Request) -> Response:
        wanted = valid(PreferencesInput, request.data)
        kept = preferences_change(actor=caller(request), changes=cast(Changes, wanted), now=now())
        return Response(shape(kept))


def shape(preferences: Preferences) -> dict[str, Any]:
    subscribed = PushSubscription.objects.filter(device_id=preferences.device_id).exists()
    shaped: dict[str, Any] = PreferencesShape(
        {
            **{name: getattr(preferences, name) for name in Changes.__annotations__},
            "mutable": MUTABLE,
            "subscribed": subscribed,
        }
    ).data
    return shaped
