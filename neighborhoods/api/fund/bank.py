"""``/bank-accounts/``, ``/bank-rows/``, ``/bank-statements/``: the treasurer's side of the bank."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib import sizes
from backend.lib.clock import now
from backend.lib.uploads import FileBody, file_of
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.bank_shapes import BankAccountShape, BankOpenedShape, BankPreviewShape, BankRowShape
from neighborhoods.api.jobs import JobShape
from neighborhoods.fund import bank_accounts, bank_rows, bank_statements
from neighborhoods.models import BankAccount, BankRow


class BankAccountInput(serializers.Serializer[Any]):
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    bank_bin = serializers.CharField(max_length=6, help_text="970436 is Vietcombank's")
    account_number = serializers.CharField(max_length=40)
    holder = serializers.CharField(max_length=120)
    provider = serializers.ChoiceField(choices=BankAccount.Provider.choices, required=False)
    secret = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="the messenger's own key; else one is made"
    )


class BankSecretInput(serializers.Serializer[Any]):
    secret = serializers.CharField(max_length=200, required=False, allow_blank=True)


class BankAccountsView(ListAPIView[BankAccount]):
    action = Action.KEEP_FUND
    serializer_class = BankAccountShape
    queryset = BankAccount.objects.none()

    def get_queryset(self) -> QuerySet[BankAccount]:
        return bank_accounts.bank_accounts_for(caller(self.request))

    @extend_schema(request=BankAccountInput, responses={201: BankOpenedShape})
    def post(self, request: Request) -> Response:
        wanted = valid(BankAccountInput, request.data)
        opened = bank_accounts.bank_account_add(actor=caller(request), now=now(), **wanted)
        return Response(BankOpenedShape(opened).data, status=201)


class BankAccountSecretView(APIView):
    """Another secret; the old one opens nothing any more."""

    action = Action.KEEP_FUND

    @extend_schema(request=BankSecretInput, responses=BankOpenedShape)
    def post(self, request: Request, account_id: UUID) -> Response:
        wanted = valid(BankSecretInput, request.data)
        opened = bank_accounts.bank_account_rotate_secret(
            actor=caller(request), account_id=account_id, now=now(), **wanted
        )
        return Response(BankOpenedShape(opened).data)


class BankAccountCloseView(APIView):
    action = Action.KEEP_FUND

    @extend_schema(request=None, responses=BankAccountShape)
    def post(self, request: Request, account_id: UUID) -> Response:
        closed = bank_accounts.bank_account_close(actor=caller(request), account_id=account_id, now=now())
        return Response(BankAccountShape(closed).data)


class RowFilter(filters.FilterSet):  # type: ignore[misc]
    account = filters.UUIDFilter(field_name="account_id")
    state = filters.ChoiceFilter(
        choices=[(name, name) for name in ("unmatched", "matched", "returned", "ignored")], method="of_state"
    )

    class Meta:
        model = BankRow
        fields: list[str] = []

    def of_state(self, rows: QuerySet[BankRow], _name: str, state: str) -> QuerySet[BankRow]:
        if state == "unmatched":
            return bank_rows.waiting(rows)
        return rows.filter(~Q(payment_id=None), settled="") if state == "matched" else rows.filter(settled=state)


class BankRowsView(ListAPIView[BankRow]):
    action = Action.KEEP_FUND
    serializer_class = BankRowShape
    filterset_class = RowFilter
    queryset = BankRow.objects.none()
    ordering = "-id"

    def get_queryset(self) -> QuerySet[BankRow]:
        return bank_rows.bank_rows_for(caller(self.request))


class BankMatchInput(serializers.Serializer[Any]):
    household = serializers.UUIDField(source="household_id")
    campaign = serializers.UUIDField(source="campaign_id")


class BankRowMatchView(APIView):
    """It becomes a payment of the household, with a receipt."""

    action = Action.KEEP_FUND

    @extend_schema(request=BankMatchInput, responses=BankRowShape)
    def post(self, request: Request, row_id: UUID) -> Response:
        wanted = valid(BankMatchInput, request.data)
        actor = caller(request)
        bank_rows.bank_row_match(actor=actor, row_id=row_id, now=now(), **wanted)
        return Response(BankRowShape(bank_rows.bank_rows_for(actor).get(id=row_id)).data)


class BankRowReturnView(APIView):
    """It was sent back to whoever sent it."""

    action = Action.KEEP_FUND

    @extend_schema(request=None, responses=BankRowShape)
    def post(self, request: Request, row_id: UUID) -> Response:
        return Response(BankRowShape(bank_rows.bank_row_return(actor=caller(request), row_id=row_id, now=now())).data)


class BankIgnoreInput(serializers.Serializer[Any]):
    why = serializers.ChoiceField(choices=BankRow.Why.choices)


class BankRowIgnoreView(APIView):
    action = Action.KEEP_FUND

    @extend_schema(request=BankIgnoreInput, responses=BankRowShape)
    def post(self, request: Request, row_id: UUID) -> Response:
        wanted = valid(BankIgnoreInput, request.data)
        row = bank_rows.bank_row_ignore(actor=caller(request), row_id=row_id, now=now(), **wanted)
        return Response(BankRowShape(row).data)


class BankRowReopenView(APIView):
    """Back into the queue. A booked one is taken back by reversing its payment."""

    action = Action.KEEP_FUND

    @extend_schema(request=None, responses=BankRowShape)
    def post(self, request: Request, returned_id: UUID) -> Response:
        return Response(
            BankRowShape(bank_rows.bank_row_reopen(actor=caller(request), row_id=returned_id, now=now())).data
        )


class BankFileInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="CSV or XLSX, 10 MB")


class BankStatementsView(APIView):
    """Read a statement: what each line would do. Nothing is booked before it is applied."""

    action = Action.KEEP_FUND
    parser_classes: list[type[BaseParser]] = [FileBody]
    takes_file = sizes.FILE

    @extend_schema(request={"multipart/form-data": BankFileInput}, responses={201: BankPreviewShape})
    def post(self, request: Request, account_id: UUID) -> Response:
        sent = file_of(request)
        preview = bank_statements.statement_read(
            actor=caller(request), account_id=account_id, data=sent.data, name=sent.name, now=now()
        )
        return Response(BankPreviewShape(preview).data, status=201)


class BankStatementApplyView(APIView):
    """Take it in, as a job."""

    action = Action.KEEP_FUND

    @extend_schema(request=None, responses={202: JobShape})
    def post(self, request: Request, statement_id: UUID) -> Response:
        job = bank_statements.statement_apply(actor=caller(request), statement_id=statement_id, now=now())
        return Response(JobShape(job).data, status=202)
