"""The leader puts a list of households in from a file: choose it, look at what each line would do, say yes."""

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib import sizes
from backend.lib.clock import now
from backend.lib.errors import Absent, MatPhoError
from backend.lib.uploads import file_of
from backend.pages.importboard import report_of
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action
from neighborhoods.people_import import import_read


@ensure_csrf_cookie
@page(action=Action.MANAGE_HOUSEHOLDS)
def import_list(request: PageRequest) -> HttpResponse:
    return render_page(request, "leader/import.html", {"section": "households"})


@page(action=Action.MANAGE_HOUSEHOLDS, methods=("POST",))
def read_list(request: PageRequest) -> HttpResponse:
    """What the file would do, for htmx to put below; a file that cannot be read says there why."""
    if request.actor.neighborhood_id is None:
        raise Absent()
    try:
        sent = file_of(request)
        found = import_read(
            actor=request.actor,
            neighborhood_id=request.actor.neighborhood_id,
            data=sent.data,
            name=sent.name,
            now=now(),
        )
    except Absent:
        raise
    except MatPhoError as error:
        return render_page(request, "leader/import_report.html", {"problem": error.detail})
    return render_page(request, "leader/import_report.html", {"found": found, "groups": report_of(found)})


read_list.takes_file = sizes.FILE  # type: ignore[attr-defined]  # the edge lets a longer body through to it
