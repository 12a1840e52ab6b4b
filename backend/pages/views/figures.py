"""Figures: of one's own places for who is signed in, and of a ward's month for everybody."""

import re
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from backend.figures.open_month import KEPT, OpenMonth, open_month, open_ward, open_wards
from backend.figures.reading import Wanted, narrower, statistics_for, title_of
from backend.figures.report import Report
from backend.lib.clock import now, vietnam_day
from backend.lib.errors import Absent, BadInput
from backend.lib.public import PUBLIC
from backend.lib.tables import write_csv
from backend.pages import figureboard
from backend.pages.page import OpenRequest, PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action

MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)


class Asked(forms.Form):
    """What the address asks for; anything else is the usual."""

    ward = forms.UUIDField(required=False)
    neighborhood = forms.UUIDField(required=False)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)


@page(action=Action.SEE_STATISTICS)
def figures(request: PageRequest) -> HttpResponse:
    asked = Asked(request.GET)
    asked.is_valid()
    report, problem = _report(request, asked.cleaned_data)
    context = {
        "section": "figures", "report": report, "parts": figureboard.parts_of(report), "problem": problem,
        "title": title_of(report.scope), "narrower": narrower(report.scope), "asked": asked.cleaned_data,
    }  # fmt: skip
    return render_page(request, "figures/figures.html", context)


def _report(request: PageRequest, asked: dict[str, Any]) -> tuple[Report, str]:
    """The figures, and what was wrong with the days: then they are the usual ones."""
    place = {"ward_id": asked.get("ward"), "neighborhood_id": asked.get("neighborhood")}
    try:
        wanted = Wanted(**place, first=asked.get("first"), last=asked.get("last"))
        return statistics_for(request.actor, wanted, now=now()), ""
    except BadInput as error:
        return statistics_for(request.actor, Wanted(**place), now=now()), str(error)


@page(action=PUBLIC)
def transparency(request: OpenRequest) -> HttpResponse:
    return _open(request, "figures/wards.html", {"wards": open_wards()})


@page(action=PUBLIC)
def transparency_ward(request: OpenRequest, ward_code: str) -> HttpResponse:
    """The month that is running: its address changes with it, this one does not."""
    today = vietnam_day(now())
    return redirect("pages:transparency-month", open_ward(ward_code).code, f"{today:%Y-%m}")


@page(action=PUBLIC)
def transparency_month(request: OpenRequest, ward_code: str, year_month: str) -> HttpResponse:
    found = _month(ward_code, year_month)
    context = {
        "found": found, "parts": figureboard.parts_of(found.report), "month": found.span.first,
        "before": _path(found.before), "after": _path(found.after), "running": found.after is None,
    }  # fmt: skip
    return _open(request, "figures/month.html", context)


@page(action=PUBLIC)
def transparency_csv(request: OpenRequest, ward_code: str, year_month: str) -> HttpResponse:
    found = _month(ward_code, year_month)
    headings = [_("Part"), _("What"), _("Number")]
    rows = [
        (part, words, plain if isinstance(plain, int) else str(plain))
        for part, words, plain in figureboard.table_of(found.report)
    ]
    answer = HttpResponse(write_csv(headings, rows), content_type="text/csv; charset=utf-8")
    name = f"so-lieu-{found.ward.code}-{year_month}.csv"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return _kept(answer)


def _month(ward_code: str, year_month: str) -> OpenMonth:
    if not MONTH.fullmatch(year_month):
        raise Absent()
    year, number = year_month.split("-")
    return open_month(ward_code, int(year), int(number), now=now())


def _path(month: tuple[int, int] | None) -> str:
    return f"{date(*month, 1):%Y-%m}" if month else ""


def _open(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """The same for everybody, whoever is signed in: nothing of the reader stands in it, so that caches may keep it."""
    return _kept(render(request, f"pages/{template}", context))


def _kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={int(KEPT.total_seconds())}"
    patch_vary_headers(answer, ("Accept-Language", "Cookie"))  # the language is chosen by either
    return answer
