"""Carriers of messages to phones that our sockets do not reach: one interface (``base``), and which are switched on."""

from functools import lru_cache

from backend.lib.config import Config
from backend.lib.secretfile import Secrets
from notifications.carriers.base import Carrier
from notifications.carriers.vapid import Vapid, subject_trouble
from notifications.carriers.webpush import WebPush

WEBPUSH = "webpush"


def push_on(config: Config) -> bool:
    """Web Push is sent only where the operator switched it on and said who answers for it."""
    return config.PUSH in ("1", "true", "yes") and not subject_trouble(config.PUSH_SUBJECT)


def carriers_of(config: Config, secrets: Secrets) -> dict[str, Carrier]:
    """The carriers this installation has switched on, by name."""
    if not push_on(config):
        return {}
    return {WEBPUSH: _webpush(secrets.vapid_key, config.PUSH_SUBJECT, tuple(config.list_of("PUSH_HOSTS")))}


@lru_cache(maxsize=4)
def _webpush(key: bytes, subject: str, hosts: tuple[str, ...]) -> WebPush:
    """One a process, so that signatures are kept."""
    return WebPush(vapid=Vapid(key, subject), hosts=hosts)
