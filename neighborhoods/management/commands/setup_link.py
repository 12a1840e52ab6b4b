"""``manage.py setup_link``: keep a working one-time set-up link in ``setup-link.json`` while nobody can sign in yet."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.lib import clock, privatefile
from neighborhoods import setup


class Command(BaseCommand):
    help = "Issue the one-time set-up link of an empty installation; its place is printed, never the link itself."

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        path = settings.CONFIG.setup_file
        if path.is_file():
            token = json.loads(path.read_text()).get("token", "")
            if token and setup.setup_link_works(token, now=now):
                return
        issued = setup.setup_link_issue(now=now)
        kept = {"token": issued.token, "expires_at": clock.iso(issued.expires_at)} if issued else {}
        privatefile.write(path, json.dumps(kept))
        if options["verbosity"]:
            self.stdout.write(f"{path}" if issued else "There is an administrator already.")
