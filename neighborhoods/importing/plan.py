"""Deciding what a list would change, line by line, against the households that are there. Pure: it reads and writes
nothing. The same list against the same households gives the same plan, so that a yes to one is a yes to the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.lib.text import folded
from neighborhoods.addresses import address_key
from neighborhoods.importing.lines import Line


class Verdict(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(slots=True)
class Known:
    """A household that lives here."""

    id: UUID
    number: int
    name: str
    address: str
    key: str
    members: dict[str, tuple[UUID, str]]
    """Folded name → id and phone."""
    registrations: set[tuple[str, str]] = field(default_factory=set)
    """Kind and folded reference."""


@dataclass(slots=True)
class Outcome:
    """One household of the list, with everything its lines say of it."""

    known: Known | None
    address: str
    number: int | None
    name: str
    head: str
    people: dict[str, list[str]] = field(default_factory=dict)
    """Folded name → name, phone: who is to be added."""
    phones: dict[UUID, str] = field(default_factory=dict)
    """Members whose phone is to be another."""
    new_address: str = ""
    registrations: list[tuple[str, str]] = field(default_factory=list)
    """Kind and reference of those to be noted."""

    @property
    def verdict(self) -> Verdict:
        if self.known is None:
            return Verdict.ADDED
        changed = self.people or self.phones or self.new_address or self.registrations
        return Verdict.CHANGED if changed else Verdict.SAME


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one line. ``notes``: a word and what it speaks of."""

    line: int
    verdict: Verdict
    household: str
    address: str
    notes: list[list[Any]]

    def as_json(self) -> dict[str, Any]:
        return {
            "line": self.line, "verdict": self.verdict.value, "household": self.household, "address": self.address,
            "notes": self.notes,
        }  # fmt: skip


@dataclass(slots=True)
class Plan:
    outcomes: list[Outcome] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def count(self, verdict: Verdict) -> int:
        """Households of this verdict; of ``REFUSED`` lines."""
        if verdict == Verdict.REFUSED:
            return sum(one.verdict == verdict for one in self.told)
        return sum(one.verdict == verdict for one in self.outcomes)


def plan(lines: Iterable[Line], households: Sequence[Known], numbers_used: set[int]) -> Plan:
    """``numbers_used``: those that are given, or were."""
    return _Planner(households, numbers_used).plan(lines)


class _Refused(Exception):
    """The word, and what it speaks of."""


class _Planner:
    def __init__(self, households: Sequence[Known], numbers_used: set[int]) -> None:
        self.by_number = {one.number: one for one in households}
        self.by_key: dict[str, list[Known]] = {}
        for one in households:
            self.by_key.setdefault(one.key, []).append(one)
        self.used = set(numbers_used)
        self.outcomes: dict[object, Outcome] = {}
        self.claimed: dict[str, object] = {}
        """Key of an address → whose it is after this list."""

    def plan(self, lines: Iterable[Line]) -> Plan:
        made = Plan()
        for line in lines:
            made.told.append(self._tell(line))
        made.outcomes = list(self.outcomes.values())
        return made

    def _tell(self, line: Line) -> Told:
        try:
            if line.problem:
                raise _Refused(line.problem)
            outcome, notes = self._take(line)
        except _Refused as refused:
            return Told(line.line, Verdict.REFUSED, line.head, line.address, [list(refused.args)])
        name = outcome.known.name if outcome.known else outcome.name
        verdict = Verdict.ADDED if outcome.known is None else Verdict.CHANGED if notes else Verdict.SAME
        if line.extra_phones:
            notes.append(["extra_phones", line.extra_phones])
        return Told(line.line, verdict, name, outcome.address, notes)

    def _take(self, line: Line) -> tuple[Outcome, list[list[Any]]]:
        known = self._known(line)
        key = address_key(line.address) if line.address else ""
        slot: object = known.id if known else key
        outcome = self.outcomes.get(slot)
        notes: list[list[Any]] = []
        if outcome is None:
            outcome = self._new(line, known, key)
            self.outcomes[slot] = outcome
        elif outcome.known is None and line.number not in (None, outcome.number):
            raise _Refused("other_number", f"H{outcome.number:03d}" if outcome.number else "")
        if known is not None and key and key != known.key:
            notes += self._readdress(outcome, line.address, key)
        second = line.head if folded(line.head) != folded(outcome.head) else ""
        if second or line.registration:
            notes += self._register(outcome, line.registration or "other", second)
        for name, phone in line.people:
            notes += self._person(outcome, name, phone)
        return outcome, notes

    def _known(self, line: Line) -> Known | None:
        if line.number is not None:
            found = self.by_number.get(line.number)
            if found is not None or not line.address:
                if found is None:
                    raise _Refused("no_such_number", f"H{line.number:03d}")
                return found
        here = [one for one in self.by_key.get(address_key(line.address), []) if not self._moves(one)]
        if len(here) > 1:
            raise _Refused("address_twice", ", ".join(f"H{one.number:03d}" for one in here))
        if here and line.number is not None:
            raise _Refused("other_number", f"H{here[0].number:03d}")
        return here[0] if here else None

    def _moves(self, known: Known) -> bool:
        """Whether a line above gave it another address, so that its old one is free."""
        outcome = self.outcomes.get(known.id)
        return outcome is not None and bool(outcome.new_address)

    def _new(self, line: Line, known: Known | None, key: str) -> Outcome:
        if known is not None:
            return Outcome(known, known.address, known.number, known.name, line.head)
        if key in self.claimed:
            raise _Refused("address_taken", "")
        if line.number is not None:
            if line.number in self.used:
                raise _Refused("number_used", f"H{line.number:03d}")
            self.used.add(line.number)
        head = line.head or (line.people[0][0] if line.people else "")
        self.claimed[key] = key
        return Outcome(None, line.address, line.number, _called(head or line.address), head)

    def _readdress(self, outcome: Outcome, address: str, key: str) -> list[list[Any]]:
        if outcome.new_address:
            if address_key(outcome.new_address) != key:
                raise _Refused("other_address", outcome.new_address)
            return []
        taken = [one for one in self.by_key.get(key, []) if one is not outcome.known and not self._moves(one)]
        if taken:
            raise _Refused("address_taken", f"H{taken[0].number:03d}")
        owner = outcome.known.id if outcome.known else None
        if self.claimed.setdefault(key, owner) != owner:
            raise _Refused("address_taken", "")
        outcome.new_address = address
        return [["address_changed", outcome.address]]

    def _register(self, outcome: Outcome, kind: str, reference: str) -> list[list[Any]]:
        """A registration of the address, a second family's for one: the household stays one."""
        if not outcome.head and reference:
            outcome.head = reference  # the first to be named heads it
            return []
        there = outcome.known.registrations if outcome.known else set()
        if (kind, folded(reference)) in there or (kind, reference) in outcome.registrations:
            return []
        outcome.registrations.append((kind, reference))
        return [["registration", reference or kind]] if outcome.known or reference else []

    def _person(self, outcome: Outcome, name: str, phone: str) -> list[list[Any]]:
        who = folded(name)
        there = outcome.known.members.get(who) if outcome.known else None
        if there is not None:
            member, had = there
            if phone and phone != had and outcome.phones.get(member) != phone:
                outcome.phones[member] = phone
                return [["phone_changed", name]]
            return []
        if who in outcome.people:
            if phone:
                outcome.people[who][1] = outcome.people[who][1] or phone
            return []
        outcome.people[who] = [name, phone]
        return [["member_added", name]] if outcome.known else []


def _called(head: str) -> str:
    """What the neighborhood calls a household: "Hộ Nguyễn Văn An"."""
    return head if folded(head).startswith("ho ") else f"Hộ {head}"[:120]
