"""The people's tables. Verbs that change them live in the noun modules beside this package."""

from neighborhoods.models.accounts import Account, RoleGrant, SetupLink
from neighborhoods.models.audit import AuditEntry, OutboxRow
from neighborhoods.models.codes import AccessCode, Device, GuessCounter
from neighborhoods.models.idempotency import IdempotencyRecord
from neighborhoods.models.people import Household, Member
from neighborhoods.models.places import Neighborhood, Ward
from neighborhoods.models.revocation import Revocation

__all__ = [
    "AccessCode", "Account", "AuditEntry", "Device", "GuessCounter", "Household", "IdempotencyRecord",
    "Member", "Neighborhood", "OutboxRow", "Revocation", "RoleGrant", "SetupLink", "Ward",
]  # fmt: skip
