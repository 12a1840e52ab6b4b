"""A message of a bank's messenger, from its first byte to the book. Nothing of its content is ever logged."""

import json
import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput
from neighborhoods.fund.bank_accounts import account_locked, secret_of
from neighborhoods.fund.bank_messages import MESSENGERS, Headers, Messenger, in_time
from neighborhoods.fund.bank_rows import Received, transfer_receive
from neighborhoods.models import BankAccount

log = logging.getLogger(__name__)


def bank_message_receive(
    *, provider: str, endpoint_id: UUID, headers: Headers, body: bytes, now: datetime
) -> Received | None:
    """Take in what a messenger tells. ``None``: nothing for us (money that left, another account), and nothing kept.

    Raises ``Absent`` for a wrong proof, an unknown or closed endpoint and another messenger's name, all alike;
    ``BadInput`` for a right proof with a wrong clock (``bad_timestamp``) or a body that is not the messenger's.
    """
    account, messenger = _proven(provider, endpoint_id, headers, body)
    if not in_time(messenger.sent_at(headers), now):
        raise BadInput(_("The message's time is more than five minutes off. Set the clock."), code="bad_timestamp")
    told = messenger.read(_json(body))
    with transaction.atomic():
        held = account_locked(account.id)
        if held.closed_at is not None:
            raise Absent()
        BankAccount.objects.filter(id=held.id).update(heard_at=now)
        if told.transfer is None or held.account_number not in told.accounts:
            return None
        return transfer_receive(account=held, transfer=told.transfer, came_by=provider, raw=body, now=now)


def _proven(provider: str, endpoint_id: UUID, headers: Headers, body: bytes) -> tuple[BankAccount, Messenger]:
    """The same work is done whether or not there is such an endpoint: the time it takes tells nothing."""
    account = BankAccount.objects.filter(endpoint_id=endpoint_id, provider=provider, closed_at=None).first()
    messenger = MESSENGERS.get(provider)
    try:
        secret = secret_of(account)
    except ValueError:
        log.error(
            "bank account %s: secrets.json does not open its secret; give it a new one", getattr(account, "id", "")
        )
        raise Absent() from None
    proven = messenger is not None and messenger.proven(secret, headers, body)
    if account is None or messenger is None or not proven:
        raise Absent()
    return account, messenger


def _json(body: bytes) -> object:
    """Raises ``BadInput`` (``malformed``), which says nothing of what stood there."""
    try:
        return json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadInput(_("The body is not JSON."), code="malformed") from None


def _no_number(name: str) -> object:
    raise ValueError(name)
