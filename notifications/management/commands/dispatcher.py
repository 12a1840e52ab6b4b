"""``manage.py dispatcher``: tell every piece of news in the outbox, until SIGTERM or Ctrl-C."""

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.lib import logs
from notifications.dispatcher import Dispatcher

log = logging.getLogger(__name__)

LOOK_S = 0.2


class Command(BaseCommand):
    help = "Turns the outbox into the feed"
    requires_system_checks = []  # they import every URL and with it 30 MB; the other parts run them

    def handle(self, *args: Any, **options: Any) -> None:
        logs.configure("dispatcher", settings.CONFIG.LOG_LEVEL)
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        dispatcher = Dispatcher(settings.CONFIG.redis_url)
        dispatcher.start()
        log.info("dispatching")
        while not asked.wait(LOOK_S):
            if dispatcher.done.is_set():
                raise SystemExit("the dispatcher's loop has ended by itself")  # the supervisor starts it anew
        if not dispatcher.stop():
            log.warning("the database keeps the last row; it is told at the next start")
