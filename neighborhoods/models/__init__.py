"""The people's tables. Verbs that change them live in the noun modules beside this package."""

from neighborhoods.models.accounts import Account, RoleGrant, SetupLink
from neighborhoods.models.audit import AuditCopy, AuditEntry, AuditHead, OutboxRow
from neighborhoods.models.bank import BankAccount, BankRow, BankStatement
from neighborhoods.models.codes import AccessCode, Device, GuessCounter
from neighborhoods.models.fund import MOST_DONG, Campaign, Pledge, Resolution, Waiver
from neighborhoods.models.heldcodes import HeldCode
from neighborhoods.models.history import PlaceHistory
from neighborhoods.models.idempotency import IdempotencyRecord
from neighborhoods.models.imports import HouseholdImport
from neighborhoods.models.invitations import Invitation
from neighborhoods.models.jobs import Job
from neighborhoods.models.legal import LegalRecord
from neighborhoods.models.money import Expense, LedgerEntry, Method, Payment, Refund, ReversalReason
from neighborhoods.models.papers import Paper
from neighborhoods.models.people import Household, HouseholdRegistration, Member
from neighborhoods.models.places import Neighborhood, Province, Ward
from neighborhoods.models.requests import DataRequest
from neighborhoods.models.revocation import Revocation
from neighborhoods.models.walls import WallPairing

__all__ = [
    "MOST_DONG", "AccessCode", "Account", "AuditCopy", "AuditEntry", "AuditHead", "BankAccount", "BankRow",
    "BankStatement", "Campaign", "DataRequest", "Device", "Expense", "GuessCounter", "HeldCode", "Household",
    "HouseholdImport", "HouseholdRegistration", "IdempotencyRecord", "Invitation", "Job", "LedgerEntry",
    "LegalRecord", "Member", "Method", "Neighborhood", "OutboxRow", "Paper", "Payment", "PlaceHistory", "Pledge",
    "Province", "Refund", "Resolution", "ReversalReason", "Revocation", "RoleGrant", "SetupLink", "Waiver",
    "WallPairing", "Ward",
]  # fmt: skip
