"""``/cameras/probe/``: try an address before registering it. A leader's tap, six a minute."""

from typing import Any

import redis
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from backend.lib.errors import Unavailable
from backend.lib.valid import valid
from cameras import probe
from cameras.api.cameras import source_of
from cameras.api.shapes import ProbeInput, ProbeShape
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


class ProbeThrottle(SimpleRateThrottle):
    """Per person, whatever the device. Without its memory (Redis) nobody probes."""

    rate = "6/min"
    scope = "probe"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"throttle:probe:{caller(request).pseudonym}"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except redis.RedisError as error:
            raise Unavailable(retry_after_s=5) from error


class ProbeView(APIView):
    """Dial the camera, watch it for a few seconds, and say what came and what to change."""

    action = Action.APPROVE_CAMERA
    throttle_classes = [ProbeThrottle]

    @extend_schema(request=ProbeInput, responses=ProbeShape)
    def post(self, request: Request) -> Response:
        wanted = valid(ProbeInput, request.data)
        found = probe.camera_probe(**source_of(wanted, required=True))
        facts = {name: getattr(found, name) for name in found.__dataclass_fields__ if name not in ("jpeg", "advice")}
        texts = [probe.advice_text(word) for word in found.advice]
        shape = ProbeShape(facts | {"snapshot": found.snapshot, "advice": texts, "advice_codes": found.advice})
        return Response(shape.data)
