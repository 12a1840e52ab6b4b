"""My own data, and the legal record that everybody here may read."""

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import alertwords, databoard, datawords
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods import legal, owndata
from neighborhoods.access import Action, reach
from neighborhoods.models import Member, Neighborhood


@ensure_csrf_cookie
@page(action=Action.MANAGE_OWN_DATA)
def mine(request: PageRequest) -> HttpResponse:
    """Của tôi: what is kept of me and my household, and what I can do about it."""
    moment = now()
    kept = owndata.own_data(actor=request.actor, now=moment)
    for alert in kept["alerts"]:
        alert["words"] = alertwords.category(alert["category"])
    context = {
        "section": "mine",
        "kept": kept,
        "me": Member.objects.filter(id=request.actor.member_id).first() if request.actor.member_id else None,
        "requests": databoard.open_rows(request.actor, now=moment) + databoard.closed_rows(request.actor, now=moment),
        "kinds": datawords.kinds().items(),
        "phone": request.actor.device_id,
    }
    return render_page(request, "own/mine.html", context)


@page(action=Action.MANAGE_OWN_DATA)
def download(request: PageRequest) -> HttpResponse:
    """The same as one file, to take along."""
    moment = now()
    found = owndata.own_data(actor=request.actor, now=moment)
    answer = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="mat-pho-{moment:%Y-%m-%d}.json"'
    return answer


@ensure_csrf_cookie
@page(action=Action.SEE_LEGAL_RECORD)
def legal_record(request: PageRequest) -> HttpResponse:
    """Who answers for the recordings here, as signed; the leader fills it in and signs it."""
    places = _places(request)
    place = next((one for one in places if str(one.id) == request.GET.get("place")), places[0] if places else None)
    record = legal.legal_record_of(request.actor, place.id) if place else None
    purposes, controllers = datawords.purposes(), datawords.controllers()
    context = {
        "section": "legal",
        "place": place,
        "places": places if len(places) > 1 else [],
        "record": record,
        "sign": legal.sign_words(record) if record else [],
        "controller": controllers.get(record.controller, "") if record else "",
        "purpose_names": [purposes.get(code, code) for code in record.purposes] if record else [],
        "purposes": purposes.items(),
        "controllers": controllers.items(),
        "signs": request.actor.may(Action.SIGN_LEGAL_RECORD),
        "longest": legal.LONGEST_RETENTION_DAYS,
    }
    return render_page(request, "own/legal.html", context)


def _places(request: PageRequest) -> list[Neighborhood]:
    """One's own neighborhood; for those who serve a ward, all of it."""
    to = reach(request.actor, Action.SEE_LEGAL_RECORD)
    found = Neighborhood.objects.filter(Q(id__in=to.neighborhood_ids) | Q(ward_id__in=to.ward_ids))
    return list(found.order_by("code"))
