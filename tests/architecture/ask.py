"""One request of the walk, and what it should answer to who may."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A route's valid body and its answer to who may.

    ``names``: its body, not its path, names a thing of An's. ``only``: of those the table names these alone, for it is
    the household's or the phone's own. ``besides``: these too, for what they make is theirs. ``also``: a second action
    that the page needs.
    """

    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    names: bool = False
    only: frozenset[str] | None = None
    besides: frozenset[str] = frozenset()
    also: str = ""
    file: bytes = b""
    """Sent as the form's ``file``, with the body's members beside it."""
