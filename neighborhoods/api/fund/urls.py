"""The fund's routes, under ``/api/v1/``. The bank's are in ``bank_urls``."""

from django.urls import path

from neighborhoods.api.fund import campaigns, contributions, papers, spending

ONE = "campaigns/<uuid:campaign_id>/"

urlpatterns = [
    path("campaigns/", campaigns.CampaignsView.as_view(), name="campaigns"),
    path(ONE, campaigns.CampaignView.as_view(), name="campaign"),
    path(f"{ONE}close/", campaigns.CampaignCloseView.as_view(), name="campaign-close"),
    path(f"{ONE}resolutions/", campaigns.ResolutionsView.as_view(), name="resolutions"),
    path(f"{ONE}ledger/", campaigns.LedgerView.as_view(), name="ledger"),
    path(f"{ONE}ledger.csv", campaigns.LedgerCsvView.as_view(), name="ledger-csv"),
    path(f"{ONE}scans/", papers.ScansView.as_view(), name="scans"),
    path(f"{ONE}receipts/", papers.ReceiptsView.as_view(), name="receipts"),
    path(f"{ONE}pledges/", contributions.PledgesView.as_view(), name="pledges"),
    path(f"{ONE}dues/", contributions.DuesView.as_view(), name="dues"),
    path(
        f"{ONE}dues/<uuid:household_id>/pledge/", contributions.HouseholdPledgeView.as_view(), name="household-pledge"
    ),
    path(f"{ONE}waivers/", contributions.WaiversView.as_view(), name="waivers"),
    path(f"{ONE}payments/", contributions.PaymentsView.as_view(), name="payments"),
    path(f"{ONE}refunds/", contributions.RefundsView.as_view(), name="refunds"),
    path(f"{ONE}expenses/", spending.ExpensesView.as_view(), name="expenses"),
    path(f"{ONE}deposits/", spending.DepositsView.as_view(), name="deposits"),
    path(f"{ONE}withdrawals/", spending.WithdrawalsView.as_view(), name="withdrawals"),
    path("waivers/<uuid:waiver_id>/end/", contributions.WaiverEndView.as_view(), name="waiver-end"),
    path("payments/<uuid:payment_id>/reverse/", contributions.PaymentReverseView.as_view(), name="payment-reverse"),
    path("refunds/<uuid:refund_id>/reverse/", contributions.RefundReverseView.as_view(), name="refund-reverse"),
    path("expenses/<uuid:spent_id>/", spending.ExpenseView.as_view(), name="expense"),
    path("expenses/<uuid:expense_id>/approve/", spending.ExpenseApproveView.as_view(), name="expense-approve"),
    path("expenses/<uuid:expense_id>/refuse/", spending.ExpenseRefuseView.as_view(), name="expense-refuse"),
    path("expenses/<uuid:spent_id>/reverse/", spending.ExpenseReverseView.as_view(), name="expense-reverse"),
    path("expenses/<uuid:expense_id>/receipt/", spending.ExpenseReceiptView.as_view(), name="expense-receipt"),
    path("ledger-entries/<uuid:entry_id>/reverse/", spending.CarriedReverseView.as_view(), name="carried-reverse"),
    path("papers/<uuid:paper_id>/", papers.PaperView.as_view(), name="paper"),
    path("cameras/<uuid:camera_id>/fund/", campaigns.FundChainView.as_view(), name="camera-fund"),
    path("me/dues/", contributions.MyDuesView.as_view(), name="my-dues"),
]
