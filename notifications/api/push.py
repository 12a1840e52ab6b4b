"""``/push-subscriptions/`` and ``/push-key/``: Web Push for phones asleep, where the operator switched it on."""

from typing import Any

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
from notifications import subscriptions
from notifications.carriers.endpoints import LONGEST


class KeysInput(StrictSerializer):
    p256dh = serializers.CharField(max_length=120)
    auth = serializers.CharField(max_length=40)


class SubscriptionInput(serializers.Serializer[Any]):
    """What ``PushSubscription.toJSON()`` gives; browsers may add fields, which are left."""

    endpoint = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    keys = KeysInput()


class SubscriptionShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()


class KeyShape(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="`applicationServerKey`, URL-safe base64")


class PushSubscriptionsView(APIView):
    """My phone's one subscription: a new one takes the place of the earlier."""

    action = Action.SEE_SELF

    @extend_schema(request=SubscriptionInput, responses={201: SubscriptionShape})
    def post(self, request: Request) -> Response:
        wanted = valid(SubscriptionInput, request.data)
        keys = wanted["keys"]
        kept = subscriptions.push_subscribe(actor=caller(request), endpoint=wanted["endpoint"], **keys, now=now())
        return Response(SubscriptionShape(kept).data, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Forget it; also where there is none."""
        subscriptions.push_unsubscribe(actor=caller(request), now=now())
        return Response(status=204)


class PushKeyView(APIView):
    """Our public key to subscribe with; 409 ``push_off`` where push is not switched on."""

    action = Action.SEE_SELF

    @extend_schema(responses=KeyShape)
    def get(self, request: Request) -> Response:
        return Response({"key": subscriptions.push_key()})
