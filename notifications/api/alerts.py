"""``/alerts/``: raise, read, let out, take, end; statistics of verdicts."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import iso, now
from backend.lib.errors import BadInput
from backend.lib.paging import CursorPages
from backend.lib.public import PUBLIC
from backend.lib.valid import valid
from neighborhoods.access import Action, Actor, reach
from neighborhoods.api.authentication import caller
from notifications import alerts, broadcasts, claims, cursors, feed, life, moments, precision, telling, words
from notifications.api import shapes
from notifications.categories import CATEGORIES

YEAR = timedelta(days=365)


class NewestFirst(CursorPages):
    ordering = "-id"


class AlertsView(APIView):
    action = {"GET": Action.READ_ALERTS, "POST": Action.RAISE_ALERT}
    pagination_class = NewestFirst

    @extend_schema(parameters=[shapes.AlertQuery], responses=shapes.AlertsShape, operation_id="alerts_list")
    def get(self, request: Request) -> Response:
        """The alerts the caller may read, newest first. The cursor is read before them: nothing falls between."""
        asked = valid(shapes.AlertQuery, request.query_params)
        actor, pages, moment = caller(request), self.pagination_class(), now()
        cursor = cursors.pack(feed.head_id(), moment)
        found = alerts.alerts_for(actor).filter(**wanted_of(asked))
        views = [alerts.view_for(actor, one) for one in pages.paginate_queryset(found, request, view=self)]
        return Response({"next": pages.get_next_link(), "results": views, "cursor": cursor})

    @extend_schema(request=shapes.AlertInput, responses={201: shapes.AlertShape, 200: shapes.AlertShape})
    def post(self, request: Request) -> Response:
        """Raise an alert. 201: a new one; 200: joined to one that was told before, which is answered."""
        said = valid(shapes.AlertInput, request.data)
        raised = alerts.alert_raise(actor=caller(request), now=now(), **said)
        return _answer(request, raised.alert.id, status=200 if raised.joined else 201)


class AlertView(APIView):
    action = Action.READ_ALERTS

    @extend_schema(responses=shapes.AlertShape)
    def get(self, request: Request, alert_id: UUID) -> Response:
        """One alert, as the caller may see it; in the full view with up to 200 reports."""
        return _answer(request, alert_id, reports=alerts.MOST_REPORTS)


class AlertAcknowledgeView(APIView):
    """Somebody is on it: it goes on to nobody else."""

    action = Action.STEWARD_ALERTS

    @extend_schema(request=None, responses=shapes.AlertShape)
    def post(self, request: Request, alert_id: UUID) -> Response:
        alerts.alert_acknowledge(actor=caller(request), alert_id=alert_id, now=now())
        return _answer(request, alert_id)


class AlertReleaseView(APIView):
    """Let everybody read the words, see the clip, or both."""

    action = Action.STEWARD_ALERTS

    @extend_schema(request=shapes.ReleaseInput, responses=shapes.AlertShape)
    def post(self, request: Request, alert_id: UUID) -> Response:
        wanted = valid(shapes.ReleaseInput, request.data)
        alerts.alert_release(actor=caller(request), alert_id=alert_id, now=now(), **wanted)
        return _answer(request, alert_id)


class AlertResolveView(APIView):
    """It is over, and how it turned out. Again with another verdict corrects it."""

    action = Action.STEWARD_ALERTS

    @extend_schema(request=shapes.ResolveInput, responses=shapes.AlertShape)
    def post(self, request: Request, alert_id: UUID) -> Response:
        wanted = valid(shapes.ResolveInput, request.data)
        alerts.alert_resolve(actor=caller(request), alert_id=alert_id, now=now(), **wanted)
        return _answer(request, alert_id)


class AlertWithdrawView(APIView):
    """The leader takes an alert back, for good; everybody reads why."""

    action = Action.STEWARD_ALERTS

    @extend_schema(request=shapes.WithdrawInput, responses=shapes.AlertShape)
    def post(self, request: Request, alert_id: UUID) -> Response:
        wanted = valid(shapes.WithdrawInput, request.data)
        alerts.alert_withdraw(actor=caller(request), alert_id=alert_id, now=now(), **wanted)
        return _answer(request, alert_id)


class AlertWordsView(APIView):
    """Add words to an alert one told of, first or later. Never a new alert, and nothing rings."""

    action = Action.RAISE_ALERT

    @extend_schema(request=shapes.WordsInput, responses=shapes.AlertShape)
    def post(self, request: Request, alert_id: UUID) -> Response:
        said = valid(shapes.WordsInput, request.data)
        words.alert_words_add(actor=caller(request), alert_id=alert_id, now=now(), **said)
        return _answer(request, alert_id)


class AlertClipView(APIView):
    """Open the moment's clips: of those who lead at once, of everybody once it is released. Every view is on record."""

    action = Action.VIEW_ALERT_CLIP

    @extend_schema(request=None, responses=shapes.ClipsShape)
    def post(self, request: Request, alert_id: UUID) -> Response:
        address = request.META.get("REMOTE_ADDR") or ""
        opened = moments.alert_clip_open(actor=caller(request), alert_id=alert_id, address=address, now=now())
        return Response({"clips": opened})


class BroadcastView(APIView):
    """An officer or operator tells the whole ward."""

    action = Action.BROADCAST_ALERT

    @extend_schema(request=shapes.BroadcastInput, responses={201: shapes.AlertShape})
    def post(self, request: Request) -> Response:
        actor, data = caller(request), valid(shapes.BroadcastInput, request.data)
        ward_id = data.pop("ward_id", None) or _own_ward(actor)
        alert = broadcasts.alert_broadcast(actor=actor, ward_id=ward_id, now=now(), **data)
        return _answer(request, alert.id, status=201)


class AlertCategoriesView(APIView):
    """What an alert can be about. The same for everybody."""

    action = PUBLIC
    authentication_classes = []

    @extend_schema(responses=shapes.CategoryShape(many=True), operation_id="alert_categories_list")
    def get(self, request: Request) -> Response:
        found = [_category(code) for code in CATEGORIES]
        return Response(shapes.CategoryShape(found, many=True).data)


class AlertStatisticsView(APIView):
    """Of how much use each source's alerts were, where the caller leads: the last year, or from … to …"""

    action = Action.STEWARD_ALERTS

    @extend_schema(parameters=[shapes.StatisticsQuery], responses=shapes.StatisticsShape)
    def get(self, request: Request) -> Response:
        asked = valid(shapes.StatisticsQuery, request.query_params)
        until = asked.get("to") or now()
        since = asked.get("from") or until - YEAR
        found = precision.precision_of(caller(request), since=since, until=until)
        return Response({"from": iso(since), "to": iso(until), "sources": found})


def wanted_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The query's filters as conditions."""
    states = sorted(life.OPEN) if asked.get("state") == shapes.OPEN else [asked.get("state")]
    wanted = {
        "state__in": states if asked.get("state") else None,
        "category": asked.get("category"),
        "raised_at__gte": asked.get("since"),
        "neighborhood_id": asked.get("neighborhood"),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _answer(request: Request, alert_id: UUID, *, status: int = 200, reports: int = telling.MOST_JOINED) -> Response:
    actor = caller(request)
    return Response(alerts.view_for(actor, alerts.alert_for(actor, alert_id, reports=reports)), status=status)


def _own_ward(actor: Actor) -> UUID:
    """Of whoever serves one ward."""
    wards = reach(actor, Action.BROADCAST_ALERT).ward_ids
    if len(wards) != 1:
        raise BadInput(_("Name the ward."), fields={"ward": [_("Name the ward.")]})
    return next(iter(wards))


def _category(code: str) -> dict[str, Any]:
    found = CATEGORIES[code]
    after = found.escalates_after
    return {
        "code": code,
        "name": _(found.name),
        "severity": found.severity.value,
        "audience": found.audience.value,
        "tells_officer": found.tells_officer,
        "released": sorted(found.released),
        "needs_place": found.needs_place,
        "breaks_quiet": found.breaks_quiet,
        "raised_by_people": found.raised_by_people,
        "only_stewards": claims.only_stewards(found),
        "lives_s": int(found.lives.total_seconds()),
        "escalates_after_s": int(after.total_seconds()) if after else None,
    }
