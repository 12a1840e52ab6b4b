"""News that causes acts: topic → verb. Run by the dispatcher in the transaction of the news, before its events.

A reaction takes rows and, last, an audit chain; its own news is told in a turn of its own. It must be harmless the
second time, for two pieces of news may say the same.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from neighborhoods.access import system
from notifications import alerts, moments, pushes
from notifications.rules import News

Reaction = Callable[[News, datetime], None]


def _camera_fell_silent(news: News, now: datetime) -> None:
    alerts.alert_raise_by_camera(camera_id=UUID(str(news.data["camera"])), now=now)


def _camera_came_back(news: News, now: datetime) -> None:
    alerts.alert_resolve_by_camera(camera_id=UUID(str(news.data["camera"])), now=now)


def _something_moved(news: News, now: datetime) -> None:
    alerts.alert_raise_by_camera(
        camera_id=UUID(str(news.data["camera"])),
        category=alerts.MOTION,
        occurred_at=datetime.fromisoformat(str(news.data["at"])),
        now=now,
    )


def _moment_is_cut(news: News, now: datetime) -> None:
    snapshot_id = UUID(news.subject.removeprefix("snapshot:"))
    moments.alert_clip_ready(actor=system("dispatcher"), snapshot_id=snapshot_id, now=now)


def _phones_sleep(news: News, now: datetime) -> None:
    pushes.pushes_write(news.data, now=now)


REACTIONS: Mapping[str, Reaction] = {
    "camera.offline": _camera_fell_silent,
    "camera.online": _camera_came_back,
    "camera.motion": _something_moved,
    "snapshot.done": _moment_is_cut,
    "snapshot.failed": _moment_is_cut,
    pushes.PLAN: _phones_sleep,
}
