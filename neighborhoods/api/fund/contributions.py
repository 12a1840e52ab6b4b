"""What households promise, owe and give: their own side, and the desk of treasurer and leader."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.lib.valid import valid
from neighborhoods.access import Action, Actor
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.fields import DongField
from neighborhoods.api.fund.shapes import (
    DuesShape,
    MyDuesShape,
    PaymentShape,
    PledgeShape,
    RefundShape,
    TakenPaymentShape,
    WaiverShape,
)
from neighborhoods.fund.campaigns import campaign_for
from neighborhoods.fund.dues import due_of, dues_of, household_dues
from neighborhoods.fund.payments import notices, payment_record, payment_reverse, refund_record, refund_reverse
from neighborhoods.fund.pledges import pledge_make
from neighborhoods.fund.waivers import waiver_end, waiver_grant
from neighborhoods.models import Method, Payment, Pledge, Refund, ReversalReason, Waiver


class PledgeInput(serializers.Serializer[Any]):
    amount = DongField(least=0, help_text="0 takes the promise back")


class WaiverInput(serializers.Serializer[Any]):
    household = serializers.UUIDField(source="household_id")
    reason = serializers.ChoiceField(choices=Waiver.Reason.choices)
    words = serializers.CharField(max_length=600, required=False, allow_blank=True)


class MoneyInput(serializers.Serializer[Any]):
    household = serializers.UUIDField(source="household_id")
    amount = DongField()
    method = serializers.ChoiceField(choices=Method.choices)
    paid_on = serializers.DateField(help_text="the day in Vietnam")


class RefundInput(MoneyInput):
    reason = serializers.ChoiceField(choices=Refund.Reason.choices)
    words = serializers.CharField(max_length=600, required=False, allow_blank=True)


class ReversalInput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=ReversalReason.choices)
    words = serializers.CharField(max_length=600, required=False, allow_blank=True)


def _home_of(actor: Actor) -> UUID:
    """The caller's own household. Raises ``Absent`` where they have none here, as a guest."""
    if actor.home_id is None:
        raise Absent()
    return actor.home_id


class PledgesView(ListAPIView[Pledge]):
    """What my household promised, the changes included."""

    action = {"GET": Action.SEE_OWN_DUES, "POST": Action.PLEDGE}
    serializer_class = PledgeShape
    queryset = Pledge.objects.none()

    def get_queryset(self) -> QuerySet[Pledge]:
        actor = caller(self.request)
        campaign = campaign_for(actor, Action.SEE_FUND, self.kwargs["campaign_id"])
        return campaign.pledges.filter(household_id=_home_of(actor)).order_by("id")

    @extend_schema(request=PledgeInput, responses={201: PledgeShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(PledgeInput, request.data)
        actor = caller(request)
        pledge = pledge_make(actor=actor, campaign_id=campaign_id, household_id=_home_of(actor), now=now(), **wanted)
        return Response(PledgeShape(pledge).data, status=201)


class DuesView(APIView):
    """Who paid, who has not, who is excused."""

    action = Action.SEE_DUES

    @extend_schema(responses=DuesShape(many=True))
    def get(self, request: Request, campaign_id: UUID) -> Response:
        campaign = campaign_for(caller(request), Action.SEE_DUES, campaign_id)
        return Response(DuesShape(dues_of(campaign), many=True).data)


class HouseholdPledgeView(APIView):
    """The treasurer writes down what a household without a phone promised."""

    action = Action.KEEP_FUND

    @extend_schema(request=PledgeInput, responses={201: PledgeShape})
    def post(self, request: Request, campaign_id: UUID, household_id: UUID) -> Response:
        wanted = valid(PledgeInput, request.data)
        pledge = pledge_make(
            actor=caller(request), campaign_id=campaign_id, household_id=household_id, now=now(),
            **wanted,
        )  # fmt: skip
        return Response(PledgeShape(pledge).data, status=201)


class WaiversView(ListAPIView[Waiver]):
    action = {"GET": Action.SEE_DUES, "POST": Action.WAIVE_DUES}
    serializer_class = WaiverShape
    queryset = Waiver.objects.none()

    def get_queryset(self) -> QuerySet[Waiver]:
        campaign = campaign_for(caller(self.request), Action.SEE_DUES, self.kwargs["campaign_id"])
        return campaign.waivers.select_related("household").order_by("id")

    @extend_schema(request=WaiverInput, responses={201: WaiverShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(WaiverInput, request.data)
        waiver = waiver_grant(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(WaiverShape(waiver).data, status=201)


class WaiverEndView(APIView):
    action = Action.WAIVE_DUES

    @extend_schema(request=None, responses=WaiverShape)
    def post(self, request: Request, waiver_id: UUID) -> Response:
        return Response(WaiverShape(waiver_end(actor=caller(request), waiver_id=waiver_id, now=now())).data)


class PaymentsView(ListAPIView[Payment]):
    """Payments with their households. More than is due, or the same again, is taken and told."""

    action = {"GET": Action.SEE_DUES, "POST": Action.KEEP_FUND}
    serializer_class = PaymentShape
    queryset = Payment.objects.none()

    def get_queryset(self) -> QuerySet[Payment]:
        campaign = campaign_for(caller(self.request), Action.SEE_DUES, self.kwargs["campaign_id"])
        return campaign.payments.select_related("household").order_by("id")

    @extend_schema(request=MoneyInput, responses={201: TakenPaymentShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(MoneyInput, request.data)
        payment = payment_record(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        due = due_of(payment.campaign, payment.household_id).due
        payment.notices = notices(payment, due=due)  # type: ignore[attr-defined]  # of this answer, not of the row
        return Response(TakenPaymentShape(payment).data, status=201)


class PaymentReverseView(APIView):
    action = Action.KEEP_FUND

    @extend_schema(request=ReversalInput, responses=PaymentShape)
    def post(self, request: Request, payment_id: UUID) -> Response:
        wanted = valid(ReversalInput, request.data)
        payment = payment_reverse(actor=caller(request), payment_id=payment_id, now=now(), **wanted)
        return Response(PaymentShape(payment).data)


class RefundsView(ListAPIView[Refund]):
    action = {"GET": Action.SEE_DUES, "POST": Action.KEEP_FUND}
    serializer_class = RefundShape
    queryset = Refund.objects.none()

    def get_queryset(self) -> QuerySet[Refund]:
        campaign = campaign_for(caller(self.request), Action.SEE_DUES, self.kwargs["campaign_id"])
        return campaign.refunds.select_related("household").order_by("id")

    @extend_schema(request=RefundInput, responses={201: RefundShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(RefundInput, request.data)
        refund = refund_record(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(RefundShape(refund).data, status=201)


class RefundReverseView(APIView):
    action = Action.KEEP_FUND

    @extend_schema(request=ReversalInput, responses=RefundShape)
    def post(self, request: Request, refund_id: UUID) -> Response:
        wanted = valid(ReversalInput, request.data)
        refund = refund_reverse(actor=caller(request), refund_id=refund_id, now=now(), **wanted)
        return Response(RefundShape(refund).data)


class MyDuesView(APIView):
    """What my household promised, gave and owes, campaign by campaign."""

    action = Action.SEE_OWN_DUES

    @extend_schema(responses=MyDuesShape(many=True))
    def get(self, request: Request) -> Response:
        home = _home_of(caller(request))
        payments, refunds = (_by_campaign(model, home) for model in (Payment, Refund))
        rows = [
            {
                "campaign": one.campaign,
                "sums": one.sums,
                "payments": payments[one.campaign.id],
                "refunds": refunds[one.campaign.id],
            }
            for one in household_dues(home)
        ]
        return Response(MyDuesShape(rows, many=True).data)


def _by_campaign(model: type[Payment] | type[Refund], household_id: UUID) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in model._default_manager.filter(household_id=household_id).select_related("household").order_by("id"):
        found[row.campaign_id].append(row)
    return found
