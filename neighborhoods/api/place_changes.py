"""``/wards/{id}/`` and ``/neighborhoods/{id}/``: one place, its past, and how administrators change it."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.shapes import HouseholdBrief, LocationShape, NeighborhoodShape, WardShape
from neighborhoods.models import PlaceHistory
from neighborhoods.neighborhood_changes import neighborhood_locate, neighborhood_move, neighborhood_rename
from neighborhoods.neighborhood_merging import neighborhood_merge, neighborhood_split
from neighborhoods.places import neighborhood_for, ward_for
from neighborhoods.wards import ward_merge, ward_rename, ward_split


class Decided(serializers.Serializer[Any]):
    """What every change has beside it."""

    decision = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="1684/NQ-UBTVQH15")
    until = serializers.DateField(required=False, help_text="the day the new holds from; today")


class RenameInput(Decided):
    name = serializers.CharField(max_length=200)


class MergeInput(Decided):
    into = serializers.UUIDField(source="into_id")


class MoveInput(Decided):
    ward = serializers.UUIDField(source="ward_id")


class NeighborhoodSplitInput(Decided):
    name = serializers.CharField(max_length=200)
    selector = serializers.CharField(max_length=12, required=False)
    households = serializers.ListField(source="household_ids", child=serializers.UUIDField(), max_length=5000)


class WardSplitInput(Decided):
    code = serializers.CharField(max_length=5, help_text="official, five digits")
    name = serializers.CharField(max_length=200)
    neighborhoods = serializers.ListField(source="neighborhood_ids", child=serializers.UUIDField(), max_length=500)


class LocationInput(serializers.Serializer[Any]):
    location = LocationShape(allow_null=True, required=False, default=None)


class HistoryShape(serializers.ModelSerializer[PlaceHistory]):
    class Meta:
        model = PlaceHistory
        fields = ["change", "name", "code", "former_place_id", "into_id", "until", "decision", "recorded_at"]


class MergedShape(serializers.Serializer[Any]):
    neighborhood = NeighborhoodShape()
    renumbered = HouseholdBrief(many=True, help_text="those whose number was taken, with the new one")
    twins = HouseholdBrief(many=True, help_text="those whose address another household has already")


class NeighborhoodView(APIView):
    action = {"GET": Action.SEE_PLACES, "PATCH": Action.MANAGE_PLATFORM}

    @extend_schema(responses=NeighborhoodShape)
    def get(self, request: Request, neighborhood_id: UUID) -> Response:
        return Response(NeighborhoodShape(neighborhood_for(caller(request), Action.SEE_PLACES, neighborhood_id)).data)

    @extend_schema(request=RenameInput, responses=NeighborhoodShape)
    def patch(self, request: Request, neighborhood_id: UUID) -> Response:
        wanted = valid(RenameInput, request.data)
        renamed = neighborhood_rename(actor=caller(request), neighborhood_id=neighborhood_id, now=now(), **wanted)
        return Response(NeighborhoodShape(renamed).data)


class NeighborhoodLocationView(APIView):
    """Where its middle lies on the map, as those who lead it say; without `location` it is on the map no more."""

    action = Action.LOCATE_PLACE

    @extend_schema(request=LocationInput, responses=NeighborhoodShape)
    def put(self, request: Request, neighborhood_id: UUID) -> Response:
        said = valid(LocationInput, request.data)["location"]
        middle = (said["lat"], said["lon"]) if said else None
        place = neighborhood_locate(actor=caller(request), neighborhood_id=neighborhood_id, middle=middle, now=now())
        return Response(NeighborhoodShape(place).data)


class NeighborhoodHistoryView(APIView):
    """What it was called, under which code, until when and by which decision; what was merged into it."""

    action = Action.SEE_PLACES

    @extend_schema(responses=HistoryShape(many=True))
    def get(self, request: Request, neighborhood_id: UUID) -> Response:
        place = neighborhood_for(caller(request), Action.SEE_PLACES, neighborhood_id)
        rows = PlaceHistory.objects.filter(
            Q(neighborhood=place) | Q(into_id=place.id, neighborhood__isnull=False)
        )  # fmt: skip
        return Response(HistoryShape(rows.order_by("id"), many=True).data)


class NeighborhoodMoveView(APIView):
    """It belongs to another ward from now on."""

    action = Action.MANAGE_PLATFORM

    @extend_schema(request=MoveInput, responses=NeighborhoodShape)
    def post(self, request: Request, neighborhood_id: UUID) -> Response:
        wanted = valid(MoveInput, request.data)
        moved = neighborhood_move(actor=caller(request), neighborhood_id=neighborhood_id, now=now(), **wanted)
        return Response(NeighborhoodShape(moved).data)


class NeighborhoodMergeView(APIView):
    """Put it into another of its ward, with everything that hangs on it."""

    action = Action.MANAGE_PLATFORM

    @extend_schema(request=MergeInput, responses=MergedShape)
    def post(self, request: Request, neighborhood_id: UUID) -> Response:
        wanted = valid(MergeInput, request.data)
        merged = neighborhood_merge(actor=caller(request), neighborhood_id=neighborhood_id, now=now(), **wanted)
        return Response(MergedShape(merged).data)


class NeighborhoodSplitView(APIView):
    """Make a new neighborhood of some of its households."""

    action = Action.MANAGE_PLATFORM

    @extend_schema(request=NeighborhoodSplitInput, responses={201: NeighborhoodShape})
    def post(self, request: Request, neighborhood_id: UUID) -> Response:
        wanted = valid(NeighborhoodSplitInput, request.data)
        made = neighborhood_split(actor=caller(request), neighborhood_id=neighborhood_id, now=now(), **wanted)
        return Response(NeighborhoodShape(made).data, status=201)


class WardView(APIView):
    action = {"GET": Action.SEE_PLACES, "PATCH": Action.MANAGE_PLATFORM}

    @extend_schema(responses=WardShape)
    def get(self, request: Request, ward_id: UUID) -> Response:
        return Response(WardShape(ward_for(caller(request), ward_id)).data)

    @extend_schema(request=RenameInput, responses=WardShape)
    def patch(self, request: Request, ward_id: UUID) -> Response:
        renamed = ward_rename(actor=caller(request), ward_id=ward_id, now=now(), **valid(RenameInput, request.data))
        return Response(WardShape(renamed).data)


class WardHistoryView(APIView):
    action = Action.SEE_PLACES

    @extend_schema(responses=HistoryShape(many=True))
    def get(self, request: Request, ward_id: UUID) -> Response:
        ward = ward_for(caller(request), ward_id)
        rows = PlaceHistory.objects.filter(Q(ward=ward) | Q(into_id=ward.id, ward__isnull=False))
        return Response(HistoryShape(rows.order_by("id"), many=True).data)


class WardMergeView(APIView):
    """Put it into another: its neighborhoods and those who serve there go with it."""

    action = Action.MANAGE_PLATFORM

    @extend_schema(request=MergeInput, responses=WardShape)
    def post(self, request: Request, ward_id: UUID) -> Response:
        merged = ward_merge(actor=caller(request), ward_id=ward_id, now=now(), **valid(MergeInput, request.data))
        return Response(WardShape(merged).data)


class WardSplitView(APIView):
    """Make a new ward of some of its neighborhoods."""

    action = Action.MANAGE_PLATFORM

    @extend_schema(request=WardSplitInput, responses={201: WardShape})
    def post(self, request: Request, ward_id: UUID) -> Response:
        made = ward_split(actor=caller(request), ward_id=ward_id, now=now(), **valid(WardSplitInput, request.data))
        return Response(WardShape(made).data, status=201)
