"""The policy in force: ``Policy`` with the figures of the setting ``FOOTAGE_LIMITS``. The one place that makes it."""

from datetime import timedelta

from django.conf import settings
from django.utils.formats import number_format

from cameras.footage.limits import policy_of

POLICY = policy_of(settings.CONFIG.FOOTAGE_LIMITS)


def figure(value: float) -> str:
    """As people write it in their language: ``6``, ``0,5``."""
    return str(number_format(f"{value:g}"))


def hours(value: timedelta) -> str:
    return figure(value / timedelta(hours=1))


def days(value: timedelta) -> str:
    return figure(value / timedelta(days=1))
