"""``/cameras/``: list, register, change, approve, retire."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import BadInput
from backend.lib.paging import CursorPages
from backend.lib.valid import valid
from cameras import brands, listing, planning, registration, registry
from cameras.api.shapes import CameraChanges, CameraInput, CameraPlanInput, CameraQuery, CameraShape
from cameras.models import Camera
from neighborhoods.access import Action, Actor
from neighborhoods.api.authentication import caller


class CamerasView(APIView):
    action = {"GET": Action.SEE_CAMERAS, "POST": Action.ADD_CAMERA}
    pagination_class = CursorPages

    @extend_schema(parameters=[CameraQuery], responses=CameraShape(many=True), operation_id="cameras_list")
    def get(self, request: Request) -> Response:
        """The cameras the caller may see, in the order of their registration."""
        asked = valid(CameraQuery, request.query_params)
        actor, moment = caller(request), now()
        pages = self.pagination_class()
        found = listing.camera_list(actor, listing.Filter(**asked), now=moment)
        page = pages.paginate_queryset(found, request, view=self)
        grid = listing.grid_base(actor.device_id, now=moment)
        facts = [listing.camera_facts(actor, camera, grid=grid, now=moment) for camera in page]
        return pages.get_paginated_response(CameraShape(facts, many=True).data)

    @extend_schema(request=CameraInput, responses={201: CameraShape})
    def post(self, request: Request) -> Response:
        """Register a camera. A leader's starts recording within seconds; a resident's waits for the leader."""
        actor, data = caller(request), valid(CameraInput, request.data)
        camera = registration.camera_add(
            actor=actor,
            neighborhood_id=data.get("neighborhood") or _own_neighborhood(actor),
            owner_household_id=actor.home_id or data.get("owner_household"),
            name=data["name"],
            **source_of(data, required=True),
            view=registration.View(**view_of(data)),
            now=now(),
        )
        return _answer(actor, camera.id, status=201)


class CameraView(APIView):
    action = {"GET": Action.SEE_CAMERAS, "PATCH": Action.EDIT_CAMERA}

    @extend_schema(responses=CameraShape)
    def get(self, request: Request, camera_id: UUID) -> Response:
        """One camera."""
        return _answer(caller(request), camera_id)

    @extend_schema(request=CameraChanges, responses=CameraShape)
    def patch(self, request: Request, camera_id: UUID) -> Response:
        """Change what is given. New private hours end every view; a resident's new address waits for the leader."""
        data = valid(CameraChanges, request.data)
        named = ("name", "retention_hours", "retention_bytes", "watch_hours", "school_hours")
        rest = {name: data[name] for name in named if name in data}
        registration.camera_edit(
            actor=caller(request),
            camera_id=camera_id,
            changes=view_of(data) | rest,
            **source_of(data, required=False),
            school_address_id=data.get("owner_household"),
            now=now(),
        )
        return _answer(caller(request), camera_id)


class CameraPlanView(APIView):
    """Put a camera on the plan: counted as planned, not dialled, without an address until there is one."""

    action = Action.APPROVE_CAMERA

    @extend_schema(request=CameraPlanInput, responses={201: CameraShape})
    def post(self, request: Request) -> Response:
        actor, data = caller(request), valid(CameraPlanInput, request.data)
        camera = planning.camera_plan(
            actor=actor,
            neighborhood_id=data.get("neighborhood") or _own_neighborhood(actor),
            name=data["name"],
            view=registration.View(**view_of(data)),
            now=now(),
        )
        return _answer(actor, camera.id, status=201)


class CameraApproveView(APIView):
    """The leader approves the view: the camera is dialled from now on."""

    action = Action.APPROVE_CAMERA

    @extend_schema(request=None, responses=CameraShape)
    def post(self, request: Request, camera_id: UUID) -> Response:
        registration.camera_approve(actor=caller(request), camera_id=camera_id, now=now())
        return _answer(caller(request), camera_id)


class CameraRetireView(APIView):
    """The end of a camera: recording and every view stop; what is recorded goes with its retention."""

    action = Action.RETIRE_CAMERA

    @extend_schema(request=None, responses=CameraShape)
    def post(self, request: Request, camera_id: UUID) -> Response:
        registration.camera_retire(actor=caller(request), camera_id=camera_id, now=now())
        return _answer(caller(request), camera_id)


def source_of(data: Mapping[str, Any], *, required: bool) -> dict[str, str]:
    """``url``, ``user`` and ``password`` for a verb, from an address or from make and host."""
    named = "brand" in data or "host" in data
    if named and ("url" in data or "brand" not in data or "host" not in data):
        reason = _("Give either the address, or make and host.")
        raise BadInput(reason, fields={"url": [reason]})
    url = brands.url_of(data["brand"], data["host"]) if named else data.get("url")
    if url is None:
        if required or "user" in data or "password" in data:
            reason = _("Give the camera's address.")
            raise BadInput(reason, fields={"url": [reason]})
        return {}
    return {"url": url, "user": data.get("user", ""), "password": data.get("password", "")}


def view_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of ``registration.View`` that are given; a null ``location`` empties both degrees."""
    found = {one.name: data[one.name] for one in fields(registration.View) if one.name in data}
    if "brand" in data:
        found.setdefault("make", data["brand"])
    if "location" in data:
        place = data["location"] or {}
        found |= {"latitude": place.get("lat"), "longitude": place.get("lon")}
    return found


def _own_neighborhood(actor: Actor) -> UUID:
    if actor.neighborhood_id is None:
        reason = _("Name the neighborhood.")
        raise BadInput(reason, fields={"neighborhood": [reason]})
    return actor.neighborhood_id


def _answer(actor: Actor, camera_id: UUID, *, status: int = 200) -> Response:
    moment = now()
    registry.camera_for(actor, Action.SEE_CAMERAS, camera_id, now=moment)
    camera = listing.with_facts(Camera.objects.select_related("neighborhood__ward", "node")).get(id=camera_id)
    grid = listing.grid_base(actor.device_id, now=moment)
    return Response(CameraShape(listing.camera_facts(actor, camera, grid=grid, now=moment)).data, status=status)
