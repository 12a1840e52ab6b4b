"""Footage in figures: what everybody reads of a month, counted again from the ward's exported chain alone."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.figures.report import report_of
from backend.lib.clock import VIETNAM
from cameras.footage import decisions, outcomes, requests
from cameras.footage.figures import ASKED, FOLLOWS, Fact, figures_of
from cameras.models import FootageAsk, FootageRequest
from neighborhoods import audit
from neighborhoods.models import AuditEntry
from neighborhoods.scopes import Scope, month_of
from tests.cameras.footage.parcels import approved, asked, fetched, packed
from tests.cameras.footage.street import HOUR, Street

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def a_month_of_requests(street: Street) -> None:
    """Two helped with, one refused, one taken back, one in danger."""
    package = packed(street, street.gate, street.corner)
    fetched(street, package)
    outcomes.request_conclude(
        actor=street.dung, request_id=package.request_id, helped=[1], what_helped=["time"], copies_deleted=True,
        now=street.moment + HOUR,
    )  # fmt: skip
    refused = asked(street)
    decisions.ask_deny(actor=street.an, request_id=refused.id, camera_id=street.gate.id, now=street.moment)
    regretted = approved(street, asked(street), street.corner)
    decisions.ask_withdraw(
        actor=street.binh, request_id=regretted.id, camera_id=street.corner.id, now=street.moment + HOUR
    )
    requests.request_withdraw(actor=street.dung, request_id=asked(street).id, now=street.moment)
    urgent = asked(street, urgent=True)
    requests.request_sign(actor=street.chief, request_id=urgent.id, now=street.moment + HOUR)


def export(ward_id: object) -> str:
    """The ward's chain as whoever audits takes it along: a line an entry."""
    rows = AuditEntry.objects.filter(chain=audit.chain_of(ward_id)).order_by("seq")
    return "\n".join(json.dumps(audit.entry_fields(row)) for row in rows)


def counted_from(lines: str, since: datetime, until: datetime):
    """By hand, with the lines and the pure function: no database."""
    facts = []
    for line in lines.splitlines():
        one = json.loads(line)
        at = datetime.fromisoformat(one["at"])
        if (one["action"] == ASKED and since <= at < until) or one["action"] in FOLLOWS:
            facts.append(Fact(one["action"], at, one["subject"], one["data"]))
    return figures_of(facts)


def test_the_months_page_is_rebuilt_from_the_chain_alone(filmed: Street) -> None:
    a_month_of_requests(filmed)
    local = filmed.moment.astimezone(VIETNAM)
    span = month_of(local.year, local.month)
    later = span.until + timedelta(days=1)
    told = report_of(Scope(ward_id=filmed.cast.ward.id), span, now=later).footage
    assert told == counted_from(export(filmed.cast.ward.id), span.since, span.until)
    assert (told.voluntary, told.demands, told.urgent, told.taken_back) == (5, 0, 1, 1)
    assert (told.cameras, told.granted, told.not_granted) == (8, 4, 4)
    assert (told.handed_over, told.used, told.not_used, told.hours_to_grant) == (1, 1, 1, 0.5)


def test_it_is_what_the_rows_say_too(filmed: Street) -> None:
    a_month_of_requests(filmed)
    local = filmed.moment.astimezone(VIETNAM)
    span = month_of(local.year, local.month)
    told = report_of(Scope(ward_id=filmed.cast.ward.id), span, now=span.until).footage
    kept = FootageAsk.objects.exclude(request__state=FootageRequest.State.WITHDRAWN)
    assert told.cameras == kept.count() and told.granted == kept.filter(state="released").count()
    assert told.used == kept.filter(extraction__outcome="used").count()


def test_of_the_present_month_nothing_is_told_to_everybody(filmed: Street) -> None:
    asked(filmed)
    local = filmed.moment.astimezone(VIETNAM)
    report = report_of(Scope(ward_id=filmed.cast.ward.id), month_of(local.year, local.month), now=filmed.moment)
    assert report.footage is None and report.cases is None


def test_a_request_of_another_month_is_not_counted_with_what_follows_it(filmed: Street) -> None:
    a_month_of_requests(filmed)
    local = filmed.moment.astimezone(VIETNAM)
    after = month_of(local.year + local.month // 12, local.month % 12 + 1)
    told = report_of(Scope(ward_id=filmed.cast.ward.id), after, now=after.until).footage
    assert told == figures_of([])


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["voluntary", "demand"]), st.integers(1, 6), st.booleans(),
        st.lists(st.sampled_from(["released", "served", "yes_withdrawn", "withdrawn", "handed_over"]), max_size=6),
    ),
    max_size=8,
)  # fmt: skip


@given(REQUESTS)
def test_the_sums_hold_whatever_happens(drawn) -> None:
    moment = datetime(2026, 11, 1, tzinfo=VIETNAM)
    facts = []
    for number, (kind, cameras, urgent, follows) in enumerate(drawn):
        subject = f"footage_request:{number}"
        over = ["urgent"] if urgent else []
        facts.append(Fact(ASKED, moment, subject, {"kind": kind, "cameras": cameras, "over": over}))
        for step, what in enumerate(follows):
            data = {"request": str(number), "camera": str(step % cameras)}
            one = subject if what == "withdrawn" else f"footage_ask:{number}-{step}"
            facts.append(Fact(f"footage.{what}", moment + timedelta(hours=step), one, data))
    told = figures_of(facts)
    assert told.voluntary + told.demands == len(drawn)
    assert 0 <= told.granted <= told.cameras and told.granted + told.not_granted == told.cameras
    assert told.taken_back <= len(drawn)
