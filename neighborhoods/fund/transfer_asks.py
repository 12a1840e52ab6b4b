"""What a household needs to pay by transfer: the account, the amount, the words, and a QR that says all three."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.fund import memo, vietqr
from neighborhoods.fund.amounts import amount_of
from neighborhoods.fund.bank_accounts import account_for_transfers
from neighborhoods.fund.campaigns import campaign_for, place_of
from neighborhoods.fund.dues import due_of
from neighborhoods.models import BankAccount, Campaign, Household

ANY = 0
"""An amount that the payer types."""


@dataclass(frozen=True, slots=True)
class TransferAsk:
    """``amount`` in đồng; ``None`` where the payer types it. ``household`` is ``None`` on a poster for everybody."""

    campaign: Campaign
    household: Household | None
    account: BankAccount
    amount: int | None
    memo: str

    @property
    def text(self) -> str:
        """Of the QR."""
        return vietqr.build(
            vietqr.VietQr(self.account.bank_bin, self.account.account_number, self.amount, purpose=self.memo)
        )

    @property
    def svg(self) -> str:
        return vietqr.svg(self.text)

    @property
    def png(self) -> bytes:
        return vietqr.png(self.text)

    @property
    def png_path(self) -> str:
        """Where the picture is: it names a household and an amount, and opens nothing by itself."""
        return self.path_of("png")

    @property
    def file_name(self) -> str:
        return f"VietQR {self.memo}.png"

    def path_of(self, kind: str) -> str:
        whose = f"household={self.household.id}&" if self.household else ""
        return f"{reverse(f'campaign-qr-{kind}', args=[self.campaign.id])}?{whose}amount={self.amount or ANY}"

    @property
    def bank_name(self) -> str:
        return self.account.bank_name

    @property
    def account_number(self) -> str:
        return self.account.account_number

    @property
    def holder(self) -> str:
        return self.account.holder


def transfer_ask(
    *, actor: Actor, campaign_id: UUID, household_id: UUID | None = None, amount: int | None = None
) -> TransferAsk:
    """How to pay for a campaign: for one's own household, for any by who sees the dues, or a poster by the fund's desk.

    Without ``amount`` it is what the household owes; where it owes nothing the payer types it, for a fixed sum on a
    voluntary collection is none. ``amount=ANY``: the payer types it in any case. Raises ``Absent``, ``BadInput``,
    ``Conflict``: ``campaign_closed``, ``no_bank_account``.
    """
    campaign = campaign_for(actor, Action.SEE_FUND, campaign_id)
    household = _household(actor, campaign, household_id)
    if campaign.closed_at is not None:
        raise Conflict(_("The campaign is closed."), code="campaign_closed")
    account = account_for_transfers(campaign.neighborhood_id)
    if account is None:
        raise Conflict(_("The treasurer has not given a bank account yet."), code="no_bank_account")
    if amount is None and household is not None:
        amount = due_of(campaign, household.id).owes
    wanted = amount_of(amount) if amount else None
    selector = campaign.neighborhood.selector
    words = memo.build(selector, campaign.code, household.number if household else None)
    return TransferAsk(campaign, household, account, wanted, words)


def _household(actor: Actor, campaign: Campaign, household_id: UUID | None) -> Household | None:
    """Whose it is: the one named, else one's own, else nobody's for the fund's desk."""
    wanted = household_id or actor.home_id
    if wanted is None:
        require(actor, Action.TEND_FUND, place_of(campaign))
        return None
    household = Household.objects.filter(id=wanted, neighborhood_id=campaign.neighborhood_id, left_at=None).first()
    if household is None:
        raise Absent()
    own = Place(owner_household_id=household.id)
    if actor.role_at(own, Action.SEE_OWN_DUES) is None:
        require(actor, Action.SEE_DUES, place_of(campaign))
    return household
