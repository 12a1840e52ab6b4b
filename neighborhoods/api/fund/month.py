"""``/campaigns/{id}/statement/``: a month of the fund on paper, as long work whose file is the PDF."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.jobs import JobShape
from neighborhoods.fund.statement_job import statement_start


class MonthInput(serializers.Serializer[Any]):
    year = serializers.IntegerField(min_value=2000, max_value=9999)
    month = serializers.IntegerField(min_value=1, max_value=12)


class StatementView(APIView):
    """Have a month's statement printed, with the names of those who sign it."""

    action = Action.TEND_FUND

    @extend_schema(request=MonthInput, responses={202: JobShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(MonthInput, request.data)
        job = statement_start(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(JobShape(job).data, status=202)
