"""Real verbs in a process of their own, as the role that the settings name: ``python -m …as_application``.

A demonstration's street, its fund, codes taken back, a payment reversed, a member forgotten; the next day the heads are
signed. Everything that the product does to the append-only tables.
"""

import sys
from datetime import timedelta

import django
from django.core.management import call_command

django.setup()

from backend.lib.clock import now  # noqa: E402
from neighborhoods import access, audit_chain, codes, demonstration, erasure  # noqa: E402
from neighborhoods.access import Actor, Grant, Role  # noqa: E402
from neighborhoods.auditing import heads  # noqa: E402
from neighborhoods.fund.payments import payment_reverse  # noqa: E402
from neighborhoods.models import AccessCode, Account, AuditEntry, LedgerEntry, Member, Payment  # noqa: E402


def main() -> int:
    call_command("load_demo", port=8554, verbosity=0)
    place = demonstration.find()
    code = AccessCode.objects.filter(household__neighborhood=place, revoked_at=None).latest("id")
    member = Member.objects.filter(household__neighborhood=place).latest("id")
    payment = Payment.objects.filter(campaign__neighborhood=place, reversed_at=None).latest("id")
    account = Account.objects.filter(grants__role=Role.TREASURER).first()
    leader = access.system("test", Grant(Role.LEADER, neighborhood_id=place.id))
    treasurer = Actor(
        pseudonym=f"account:{account.id}",
        account_id=account.id,
        grants=(Grant(Role.TREASURER, neighborhood_id=place.id),),
    )
    codes.code_revoke(actor=leader, code_id=code.id, now=now())
    erasure.member_erase(actor=leader, member_id=member.id, now=now())
    payment_reverse(actor=treasurer, payment_id=payment.id, reason="wrong_amount", now=now())
    assert audit_chain.verify().faults == []
    signed = heads.heads_sign(key=bytes(32), now=now() + timedelta(days=1))
    print(AuditEntry.objects.count(), LedgerEntry.objects.count(), len(signed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
