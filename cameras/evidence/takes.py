"""What is to be exported of one camera: runs of fragments that play as one file, and the slices they stand in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cameras.evidence.gaps import Away
from cameras.store.copy import Piece, Window, runs
from cameras.store.journal import HASHED_LATE, Journal


@dataclass(frozen=True, slots=True)
class Source:
    """A slice that holds some of it. ``root``: what is known of its journal, hex; ``proof``: how that root climbs to an
    entry of the audit (``path``, and the ``entry``'s hash); None where it stands in none."""

    media: Path
    journal: Journal
    root: str
    proof: Mapping[str, object] | None = None

    @property
    def id(self) -> UUID:
        return self.journal.header.slice_id


@dataclass(frozen=True, slots=True)
class Take:
    """One camera's footage: ``name`` is its pseudonym (K1), ``facts`` what the manifest says of it besides.

    ``window``: what was granted, µs; ``away``: what of it was left out on purpose, and why.
    """

    name: str
    sources: tuple[Source, ...]
    pieces: tuple[Piece, ...]
    facts: dict[str, object]
    window: Window | None = None
    away: tuple[Away, ...] = ()

    def runs(self) -> list["Run"]:
        """The files that come of it, in order of time."""
        return [
            Run(f"footage/{self.name}.mp4" if number == 1 else f"footage/{self.name}-{number:03d}.mp4", tuple(found))
            for number, found in enumerate(runs(self.pieces), start=1)
        ]

    @property
    def journal_path(self) -> str:
        return f"journal/{self.name}.idx"


@dataclass(frozen=True, slots=True)
class Run:
    """One file: its fragments follow one another without a break, under one init segment."""

    path: str
    pieces: tuple[Piece, ...]

    def spans(self) -> list["Span"]:
        """The pieces by slice, where they follow one another in it."""
        out: list[Span] = []
        for piece in self.pieces:
            last = out[-1] if out else None
            if last and last.slice_id == piece.header.slice_id and last.ends_at == piece.fragment.offset:
                last.pieces.append(piece)
            else:
                out.append(Span(piece.header.slice_id, [piece]))
        return out


@dataclass(frozen=True, slots=True)
class Span:
    """Fragments of one slice that lie one behind the other, there and in the file."""

    slice_id: UUID
    pieces: list[Piece]

    @property
    def ends_at(self) -> int:
        """Where the last of them ends in its slice."""
        return self.pieces[-1].fragment.offset + self.pieces[-1].fragment.length

    @property
    def bytes(self) -> int:
        return self.ends_at - self.pieces[0].fragment.offset


def late_in(sources: Sequence[Source], pieces: Sequence[Piece]) -> list[tuple[UUID, int]]:
    """Slice and number of each fragment whose hash was taken after a kill, by whoever cleaned up."""
    wanted = {(piece.header.slice_id, piece.fragment.offset) for piece in pieces}
    return [
        (source.id, number)
        for source in sources
        for number, fragment in enumerate(source.journal.fragments)
        if (source.id, fragment.offset) in wanted and fragment.flags & HASHED_LATE
    ]
