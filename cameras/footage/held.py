"""A request, or one camera of it, with its row held: what every verb that changes one begins with.

The request's row is held before anything of it, so that whoever withdraws waits, or is waited for.
"""

from uuid import UUID

from backend.lib.errors import Absent
from cameras.models import EvidencePackage, FootageAsk, FootageRequest
from neighborhoods.access import Action, Actor, Place, require


def request_held(actor: Actor, action: Action, request_id: UUID) -> FootageRequest:
    """The request, where ``actor`` may do ``action`` in its ward. Raises ``Absent``."""
    request = _request(request_id)
    require(actor, action, Place(ward_id=request.case.ward_id))
    return request


def own_request_held(actor: Actor, request_id: UUID) -> FootageRequest:
    """The request, where the actor is who asked. Raises ``Absent``."""
    request = request_held(actor, Action.ASK_FOOTAGE, request_id)
    if request.asked_by_id != actor.account_id:
        raise Absent()
    return request


def ask_held(request_id: UUID, *, camera_id: UUID | None = None, number: int | None = None) -> FootageAsk:
    """One camera of a request, by its id or by its number; who may do what with it is the caller's to ask.

    Raises ``Absent``.
    """
    request = _request(request_id)
    rows = FootageAsk.objects.select_related(
        "camera__neighborhood", "camera__owner_household", "camera__node", "hold", "package", "extraction"
    )
    which = {"camera_id": camera_id} if camera_id else {"number": number}
    ask = rows.filter(request_id=request_id, **which).first()
    if ask is None:
        raise Absent()
    ask.request = request
    return ask


def package_held(actor: Actor, action: Action, package_id: UUID) -> EvidencePackage:
    """A package, its request's row and its own held. Raises ``Absent``."""
    found = EvidencePackage.objects.filter(id=package_id).values_list("request_id", flat=True).first()
    if found is None:
        raise Absent()
    request = request_held(actor, action, found)
    package = EvidencePackage.objects.select_for_update(of=("self",), no_key=True).get(id=package_id)
    package.request = request
    return package


def _request(request_id: UUID) -> FootageRequest:
    rows = FootageRequest.objects.select_for_update(of=("self",), no_key=True).select_related("case__ward")
    request = rows.filter(id=request_id).first()
    if request is None:
        raise Absent()
    return request
