"""Kept moments: ask for one, look whether it is there, list and delete one's own."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.paging import CursorPages
from backend.lib.valid import valid
from cameras import clips, snapshots
from cameras.api.shapes import SnapshotAccepted, SnapshotInput, SnapshotShape
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


class CameraSnapshotsView(APIView):
    """Keep the moment around ``at``. The clip appears when its end is recorded: ask ``/snapshots/{id}/``."""

    action = Action.KEEP_SNAPSHOT

    @extend_schema(request=SnapshotInput, responses={202: SnapshotAccepted})
    def post(self, request: Request, camera_id: UUID) -> Response:
        wanted = valid(SnapshotInput, request.data)
        snapshot = snapshots.snapshot_request(actor=caller(request), camera_id=camera_id, now=now(), **wanted)
        return Response(SnapshotAccepted(snapshot).data, status=202)


class SnapshotsView(APIView):
    """The household's kept moments, newest last. Addresses of clips are in each one's own answer."""

    action = Action.KEEP_SNAPSHOT
    pagination_class = CursorPages

    @extend_schema(responses=SnapshotShape(many=True), operation_id="snapshots_list")
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        page = pages.paginate_queryset(snapshots.snapshots_of(caller(request)), request, view=self)
        return pages.get_paginated_response(SnapshotShape(page, many=True).data)


class SnapshotView(APIView):
    action = Action.KEEP_SNAPSHOT

    @extend_schema(responses=SnapshotShape)
    def get(self, request: Request, snapshot_id: UUID) -> Response:
        """One kept moment. Once it is done, ``clip_url`` and ``poster_url`` are in a view session of this device."""
        actor, moment = caller(request), now()
        snapshot = snapshots.snapshot_for(actor, snapshot_id, now=moment)
        address = request.META.get("REMOTE_ADDR") or ""
        urls = clips.clip_urls(actor, snapshot, address=address, now=moment)
        return Response({**SnapshotShape(snapshot).data, **urls})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, snapshot_id: UUID) -> Response:
        """Give a kept moment up."""
        snapshots.snapshot_delete(actor=caller(request), snapshot_id=snapshot_id, now=now())
        return Response(status=204)
