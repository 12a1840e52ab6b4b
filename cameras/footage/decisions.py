"""What a camera's owner says of a request: yes, part of it, no, or a question first; of a legal demand, that it came.
A yes can be taken back until something of it has left.

A no and no answer are one to whoever asked: until the deadline a camera waits, after it it was not released. The owner
of a household's camera decides alone; of the street's own, whoever leads, and the ward where its policy says so. Nobody
decides what they asked or signed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_words
from cameras import registry
from cameras.footage import holds, packages, telling
from cameras.footage.held import ask_held
from cameras.footage.inforce import POLICY
from cameras.footage.telling import decider_place
from cameras.models import FootageAsk, FootageRequest, Hold
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require

State, How = FootageAsk.State, FootageAsk.How
WORDS = 400


@dataclass(frozen=True, slots=True)
class Part:
    """What of the window an owner gives."""

    starts_at: datetime
    ends_at: datetime

    def within(self, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
        """No more than was asked for: a page's fields know whole minutes. Raises ``BadInput`` where nothing is left."""
        window = max(self.starts_at, starts_at), min(self.ends_at, ends_at)
        if window[0] >= window[1]:
            raise _wrong("to", _("Choose a part of the time that is asked for."))
        return window


def ask_approve(
    *, actor: Actor, request_id: UUID, camera_id: UUID, part: Part | None = None, now: datetime
) -> FootageAsk:
    """Release one camera's footage of the window, or of a ``part`` of it. Said twice is said once; a no may become a
    yes before the deadline, a yes stays.

    Raises ``Absent``; ``BadInput`` for a part that lies outside the window; ``Conflict``: ``demand_not_decided``,
    ``not_oneself``, ``footage_deadline``, ``footage_settled``.
    """
    with transaction.atomic():
        ask = _to_decide(actor, request_id, camera_id, now)
        asked = (ask.request.starts_at, ask.request.ends_at)
        window = part.within(*asked) if part else asked
        how = How.APPROVED if window == asked else How.NARROWED
        if ask.state == State.RELEASED:
            if (ask.how, ask.starts_at, ask.ends_at) == (how, *window):
                return ask
            raise _settled()
        ask.starts_at, ask.ends_at = window
        _release(ask, how, actor, now)
        _record(actor, "footage.released", ask, now, how=how, starts=window[0], ends=window[1])
    return ask


def ask_deny(*, actor: Actor, request_id: UUID, camera_id: UUID, now: datetime) -> FootageAsk:
    """Say no, without a reason: nobody owes one. The footage stays held until the deadline, so that a no cannot be told
    from silence by what is deleted.

    Raises ``Absent``; ``Conflict``: ``demand_not_decided``, ``not_oneself``, ``footage_deadline``, ``footage_settled``.
    """
    with transaction.atomic():
        ask = _to_decide(actor, request_id, camera_id, now)
        if ask.state == State.RELEASED:
            raise _settled()
        if ask.state == State.PENDING:
            ask.state, ask.decided_at, ask.decided_role = State.DENIED, now, _role(actor, ask)
            ask.save(update_fields=["state", "decided_at", "decided_role"])
            _record(actor, "footage.denied", ask, now)
    return ask


def ask_withdraw(*, actor: Actor, request_id: UUID, camera_id: UUID, now: datetime) -> FootageAsk:
    """Take a yes back, as long as nothing of it was looked at or fetched. What else is in its package can be packed
    anew. Afterwards it is a no like any other. Twice is once.

    Raises ``Absent``; ``Conflict``: ``demand_not_decided``, ``not_oneself``, ``footage_taken``, ``footage_settled``.
    """
    with transaction.atomic():
        ask = _own(actor, request_id, camera_id)
        if ask.state == State.DENIED:
            return ask
        if ask.how not in (How.APPROVED, How.NARROWED):
            raise _settled()
        if ask.extraction_id or (ask.package and ask.package.taken_at):
            raise Conflict(_("It was handed over already and cannot be taken back."), code="footage_taken")
        if ask.package:
            packages.package_give_up(ask.package, now=now)
        request = ask.request
        ask.state, ask.how, ask.package = State.DENIED, "", None
        ask.starts_at, ask.ends_at = request.starts_at, request.ends_at
        ask.decided_at, ask.decided_role = now, _role(actor, ask)
        ask.save(update_fields=["state", "how", "package", "starts_at", "ends_at", "decided_at", "decided_role"])
        Hold.objects.filter(id=ask.hold_id).update(expires_at=request.deadline_at)
        _record(actor, "footage.yes_withdrawn", ask, now)
    return ask


def ask_question(*, actor: Actor, request_id: UUID, camera_id: UUID, words: str, now: datetime) -> FootageAsk:
    """Ask back, once; whoever asked reads it under the camera's number. Raises as ``ask_deny``, and ``BadInput``."""
    said = _said(words)
    with transaction.atomic():
        ask = _to_decide(actor, request_id, camera_id, now)
        if ask.state != State.PENDING or ask.question:
            raise _settled()
        ask.question, ask.asked_back_at = said, now
        ask.save(update_fields=["question", "asked_back_at"])
        _record(actor, "footage.asked_back", ask, now)
    return ask


def ask_answer(*, actor: Actor, request_id: UUID, number: int, words: str, now: datetime) -> FootageAsk:
    """Answer an owner's question, by the camera's number. Raises ``Absent``, ``BadInput``, ``Conflict``
    (``footage_settled``)."""
    said = _said(words)
    with transaction.atomic():
        ask = ask_held(request_id, number=number)
        request = ask.request
        require(actor, Action.ASK_FOOTAGE, Place(ward_id=request.case.ward_id))
        if request.asked_by_id != actor.account_id or not ask.question:
            raise Absent()
        if ask.answer or request.state == FootageRequest.State.WITHDRAWN:
            raise _settled()
        ask.answer, ask.answered_at = said, now
        ask.save(update_fields=["answer", "answered_at"])
        audit.record_all(actor=actor, acts=[telling.ask_news("footage.answered", ask)], now=now)
    return ask


def demand_serve(*, actor: Actor, request_id: UUID, camera_id: UUID, objection: str = "", now: datetime) -> FootageAsk:
    """Confirm that a legal demand has come, for one camera: its footage is released. An objection is kept with it and
    delays nothing. By the camera's owner, or by whoever leads the neighborhood.

    Raises ``Absent``; ``BadInput``; ``Conflict``: ``scan_missing``, ``not_oneself``, ``footage_settled``.
    """
    said = clean_words(objection, field="objection", longest=WORDS)
    with transaction.atomic():
        ask = ask_held(request_id, camera_id=camera_id)
        request = ask.request
        require(actor, Action.SERVE_FOOTAGE, _served_at(ask))
        if request.kind != FootageRequest.Kind.DEMAND or request.state != FootageRequest.State.OPEN:
            raise Absent()
        _require_another(actor, request)
        if request.scan_id is None:
            raise Conflict(_("The demand's scan is not here yet: what was not shown cannot be confirmed."),
                           code="scan_missing")  # fmt: skip
        if ask.state == State.RELEASED:
            if said and said != ask.objection:
                raise _settled()
            return ask
        ask.objection = said
        _release(ask, How.SERVED, actor, now)
        _record(actor, "footage.served", ask, now, objected=bool(said))
    return ask


def _to_decide(actor: Actor, request_id: UUID, camera_id: UUID, now: datetime) -> FootageAsk:
    """One camera that is the actor's to decide, before the deadline."""
    ask = _own(actor, request_id, camera_id)
    if now >= ask.request.deadline_at:
        raise Conflict(_("The time to answer is over."), code="footage_deadline")
    return ask


def _own(actor: Actor, request_id: UUID, camera_id: UUID) -> FootageAsk:
    """One camera of an open voluntary request whose owner's word is the actor's, its rows held."""
    ask = ask_held(request_id, camera_id=camera_id)
    require(actor, Action.DECIDE_FOOTAGE, decider_place(ask))
    if ask.request.state != FootageRequest.State.OPEN:
        raise Absent()
    _require_another(actor, ask.request)
    if ask.request.kind == FootageRequest.Kind.DEMAND:
        told = _("A legal demand is not decided on here: confirm that it has come. An objection is recorded with it.")
        raise Conflict(told, code="demand_not_decided")
    return ask


def _release(ask: FootageAsk, how: str, actor: Actor, now: datetime) -> None:
    """Held from now on until it can have been fetched, and no longer than the window that was given."""
    ask.state, ask.how, ask.decided_at, ask.decided_role = State.RELEASED, how, now, _role(actor, ask)
    ask.save(
        update_fields=["state", "how", "decided_at", "decided_role", "starts_at", "ends_at", "objection"]
    )  # fmt: skip
    holds.cameras_lock([ask.camera_id])
    Hold.objects.filter(id=ask.hold_id).update(
        starts_at=ask.starts_at, ends_at=ask.ends_at, expires_at=now + POLICY.kept_after_release, released_at=None
    )


def _role(actor: Actor, ask: FootageAsk) -> str:
    role = actor.role_at(_served_at(ask), Action.SERVE_FOOTAGE)
    return str(role or actor.role_at(decider_place(ask), Action.DECIDE_FOOTAGE) or "")


def _served_at(ask: FootageAsk) -> Place:
    """Where a demand is served: at the owner that still lives there, and at whoever leads."""
    where = registry.place_of(ask.camera)
    return replace(where, owner_household_id=None) if ask.camera.owner_left_at else where


def _require_another(actor: Actor, request: FootageRequest) -> None:
    if actor.account_id and actor.account_id in (request.asked_by_id, request.signed_by_id):
        raise Conflict(_("You asked for this or signed it: somebody else decides."), code="not_oneself")


def _said(words: str) -> str:
    said = clean_words(words, field="words", longest=WORDS)
    if not said:
        raise _wrong("words", _("Write what you want to say."))
    return said


def _settled() -> Conflict:
    return Conflict(_("That is settled already."), code="footage_settled")


def _wrong(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})


def _record(actor: Actor, action: str, ask: FootageAsk, now: datetime, **facts: object) -> None:
    audit.record_all(actor=actor, acts=[telling.ask_act(action, ask, **facts)], now=now)
