"""What leaves is entered in the register of extractions: one line for each camera, once, whether looked at or taken."""

from datetime import datetime
from uuid import UUID

from cameras.models import Extraction, FootageAsk


def extraction_of(ask: FootageAsk, account_id: UUID | None, *, now: datetime) -> Extraction:
    """The register's line of a released camera; written at the first time. The caller holds the request's row and
    writes the audit."""
    if ask.extraction is None:
        ask.extraction = Extraction.objects.create(
            case_id=ask.request.case_id, camera_id=ask.camera_id, starts_at=ask.starts_at, ends_at=ask.ends_at,
            reason=ask.request.reason, taken_by_id=account_id, taken_at=now,
        )  # fmt: skip
        ask.save(update_fields=["extraction"])
    return ask.extraction
