"""``/alert-endpoints/``: the leader lets other systems raise alerts, and takes that back."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import BadInput
from backend.lib.valid import valid
from neighborhoods.access import Action, Actor
from neighborhoods.api.authentication import caller
from notifications import endpoints
from notifications.api.shapes import EndpointCreated, EndpointInput, EndpointShape
from notifications.models import AlertEndpoint


class AlertEndpointsView(ListAPIView[AlertEndpoint]):
    action = Action.MANAGE_ALERT_ENDPOINTS
    serializer_class = EndpointShape
    queryset = AlertEndpoint.objects.none()

    def get_queryset(self) -> QuerySet[AlertEndpoint]:
        return endpoints.endpoints_for(caller(self.request))

    @extend_schema(request=EndpointInput, responses={201: EndpointCreated})
    def post(self, request: Request) -> Response:
        """Let another system raise alerts. Its secret is in this answer and nowhere else."""
        actor, data = caller(request), valid(EndpointInput, request.data)
        place = data.pop("neighborhood_id", None) or _own_neighborhood(actor)
        made = endpoints.alert_endpoint_create(actor=actor, neighborhood_id=place, now=now(), **data)
        secret = {"secret": made.secret, "url": f"/hooks/alerts/{made.endpoint.id}/"}
        return Response({**EndpointShape(made.endpoint).data, **secret}, status=201)


class AlertEndpointRevokeView(APIView):
    """Its next message is refused."""

    action = Action.MANAGE_ALERT_ENDPOINTS

    @extend_schema(request=None, responses=EndpointShape)
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        taken_back = endpoints.alert_endpoint_revoke(actor=caller(request), endpoint_id=endpoint_id, now=now())
        return Response(EndpointShape(taken_back).data)


def _own_neighborhood(actor: Actor) -> UUID:
    if actor.neighborhood_id is None:
        reason = _("Name the neighborhood.")
        raise BadInput(reason, fields={"neighborhood": [reason]})
    return actor.neighborhood_id
