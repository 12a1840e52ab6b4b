"""A code's secrets, held for an hour at the most so that a sheet can be printed of them."""

from django.db import models

from neighborhoods.models.codes import AccessCode
from neighborhoods.models.jobs import Job


class HeldCode(models.Model):
    """Both forms, encrypted (``sealing``). Gone when the sheet is made, an hour after the code was issued, or with the
    code: after that the secrets exist on paper and in the household's hands alone."""

    code = models.OneToOneField(AccessCode, on_delete=models.CASCADE, primary_key=True, related_name="held")
    sealed = models.BinaryField()
    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, related_name="held_codes")
    """The job that prints it together with others."""
    expires_at = models.DateTimeField(db_index=True)
