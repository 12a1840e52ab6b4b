"""The ASGI application: ``/hls/`` and ``/ingest/`` go to the media application before Django sees anything."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from django.core.handlers.asgi import ASGIHandler  # noqa: E402

from backend.edge import App, BodyLimit  # noqa: E402
from backend.lib import sizes, uploads  # noqa: E402
from backend.lib.errors import Absent  # noqa: E402
from cameras.playback import answers  # noqa: E402
from cameras.playback.media_app import MediaApp  # noqa: E402
from cameras.playback.media_app import application as media  # noqa: E402
from notifications.consumers import Feed  # noqa: E402
from notifications.consumers import application as feed  # noqa: E402
from notifications.routing import router  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Application:
    """Routes by kind and by the first part of the path. The server's lifespan is the start and end of the media
    application and of the feed's sockets."""

    def __init__(self, media_app: MediaApp, feed_app: Feed) -> None:
        self.media, self.feed = media_app, feed_app
        self._django = BodyLimit(cast(App, ASGIHandler()), sizes.BODY, files=uploads.limit_of)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await router(scope, receive, send)
        elif scope["path"].startswith("/hls/"):
            await self.media(scope, receive, send)
        elif scope["path"].startswith("/ingest/"):
            await answers.problem(scope, send, Absent())
        else:
            await self._django(scope, receive, send)

    def drain(self) -> None:
        """The server is about to stop: nobody new, and whoever waits is let go."""
        self.media.drain()
        self.feed.drain()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.media.startup()
                await self.feed.startup()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.feed.shutdown()
                await self.media.shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return


application = Application(media, feed)
