"""The pages. Each view names its action (``@page``)."""

from django.urls import path

from backend.pages.views import (
    about,
    account,
    alerts,
    entry,
    fund_manage,
    fund_mine,
    fund_public,
    install,
    leader,
    watch,
)

app_name = "pages"
urlpatterns = [
    path("", entry.home, name="home"),
    path("join", entry.join, name="join"),
    path("join/ended", entry.join, {"ended": True}, name="join-ended"),
    path("staff", entry.staff, name="staff"),
    path("setup", entry.setup, name="setup"),
    path("account", account.account, name="account"),
    path("sign-out", entry.sign_out, name="sign-out"),
    path("language", entry.language, name="language"),
    path("cameras/", watch.grid, name="grid"),
    path("cameras/<uuid:camera_id>/", watch.camera, name="camera"),
    path("alerts/", alerts.feed, name="alerts"),
    path("alerts/raise", alerts.raise_one, name="raise"),
    path("alerts/settings", alerts.settings_page, name="alert-settings"),
    path("leader/", leader.overview, name="leader"),
    path("leader/alerts/", alerts.console, name="alert-console"),
    path("leader/watching/", leader.watching, name="watching"),
    path("leader/households/", leader.households, name="households"),
    path("leader/households/<uuid:household_id>/", leader.household, name="household"),
    path("leader/households/<uuid:household_id>/code", leader.issue, name="code-issue"),
    path("leader/codes/<uuid:code_id>/revoke", leader.revoke, name="code-revoke"),
    path("leader/devices/<uuid:device_id>/cut", leader.cut, name="device-cut"),
    path("leader/cameras/", leader.health, name="health"),
    path("leader/cameras/add", leader.camera_add, name="camera-add"),
    path("fund/", fund_mine.mine, name="fund"),
    path("fund/manage/", fund_manage.desk, name="fund-desk"),
    path("fund/<str:place_code>/", fund_public.place, name="fund-open-place"),
    path("fund/<str:place_code>/<str:campaign_code>/", fund_public.campaign, name="fund-open"),
    path("fund/<str:place_code>/<str:campaign_code>/chart.svg", fund_public.picture, name="fund-open-chart"),
    path("fund/<str:place_code>/<str:campaign_code>/ledger.csv", fund_public.ledger_csv, name="fund-open-csv"),
    path("fund/<str:place_code>/<str:campaign_code>/ledger.xlsx", fund_public.ledger_xlsx, name="fund-open-xlsx"),
    path(
        "fund/<str:place_code>/<str:campaign_code>/<int:year>-<int:month>.pdf",
        fund_public.statement,
        name="fund-open-statement",
    ),
    path(
        "fund/<str:place_code>/<str:campaign_code>/receipts/<uuid:spent_id>",
        fund_public.receipt,
        name="fund-open-receipt",
    ),
    path("licences/", about.licences, name="licences"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sw.js", install.service_worker, name="service-worker"),
    path("offline", install.offline, name="offline"),
]
