"""Error pages in plain words. The API's errors stay problem documents: ``backend.lib.problems``."""

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

from backend.lib import problems
from backend.lib.errors import Absent, BadInput, MatPhoError
from backend.pages.render import render_page


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if problems.wants_document(request):
        return problems.response(BadInput())
    return _error(request, 400, "warn", _("That request makes no sense"), _("Go back and try again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if problems.wants_document(request):
        return problems.response(Absent())
    text = _("The address may be wrong, or it is not meant for this phone.")
    return _error(request, 404, "search", _("There is nothing here"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if problems.wants_document(request):
        return problems.csrf_failure(request, reason)
    text = _("Go back, load the page again and repeat what you did. Cookies must be allowed.")
    return _error(request, 403, "clock", _("The page was open too long"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """The plainest page: whatever broke may be the database, so it asks nobody who is looking."""
    if problems.wants_document(request):
        return problems.response(MatPhoError())
    return HttpResponse(loader.render_to_string("pages/500.html"), status=500)


def refused(request: HttpRequest, error: MatPhoError) -> HttpResponse:
    """A verb said no: its own words, which say what to do."""
    return _error(request, error.status, "warn", _(error.title), str(error.detail))


def _error(request: HttpRequest, status: int, picture: str, heading: str, text: str) -> HttpResponse:
    context = {"picture": picture, "heading": heading, "text": text}
    return render_page(request, "error.html", context, status=status)
