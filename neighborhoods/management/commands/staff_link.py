"""``manage.py staff_link USERNAME``: a link by which somebody begins anew who lost password and telephone.

For the only administrator, whom nobody else can help. Whoever may run this holds the machine already; the audit says
that it was done at the terminal.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.lib.clock import now
from neighborhoods import access, devices
from neighborhoods.access import Grant, Role
from neighborhoods.invitations import password_link


class Command(BaseCommand):
    help = "Print a link, good for a week and once, by which a staff member sets password and second step up anew."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        moment = now()
        grant = devices.in_force(moment).filter(account__username__iexact=options["username"]).first()
        if grant is None:
            raise CommandError(f"{options['username']} holds no role just now")
        actor = access.system("terminal", Grant(Role.ADMINISTRATOR))
        issued = password_link(actor=actor, grant_id=grant.id, now=moment)
        self.stdout.write(f"/invite#{issued.token}")
        self.stderr.write("Put the server's address before it. Whoever has the link can use it, once, for seven days.")
