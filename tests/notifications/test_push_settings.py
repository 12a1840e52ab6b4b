"""What the start says of the settings of push."""

from dataclasses import replace
from typing import Any

import pytest

from notifications.carriers import carriers_of, push_on
from notifications.checks import push_has_a_subject


@pytest.mark.parametrize(
    ("push", "subject", "said", "on"),
    [("0", "", [], False), ("1", "mailto:it@phuong.vn", [], True), ("1", "", ["notifications.W002"], False),
     ("1", "mailto:root@localhost", ["notifications.W002"], False), ("maybe", "", ["notifications.W001"], False),
     ("0", "nonsense", [], False)],
)  # fmt: skip
def test_push_that_would_fail_silently_is_warned_of_and_stays_off(
    settings: Any, push: str, subject: str, said: list[str], on: bool
) -> None:
    settings.CONFIG = replace(settings.CONFIG, PUSH=push, PUSH_SUBJECT=subject)
    assert [message.id for message in push_has_a_subject()] == said
    assert push_on(settings.CONFIG) is on
    assert list(carriers_of(settings.CONFIG, settings.SECRETS)) == (["webpush"] if on else [])
