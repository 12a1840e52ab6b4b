"""A way to bring events to the web process as the dispatcher does."""

from collections.abc import Iterator

import pytest

from notifications.publishing import Publisher
from tests.servers import Valkey


@pytest.fixture
def publisher(valkey: Valkey) -> Iterator[Publisher]:
    made = Publisher()
    made.start()
    yield made
    made.stop()
