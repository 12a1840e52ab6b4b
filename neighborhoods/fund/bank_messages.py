"""What banks' messengers send: one small interface, ``Messenger``, and the two that people use.

SePay (developer.sepay.vn, "sepay-webhooks/xac-thuc"): either ``Authorization: Apikey <key>``, or
``X-SePay-Signature: sha256=<hex>``, the HMAC-SHA256 of ``<X-SePay-Timestamp>.<body>``, time in Unix seconds.

Casso webhook v2 (its own sample, whose vector is a test here): ``X-Casso-Signature: t=<ms>,v1=<hex>``, the HMAC-SHA512
of ``<t>.<JSON>``, where the JSON is the body written anew as JavaScript does it, with the keys of every object sorted.

Both write local time, +07:00. Nothing here touches a database; no error repeats what the message said.
"""

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from backend.lib.clock import VIETNAM
from backend.lib.errors import BadInput
from backend.lib.text import BLANKS, INVISIBLE
from neighborhoods.models import MOST_DONG, BankAccount

DRIFT_S = 300
LONGEST_CONTENT = 500
LONGEST_REFERENCE = 80
CASSO_HEADER = re.compile(r"t=([0-9]{1,15}),v1=([0-9a-f]{128})")

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that came in, in whole đồng. ``provider_id`` is empty where only a statement tells of it."""

    amount: int
    occurred_at: datetime
    content: str
    reference: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says. ``transfer`` is ``None`` for what leaves the account: nobody here reads that."""

    accounts: frozenset[str]
    """The account's number, and its virtual one where the bank has those."""
    transfer: Transfer | None


class Messenger(Protocol):
    def proven(self, secret: bytes, headers: Headers, body: bytes) -> bool:
        """Whether the sender knows ``secret``. Compared in constant time."""

    def sent_at(self, headers: Headers) -> float | None:
        """Unix seconds of the signature; ``None`` where this way of proving has no time."""

    def read(self, said: Any) -> Told:
        """Raises ``BadInput`` (``bank_message``) where it is not this messenger's."""


class SePay:
    def proven(self, secret: bytes, headers: Headers, body: bytes) -> bool:
        signature, stamp = headers.get("X-SePay-Signature", ""), headers.get("X-SePay-Timestamp", "")
        if signature:
            right = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            return _same(f"sha256={right}".encode(), signature)
        return _same(b"Apikey " + secret, headers.get("Authorization", ""))

    def sent_at(self, headers: Headers) -> float | None:
        if not headers.get("X-SePay-Signature"):
            return None
        return _seconds(headers.get("X-SePay-Timestamp", ""))

    def read(self, said: Any) -> Told:
        found = _object(said)
        accounts = frozenset(_number(found.get(name)) for name in ("accountNumber", "subAccount")) - {""}
        match found.get("transferType"):
            case "out":
                return Told(accounts, None)
            case "in":
                pass
            case _:
                raise _odd("transferType")
        return Told(
            accounts,
            Transfer(
                amount=_amount(found.get("transferAmount"), "transferAmount"),
                occurred_at=local_time(found.get("transactionDate"), "transactionDate"),
                content=clean(found.get("content"), LONGEST_CONTENT),
                reference=clean(found.get("referenceCode"), LONGEST_REFERENCE),
                provider_id=_identity(found.get("id")),
            ),
        )


class Casso:
    def proven(self, secret: bytes, headers: Headers, body: bytes) -> bool:
        found = CASSO_HEADER.fullmatch(headers.get("X-Casso-Signature", ""))
        stamp, signature = found.groups() if found else ("0", "")
        try:
            message = f"{stamp}.{_as_javascript(body)}".encode()
        except (ValueError, RecursionError):
            return False
        return _same(hmac.new(secret, message, hashlib.sha512).hexdigest().encode(), signature)

    def sent_at(self, headers: Headers) -> float | None:
        found = CASSO_HEADER.fullmatch(headers.get("X-Casso-Signature", ""))
        return int(found[1]) / 1000 if found else 0.0

    def read(self, said: Any) -> Told:
        found = _object(_object(said).get("data"))
        accounts = frozenset(_number(found.get(name)) for name in ("accountNumber", "virtualAccountNumber")) - {""}
        amount = found.get("amount")
        if isinstance(amount, int | float) and not isinstance(amount, bool) and amount < 0:
            return Told(accounts, None)
        return Told(
            accounts,
            Transfer(
                amount=_amount(amount, "amount"),
                occurred_at=local_time(found.get("transactionDateTime"), "transactionDateTime"),
                content=clean(found.get("description"), LONGEST_CONTENT),
                reference=clean(found.get("reference"), LONGEST_REFERENCE),
                provider_id=_identity(found.get("id")),
            ),
        )


MESSENGERS: dict[str, Messenger] = {BankAccount.Provider.SEPAY: SePay(), BankAccount.Provider.CASSO: Casso()}


def in_time(sent_at: float | None, now: datetime) -> bool:
    """A message is at most five minutes old; where its proof has no time, that it is known once is what protects."""
    return sent_at is None or abs(sent_at - now.timestamp()) <= DRIFT_S


def clean(value: Any, longest: int) -> str:
    """Words of a bank as they may be kept and shown: NFC, nothing invisible, spaces collapsed, cut to ``longest``.

    What is not text becomes nothing: words are no reason to refuse money.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**40 else ""
    if not isinstance(value, str):
        return ""
    plain = unicodedata.normalize("NFC", value[: 4 * longest])
    seen = (" " if unicodedata.category(sign) in INVISIBLE or sign in BLANKS else sign for sign in plain)
    return " ".join("".join(seen).split())[:longest]


def local_time(value: Any, name: str) -> datetime:
    """``2023-03-25 14:02:37`` of Vietnam, or ISO 8601 with its own offset."""
    try:
        found = datetime.fromisoformat(value.strip() if isinstance(value, str) else "")
        aware = found if found.tzinfo else found.replace(tzinfo=VIETNAM)
        aware.astimezone(VIETNAM)
    except (ValueError, OverflowError):
        raise _odd(name) from None
    if not 2000 <= aware.year <= 2200:
        raise _odd(name)
    return aware


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _odd("data")
    return value


def _amount(value: Any, name: str) -> int:
    """Whole đồng. ``50000.0`` is what some languages write for 50000; a fraction is no money of this country."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_DONG:
        raise _odd(name)
    return value


def _identity(value: Any) -> str:
    """A number or a short text that names the transfer; 0 is what messengers send when they are tried out."""
    found = clean(value, LONGEST_REFERENCE + 1)
    if not found or len(found) > LONGEST_REFERENCE:
        raise _odd("id")
    return found


def _number(value: Any) -> str:
    return re.sub(r"[^0-9A-Z]", "", clean(value, 60).upper())


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0.0


def _same(right: bytes, shown: str) -> bool:
    return hmac.compare_digest(right, shown.encode(errors="replace"))


def _as_javascript(body: bytes) -> str:
    """``body`` as ``JSON.stringify`` writes it once its keys are sorted: 5.0 is 5 there."""
    return json.dumps(
        json.loads(body, parse_float=_number_of_javascript), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def _number_of_javascript(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _odd(name: str) -> BadInput:
    reason = _("The message does not have the form its sender documents.")
    return BadInput(reason, code="bank_message", fields={name: [reason]})
