"""``GET /events/``: the feed over HTTP, for who has no socket and for what a socket missed."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from notifications import feed


class EventsAsked(serializers.Serializer[object]):
    since = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=100,
        help_text="The cursor of the last event or answer; left out: from the beginning of what is kept.",
    )  # fmt: skip
    limit = serializers.IntegerField(required=False, default=feed.MOST, min_value=1, max_value=feed.MOST)


class EventShape(serializers.Serializer[object]):
    stream = serializers.UUIDField()
    seq = serializers.IntegerField(help_text="1, 2, 3 … in its stream, without a hole.")
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # the field, not ``Serializer.data``
    cursor = serializers.CharField()


class EventsPage(serializers.Serializer[object]):
    results = EventShape(many=True)
    cursor = serializers.CharField()
    more = serializers.BooleanField()
    reload = serializers.BooleanField(help_text="The cursor is too old: ask for the state first.")
    heads = serializers.DictField(child=serializers.IntegerField(), help_text="Stream → `seq` of its newest event.")


class EventsView(APIView):
    """What happened since the cursor, oldest first, of everything the caller is told."""

    action = Action.HEAR_NEWS

    @extend_schema(parameters=[EventsAsked], responses=EventsPage)
    def get(self, request: Request) -> Response:
        asked = valid(EventsAsked, request.query_params)
        page = feed.feed_page(caller(request), **asked, now=now())
        return Response(page.shape())
