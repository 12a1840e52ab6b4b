"""How often somebody may guess at codes. Pure: it decides, ``guesses.py`` remembers.

Two caps on failed redemptions, over any span of time (not only whole clock hours):

- 20 an hour per source, an IPv4 address or an IPv6 /64. An address where a device of the neighborhood has been
  redeemed is counted apart for that neighborhood, so that strangers behind one carrier's address shut no household out.
- 2,000 a day per neighborhood, over all sources. The leader is told at 200.

The arithmetic of guessing. A typed code has 8 letters of RFC 8628's 20 (section 6.1): 20^8 = 2.56e10. With 86 live
codes in a neighborhood, 2,000 guesses a day hit one with a chance of 2,000 * 86 / 2.56e10 = 6.7e-6 a day: once in 400
years of guessing every day at the cap. One source alone makes 480 guesses a day: 1.6e-6. The QR form has 128 random
bits; the neighborhood's cap does not count it and does not stop it, so that a sheet goes on working while somebody
guesses.

A wrong guess names no code, so there is no cap per code, and nobody can lock another household out by guessing "at" it.

Counting is in steps: failures are summed over the steps that touch the span, which errs towards counting too many.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PER_SOURCE = 20
PER_NEIGHBORHOOD = 2_000
TELL_LEADER_AT = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``limit`` failures in any ``span``, counted in steps of ``step``."""

    limit: int
    span: timedelta
    step: timedelta

    def window_start(self, now: datetime) -> datetime:
        """Start of the step that holds ``now``, UTC."""
        whole = int(self.step.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // whole * whole, UTC)

    def since(self, now: datetime) -> datetime:
        """Steps that start after this still touch the span that ends ``now``."""
        return now - self.span - self.step


SOURCE_RULE = Rule(PER_SOURCE, timedelta(hours=1), timedelta(minutes=5))
NEIGHBORHOOD_RULE = Rule(PER_NEIGHBORHOOD, timedelta(days=1), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool
    retry_after_s: int = 0
    tell_leader: bool = False


def source_of(address: str) -> str:
    """What one guesser holds: an IPv4 address, an IPv6 /64 (RFC 4291, section 2.5.4), ``unknown`` for anything else."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def decide(rule: Rule, steps: Mapping[datetime, int], now: datetime) -> Verdict:
    """Whether one more try is allowed, given the failures per step, the one being tried included.

    ``steps`` maps the start of each step to its failures. Where it is refused, ``retry_after_s`` is when enough of the
    oldest steps will have left the span. ``tell_leader`` concerns the neighborhood's rule.
    """
    counted = {start: n for start, n in steps.items() if start > rule.since(now)}
    total = sum(counted.values())
    if total <= rule.limit:
        return Verdict(True, tell_leader=rule is NEIGHBORHOOD_RULE and total >= TELL_LEADER_AT)
    over = total - rule.limit
    for start in sorted(counted):
        over -= counted[start]
        if over <= 0:
            free = start + rule.span + rule.step - now
            return Verdict(False, retry_after_s=max(1, int(free.total_seconds()) + 1))
    raise AssertionError("more than all failures were over the limit")
