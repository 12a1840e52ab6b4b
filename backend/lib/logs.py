"""Logging for every process, and the redaction that keeps secrets out of it.

A token, access code, view-session path or camera password must never reach a log. Code does not log them in the
first place; this filter is the second line, and ``tests/e2e/test_no_secret_in_a_log.py`` greps what a run has written.
"""

import logging
import re
import sys
import time

_FOUR = "[BCDFGHJKLMNPQRSTVWXZ]{4}"
_GAP = r"[ \t._\u2010-\u2015\u2212-]{0,3}"
"""Between a code's parts people type dashes of all kinds, spaces, or nothing (``neighborhoods.codeforms.read``)."""
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![A-Za-z0-9])(mp[bhq]?_)[A-Za-z0-9_-]{20,}"), r"\1<token>"),
    (re.compile(r"(?i)(/hls/)[A-Za-z0-9_~.-]{16,}"), r"\1<session>"),
    (re.compile(r"(?i)(/(?:setup|invite)#)[A-Za-z0-9_-]{16,}"), r"\1<token>"),
    (re.compile(r"(?i)(rtsps?|rediss?|postgres(?:ql)?|https?)(://)[^\s'\"]*@"), r"\1\2<credentials>@"),
    (re.compile(r"(?i)\b(authorization|proxy-authorization|cookie|set-cookie|x-session-token)(\W{1,4})[^\r\n'\"]+"),
     r"\1\2<redacted>"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|response|nonce)([\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+"),
     r"\1\2<redacted>"),
    (re.compile(rf"(?i)\b([A-Z0-9]{{2,12}}?){_GAP}{_FOUR}{_GAP}{_FOUR}\b"), r"\1-<code>"),
)  # fmt: skip


CHATTY = (
    "uvicorn.access", "uvicorn.error", "celery.beat", "celery.worker.strategy", "celery.app.trace", "kombu", "asyncio",
)  # fmt: skip


def redact(text: str) -> str:
    """``text`` without anything that opens a door."""
    for pattern, substitute in _RULES:
        text = pattern.sub(substitute, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, so that arguments, tracebacks and foreign loggers are covered alike."""

    converter = time.gmtime  # type: ignore[assignment]  # UTC in every process, though Django sets TZ in some

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(part: str, level: str = "INFO") -> None:
    """Send every logger of this process to standard error as ``time level part logger: message``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(f"%(asctime)s %(levelname)s {part} %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel("WARNING")
    for owner in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "django", "django.server"):
        logger = logging.getLogger(owner)
        logger.handlers[:] = []
        logger.propagate = True
