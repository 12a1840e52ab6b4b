"""Long work as rows: who asked, how far it is, what came of it."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.codes import Device
from neighborhoods.models.places import Neighborhood


class Job(models.Model):
    """The row is the truth: claimed by conditional UPDATE, kept alive by heartbeat, rescued by a sweeper (``jobs``)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    """A name in ``jobs.RUNNERS``."""
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    """Of whoever asked: the runner acts as this device's holder, with what the holder may at that moment."""
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=40, blank=True)
    """What whoever asked must still be allowed to do there, to see the job and fetch its file; empty: nothing more."""
    once = models.CharField(max_length=80, blank=True)
    """While a job with this text is unfinished there is no second one."""
    language = models.CharField(max_length=8)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    problem = models.JSONField(null=True)
    """``{"code", "detail", "errors"}`` of what stopped it, in the language of whoever asked."""
    worker = models.CharField(max_length=80, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    file_path = models.CharField(max_length=120, blank=True)
    """Relative to the jobs' folder; empty where there is no file, or it is gone."""
    file_name = models.CharField(max_length=120, blank=True)
    file_type = models.CharField(max_length=80, blank=True)
    file_bytes = models.PositiveBigIntegerField(default=0)
    file_secret = models.BooleanField(default=False)
    """Encrypted on disk, and given out once."""
    file_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        indexes = [models.Index(fields=["state"], name="job_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["once"],
                condition=models.Q(state__in=["waiting", "running"]) & ~models.Q(once=""),
                name="job_once_unfinished",
            ),
        ]

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
