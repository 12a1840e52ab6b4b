"""Celery, for what takes long. The job rows are the truth; the broker only carries ids.

Every scheduled message expires when the next one is due: a worker that comes back after an hour has one tick to do, not
three thousand.
"""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0

TICKS: dict[str, float] = {
    "cameras.tasks.snapshots_tick": 1.0,
    "cameras.tasks.posters_tick": 2.0,
    "cameras.tasks.motion_tick": 3.0,
    "cameras.tasks.health_tick": 15.0,
    "cameras.tasks.retention_run": MINUTE,
    "cameras.tasks.view_minutes_tick": 10 * MINUTE,
    "cameras.tasks.odd_uses_tick": 10 * MINUTE,
    "cameras.tasks.slice_roots_tick": 10 * MINUTE,
    "cameras.tasks.evidence_expire": HOUR,
    "cameras.tasks.snapshots_expire": HOUR,
    "cameras.tasks.snapshots_tidy": HOUR,
    "cameras.tasks.inits_sweep": DAY,
    "cameras.tasks.view_sessions_expire": DAY,
    "cameras.tasks.odd_uses_expire": DAY,
    "neighborhoods.tasks.answers_expire": HOUR,
    "neighborhoods.tasks.guesses_expire": HOUR,
    "neighborhoods.tasks.imports_expire": HOUR,
    "neighborhoods.tasks.jobs_tick": 1.0,
    "neighborhoods.tasks.jobs_expire": MINUTE,
    "neighborhoods.tasks.held_codes_expire": MINUTE,
    "neighborhoods.tasks.audit_check": HOUR,
    "neighborhoods.tasks.audit_copies_leave": HOUR,
    "neighborhoods.tasks.bank_messages_expire": HOUR,
    "neighborhoods.tasks.outbox_expire": DAY,
    "neighborhoods.tasks.pairings_expire": DAY,
    "neighborhoods.tasks.places_tidy": HOUR,
    "neighborhoods.tasks.papers_sweep": DAY,
    "notifications.tasks.alerts_escalate_tick": 5.0,
    "notifications.tasks.alerts_expire_tick": MINUTE,
    "notifications.tasks.events_expire": DAY,
    "notifications.tasks.pushes_tick": 2.0,
    "notifications.tasks.digests_tick": MINUTE,
    "notifications.tasks.push_subscriptions_tidy": HOUR,
    "notifications.tasks.pushes_expire": DAY,
}
"""Task → seconds between two runs. ``view_minutes_tick`` finds something once an hour, soon after it has ended,
``audit_check`` once a day.

``retention_run`` keeps ``STORE_HEADROOM_BYTES`` (2 GB) free, so less than that may be written between two of its runs:
50 cameras of 1.2 Mbit/s write 450 MB a minute."""


def schedule_of(ticks: dict[str, float]) -> dict[str, Any]:
    """Celery's spelling of ``ticks``."""
    return {
        task.rpartition(".")[2]: {"task": task, "schedule": every, "options": {"expires": max(every, 1.0)}}
        for task, every in ticks.items()
    }


app = Celery("matpho")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = schedule_of(TICKS)
app.conf.beat_max_loop_interval = 1
app.autodiscover_tasks()
