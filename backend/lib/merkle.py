"""Merkle trees by RFC 6962, section 2.1, over SHA-256: one root for many things, and a short proof for each.

A leaf's hash begins with 0x00 and a node's with 0x01, so that a node can never be passed off as a leaf. A tree of n
leaves splits at the largest power of two below n; nothing is padded or doubled.

Slices are leaves as ``leaf_of(slice id, 16 bytes ‖ slice root, 32 bytes)``, in the order in which the audit entry's
maker put them.
"""

from collections.abc import Sequence
from hashlib import sha256

Step = tuple[str, str]
"""Where the sibling stands, ``left`` or ``right``, and its hash in hex."""


def leaf_of(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaves' hashes; that of an empty list is the hash of nothing."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return _node(root_of(leaves[:middle]), root_of(leaves[middle:]))


def path_of(leaves: Sequence[bytes], index: int) -> list[Step]:
    """The siblings from leaf ``index`` upward: what ``climb`` needs. Raises ``IndexError``."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*path_of(leaves[:middle], index), ("right", root_of(leaves[middle:]).hex())]
    return [*path_of(leaves[middle:], index - middle), ("left", root_of(leaves[:middle]).hex())]


def climb(leaf: bytes, path: Sequence[Step]) -> bytes:
    """The root that a leaf's hash and its path lead to. Raises ``ValueError`` for a side that is none, or no hex."""
    found = leaf
    for side, sibling in path:
        if side not in ("left", "right"):
            raise ValueError(f"a sibling stands left or right, not {side!r}")
        other = bytes.fromhex(sibling)
        found = _node(other, found) if side == "left" else _node(found, other)
    return found


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below ``count`` (two or more)."""
    return 1 << (count - 1).bit_length() - 1
