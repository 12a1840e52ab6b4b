"""``/setup/``: what the one-time set-up link posts. Everything is made, or nothing."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.public import PUBLIC
from backend.lib.valid import valid
from neighborhoods.api.shapes import NeighborhoodShape
from neighborhoods.setup import NewAccount, NewPlace, setup_complete


class AccountInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False, write_only=True)
    display_name = serializers.CharField(max_length=200)


class SetupInput(AccountInput):
    """The administrator's own fields, the first place, and the leader where that is somebody else."""

    token = serializers.CharField(max_length=100, write_only=True)
    ward_code = serializers.CharField(max_length=5, help_text="official, five digits, zero-padded")
    ward_name = serializers.CharField(max_length=200)
    province_code = serializers.CharField(max_length=2, help_text="official, two digits, zero-padded")
    province_name = serializers.CharField(max_length=200)
    neighborhood_name = serializers.CharField(max_length=200)
    selector = serializers.CharField(max_length=12, required=False, allow_blank=True)
    leader = AccountInput(required=False, allow_null=True, help_text="without it the administrator leads")


class SetupShape(serializers.Serializer[Any]):
    administrator = serializers.CharField(source="administrator.username")
    leader = serializers.CharField(source="leader.username")
    neighborhood = NeighborhoodShape()


class SetupView(APIView):
    action = PUBLIC
    authentication_classes: list[Any] = []

    @extend_schema(request=SetupInput, responses={201: SetupShape}, auth=[])
    def post(self, request: Request) -> Response:
        facts = valid(SetupInput, request.data)
        place = NewPlace(
            **{name: facts[name] for name in NewPlace.__dataclass_fields__ if name != "selector"},
            selector=facts.get("selector") or None,
        )
        done = setup_complete(
            token=facts["token"],
            administrator=_account(facts),
            leader=_account(facts["leader"]) if facts.get("leader") else None,
            place=place,
            now=now(),
        )
        return Response(SetupShape(done).data, status=201)


def _account(facts: dict[str, Any]) -> NewAccount:
    return NewAccount(facts["username"], facts["password"], facts["display_name"])
