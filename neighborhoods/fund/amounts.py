"""Amounts and days as people and programs send them. Everything inside is whole đồng."""

import re
from datetime import date, datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backend.lib.clock import vietnam_day
from backend.lib.errors import BadInput
from neighborhoods.models import MOST_DONG

GROUPED = re.compile(r"[0-9]{1,3}(?:([., ])[0-9]{3})(?:\1[0-9]{3})*|[0-9]+")
"""350000, 350.000, 350,000 or 350 000: groups of three, all parted alike."""
DONG = re.compile(r"\s*(?:đồng|đ|₫|vnđ|vnd)\s*\Z", re.IGNORECASE)
OLDEST = timedelta(days=5 * 366)


def amount_of(value: object, *, field: str = "amount", least: int = 1) -> int:
    """A whole number of đồng from a program. Raises ``BadInput`` with code ``amount`` for anything else.

    Neither text nor fractions are taken, not even ``350000.0``: whoever sends one may have meant another currency.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse_amount(field, _("An amount is a whole number of đồng, without a currency or a fraction."))
    if value < least:
        raise refuse_amount(field, _("An amount is at least %(least)d đồng.") % {"least": least})
    if value > MOST_DONG:
        raise refuse_amount(field, _("An amount is at most 1,000,000,000,000 đồng."))
    return value


def read_amount(text: str, *, field: str = "amount", least: int = 1) -> int:
    """What a person typed: ``350.000 đ``, ``350 000``, ``350000``. Raises as ``amount_of`` does, for dollars too."""
    plain = DONG.sub("", text.replace("\u00a0", " ").replace("\u202f", " ").strip())
    if not GROUPED.fullmatch(plain) or len(plain) > 24:
        raise refuse_amount(field, _("Write the amount in đồng, such as 350.000."))
    return amount_of(int(re.sub(r"[., ]", "", plain)), field=field, least=least)


def said(amount: int) -> str:
    """An amount in a sentence, grouped as the reader's language does: ``350.000`` in Vietnamese."""
    grouped = f"{amount:,}"
    return grouped if get_language() == "en" else grouped.replace(",", ".")


def refuse_amount(field: str, reason: str) -> BadInput:
    return BadInput(reason, code="amount", fields={field: [reason]})


def past_day(day: date, *, now: datetime, field: str) -> date:
    """A day on which something happened. Raises ``BadInput`` for one that lies ahead, or more than five years back."""
    if vietnam_day(now) - OLDEST <= day <= vietnam_day(now):
        return day
    reason = _("That day lies ahead, or more than five years back.")
    raise BadInput(reason, fields={field: [reason]})
