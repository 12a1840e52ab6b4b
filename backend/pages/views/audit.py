"""The auditor's pages: a home that says what waits; signed heads to compare and to print, the chain as a file, and the
program that checks it."""

from pathlib import Path
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import auditorboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action
from neighborhoods.auditing import verify
from neighborhoods.auditing.copies import copies_failing
from neighborhoods.auditing.export_job import head_for, heads_of, wards_audited
from neighborhoods.auditing.head_paper import heads_paper
from neighborhoods.auditing.heads import fingerprint_of
from neighborhoods.auditing.letters import chain_names, grouped
from neighborhoods.models import Ward

SHOWN = 31
"""Days: what is older is in the export."""


@page(action=Action.SEE_AUDIT)
def home(request: PageRequest) -> HttpResponse:
    """What waits for the auditor of a ward, what runs there, and how its audit stands."""
    ward, wards = _ward(request)
    desk = auditorboard.desk_of(request.actor, ward, now=now()) if ward else None
    return render_page(request, "auditor.html", {"section": "auditor", "ward": ward, "wards": wards, "desk": desk})


@ensure_csrf_cookie
@page(action=Action.SEE_AUDIT)
def audit(request: PageRequest) -> HttpResponse:
    """Nhật ký: one ward's at a time, for who may read those of several."""
    ward, wards = _ward(request)
    heads = list(heads_of(request.actor, ward.id).order_by("-day")[:SHOWN]) if ward else []
    context = {
        "section": "audit",
        "ward": ward,
        "wards": wards,
        "heads": [{"head": head, "hash": grouped(head.hash), "key": fingerprint_of(head)} for head in heads],
        "copies_failing": copies_failing(now=now()),
    }
    return render_page(request, "audit.html", context)


@page(action=Action.SEE_AUDIT)
def head_pdf(request: PageRequest, head_id: UUID) -> HttpResponse:
    """One head on paper, to be signed by hand."""
    head = head_for(request.actor, head_id)
    paper = heads_paper([(head, chain_names().get(head.chain, head.chain))])
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="audit-head-{head.day.isoformat()}.pdf"'
    return answer


@page(action=Action.SEE_AUDIT)
def verifier(request: PageRequest) -> HttpResponse:
    """The program that checks an export, as it stands in our source."""
    answer = HttpResponse(Path(verify.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify.py"'
    return answer


def _ward(request: PageRequest) -> tuple[Ward | None, list[Ward]]:
    """The ward that is asked for, else the first; and all, where there is a choice."""
    wards = wards_audited(request.actor)
    ward = next((one for one in wards if str(one.id) == request.GET.get("ward")), wards[0] if wards else None)
    return ward, wards if len(wards) > 1 else []
