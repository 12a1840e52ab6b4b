"""Watching: open live, a range, a frame or the grid; end it; who watched, who watches now."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.paging import CursorPages
from backend.lib.valid import valid
from cameras import viewers, viewing
from cameras.api.fields import Instant
from cameras.api.shapes import RangeQuery, purpose_field
from cameras.models import Rendition, ViewMinute
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller

ONE_DAY = timedelta(days=1)


class LiveInput(serializers.Serializer[Any]):
    quality = serializers.ChoiceField(choices=Rendition.Name.choices, required=False)
    purpose = purpose_field()


class PlaybackInput(LiveInput):
    to = Instant(source="ends_at")

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python's, so it cannot be an attribute."""
        return {"from": Instant(source="starts_at"), **super().get_fields()}


class FrameInput(serializers.Serializer[Any]):
    at = Instant(required=False, allow_null=True, default=None, help_text="the newest where left out")
    width = serializers.IntegerField(required=False, min_value=16, max_value=viewing.MAX_FRAME_WIDTH)
    purpose = purpose_field()


class OpenedShape(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="a path with an opaque id: needs no header, and is nobody else's business")
    expires_at = serializers.DateTimeField(help_text="its latest end; ten minutes without a request end it earlier")
    session = serializers.UUIDField(source="session.id")


class WatchingShape(serializers.Serializer[Any]):
    household = serializers.CharField(help_text="empty for staff")
    person = serializers.CharField(help_text="of staff their name; empty for a household and for a shared screen")
    role = serializers.CharField()
    mode = serializers.ChoiceField(choices=ViewMinute.Mode.choices, help_text="`grid`: posters, by the hour")
    purpose = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        instants = {
            "from": serializers.DateTimeField(source="starts_at"),
            "to": serializers.DateTimeField(source="ends_at"),
        }
        return {**instants, **super().get_fields(), "watched_at": serializers.DateTimeField()}


class WatchingNowShape(serializers.Serializer[Any]):
    session = serializers.UUIDField(source="id")
    camera = serializers.UUIDField(source="camera_id", allow_null=True)
    camera_name = serializers.CharField(source="camera.name", default="")
    household = serializers.CharField(source="device.household.name", default="")
    mode = serializers.CharField()
    purpose = serializers.CharField()
    since = serializers.DateTimeField(source="created_at")
    last_used_at = serializers.DateTimeField()


class LiveView(APIView):
    """Open a camera's live picture: an HLS playlist."""

    action = Action.VIEW_LIVE

    @extend_schema(request=LiveInput, responses={201: OpenedShape})
    def post(self, request: Request, camera_id: UUID) -> Response:
        return _opened(viewing.view_open_live, LiveInput, request, camera_id=camera_id)


class PlaybackView(APIView):
    """Open a range of a camera's past, cut around its private hours: an HLS playlist."""

    action = Action.VIEW_REPLAY

    @extend_schema(request=PlaybackInput, responses={201: OpenedShape})
    def post(self, request: Request, camera_id: UUID) -> Response:
        return _opened(viewing.view_open_playback, PlaybackInput, request, camera_id=camera_id)


class FrameView(APIView):
    """Open one frame, live or past: a JPEG."""

    action = Action.VIEW_LIVE

    @extend_schema(request=FrameInput, responses={201: OpenedShape})
    def post(self, request: Request, camera_id: UUID) -> Response:
        return _opened(viewing.view_open_frame, FrameInput, request, camera_id=camera_id)


class GridView(APIView):
    """Open the posters of every camera one may see: ``<url>poster/<camera id>.jpg``. The same again while it lives."""

    action = Action.VIEW_LIVE

    @extend_schema(request=None, responses={201: OpenedShape})
    def post(self, request: Request) -> Response:
        return _opened(viewing.view_open_grid, serializers.Serializer, request)


class ViewSessionView(APIView):
    """End one of this device's views."""

    action = Action.VIEW_LIVE

    @extend_schema(responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        viewing.view_end(actor=caller(request), session_id=session_id, now=now())
        return Response(status=204)


class ViewingPages(CursorPages):
    """By view session: one that looked at several stretches gives several results, all on one page."""

    ordering = "-session_id"


class ViewersView(APIView):
    """Who watched my camera: residents by household, staff by name; the view opened last comes first.

    For the household that owns it; of a camera that is no household's for those who lead. `from` and `to` are of the
    footage: the last day if not said, 31 days at the most. ``page_size`` counts views.
    """

    action = Action.SEE_VIEWERS
    pagination_class = ViewingPages

    @extend_schema(parameters=[RangeQuery], responses=WatchingShape(many=True))
    def get(self, request: Request, camera_id: UUID) -> Response:
        moment = now()
        camera = viewers.watched_camera_for(caller(request), camera_id, now=moment)
        asked = valid(RangeQuery, request.query_params)
        ends_at = asked.get("to", moment)
        starts_at = max(asked.get("from", ends_at - ONE_DAY), ends_at - viewers.REACH)
        pages = self.pagination_class()
        views = pages.paginate_queryset(viewers.viewings_of(camera, starts_at, ends_at), request, view=self)
        sessions = [view["session_id"] for view in views]
        found = viewers.viewers_of(camera, sessions=sessions, span=(starts_at, ends_at))
        return pages.get_paginated_response(WatchingShape(found, many=True).data)


class NewestPages(CursorPages):
    ordering = "-id"


class WatchingNowView(APIView):
    """Who watches now, for the leader: the household, or nothing for staff. The view opened last comes first."""

    action = Action.SEE_WATCHING_NOW
    pagination_class = NewestPages

    @extend_schema(responses=WatchingNowShape(many=True), operation_id="watching_list")
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        page = pages.paginate_queryset(viewers.watching_now(caller(request), now=now()), request, view=self)
        return pages.get_paginated_response(WatchingNowShape(page, many=True).data)


def _opened(verb: Any, shape: type[serializers.Serializer[Any]], request: Request, **facts: Any) -> Response:
    wanted = valid(shape, request.data)
    address = request.META.get("REMOTE_ADDR") or ""
    opened = verb(actor=caller(request), address=address, now=now(), **facts, **wanted)
    return Response(OpenedShape(opened).data, status=201)
