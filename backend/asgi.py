"""The ASGI application: ``/hls/`` and ``/ingest/`` go to the media application before Django sees anything."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402

from backend.edge import App, BodyLimit  # noqa: E402
from backend.lib.errors import Absent  # noqa: E402
from cameras.playback import answers  # noqa: E402
from cameras.playback.media_app import MediaApp  # noqa: E402
from cameras.playback.media_app import application as media  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Application:
    """Routes by the first part of the path. The server's lifespan is the media application's start and end."""

    def __init__(self, media_app: MediaApp) -> None:
        self.media = media_app
        self._django = BodyLimit(cast(App, ASGIHandler()), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":  # there are none yet: refuse before accepting
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"].startswith("/hls/"):
            await self.media(scope, receive, send)
        elif scope["path"].startswith("/ingest/"):
            await answers.problem(scope, send, Absent())
        else:
            await self._django(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.media.startup()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.media.shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return


application = Application(media)
