"""A list of households that was read and looked through, and waits for the leader's yes."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.places import Neighborhood


class HouseholdImport(models.Model):
    """What a file would change, as found when it was read. It is people's data: it goes after a day
    (``imports_expire``), and its content at once when it was applied."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    lines = models.JSONField(default=list)
    """What each line of the file says (``importing.lines.Line``); empty once applied."""
    report = models.JSONField(default=list)
    """What each line would do (``importing.plan.Told``). The yes is to this: where it would be another one, nothing is
    done."""
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    unread = models.JSONField(default=list)
    """Headings of columns that were not read, so that nobody believes they were."""
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
