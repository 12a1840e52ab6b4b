"""The people's routes, under ``/api/v1/``."""

from django.urls import include, path

from neighborhoods.api import codes, jobs, me, people, places, sessions, setup
from neighborhoods.api.fund import month

urlpatterns = [
    path("", include("neighborhoods.api.fund.urls")),
    path("", include("neighborhoods.api.own_urls")),
    path("", include("neighborhoods.api.place_urls")),
    path("", include("neighborhoods.api.fund.bank_urls")),
    path("", include("neighborhoods.api.role_urls")),
    path("sessions/", sessions.SessionsView.as_view(), name="sessions"),
    path("sessions/current/", sessions.CurrentSessionView.as_view(), name="session-current"),
    path("sessions/staff/", sessions.StaffSessionsView.as_view(), name="session-staff"),
    path("setup/", setup.SetupView.as_view(), name="api-setup"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/devices/", me.MyDevicesView.as_view(), name="my-devices"),
    path("me/devices/<uuid:device_id>/", me.MyDeviceView.as_view(), name="my-device"),
    path("jobs/<uuid:job_id>/", jobs.JobView.as_view(), name="job"),
    path("jobs/<uuid:job_id>/file/", jobs.JobFileView.as_view(), name="job-file"),
    path("campaigns/<uuid:campaign_id>/statement/", month.StatementView.as_view(), name="fund-statement"),
    path("codes/", codes.CodesView.as_view(), name="codes"),
    path("codes/bulk/", codes.CodesBulkView.as_view(), name="codes-bulk"),
    path("codes/<uuid:code_id>/sheet.pdf", codes.CodeSheetView.as_view(), name="code-sheet"),
    path("codes/<uuid:code_id>/revoke/", codes.CodeRevokeView.as_view(), name="code-revoke"),
    path("codes/<uuid:code_id>/reissue/", codes.CodeReissueView.as_view(), name="code-reissue"),
    path("wards/", places.WardsView.as_view(), name="wards"),
    path("neighborhoods/", places.NeighborhoodsView.as_view(), name="neighborhoods"),
    path("households/", people.HouseholdsView.as_view(), name="api-households"),
    path("households/<uuid:household_id>/", people.HouseholdView.as_view(), name="household"),
    path("households/<uuid:household_id>/leave/", people.HouseholdLeaveView.as_view(), name="household-leave"),
    path("members/", people.MembersView.as_view(), name="members"),
    path("members/<uuid:member_id>/", people.MemberView.as_view(), name="member"),
    path("members/<uuid:member_id>/leave/", people.MemberLeaveView.as_view(), name="member-leave"),
]
