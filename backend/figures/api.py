"""``/statistics/``: figures of a neighborhood, a ward, a province, or everything."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.figures.reading import Wanted, statistics_for
from backend.figures.shapes import FiguresShape, statistics_shape
from backend.lib.clock import now
from backend.lib.valid import valid
from cameras.api.fields import QuerySerializer
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


class StatisticsQuery(QuerySerializer):
    """``from`` is a word of Python's, so the fields are named here."""

    def get_fields(self) -> dict[str, Any]:
        place: dict[str, Any] = {
            "required": False,
            "help_text": "at most one place; the caller's own where none is named",
        }
        return {
            "neighborhood": serializers.UUIDField(source="neighborhood_id", **place),
            "ward": serializers.UUIDField(source="ward_id", **place),
            "province": serializers.RegexField(r"^[0-9]{2}$", source="province_code", **place),
            "from": serializers.DateField(source="first", required=False, help_text="first day, Việt Nam"),
            "to": serializers.DateField(source="last", required=False, help_text="last day, included; today"),
        }


class StatisticsView(APIView):
    """Counted from the rows themselves, every time it is asked for."""

    action = Action.SEE_STATISTICS

    @extend_schema(parameters=[StatisticsQuery], responses=FiguresShape)
    def get(self, request: Request) -> Response:
        asked = valid(StatisticsQuery, request.query_params)
        report = statistics_for(caller(request), Wanted(**asked), now=now())
        return Response(statistics_shape(report))
