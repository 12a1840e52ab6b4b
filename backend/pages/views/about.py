"""What this product is made of, and under which licences."""

from functools import cache

from django.http import HttpResponse

from backend.lib.config import ROOT
from backend.lib.public import PUBLIC
from backend.pages.page import OpenRequest, page
from backend.pages.render import render_page

NOTICES = ROOT / "docs" / "third-party-notices.md"


@page(action=PUBLIC)
def licences(request: OpenRequest) -> HttpResponse:
    return render_page(request, "licences.html", {"tables": notices()})


@cache
def notices() -> list[tuple[str, list[list[str]]]]:
    """The tables of the notices: heading and rows of name, version, licence."""
    tables: list[tuple[str, list[list[str]]]] = []
    for line in NOTICES.read_text().splitlines() if NOTICES.exists() else []:
        if line.startswith("## "):
            tables.append((line[3:], []))
        elif line.startswith("| ") and tables and not line.startswith(("| package", "| ---")):
            tables[-1][1].append([cell.strip() for cell in line.strip("|").split("|")])
    return tables
