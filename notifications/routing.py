"""Sockets by path. What is not one of them is refused before it is accepted."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from notifications.consumers import application as feed

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def refuse(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close"})


patterns: list[Any] = [path("ws/v1/events/", feed)]  # type: ignore[arg-type]  # Channels routes ASGI applications
router = URLRouter([*patterns, re_path("", refuse)])  # type: ignore[arg-type]
