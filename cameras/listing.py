"""The camera list: filters, what is rounded and hidden for neighbours, and each camera as the API says it.

A resident's list must not be a burglar's map. Other people's cameras stand on a grid of about 100 m (0.001 degrees);
the ``near`` filter measures from that grid too, else bisecting the radius would find the exact place. Their outages are
not told: such a camera is ``active``, without ``last_seen_at`` and without the end of what is recorded.
"""

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Case, DateTimeField, F, FloatField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import ASin, Cos, Floor, Least, Power, Radians, Sin, Sqrt
from django.db.models.functions import Coalesce as FirstOf

from cameras import registry, rules
from cameras.grid import GRID, on_grid
from cameras.models import Camera, Rendition, Slice, ViewSession
from cameras.playback.tokens import token_mint
from neighborhoods.access import Action, Actor

EARTH_M = 6_371_008.8
DEGREE_M = 111_195.0
HIDDEN_STATUS = "active"
REACH = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    near: tuple[float, float] | None = None
    radius_m: int = 500
    neighborhood: UUID | None = None
    ward: UUID | None = None
    status: str = ""
    ownership: str = ""
    purpose: str = ""
    kind: str = ""
    q: str = ""


def camera_list(actor: Actor, wanted: Filter, *, now: datetime) -> QuerySet[Camera]:
    """The cameras the actor may see that match, with what ``camera_facts`` needs joined."""
    found = registry.cameras_for(actor, Action.SEE_CAMERAS)
    same = {"neighborhood_id": wanted.neighborhood, "neighborhood__ward_id": wanted.ward, "ownership": wanted.ownership,
            "purpose": wanted.purpose, "kind": wanted.kind}  # fmt: skip
    found = found.filter(**{field: value for field, value in same.items() if value})
    if wanted.status:
        found = found.filter(_status(actor, wanted.status, now))
    elif not wanted.q:
        found = found.exclude(state=rules.RETIRED)
    if wanted.near:
        found = _near(found, actor, *wanted.near, wanted.radius_m)
    if wanted.q:
        found = found.filter(id__in=_named(found, wanted.q))
    return with_facts(found)


def with_facts(found: QuerySet[Camera]) -> QuerySet[Camera]:
    """Join renditions, and the first and last instant that is recorded (two index look-ups a camera)."""
    slices = Slice.objects.filter(camera=OuterRef("id"), rendition=Rendition.Name.MAIN)
    return found.prefetch_related("renditions").annotate(
        recorded_from=Subquery(slices.order_by("starts_at").values("starts_at")[:1], output_field=DateTimeField()),
        recorded_to=Subquery(
            slices.order_by("-starts_at").annotate(end=FirstOf("ends_at", "starts_at")).values("end")[:1],
            output_field=DateTimeField(),
        ),
    )


def camera_facts(actor: Actor, camera: Camera, *, grid: str, now: datetime) -> dict[str, Any]:
    """One camera as the API says it to this actor. ``grid`` is where posters are (``grid_base``), empty for none."""
    details = registry.sees_details(actor, camera)
    renditions = sorted(camera.renditions.all(), key=lambda one: one.name)
    main = next((one for one in renditions if one.name == Rendition.Name.MAIN), None)
    last = main.last_frame_at if main else None
    connecting = main is not None and main.health in (Rendition.Health.NEW, Rendition.Health.CONNECTING)
    status = rules.status_of(camera, last_frame_at=last, connecting=connecting, now=now)
    hidden = rules.in_private_hours(camera, now) or registry.asks_purpose(actor, camera)
    shown = camera.state == rules.ACTIVE and not hidden
    return {
        "id": camera.id,
        "name": camera.name,
        "neighborhood": camera.neighborhood_id,
        "ownership": camera.ownership,
        "purpose": camera.purpose,
        "kind": camera.kind,
        "location": _location(camera, details),
        "bearing_deg": camera.bearing_deg,
        "status": status if details else HIDDEN_STATUS,
        "last_seen_at": last if details else None,
        "health_reason": main.health_reason if details and main and status != "live" else "",
        "poster_url": f"{camera.node.base_url}{grid}{camera.id}.jpg" if grid and shown else None,
        "recorded": _recorded(camera, last, details, now),
        "masked": bool(camera.masks),
        "private_now": rules.in_private_hours(camera, now),
        "renditions": [_rendition(one) for one in renditions],
        "mine": actor.home_id is not None and camera.owner_household_id == actor.home_id,
        "details": _details(camera) if details else None,
    }


def grid_base(device_id: UUID | None, *, now: datetime) -> str:
    """``/hls/<token>/poster/`` of the device's grid session, where one is open; else empty.

    Posters are looked at through a view session like everything else; ``POST /grid/`` opens it.
    """
    session = (
        ViewSession.objects.filter(device_id=device_id, mode=ViewSession.Mode.GRID, ended_at=None, ends_at__gt=now)
        .filter(last_used_at__gt=now - timedelta(minutes=10))
        .order_by("-created_at")
        .first()
        if device_id
        else None
    )
    return f"/hls/{token_mint(session.id, settings.SECRETS.session_key)}/poster/" if session else ""


def fold(text: str) -> str:
    """``text`` for searching: no case, no diacritics, đ as d."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def _named(found: QuerySet[Camera], q: str) -> list[UUID]:
    """Ids of cameras that have every word of ``q`` in their own or their neighborhood's name.

    Folded here and not in SQL: SQLite and PostgreSQL fold Vietnamese differently. A city's 40,000 names take 0.2 s.
    """
    words = fold(q).split()
    names = found.values_list("id", "name", "neighborhood__name")
    return [one for one, name, place in names if all(word in fold(f"{name} {place}") for word in words)]


def _status(actor: Actor, status: str, now: datetime) -> Q:
    """Outages can only be asked for where they are told."""
    if status in (rules.PROPOSED, rules.RETIRED, rules.ACTIVE):
        return Q(state=status)
    main = Rendition.objects.filter(name=Rendition.Name.MAIN)
    fresh = Q(id__in=main.filter(last_frame_at__gte=now - rules.FRESH).values("camera_id"))
    never = Q(id__in=main.filter(last_frame_at=None, health__in=("new", "connecting")).values("camera_id"))
    asked = {"live": fresh, "connecting": never & ~fresh, "offline": ~fresh & ~never}[status]
    return Q(state=rules.ACTIVE) & registry.details_within(actor) & asked


def _near(found: QuerySet[Camera], actor: Actor, lat: float, lon: float, radius_m: int) -> QuerySet[Camera]:
    """A box on the B-tree index, then the haversine over what is left."""
    high = radius_m / DEGREE_M + 1 / GRID
    wide = min(180.0, high / max(0.01, math.cos(math.radians(lat))))
    box = found.filter(latitude__range=(lat - high, lat + high), longitude__range=(lon - wide, lon + wide))
    details = registry.details_within(actor)
    at = box.annotate(_lat=_shown("latitude", details), _lon=_shown("longitude", details))
    half = Power(Sin((Radians(F("_lat")) - math.radians(lat)) / 2.0), 2.0) + Power(
        Sin((Radians(F("_lon")) - math.radians(lon)) / 2.0), 2.0
    ) * Cos(Radians(F("_lat"))) * math.cos(math.radians(lat))
    distance = ASin(Least(1.0, Sqrt(half, output_field=FloatField()), output_field=FloatField())) * (2 * EARTH_M)
    return at.annotate(distance_m=distance).filter(distance_m__lte=float(radius_m))


def _shown(field: str, details: Q) -> Case:
    rounded = Floor(F(field) * GRID + 0.5, output_field=FloatField()) / float(GRID)
    return Case(When(details, then=F(field)), default=rounded, output_field=FloatField())


def _location(camera: Camera, details: bool) -> dict[str, float] | None:
    if camera.latitude is None or camera.longitude is None:
        return None
    if details:
        return {"lat": camera.latitude, "lon": camera.longitude}
    return {"lat": on_grid(camera.latitude), "lon": on_grid(camera.longitude)}


def _recorded(camera: Camera, last: datetime | None, details: bool, now: datetime) -> dict[str, datetime | None]:
    start: datetime | None = getattr(camera, "recorded_from", None)
    end: datetime | None = getattr(camera, "recorded_to", None)
    if end is not None and last is not None:
        end = max(end, last)  # the open slice's end is not in its row
    if details:
        return {"from": start, "to": end}
    return {"from": max(start, now - REACH) if start and end and end > now - REACH else None, "to": None}


def _rendition(one: Rendition) -> dict[str, Any]:
    return {"name": one.name, "codec": one.codec, "width": one.width, "height": one.height}


def _details(camera: Camera) -> dict[str, Any]:
    """What only those who look after the camera are told. Never its source address, user or password."""
    return {
        "owner_household": camera.owner_household_id,
        "make": camera.make,
        "model": camera.model,
        "firmware": camera.firmware,
        "certificate": camera.certificate,
        "certificate_rule": camera.certificate_rule,
        "private_hours": camera.private_hours,
        "watch_hours": camera.watch_hours,
        "school_hours": camera.school_hours,
        "retention_hours": camera.retention_hours,
        "retention_bytes": camera.retention_bytes,
        "approved_at": camera.approved_at,
        "renditions": [
            {"name": one.name, "health": one.health, "health_since": one.health_since, "keyframe_ms": one.keyframe_ms,
             "bitrate_bps": one.bitrate_bps}
            for one in camera.renditions.all()
        ],
    }  # fmt: skip
