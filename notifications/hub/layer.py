"""The channel layer's side: one channel for the process, in one group per stream that somebody here listens to.

Messages bring events earlier than the poll would; nothing depends on them. So nobody waits for Redis here: joining a
group is tried until it works, by a task of its own. Streams of a household are left to the poll: a group for each phone
would cost more than the half second is worth.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer

from notifications.publishing import group_of

log = logging.getLogger(__name__)

TIMEOUT_S = 2.0
RETRY_S = 1.0


class _Hush(logging.Filter):
    """The layer logs a traceback every second while Redis is away. That it is away is said once, elsewhere."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "receive task" not in record.getMessage()


class Subscriptions:
    """Used from the event loop only. ``start`` until ``stop``."""

    def __init__(self, received: Callable[[dict[str, Any]], None]) -> None:
        self._received = received
        self._wanted: set[UUID] = set()
        self._joined: set[UUID] = set()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        logging.getLogger("channels_redis.pubsub").addFilter(_Hush())
        self._tasks = [asyncio.create_task(self._run())]

    def want(self, stream_id: UUID) -> None:
        self._wanted.add(stream_id)
        self._changed.set()

    def unwant(self, stream_id: UUID) -> None:
        self._wanted.discard(stream_id)
        self._changed.set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):  # whatever Redis does, the process ends
            await asyncio.wait_for(get_channel_layer().flush(), TIMEOUT_S)

    async def _run(self) -> None:
        channel = await self._channel()
        self._tasks.append(asyncio.create_task(self._receive(channel)))
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await self._settle(channel):
                await asyncio.sleep(RETRY_S)
                self._changed.set()

    async def _channel(self) -> str:
        while True:
            try:
                return str(await asyncio.wait_for(get_channel_layer().new_channel(), TIMEOUT_S))
            except Exception as error:  # noqa: BLE001  (whatever Redis does, it is tried again)
                log.debug("no channel layer: %s", type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _settle(self, channel: str) -> bool:
        """Join and leave groups until they are the wanted ones; False where Redis does not let us."""
        layer = get_channel_layer()
        try:
            for stream_id in list(self._wanted - self._joined):
                await asyncio.wait_for(layer.group_add(group_of(stream_id), channel), TIMEOUT_S)
                self._joined.add(stream_id)
            for stream_id in list(self._joined - self._wanted):
                await asyncio.wait_for(layer.group_discard(group_of(stream_id), channel), TIMEOUT_S)
                self._joined.discard(stream_id)
        except Exception as error:  # noqa: BLE001  (the same)
            log.debug("no channel layer: %s", type(error).__name__)
            return False
        return True

    async def _receive(self, channel: str) -> None:
        layer = get_channel_layer()
        while True:
            message = await layer.receive(channel)
            try:
                self._received(message)
            except Exception:
                log.exception("a message of the channel layer, event %s, is not understood", message.get("id"))
