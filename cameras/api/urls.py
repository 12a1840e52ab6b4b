"""Routes of the cameras. A plain list: every view stands in the module named for its noun."""

from django.urls import path

from cameras.api import (
    cameras,
    cases,
    evidence,
    footage,
    guests,
    odduses,
    probing,
    recordings,
    room,
    snapshots,
    viewing,
)

urlpatterns = [
    path("cameras/", cameras.CamerasView.as_view(), name="api-cameras"),
    path("cameras/plan/", cameras.CameraPlanView.as_view(), name="camera-plan"),
    path("cameras/probe/", probing.ProbeView.as_view(), name="camera-probe"),
    path("cameras/<uuid:camera_id>/", cameras.CameraView.as_view(), name="api-camera"),
    path("cameras/<uuid:camera_id>/approve/", cameras.CameraApproveView.as_view(), name="camera-approve"),
    path("cameras/<uuid:camera_id>/retire/", cameras.CameraRetireView.as_view(), name="camera-retire"),
    path("cameras/<uuid:camera_id>/recordings/", recordings.RecordingsView.as_view(), name="camera-recordings"),
    path(
        "cameras/<uuid:camera_id>/recordings/summary/",
        recordings.RecordingsSummaryView.as_view(),
        name="camera-recordings-summary",
    ),
    path("cameras/<uuid:camera_id>/snapshots/", snapshots.CameraSnapshotsView.as_view(), name="camera-snapshots"),
    path("snapshots/", snapshots.SnapshotsView.as_view(), name="api-snapshots"),
    path("snapshots/<uuid:snapshot_id>/", snapshots.SnapshotView.as_view(), name="api-snapshot"),
    path("cameras/<uuid:camera_id>/live/", viewing.LiveView.as_view(), name="camera-live"),
    path("cameras/<uuid:camera_id>/playback/", viewing.PlaybackView.as_view(), name="camera-playback"),
    path("cameras/<uuid:camera_id>/frame/", viewing.FrameView.as_view(), name="camera-frame"),
    path("cameras/<uuid:camera_id>/viewers/", viewing.ViewersView.as_view(), name="camera-viewers"),
    path("grid/", viewing.GridView.as_view(), name="api-grid"),
    path("view-sessions/<uuid:session_id>/", viewing.ViewSessionView.as_view(), name="view-session"),
    path("guest-codes/", guests.GuestCodesView.as_view(), name="api-guest-codes"),
    path("guest-codes/<uuid:guest_code_id>/revoke/", guests.GuestCodeRevokeView.as_view(), name="guest-code-revoke"),
    path("cases/", cases.CasesView.as_view(), name="api-cases"),
    path("cases/<uuid:case_id>/", cases.CaseView.as_view(), name="api-case"),
    path("cases/<uuid:case_id>/resolve/", cases.CaseResolveView.as_view(), name="case-resolve"),
    path("cases/<uuid:case_id>/extractions/", cases.CaseExtractionsView.as_view(), name="case-extractions"),
    path("extractions/<uuid:extraction_id>/outcome/", cases.ExtractionOutcomeView.as_view(), name="extraction-outcome"),
    path("footage-requests/", footage.FootageRequestsView.as_view(), name="api-footage-requests"),
    path("footage-requests/preview/", footage.FootagePreviewView.as_view(), name="footage-preview"),
    path("footage-requests/<uuid:footage_id>/", footage.FootageRequestView.as_view(), name="api-footage-request"),
    path("footage-requests/<uuid:footage_id>/sign/", footage.FootageSignView.as_view(), name="footage-sign"),
    path("footage-requests/<uuid:footage_id>/extend/", footage.FootageExtendView.as_view(), name="footage-extend"),
    path(
        "footage-requests/<uuid:footage_id>/withdraw/", footage.FootageWithdrawView.as_view(), name="footage-withdraw"
    ),
    path("footage-requests/<uuid:footage_id>/answers/", footage.FootageAnswerView.as_view(), name="footage-answers"),
    path("footage-requests/<uuid:footage_id>/review/", footage.FootageReviewView.as_view(), name="footage-review"),
    path(
        "footage-requests/<uuid:footage_id>/decisions/",
        footage.FootageDecisionsView.as_view(),
        name="footage-decisions",
    ),
    path("footage-requests/<uuid:demand_id>/service/", footage.FootageServiceView.as_view(), name="footage-service"),
    path("footage-requests/<uuid:demand_id>/scan/", footage.FootageScanView.as_view(), name="footage-scan"),
    path(
        "footage-requests/<uuid:footage_id>/packages/", footage.FootagePackagesView.as_view(), name="footage-packages"
    ),
    path(
        "footage-requests/<uuid:footage_id>/conclusion/",
        footage.FootageConclusionView.as_view(),
        name="footage-conclusion",
    ),
    path("footage-requests/<uuid:footage_id>/views/", footage.FootageViewsView.as_view(), name="footage-views"),
    path("footage-packages/<uuid:package_id>/links/", evidence.PackageLinksView.as_view(), name="package-links"),
    path("footage-packages/<uuid:package_id>/allow/", evidence.PackageAllowView.as_view(), name="package-allow"),
    path("footage-packages/<uuid:package_id>/annex/", evidence.PackageAnnexView.as_view(), name="package-annex"),
    path("footage-packages/<uuid:package_id>/record/", evidence.PackageRecordView.as_view(), name="package-record"),
    path("footage-links/<uuid:link_id>/", evidence.FetchView.as_view(), name="footage-link"),
    path("odd-uses/", odduses.OddUsesView.as_view(), name="api-odd-uses"),
    path("wards/<uuid:ward_id>/room/", room.RoomView.as_view(), name="ward-room"),
    path("watching/", viewing.WatchingNowView.as_view(), name="watching-now"),
]
