"""Roles and invitations, under ``/api/v1/``."""

from django.urls import path

from neighborhoods.api import invitations, roles

urlpatterns = [
    path("roles/", roles.RolesView.as_view(), name="api-roles"),
    path("roles/<uuid:grant_id>/end/", roles.RoleEndView.as_view(), name="role-end"),
    path("roles/<uuid:grant_id>/handover/", roles.RoleHandoverView.as_view(), name="role-handover"),
    path("roles/<uuid:grant_id>/second-factor-reset/", roles.SecondFactorResetView.as_view(), name="factor-reset"),
    path("roles/<uuid:grant_id>/password-link/", roles.PasswordLinkView.as_view(), name="password-link"),
    path("invitations/", invitations.InvitationsView.as_view(), name="api-invitations"),
    path("invitations/look/", invitations.InvitationLookView.as_view(), name="invitation-look"),
    path("invitations/accept/", invitations.InvitationAcceptView.as_view(), name="invitation-accept"),
    path(
        "invitations/<uuid:invitation_id>/revoke/", invitations.InvitationRevokeView.as_view(), name="invitation-revoke"
    ),
]
