"""Routes of the fund's bank and of paying by transfer, under ``/api/v1/``."""

from django.urls import path

from neighborhoods.api.fund import bank, transfers

ACCOUNT, ROW = "bank-accounts/<uuid:account_id>", "bank-rows/<uuid:row_id>"

urlpatterns = [
    path("bank-accounts/", bank.BankAccountsView.as_view(), name="api-bank-accounts"),
    path(f"{ACCOUNT}/secret/", bank.BankAccountSecretView.as_view(), name="bank-account-secret"),
    path(f"{ACCOUNT}/close/", bank.BankAccountCloseView.as_view(), name="bank-account-close"),
    path(f"{ACCOUNT}/statements/", bank.BankStatementsView.as_view(), name="bank-statements"),
    path("bank-statements/<uuid:statement_id>/apply/", bank.BankStatementApplyView.as_view(), name="statement-apply"),
    path("bank-rows/", bank.BankRowsView.as_view(), name="api-bank-rows"),
    path(f"{ROW}/match/", bank.BankRowMatchView.as_view(), name="bank-row-match"),
    path(f"{ROW}/return/", bank.BankRowReturnView.as_view(), name="bank-row-return"),
    path(f"{ROW}/ignore/", bank.BankRowIgnoreView.as_view(), name="bank-row-ignore"),
    path("bank-rows/<uuid:returned_id>/reopen/", bank.BankRowReopenView.as_view(), name="bank-row-reopen"),
    path("campaigns/<uuid:campaign_id>/qr/", transfers.CampaignQrView.as_view(), name="campaign-qr"),
    path("campaigns/<uuid:campaign_id>/qr.svg", transfers.CampaignQrSvgView.as_view(), name="campaign-qr-svg"),
    path("campaigns/<uuid:campaign_id>/qr.png", transfers.CampaignQrPngView.as_view(), name="campaign-qr-png"),
]
