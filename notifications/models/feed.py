"""The feed: streams, and the events in them. Rows are the truth; what goes over sockets and Redis are hints."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id


class Stream(models.Model):
    """A sequence of events with one audience: everybody who reads a stream reads all of it, so an event is
    serialised once. Who reads what: ``streams.streams_of``."""

    class Kind(models.TextChoices):
        NEIGHBORHOOD = "neighborhood"  # every household of it
        STEWARDS = "stewards"  # its leader and deputies: free text and clips before they are released
        WARD = "ward"  # everybody in the ward: an officer's broadcasts
        DUTY = "duty"  # the ward's officers and operators
        HOUSEHOLD = "household"  # one household's phones
        SCHOOL = "school"  # the named staff of a school, and none of the phones of its registered address

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    subject_id = models.UUIDField()
    """Of the neighborhood, ward or household (a school's registered address)."""
    head = models.PositiveBigIntegerField(default=0)
    """``seq`` of its newest event; raised under the feed's lock, which is held to commit."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="stream_once")]


class Event(models.Model):
    """Something that happened, as its audience is told it. Deleted when it is old, and changed for one reason only.

    A withdrawn alert takes back what it let out. So when ``alert.withdrawn`` is told, the open views in the alert's
    earlier events become the withdrawn one, which has no words: else the feed would say them for its seven days to
    whoever comes with an old cursor. ``id``, ``seq`` and ``kind`` stay, and the version is the newest, so that folding
    gives what it gave.

    ``id`` rises in commit order over all streams (``locks.hold(["feed"])`` to commit), so one number is a cursor over
    all streams of a reader, and a poller that remembers the last id it saw misses nothing.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField()
    """1, 2, 3 … inside its stream, without a hole."""
    kind = models.CharField(max_length=40)
    """``alert.raised``, ``camera.offline`` …: see ``rules.py``."""
    at = models.DateTimeField()
    """When it happened. Order is ``seq``'s, not this one's: clocks jump."""
    data = models.JSONField(default=dict)
    alert = models.ForeignKey("notifications.Alert", on_delete=models.CASCADE, null=True, related_name="events")
    outbox_id = models.UUIDField()
    """The news it was made of; with ``stream`` and ``kind`` unique, so that news is told once however often it is
    dispatched."""
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_seq_once"),
            models.UniqueConstraint(fields=["stream", "outbox_id", "kind"], name="event_told_once"),
        ]
