"""What is told of a line of an import, in the reader's words. The words of ``lines`` and ``plan`` are its keys."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

WORDS = {
    # Why a line is refused.
    "no_address": gettext_noop("There is no address and no number of the household."),
    "bad_address": gettext_noop("The address is too long or has signs that cannot be seen."),
    "bad_number": gettext_noop("The number of the household is not like H012 or 12."),
    "bad_name": gettext_noop("A name is too long or has signs that cannot be seen."),
    "number_in_name": gettext_noop(
        "A number stands beside a name. Phones have their own column; numbers of identity cards are left out."
    ),
    "bad_phone": gettext_noop("A phone number has 6 to 15 digits."),
    "too_many_people": gettext_noop("So many people in one line: one line for each is better."),
    "no_such_number": gettext_noop("No household here has the number %(what)s; with an address it can be added."),
    "number_used": gettext_noop("%(what)s is or was another household's number."),
    "other_number": gettext_noop("The household of this address has another number: %(what)s."),
    "other_address": gettext_noop("A line above gives this household another address: %(what)s"),
    "address_twice": gettext_noop("Two households have this address: %(what)s. Say first which is right."),
    "address_taken": gettext_noop("Another household has that address already: %(what)s"),
    # What a line changes.
    "address_changed": gettext_noop("New address; before: %(what)s"),
    "registration": gettext_noop("Same address, one household; registration noted: %(what)s"),
    "member_added": gettext_noop("New person: %(what)s"),
    "phone_changed": gettext_noop("New phone of %(what)s"),
    # What is only said.
    "extra_phones": gettext_noop("Only the first phone is kept; left out: %(what)s"),
}

KINDS = {
    "permanent": gettext_noop("permanent residence"),
    "temporary": gettext_noop("temporary residence"),
    "business": gettext_noop("business"),
    "other": gettext_noop("other"),
}


def said(note: Sequence[Any]) -> str:
    """``[word, what]`` in the reader's language."""
    word, *what = note
    spoken = str(what[0]) if what else ""
    if word == "registration" and spoken in KINDS:
        spoken = _(KINDS[spoken])
    return (_(WORDS[word]) % {"what": spoken}).strip().removesuffix(":")
