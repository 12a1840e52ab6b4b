"""Money that leaves the fund or moves within it: expenses with their receipts, cash carried to the bank."""

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
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.contributions import ReversalInput
from neighborhoods.api.fund.fields import DongField
from neighborhoods.api.fund.shapes import CarriedShape, ExpenseShape
from neighborhoods.fund.expenses import (
    expense_approve,
    expense_attach,
    expense_for,
    expense_record,
    expense_refuse,
    expense_reverse,
    expenses_of,
)
from neighborhoods.fund.ledger import carried_reverse, deposit, withdraw
from neighborhoods.models import Expense, Method


class ExpenseInput(serializers.Serializer[Any]):
    amount = DongField()
    method = serializers.ChoiceField(choices=Method.choices)
    paid_on = serializers.DateField(help_text="the day in Vietnam")
    what = serializers.CharField(max_length=400)
    payee = serializers.CharField(max_length=300, help_text="as the receipt names it; public")
    category = serializers.ChoiceField(choices=Expense.Category.choices)
    receipt = serializers.UUIDField(source="receipt_id", required=False, allow_null=True, help_text="from …/receipts/")
    camera = serializers.UUIDField(
        source="camera_id", required=False, allow_null=True, help_text="which it bought or repaired"
    )


class ReceiptInput(serializers.Serializer[Any]):
    receipt = serializers.UUIDField(source="receipt_id")


class RefusalInput(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=600)


class CarryInput(serializers.Serializer[Any]):
    amount = DongField()
    happened_on = serializers.DateField(help_text="the day in Vietnam")


class ExpensesView(ListAPIView[Expense]):
    """Everything that was spent; for those who tend the fund also what waits or was refused."""

    action = {"GET": Action.SEE_FUND, "POST": Action.KEEP_FUND}
    serializer_class = ExpenseShape
    queryset = Expense.objects.none()

    def get_queryset(self) -> QuerySet[Expense]:
        return expenses_of(caller(self.request), self.kwargs["campaign_id"])

    @extend_schema(request=ExpenseInput, responses={201: ExpenseShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(ExpenseInput, request.data)
        expense = expense_record(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(ExpenseShape(expense).data, status=201)


class ExpenseView(APIView):
    action = Action.SEE_FUND

    @extend_schema(responses=ExpenseShape)
    def get(self, request: Request, spent_id: UUID) -> Response:
        return Response(ExpenseShape(expense_for(caller(request), spent_id)).data)


class ExpenseApproveView(APIView):
    """The second person says yes: never who recorded it."""

    action = Action.APPROVE_EXPENSE

    @extend_schema(request=None, responses=ExpenseShape)
    def post(self, request: Request, expense_id: UUID) -> Response:
        return Response(ExpenseShape(expense_approve(actor=caller(request), expense_id=expense_id, now=now())).data)


class ExpenseRefuseView(APIView):
    action = Action.APPROVE_EXPENSE

    @extend_schema(request=RefusalInput, responses=ExpenseShape)
    def post(self, request: Request, expense_id: UUID) -> Response:
        wanted = valid(RefusalInput, request.data)
        expense = expense_refuse(actor=caller(request), expense_id=expense_id, now=now(), **wanted)
        return Response(ExpenseShape(expense).data)


class ExpenseReverseView(APIView):
    action = Action.KEEP_FUND

    @extend_schema(request=ReversalInput, responses=ExpenseShape)
    def post(self, request: Request, spent_id: UUID) -> Response:
        wanted = valid(ReversalInput, request.data)
        expense = expense_reverse(actor=caller(request), expense_id=spent_id, now=now(), **wanted)
        return Response(ExpenseShape(expense).data)


class ExpenseReceiptView(APIView):
    """A receipt that came later."""

    action = Action.KEEP_FUND

    @extend_schema(request=ReceiptInput, responses=ExpenseShape)
    def post(self, request: Request, expense_id: UUID) -> Response:
        wanted = valid(ReceiptInput, request.data)
        expense = expense_attach(actor=caller(request), expense_id=expense_id, now=now(), **wanted)
        return Response(ExpenseShape(expense).data)


class DepositsView(APIView):
    """Cash was carried to the bank."""

    action = Action.KEEP_FUND

    @extend_schema(request=CarryInput, responses={201: CarriedShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(CarryInput, request.data)
        entry = deposit(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(CarriedShape(entry).data, status=201)


class WithdrawalsView(APIView):
    """Cash was fetched from the bank."""

    action = Action.KEEP_FUND

    @extend_schema(request=CarryInput, responses={201: CarriedShape})
    def post(self, request: Request, campaign_id: UUID) -> Response:
        wanted = valid(CarryInput, request.data)
        entry = withdraw(actor=caller(request), campaign_id=campaign_id, now=now(), **wanted)
        return Response(CarriedShape(entry).data, status=201)


class CarriedReverseView(APIView):
    """A deposit or a withdrawal was entered wrongly."""

    action = Action.KEEP_FUND

    @extend_schema(request=None, responses=CarriedShape)
    def post(self, request: Request, entry_id: UUID) -> Response:
        return Response(CarriedShape(carried_reverse(actor=caller(request), entry_id=entry_id, now=now())).data)
