"""Other systems that raise alerts by a signed webhook: a fire panel, a school's gate.

A message is a ``POST`` with ``X-Matpho-Timestamp`` (Unix seconds) and ``X-Matpho-Signature: sha256=<hex>``, the
HMAC-SHA256 (RFC 2104) of timestamp, a full stop, and the body's bytes, under the endpoint's secret. Whoever cannot sign
learns nothing, not even whether the endpoint is there. The secret is shown once and kept encrypted under
``SECRETS.camera_keys``, as cameras' passwords are: it is needed in clear at every message.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit
from neighborhoods.access import Action, Actor, require, system
from neighborhoods.places import neighborhood_for, place_of, within
from notifications import alert_limits, claims, raising, scenes
from notifications.facing import Place
from notifications.models import Alert, AlertEndpoint, AlertReport
from notifications.raising import Raised, Teller

PREFIX = "mph_"
MOST = 20
"""Living ones of one neighborhood."""
DRIFT_S = 300
LONGEST_EVENT = 80

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Created:
    endpoint: AlertEndpoint
    secret: str = field(repr=False)
    """Shown now and never again."""


def alert_endpoint_create(
    *, actor: Actor, neighborhood_id: UUID, name: str, categories: Collection[str], now: datetime
) -> Created:
    """Let another system raise alerts of these categories. Raises ``Absent``, ``BadInput``, ``Conflict`` (twenty)."""
    named = clean_name(name, longest=80)
    allowed = [claims.category_of(code).code for code in dict.fromkeys(categories)]
    if not allowed:
        raise claims.refuse("categories", _("Name at least one category."))
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        neighborhood = neighborhood_for(actor, Action.MANAGE_ALERT_ENDPOINTS, neighborhood_id)
        raising.neighborhood_hold(neighborhood.id)
        if AlertEndpoint.objects.filter(neighborhood=neighborhood, revoked_at=None).count() >= MOST:
            raise Conflict(_("Twenty systems may raise alerts here. Take one back."), code="too_many_endpoints")
        endpoint = AlertEndpoint.objects.create(
            neighborhood=neighborhood,
            name=named,
            secret=_keys().encrypt(secret.encode()),
            categories=allowed,
            created_by_id=actor.account_id,
            created_at=now,
        )
        _record(actor, endpoint, "alert_endpoint.created", now, categories=allowed)
    return Created(endpoint, secret)


def alert_endpoint_revoke(*, actor: Actor, endpoint_id: UUID, now: datetime) -> AlertEndpoint:
    """Take it back: its next message is refused. Twice is once. Raises ``Absent``."""
    with transaction.atomic():
        endpoint = AlertEndpoint.objects.select_related("neighborhood").filter(id=endpoint_id).first()
        if endpoint is None:
            raise Absent()
        require(actor, Action.MANAGE_ALERT_ENDPOINTS, place_of(endpoint.neighborhood))
        if AlertEndpoint.objects.filter(id=endpoint.id, revoked_at=None).update(revoked_at=now):
            endpoint.revoked_at = now
            _record(actor, endpoint, "alert_endpoint.revoked", now)
    return endpoint


def endpoints_for(actor: Actor) -> QuerySet[AlertEndpoint]:
    """Those the actor looks after, the ones taken back included."""
    return AlertEndpoint.objects.filter(within(actor, Action.MANAGE_ALERT_ENDPOINTS))


def endpoint_signed(*, endpoint_id: UUID, timestamp: str, signature: str, body: bytes, now: datetime) -> AlertEndpoint:
    """The endpoint that signed this message. Unknown, taken back and wrongly signed raise the same ``Absent`` after the
    same work; a right signature with a wrong clock is told so (``BadInput``, ``bad_timestamp``)."""
    endpoint = (
        AlertEndpoint.objects.select_related("neighborhood__ward").filter(id=endpoint_id, revoked_at=None).first()
    )
    secret = _secret(endpoint)
    right = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"sha256={right}".encode(), signature.encode()) or endpoint is None or not secret:
        raise Absent()
    if not timestamp.isascii() or not timestamp.isdigit() or abs(int(timestamp[:12]) - now.timestamp()) > DRIFT_S:
        raise BadInput(_("The message's time is more than five minutes off. Set the clock."), code="bad_timestamp")
    return endpoint


def alert_raise_signed(
    *,
    endpoint: AlertEndpoint,
    event_id: str,
    category: str,
    text: str = "",
    camera_ids: Collection[UUID] = (),
    location: Place | None = None,
    occurred_at: datetime | None = None,
    now: datetime,
) -> Raised:
    """Raise what a signed message says; the same ``event_id`` again is the same alert, whatever else it says.

    Raises ``BadInput`` by field, ``TooMany``, ``Absent`` where the endpoint was taken back meanwhile.
    """
    event = clean_name(event_id, field="event_id", longest=LONGEST_EVENT)
    if category not in endpoint.categories:
        raise claims.refuse("category", _("This system may not raise that category."))
    claim = claims.claim_of(
        category=category, text=text, camera_ids=camera_ids, location=location, occurred_at=occurred_at, now=now
    )
    with transaction.atomic():
        known = _known(endpoint, event)
        if known is not None:
            return known
        alert_limits.endpoint_charge(endpoint.id, now=now)
        raising.neighborhood_hold(endpoint.neighborhood_id)
        if not AlertEndpoint.objects.filter(id=endpoint.id, revoked_at=None).update(last_used_at=now):
            raise Absent()
        known = _known(endpoint, event)  # the same message, twice at once
        if known is not None:
            return known
        named = scenes.cameras_in(endpoint.neighborhood_id, claim.camera_ids)
        scene = scenes.scene_in(endpoint.neighborhood, claim, named)
        teller = Teller(source=Alert.Source.SYSTEM, endpoint_id=endpoint.id, endpoint_event=event)
        return raising.tell(system(f"endpoint:{endpoint.id}"), teller, claim, scene, now=now)


def _known(endpoint: AlertEndpoint, event: str) -> Raised | None:
    alert = Alert.objects.filter(endpoint=endpoint, endpoint_event=event).first()
    if alert is not None:
        return Raised(alert, joined=True)
    report = AlertReport.objects.select_related("alert").filter(endpoint=endpoint, endpoint_event=event).first()
    return Raised(report.alert, joined=True) if report is not None else None


def _secret(endpoint: AlertEndpoint | None) -> bytes:
    """What it signs with; empty where nothing it signs can be right. Who asks must not see which it is."""
    if endpoint is None:
        return b""
    try:
        return _keys().decrypt(bytes(endpoint.secret))
    except InvalidToken:
        log.error("alert endpoint %s: no key of secrets.json opens its secret; make it anew", endpoint.id)
        return b""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SECRETS.camera_keys])


def _record(actor: Actor, endpoint: AlertEndpoint, action: str, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("alert_endpoint", endpoint.id),
        ward_id=endpoint.neighborhood.ward_id,
        neighborhood_id=endpoint.neighborhood_id,
        data=facts,
        now=now,
    )
