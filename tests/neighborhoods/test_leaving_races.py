"""What is given to a household at the very moment it leaves does not outlive its leaving."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from backend.lib.errors import Absent, Conflict
from neighborhoods import codes, households, people
from neighborhoods.models import AccessCode, Member
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def _while_it_leaves(cast: Cast, give: Callable[[], Any]) -> Any:
    """``give`` in a thread, begun while the leaving is done and not yet committed; its result or its refusal."""
    got: list[Any] = []

    def late() -> None:
        try:
            got.append(give())
        except (Absent, Conflict) as refused:
            got.append(refused)
        finally:
            connection.close()

    assert cast.an.household
    thread = threading.Thread(target=late)
    leader = actor(cast.binh)
    with transaction.atomic():
        households.household_leave(actor=leader, household_id=cast.an.household.id, now=NOW)
        thread.start()
        thread.join(1)  # long enough to read what was there before; where it waits for us, it waits on
    thread.join(30)
    return got[0]


def test_a_code(live_cast: Cast) -> None:
    leader = actor(live_cast.binh)
    assert live_cast.an.household
    household_id = live_cast.an.household.id
    given = _while_it_leaves(live_cast, lambda: codes.code_issue(actor=leader, household_id=household_id, now=NOW))
    assert isinstance(given, Absent)
    assert not AccessCode.objects.filter(household_id=household_id, revoked_at=None).exists()


def test_a_member(live_cast: Cast) -> None:
    leader = actor(live_cast.binh)
    assert live_cast.an.household
    household_id = live_cast.an.household.id
    given = _while_it_leaves(
        live_cast, lambda: people.member_create(actor=leader, household_id=household_id, name="Bé Na", now=NOW)
    )
    assert isinstance(given, Absent | Conflict)
    assert not Member.objects.filter(household_id=household_id, left_at=None).exists()
