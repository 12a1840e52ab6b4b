"""``/campaigns/``: what money is asked for, what the households decided about it, and the open book of it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.anyaccept import FILES
from backend.lib.clock import now
from backend.lib.tables import Cell, write_csv
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.fields import DongField
from neighborhoods.api.fund.shapes import (
    CampaignShape,
    EntryShape,
    LinkShape,
    RecordedResolutionShape,
    ResolutionShape,
)
from neighborhoods.fund.balances import balances
from neighborhoods.fund.campaigns import (
    campaign_close,
    campaign_edit,
    campaign_for,
    campaign_open,
    campaigns_for,
)
from neighborhoods.fund.chain import chain_for
from neighborhoods.fund.open_book import Row, book_of
from neighborhoods.fund.resolutions import SIGNS, Count, hints, resolution_record
from neighborhoods.models import Campaign, LedgerEntry, Resolution


class CampaignFilter(filters.FilterSet):  # type: ignore[misc]
    neighborhood = filters.UUIDFilter(field_name="neighborhood_id")
    closed = filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Campaign
        fields: list[str] = []


class CampaignPatch(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20, required=False, help_text="2 to 6 of A-Z and 0-9")
    purpose = serializers.CharField(max_length=300, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    target = DongField(required=False)
    suggestion = DongField(required=False, allow_null=True, help_text="per household")
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False)
    approval_above = DongField(least=0, required=False, help_text="an expense of more needs a second person")


class CampaignInput(CampaignPatch):
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    code = serializers.CharField(max_length=20, help_text="2 to 6 of A-Z and 0-9")
    purpose = serializers.CharField(max_length=300)
    target = DongField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class CloseInput(serializers.Serializer[Any]):
    note = serializers.CharField(
        max_length=600, required=False, allow_blank=True, help_text="what becomes of the money that is left; public"
    )


class SignatoryInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=SIGNS)
    name = serializers.CharField(max_length=300)


class ResolutionInput(serializers.Serializer[Any]):
    held_on = serializers.DateField()
    households_total = serializers.IntegerField()
    households_present = serializers.IntegerField()
    households_absent = serializers.IntegerField()
    in_favour = serializers.IntegerField()
    form = serializers.ChoiceField(choices=Resolution.Form.choices)
    content = serializers.CharField(max_length=8000)
    signatories = SignatoryInput(many=True, required=False)
    scan = serializers.UUIDField(source="scan_id", required=False, allow_null=True, help_text="from …/scans/")


COLUMNS = (
    "number", "happened_on", "kind", "debit", "credit", "amount", "change", "held", "reverses", "what", "payee",
)  # fmt: skip
"""Of the ledger as CSV. ``change`` is what the fund had more by it, ``held`` what it holds after it, in đồng."""


def _cells(row: Row) -> list[Cell]:
    spent = (row.expense.what, row.expense.payee) if row.expense else ("", "")
    return [
        row.number, row.day.isoformat(), row.kind, row.debit, row.credit, row.moved, row.amount, row.balance,
        row.reversal_of, *spent,
    ]  # fmt: skip


def shaped(campaigns: list[Campaign]) -> Any:
    """Campaigns with what they hold."""
    held = balances(campaign.id for campaign in campaigns)
    return CampaignShape(campaigns, many=True, context={"balances": held}).data


class CampaignsView(ListAPIView[Campaign]):
    action = {"GET": Action.SEE_FUND, "POST": Action.PLAN_FUND}
    serializer_class = CampaignShape
    filterset_class = CampaignFilter
    queryset = Campaign.objects.none()

    def get_queryset(self) -> QuerySet[Campaign]:
        return campaigns_for(caller(self.request))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shaped(list(page or [])))

    @extend_schema(request=CampaignInput, responses={201: CampaignShape})
    def post(self, request: Request) -> Response:
        wanted = valid(CampaignInput, request.data)
        campaign = campaign_open(actor=caller(request), now=now(), **wanted)
        return Response(shaped([campaign])[0], status=201)


class CampaignView(APIView):
    action = {"GET": Action.SEE_FUND, "PATCH": Action.PLAN_FUND}

    @extend_schema(responses=CampaignShape)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        return Response(shaped([campaign_for(caller(request), Action.SEE_FUND, campaign_id)])[0])

    @extend_schema(request=CampaignPatch, responses=CampaignShape)
    def patch(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(CampaignPatch, request.data)
        changed = campaign_edit(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(shaped([changed])[0])


class CampaignCloseView(APIView):
    """The book is not written in any more. Money that is left needs a note."""

    action = Action.PLAN_FUND

    @extend_schema(request=CloseInput, responses=CampaignShape)
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(CloseInput, request.data)
        closed = campaign_close(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(shaped([closed])[0])


class ResolutionsView(ListAPIView[Resolution]):
    action = {"GET": Action.SEE_FUND, "POST": Action.PLAN_FUND}
    serializer_class = ResolutionShape
    queryset = Resolution.objects.none()

    def get_queryset(self) -> QuerySet[Resolution]:
        campaign = campaign_for(caller(self.request), Action.SEE_FUND, self.kwargs["campaign_id"])
        return campaign.resolutions.order_by("id")

    @extend_schema(request=ResolutionInput, responses={201: RecordedResolutionShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        facts = valid(ResolutionInput, request.data)
        count = Count(
            total=facts.pop("households_total"), present=facts.pop("households_present"),
            absent=facts.pop("households_absent"), in_favour=facts.pop("in_favour"),
        )  # fmt: skip
        found = resolution_record(actor=caller(request), campaign_id=campaign_id, count=count, now=now(), **facts)
        found.hints = hints(found)  # type: ignore[attr-defined]  # of this answer, not of the row
        return Response(RecordedResolutionShape(found).data, status=201)


class LedgerView(ListAPIView[LedgerEntry]):
    """The open ledger: every entry, and no household."""

    action = Action.SEE_FUND
    serializer_class = EntryShape
    queryset = LedgerEntry.objects.none()
    ordering = "number"

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        campaign = campaign_for(caller(self.request), Action.SEE_FUND, self.kwargs["campaign_id"])
        return campaign.entries.select_related("reverses").order_by("number")


class LedgerCsvView(APIView):
    """The same as a table, for programs: codes where the pages' own file has words. No cell becomes a formula."""

    action = Action.SEE_FUND
    renderer_classes = FILES

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, campaign_id: UUID) -> HttpResponse:
        campaign = campaign_for(caller(request), Action.SEE_FUND, campaign_id)
        data = write_csv(COLUMNS, (_cells(row) for row in book_of(campaign).rows))
        named = {"Content-Disposition": f'attachment; filename="ledger-{campaign.code}.csv"'}
        return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=named)


class FundChainView(APIView):
    """How a camera was paid for: decision, contributions, receipt, purchase."""

    action = Action.SEE_FUND

    @extend_schema(responses=LinkShape(many=True))
    def get(self, request: Request, camera_id: UUID) -> Response:
        return Response(LinkShape(chain_for(caller(request), camera_id), many=True).data)
