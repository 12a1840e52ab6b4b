"""The memory of the limiter: how often something happened, per bucket and step. ``limits.py`` decides."""

from datetime import datetime

from django.db import connection

from neighborhoods import limits
from neighborhoods.models import GuessCounter


def count(bucket: str, rule: limits.Rule, *, now: datetime) -> limits.Verdict:
    """Count one more in ``bucket`` and judge the sum.

    Call it in a transaction, and raise where the verdict says no: that takes the count back, so that a refused try is
    not charged. The step's row stays locked until then, so that tries at the same time see each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO neighborhoods_guesscounter (bucket, window_start, failures) VALUES (%s, %s, 1)"
            " ON CONFLICT (bucket, window_start) DO UPDATE"
            " SET failures = neighborhoods_guesscounter.failures + 1",
            [bucket, connection.ops.adapt_datetimefield_value(rule.window_start(now))],
        )
    rows = GuessCounter.objects.filter(bucket=bucket, window_start__gt=rule.since(now))
    return limits.decide(rule, dict(rows.values_list("window_start", "failures")), now)
