"""What is recorded: ranges and gaps of a window, and seconds a day."""

import zoneinfo
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import BadInput
from backend.lib.valid import valid
from cameras import recordings, registry
from cameras.api.shapes import RangeQuery, RecordingsShape, SummaryQuery
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller

ONE_DAY = timedelta(days=1)


class RecordingsView(APIView):
    """Ranges and gaps of a window, the last 24 hours where it is left out. A window that makes no sense has neither."""

    action = Action.VIEW_REPLAY

    @extend_schema(parameters=[RangeQuery], responses=RecordingsShape)
    def get(self, request: Request, camera_id: UUID) -> Response:
        asked = valid(RangeQuery, request.query_params)
        moment, actor = now(), caller(request)
        camera = registry.camera_for(actor, Action.VIEW_REPLAY, camera_id, now=moment)
        ends_at = asked.get("to", moment)
        starts_at = asked.get("from", ends_at - ONE_DAY)
        found = recordings.recordings_between(actor, camera, starts_at, ends_at, now=moment)
        ranges = [{"from": start, "to": end} for start, end in found.ranges]
        gaps = [{"from": gap.starts_at, "to": gap.ends_at, "reason": gap.reason} for gap in found.gaps]
        return Response(RecordingsShape({"ranges": ranges, "gaps": gaps}).data)


class RecordingsSummaryView(APIView):
    """Local day → seconds recorded."""

    action = Action.VIEW_REPLAY

    @extend_schema(
        parameters=[SummaryQuery],
        responses={(200, "application/json"): {"type": "object", "additionalProperties": {"type": "integer"}}},
    )
    def get(self, request: Request, camera_id: UUID) -> Response:
        asked = valid(SummaryQuery, request.query_params)
        moment, actor = now(), caller(request)
        camera = registry.camera_for(actor, Action.VIEW_REPLAY, camera_id, now=moment)
        zone = _zone(asked.get("tz", "Asia/Ho_Chi_Minh"))
        return Response(recordings.summary(actor, camera, zone, now=moment))


def _zone(name: str) -> zoneinfo.ZoneInfo:
    """By its IANA name. The name becomes a path inside the library, which refuses what would leave its folder."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        reason = _("Unknown time zone.")
        raise BadInput(reason, fields={"tz": [reason]}) from None
