"""A real web process with its sockets, and a way to bring events to it as the dispatcher does."""

from collections.abc import Iterator
from typing import Any

import pytest

from notifications.publishing import Publisher
from tests.cameras.playback.conftest import WebServer
from tests.cast import Cast
from tests.servers import Valkey


@pytest.fixture(scope="session")
def shared_feed_server(django_db_setup: None, django_db_blocker: Any, valkey_server: Valkey) -> Iterator[WebServer]:
    with django_db_blocker.unblock():
        started = WebServer()
    yield started
    started.stop()


@pytest.fixture
def feed_server(live_cast: Cast, valkey: Valkey, shared_feed_server: WebServer) -> WebServer:
    """A server that runs through many tests; whoever stops or kills it takes ``own_feed_server``."""
    return shared_feed_server


@pytest.fixture
def own_feed_server(live_cast: Cast, valkey: Valkey) -> Iterator[WebServer]:
    started = WebServer()
    yield started
    started.stop()


@pytest.fixture
def publisher(valkey: Valkey) -> Iterator[Publisher]:
    made = Publisher()
    made.start()
    yield made
    made.stop()
