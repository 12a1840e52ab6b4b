"""Routes of one's own data, the desk for data-subject requests, the legal record and walls, under ``/api/v1/``."""

from django.urls import path

from neighborhoods.api import datadesk, legal, owndata, walls

ONE = "data-requests/<uuid:request_id>"

urlpatterns = [
    path("me/data/", owndata.OwnDataView.as_view(), name="my-data"),
    path("me/member/", owndata.OwnMemberView.as_view(), name="my-member"),
    path("me/leave/", owndata.OwnLeaveView.as_view(), name="my-leave"),
    path("members/<uuid:member_id>/erase/", owndata.MemberEraseView.as_view(), name="member-erase"),
    path("data-requests/", datadesk.DataRequestsView.as_view(), name="api-data-requests"),
    path("data-requests/enter/", datadesk.DataRequestEnterView.as_view(), name="data-request-enter"),
    path(f"{ONE}/", datadesk.DataRequestView.as_view(), name="data-request"),
    path(f"{ONE}/answer/", datadesk.DataRequestAnswerView.as_view(), name="data-request-answer"),
    path(f"{ONE}/extend/", datadesk.DataRequestExtendView.as_view(), name="data-request-extend"),
    path(f"{ONE}/finish/", datadesk.DataRequestFinishView.as_view(), name="data-request-finish"),
    path(f"{ONE}/refuse/", datadesk.DataRequestRefuseView.as_view(), name="data-request-refuse"),
    path(
        "neighborhoods/<uuid:neighborhood_id>/legal-record/", legal.LegalRecordView.as_view(), name="api-legal-record"
    ),
    path(
        "neighborhoods/<uuid:neighborhood_id>/legal-record/scans/", legal.LegalScansView.as_view(), name="legal-scans"
    ),
    path("walls/", walls.WallsView.as_view(), name="api-walls"),
    path("walls/pair/", walls.WallPairView.as_view(), name="wall-pair"),
    path("walls/token/", walls.WallTokenView.as_view(), name="wall-token"),
    path("walls/find/", walls.WallFindView.as_view(), name="wall-find"),
    path("walls/approve/", walls.WallApproveView.as_view(), name="wall-approve"),
    path("walls/deny/", walls.WallDenyView.as_view(), name="wall-deny"),
    path("walls/<uuid:wall_id>/revoke/", walls.WallRevokeView.as_view(), name="wall-revoke"),
]
