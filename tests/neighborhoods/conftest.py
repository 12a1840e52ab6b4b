"""What the people's tests share: a moment, actors of the cast, and a way to run one thing from many threads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from neighborhoods.access import Actor
from neighborhoods.devices import actor_of
from tests.cast import Cast, Person

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def now() -> datetime:
    return NOW


def actor(person: Person, now: datetime = NOW) -> Actor:
    found = actor_of(person.token, now=now)
    assert found is not None
    return found


@pytest.fixture
def leader(cast: Cast) -> Actor:
    return actor(cast.binh)


def at_once(act: Callable[[int], Any], count: int) -> list[Any]:
    """``act(n)`` in ``count`` threads that start together; each result, or the exception it raised."""
    gate = threading.Barrier(count)

    def one(number: int) -> Any:
        gate.wait(30)
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001  (the tests look at it)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
