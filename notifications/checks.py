"""System checks of the settings: what would fail silently at a push service is said at the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from notifications.carriers.vapid import subject_trouble


@register()
def push_has_a_subject(*, app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Warns where push is switched on and stays off all the same, because nobody answers for it."""
    config = settings.CONFIG
    if config.PUSH == "0":
        return []
    if config.PUSH not in ("1", "true", "yes"):
        return [Warning(f"PUSH is {config.PUSH!r}, so nothing is pushed.", hint="Set it to 1 or 0.",
                        id="notifications.W001")]  # fmt: skip
    if trouble := subject_trouble(config.PUSH_SUBJECT):
        return [
            Warning(
                f"Nothing is pushed, for PUSH_SUBJECT is {config.PUSH_SUBJECT!r}: {trouble}.",
                hint="Name an address at which a push service can write to you, such as mailto:it@phuong.gov.vn.",
                id="notifications.W002",
            )
        ]
    return []
