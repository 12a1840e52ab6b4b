"""``/wards/`` and ``/neighborhoods/``: lists for everyone of what is theirs, additions for administrators."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.shapes import NeighborhoodShape, WardShape
from neighborhoods.models import Neighborhood, Province, Ward
from neighborhoods.places import neighborhood_create, neighborhoods_for, ward_create, wards_for
from neighborhoods.searching import LONGEST, neighborhoods_matching, wards_matching


class WardInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=5, help_text="official, five digits, zero-padded")
    name = serializers.CharField(max_length=200)
    province_code = serializers.CharField(max_length=2, help_text="official, two digits, zero-padded")
    province_name = serializers.CharField(max_length=200)


class NeighborhoodInput(serializers.Serializer[Any]):
    ward = serializers.UUIDField(source="ward_id")
    name = serializers.CharField(max_length=200)
    selector = serializers.CharField(max_length=12, required=False, help_text="in front of every code, such as HG7")


class ProvinceShape(serializers.ModelSerializer[Province]):
    class Meta:
        model = Province
        fields = ["code", "name", "kind"]


class WardFilter(filters.FilterSet):  # type: ignore[misc]
    q = filters.CharFilter(method="by_words", max_length=LONGEST, help_text="name, province or code, as people type")
    province = filters.CharFilter(field_name="province_code")

    class Meta:
        model = Ward
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Ward], _name: str, text: str) -> QuerySet[Ward]:
        return wards_matching(rows, text)


class NeighborhoodFilter(filters.FilterSet):  # type: ignore[misc]
    ward = filters.UUIDFilter(field_name="ward_id")
    q = filters.CharFilter(method="by_words", max_length=LONGEST, help_text="name, ward, code or prefix")

    class Meta:
        model = Neighborhood
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Neighborhood], _name: str, text: str) -> QuerySet[Neighborhood]:
        return neighborhoods_matching(rows, text)


class ProvincesView(APIView):
    """The provinces that are loaded: 34 where the official list is."""

    action = Action.SEE_PLACES

    @extend_schema(responses=ProvinceShape(many=True))
    def get(self, request: Request) -> Response:
        return Response(ProvinceShape(Province.objects.order_by("code"), many=True).data)


class WardsView(ListAPIView[Ward]):
    action = {"GET": Action.SEE_PLACES, "POST": Action.MANAGE_PLATFORM}
    serializer_class = WardShape
    filterset_class = WardFilter
    queryset = Ward.objects.none()

    def get_queryset(self) -> QuerySet[Ward]:
        return wards_for(caller(self.request))

    @extend_schema(request=WardInput, responses={201: WardShape})
    def post(self, request: Request) -> Response:
        wanted = valid(WardInput, request.data)
        ward = ward_create(actor=caller(request), now=now(), **wanted)
        return Response(WardShape(ward).data, status=201)


class NeighborhoodsView(ListAPIView[Neighborhood]):
    action = {"GET": Action.SEE_PLACES, "POST": Action.MANAGE_PLATFORM}
    serializer_class = NeighborhoodShape
    filterset_class = NeighborhoodFilter
    queryset = Neighborhood.objects.none()

    def get_queryset(self) -> QuerySet[Neighborhood]:
        return neighborhoods_for(caller(self.request))

    @extend_schema(request=NeighborhoodInput, responses={201: NeighborhoodShape})
    def post(self, request: Request) -> Response:
        wanted = valid(NeighborhoodInput, request.data)
        neighborhood = neighborhood_create(actor=caller(request), now=now(), **wanted)
        return Response(NeighborhoodShape(neighborhood).data, status=201)
