"""Routes of places that change, of the registrations of an address, and of lists of households from files."""

from django.urls import path

from neighborhoods.api import audit, imports, place_changes, places, registrations

urlpatterns = [
    path("provinces/", places.ProvincesView.as_view(), name="provinces"),
    path("wards/<uuid:ward_id>/", place_changes.WardView.as_view(), name="ward"),
    path("wards/<uuid:ward_id>/history/", place_changes.WardHistoryView.as_view(), name="ward-history"),
    path("wards/<uuid:ward_id>/audit-heads/", audit.AuditHeadsView.as_view(), name="audit-heads"),
    path("wards/<uuid:ward_id>/audit-export/", audit.AuditExportView.as_view(), name="audit-export"),
    path("wards/<uuid:ward_id>/merge/", place_changes.WardMergeView.as_view(), name="ward-merge"),
    path("wards/<uuid:ward_id>/split/", place_changes.WardSplitView.as_view(), name="ward-split"),
    path("neighborhoods/<uuid:neighborhood_id>/", place_changes.NeighborhoodView.as_view(), name="neighborhood"),
    path(
        "neighborhoods/<uuid:neighborhood_id>/location/",
        place_changes.NeighborhoodLocationView.as_view(),
        name="neighborhood-location",
    ),
    path(
        "neighborhoods/<uuid:neighborhood_id>/history/",
        place_changes.NeighborhoodHistoryView.as_view(),
        name="neighborhood-history",
    ),
    path(
        "neighborhoods/<uuid:neighborhood_id>/move/",
        place_changes.NeighborhoodMoveView.as_view(),
        name="neighborhood-move",
    ),
    path(
        "neighborhoods/<uuid:neighborhood_id>/merge/",
        place_changes.NeighborhoodMergeView.as_view(),
        name="neighborhood-merge",
    ),
    path(
        "neighborhoods/<uuid:neighborhood_id>/split/",
        place_changes.NeighborhoodSplitView.as_view(),
        name="neighborhood-split",
    ),
    path("households/import/", imports.ImportsView.as_view(), name="household-imports"),
    path("households/import/template.csv", imports.ImportTemplateView.as_view(), {"kind": "csv"}, name="import-csv"),
    path("households/import/template.xlsx", imports.ImportTemplateView.as_view(), {"kind": "xlsx"}, name="import-xlsx"),
    path("households/import/<uuid:import_id>/", imports.ImportView.as_view(), name="household-import"),
    path("households/import/<uuid:import_id>/apply/", imports.ImportApplyView.as_view(), name="import-apply"),
    path(
        "households/<uuid:household_id>/registrations/",
        registrations.RegistrationsView.as_view(),
        name="registrations",
    ),
    path(
        "registrations/<uuid:registration_id>/end/",
        registrations.RegistrationEndView.as_view(),
        name="registration-end",
    ),
]
