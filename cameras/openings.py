"""How many views a device may open: the limiter of the people, asked by every verb that makes a view session.

A view is a row, an audit entry that stays for ever, and an outbox row: some 3 KB. A person who taps every other second,
or drags along the time bar, opens 300 in ten minutes. A page left open in front of a dead camera tries every ten
seconds, 8,640 times a day. Beyond that it is a program, and 10,000 a day keep what a stolen token can write to 30 MB.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.errors import TooMany
from neighborhoods import counters
from neighborhoods.limits import Rule

RULES = {
    "views": Rule(300, timedelta(minutes=10), timedelta(minutes=1)),
    "views-day": Rule(10_000, timedelta(days=1), timedelta(hours=1)),
}


def opening_charge(device_id: UUID, *, now: datetime) -> None:
    """Count one more view of this device, in the verb's transaction: what opens nothing is not counted.

    Raises ``TooMany`` with ``retry_after_s``.
    """
    for name, rule in RULES.items():
        verdict = counters.count(f"{name}:{device_id.hex}", rule, now=now)
        if not verdict.allowed:
            raise TooMany(
                _("Too many views were opened from here. Wait a moment, then open the camera again."),
                retry_after_s=verdict.retry_after_s,
            )
