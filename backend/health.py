"""``/healthz``: alive. ``/readyz``: every part answers. ``/metrics``: Prometheus, for this machine only."""

import ipaddress
import json
import time
from collections.abc import Callable, Iterator

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from backend.beats import BEATS, RECORDER_KEY
from backend.lib import clock, problems, public
from backend.lib.errors import Absent
from neighborhoods import outbox
from neighborhoods.auditing import copies, heads


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 where all parts answer, otherwise 503; the body names each part and nothing else."""
    parts = {"database": _answers(_database), "redis": _answers(_redis)}
    beats = _beats() if parts["redis"] else dict.fromkeys(BEATS, False)
    parts |= beats
    answer = JsonResponse(parts, status=200 if all(parts.values()) else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would log an error at each look of a start
    return answer


def metrics(request: HttpRequest) -> HttpResponse:
    """Only for who asks from this machine; a scraper elsewhere goes through nginx, which decides."""
    try:
        local = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        local = False
    if not local or "HTTP_X_FORWARDED_FOR" in request.META:
        return problems.response(Absent())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.CONFIG.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5)


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception:  # noqa: BLE001  (a probe: whatever went wrong, the part does not answer)
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    with _client() as client:
        client.ping()


def _beats() -> dict[str, bool]:
    with _client() as client:
        found = client.mget(BEATS.values())
    return {part: _fresh(beat) for part, beat in zip(BEATS, found, strict=True)}


def _fresh(beat: bytes | None) -> bool:
    """A beat is the Unix time at which it was set; an old one left by a dead part does not count."""
    return beat is not None and time.time() - float(beat) < 30


class Recorders(Collector):
    """What the recorders said of themselves in the last 30 s, from ``matpho:recorder:<name>``."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        cameras = GaugeMetricFamily("matpho_recorder_cameras", "Cameras being recorded", labels=["recorder"])
        unsynced = GaugeMetricFamily(
            "matpho_recorder_oldest_unsynced_seconds", "Age of the oldest byte that is not on the disk",
            labels=["recorder"],
        )  # fmt: skip
        try:
            with _client() as client:
                for key in client.scan_iter(f"{RECORDER_KEY}:*"):
                    said = json.loads(client.get(key) or b"{}")
                    name = key.decode().removeprefix(f"{RECORDER_KEY}:")
                    cameras.add_metric([name], said.get("cameras", 0))
                    unsynced.add_metric([name], said.get("oldest_unsynced_s", 0.0))
        except (redis.RedisError, OSError):
            pass  # /readyz says so
        yield from (cameras, unsynced)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked when this is registered: Redis may not run yet."""
        return []


class Outbox(Collector):
    """News that nobody has been told yet, asked of the database: a dead dispatcher cannot say how late it is."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            waiting = outbox.waiting()
        except Exception:  # noqa: BLE001  (a probe: without the database the rest is told; /readyz says so)
            return
        age = (clock.now() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
        yield GaugeMetricFamily("matpho_outbox_rows_waiting", "Outbox rows that are not told yet", waiting.rows)
        yield GaugeMetricFamily("matpho_outbox_oldest_seconds", "Age of the oldest row not told", max(0.0, age))

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked when this is registered: there may be no table yet."""
        return []


class Audit(Collector):
    """Whether the audit's heads are signed and leave the machine; ``copies_leave`` looks every hour."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            unsigned, failing = len(heads.days_due(clock.now())), len(copies.copies_failing(now=clock.now()))
        except DatabaseError:  # the rest is told without it; /readyz says so
            return
        yield GaugeMetricFamily("matpho_audit_days_unsigned", "Days that ended without a signed head", unsigned)
        yield GaugeMetricFamily("matpho_audit_copies_failing", "Heads whose way out of the machine fails", failing)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked when this is registered: there may be no table yet."""
        return []


REGISTRY.register(Recorders())
REGISTRY.register(Outbox())
REGISTRY.register(Audit())

for _probe in (healthz, readyz, metrics):
    _probe.action = public.PUBLIC  # type: ignore[attr-defined]

urlpatterns = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
