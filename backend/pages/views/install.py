"""What makes the pages an app on a phone: manifest, service worker, the page without a network."""

import hashlib
import json
from functools import cache
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.lib.public import PUBLIC
from backend.pages.page import OpenRequest, page
from backend.pages.render import render_page

WORKER = "pages/sw.js"


@page(action=PUBLIC)
def manifest(request: OpenRequest) -> HttpResponse:
    """Web App Manifest (W3C). It opens the feed."""
    sizes = {"icon-192.png": "192x192", "icon-512.png": "512x512"}
    icons = [
        {"src": static(f"pages/img/{name}"), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size in sizes.items()
        for purpose in ("any", "maskable")
    ]
    facts = {
        "name": "Mắt Phố", "short_name": "Mắt Phố", "lang": "vi", "id": "/", "scope": "/", "display": "standalone",
        "start_url": reverse("pages:home"), "background_color": "#f5f3ee", "theme_color": "#0a5f58", "icons": icons,
        "description": _("Street cameras and alerts of your neighborhood"),
        "shortcuts": [{"name": _("Raise the alarm"), "url": reverse("pages:raise")}],
    }  # fmt: skip
    return JsonResponse(facts, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@page(action=PUBLIC)
def service_worker(request: OpenRequest) -> HttpResponse:
    """At the root, for only from there it may serve every page. Asked for anew each time, as the standard has it."""
    script = render_to_string(WORKER, {"shell": json.dumps(shell(), ensure_ascii=False)})
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@page(action=PUBLIC)
def offline(request: OpenRequest) -> HttpResponse:
    return render_page(request, "offline.html", {"offline": True})


def shell() -> dict[str, Any]:
    """What the worker keeps and knows. ``version`` changes with any file of it, the worker's own text included."""
    files = shell_files()
    text = render_to_string(WORKER, {"shell": ""}) + render_to_string("pages/offline.html", {})
    return {
        "version": hashlib.sha256("\n".join([*files, text]).encode()).hexdigest()[:16],
        "files": list(files),
        "offline": reverse("pages:offline"),
        "feeds": [reverse("pages:alerts"), reverse("pages:alert-console")],
        "signOut": reverse("pages:sign-out"),
        "icon": static("pages/img/icon-192.png"),
        "badge": static("pages/img/badge-96.png"),
        "title": "Mắt Phố",
        "body": _("There is news in your neighborhood."),
    }


@cache
def shell_files() -> tuple[str, ...]:
    """Addresses of styles, scripts and drawings under their hashed names."""
    names = staticfiles_storage.hashed_files if hasattr(staticfiles_storage, "hashed_files") else {}
    wanted = (name for name in names if name.startswith(("pages/css/", "pages/js/", "pages/img/", "vendor/")))
    return tuple(sorted(static(name) for name in wanted))
