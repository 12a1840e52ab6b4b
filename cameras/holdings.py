"""What is kept of a household's cameras and of what a person watched, for that person (``neighborhoods.owndata``)."""

from uuid import UUID

from backend.lib.clock import iso
from cameras.footage.outcomes import outcome_of
from cameras.models import Camera, FootageAsk, FootageRequest, Snapshot, ViewSession
from neighborhoods.owndata import MOST_ROWS, Holding, Rows, Subject


def cameras(subject: Subject) -> Rows:
    rows = Camera.objects.filter(owner_household_id=subject.household_id).order_by("-created_at")
    return [
        {"name": row.name, "state": row.state, "ownership": row.ownership, "since": iso(row.created_at)}
        for row in rows[:MOST_ROWS]
    ]


def watched(subject: Subject) -> Rows:
    """The person's own phones' alone: what somebody else of the household watched is told to nobody."""
    rows = ViewSession.objects.filter(device_id__in=subject.device_ids).select_related("camera").order_by("-created_at")
    return [
        {
            "camera": row.camera.name if row.camera else None, "mode": row.mode, "from": iso(row.created_at),
            "last_used": iso(row.last_used_at),
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def kept_moments(subject: Subject) -> Rows:
    rows = Snapshot.objects.filter(device_id__in=subject.device_ids).select_related("camera").order_by("-id")
    return [{"camera": row.camera.name, "at": iso(row.at), "status": row.status} for row in rows[:MOST_ROWS]]


def footage_asked(subject: Subject) -> Rows:
    """What the police asked of the household's cameras, what it answered, and what came of it."""
    asked = FootageAsk.objects.filter(camera__owner_household_id=subject.household_id)
    rows = asked.exclude(request__state=FootageRequest.State.UNSIGNED).select_related("request", "camera", "extraction")
    return [
        {
            "camera": row.camera.name, "kind": row.request.kind, "asked": iso(row.request.asked_at),
            "from": iso(row.starts_at), "to": iso(row.ends_at), "state": row.state, "how": row.how,
            "question": row.question, "objection": row.objection,
            "taken": iso(row.extraction.taken_at) if row.extraction else None, "outcome": outcome_of(row),
        }
        for row in rows.order_by("-id")[:MOST_ROWS]
    ]  # fmt: skip


def erase(device_ids: list[UUID]) -> None:
    """From which addresses they watched; that they watched stays, by the phone's id, until views are deleted."""
    ViewSession.objects.filter(device_id__in=device_ids).update(client_addresses=[])


HOLDINGS = [
    Holding("cameras", cameras), Holding("watched", watched), Holding("kept_moments", kept_moments),
    Holding("footage_asked", footage_asked),
]  # fmt: skip
