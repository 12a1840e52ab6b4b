"""Watching that somebody should look at, for the owner of the camera and the ward's auditor."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.paging import CursorPages
from cameras import odduses
from cameras.api.fields import Instant
from cameras.models import OddUse
from cameras.viewers import Names
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


class OddUseCamera(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class OddUseShape(serializers.Serializer[Any]):
    """`count` is of cameras (`many_cameras`), minutes of footage (`at_night`, `endless`) or days (`again`)."""

    id = serializers.UUIDField()
    rule = serializers.ChoiceField(choices=OddUse.Rule.choices)
    household = serializers.SerializerMethodField(help_text="empty for staff")
    person = serializers.SerializerMethodField(help_text="of staff their name; empty for a household")
    role = serializers.CharField()
    count = serializers.IntegerField()
    cameras = OddUseCamera(many=True, help_text="those of the caller's alone; all of the ward's for its auditor")
    noticed_at = Instant()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(source="starts_at"), "to": Instant(source="ends_at")}

    def get_household(self, odd: OddUse) -> str:
        return self._names.household(odd)

    def get_person(self, odd: OddUse) -> str:
        return self._names.person(odd)

    @property
    def _names(self) -> Names:
        names: Names = self.context["names"]
        return names


class NewestOddUses(CursorPages):
    ordering = "-id"


class OddUsesView(APIView):
    """What was odd about the watching of the caller's cameras, or of a ward's for its auditor; noticed last, first.

    A resident stands there by household, staff by name. Nobody is judged: somebody should look at it.
    """

    action = Action.SEE_ODD_USES
    pagination_class = NewestOddUses

    @extend_schema(responses=OddUseShape(many=True), operation_id="odd_uses_list")
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        page = pages.paginate_queryset(odduses.odd_uses_for(caller(request)), request, view=self)
        return pages.get_paginated_response(OddUseShape(page, many=True, context={"names": Names.of(page)}).data)
