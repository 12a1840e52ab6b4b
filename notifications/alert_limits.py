"""How many alerts one may raise: a flood by one must not slow, or tire, the others.

Asked before anything that costs: before the neighborhood's row is held, before cameras are looked for. A person in
trouble raises one alert, corrects it once, and perhaps tells of the next thing; twenty a day is a household that tells
of everything. Those whose work it is to tell (street workers, officers, leaders) have a higher rule, other systems
their own.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backend.lib.errors import TooMany
from neighborhoods import counters
from neighborhoods.access import Actor
from neighborhoods.limits import Rule

_MINUTE, _TEN, _HOUR, _DAY = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)

DEVICE_RULE, HOUSEHOLD_RULE = Rule(5, _TEN, _MINUTE), Rule(20, _DAY, _HOUR)
STAFF_DEVICE_RULE, ACCOUNT_RULE = Rule(30, _TEN, _MINUTE), Rule(200, _DAY, _HOUR)
ENDPOINT_RULE, ENDPOINT_DAY_RULE = Rule(60, _TEN, _MINUTE), Rule(1_000, _DAY, _HOUR)
WORDS_RULE, WORDS_DEVICE_RULE = Rule(5, _DAY, _HOUR), Rule(20, _TEN, _MINUTE)
"""Words added later: to one alert, to whichever."""
BROADCAST_RULE = Rule(10, _HOUR, timedelta(minutes=5))


def raise_charge(actor: Actor, *, now: datetime) -> None:
    """Count one more alert of this device and its household (or account), in the verb's transaction: what is refused
    later, or here, is not counted. Raises ``TooMany`` with ``retry_after_s``."""
    if actor.account_id is not None:
        _charge(f"alerts:{actor.device_id}", STAFF_DEVICE_RULE, now)
        _charge(f"alerts-day:{actor.account_id}", ACCOUNT_RULE, now)
    else:
        _charge(f"alerts:{actor.device_id}", DEVICE_RULE, now)
        _charge(f"alerts-day:{actor.household_id}", HOUSEHOLD_RULE, now)


def words_charge(actor: Actor, alert_id: object, *, now: datetime) -> None:
    """The same for words that are added: apart from alerts, so that neither keeps anybody from the other."""
    _charge(f"alert-words:{alert_id}:{actor.device_id}", WORDS_RULE, now)
    _charge(f"alert-words:{actor.device_id}", WORDS_DEVICE_RULE, now)


def broadcast_charge(actor: Actor, *, now: datetime) -> None:
    """The same for a broadcast: it rings in every house of a ward."""
    _charge(f"broadcasts:{actor.account_id}", BROADCAST_RULE, now)


def endpoint_charge(endpoint_id: object, *, now: datetime) -> None:
    """The same for another system. Asked once its signature is known to be right, or anybody could use its limit up."""
    _charge(f"alert-hook:{endpoint_id}", ENDPOINT_RULE, now)
    _charge(f"alert-hook-day:{endpoint_id}", ENDPOINT_DAY_RULE, now)


def _charge(bucket: str, rule: Rule, now: datetime) -> None:
    verdict = counters.count(bucket, rule, now=now)
    if not verdict.allowed:
        raise TooMany(
            _("You have raised many alerts in a short time. If somebody is in danger, call 113, 114 or 115."),
            retry_after_s=verdict.retry_after_s,
        )
