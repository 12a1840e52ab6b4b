"""The same ``Idempotency-Key`` gets the first answer again; what is kept opens only for who called."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.lib.errors import Conflict
from neighborhoods import idempotency
from neighborhoods.models import IdempotencyRecord

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANSWER = idempotency.Answer(201, "application/json", '{"typed": "HG7-BCDF-GHJK"}')


def _claim(caller: str = "Bearer mp_a", body: bytes = b"{}", now: datetime = NOW) -> idempotency.Claim:
    return idempotency.claim(caller=caller, method="POST", path="/api/v1/codes/", key="abcdefgh", body=body, now=now)


@pytest.mark.both_databases
@pytest.mark.django_db
class TestIdempotency:
    def test_a_repeat_gets_the_first_answer(self) -> None:
        idempotency.keep(_claim(), ANSWER)
        assert _claim().earlier == ANSWER

    def test_another_caller_with_the_same_key_is_another_call(self) -> None:
        idempotency.keep(_claim(), ANSWER)
        assert _claim(caller="Bearer mp_b").earlier is None

    def test_another_body_is_refused(self) -> None:
        idempotency.keep(_claim(), ANSWER)
        with pytest.raises(Conflict) as refused:
            _claim(body=b'{"x": 1}')
        assert refused.value.code == "idempotency_key_reused"

    def test_a_call_still_running_is_said(self) -> None:
        _claim()
        with pytest.raises(Conflict) as refused:
            _claim()
        assert refused.value.code == "in_progress"

    def test_a_call_that_died_frees_its_key_in_the_end(self) -> None:
        _claim()
        assert _claim(now=NOW + timedelta(minutes=3)).earlier is None

    def test_a_call_that_failed_on_our_side_frees_its_key(self) -> None:
        idempotency.free(_claim())
        assert _claim().earlier is None

    def test_it_is_forgotten_after_a_day(self) -> None:
        idempotency.keep(_claim(), ANSWER)
        assert _claim(now=NOW + timedelta(hours=25)).earlier is None

    def test_what_is_kept_shows_nothing_of_the_answer(self) -> None:
        idempotency.keep(_claim(), ANSWER)
        row = IdempotencyRecord.objects.get()
        assert b"BCDF" not in bytes(row.answer or b"")
