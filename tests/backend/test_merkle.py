"""Merkle trees: the RFC's own shape, and that a path proves its leaf and no other."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.merkle import climb, leaf_of, path_of, root_of

LEAVES = st.lists(st.binary(max_size=48), min_size=1, max_size=70).map(lambda found: [leaf_of(one) for one in found])


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def test_the_tree_has_the_shape_of_rfc_6962() -> None:
    """Section 2.1.3 draws seven leaves: ((d0 d1)(d2 d3)) ((d4 d5) d6), and proves d0, d3, d4 and d6."""
    d = [leaf_of(bytes([number])) for number in range(7)]
    g, h, i, j = node(d[0], d[1]), node(d[2], d[3]), node(d[4], d[5]), d[6]
    k, el = node(g, h), node(i, j)
    assert root_of(d) == node(k, el)
    assert path_of(d, 0) == [("right", d[1].hex()), ("right", h.hex()), ("right", el.hex())]
    assert path_of(d, 3) == [("left", d[2].hex()), ("left", g.hex()), ("right", el.hex())]
    assert path_of(d, 4) == [("right", d[5].hex()), ("right", j.hex()), ("left", k.hex())]
    assert path_of(d, 6) == [("left", i.hex()), ("left", k.hex())]


def test_roots_known_from_certificate_transparency() -> None:
    """The reference implementation's vectors: nothing, the empty leaf, and the first three of its eight leaves."""
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([leaf_of(b"")]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    three = [leaf_of(b""), leaf_of(b"\0"), leaf_of(b"\x10")]
    assert root_of(three[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert root_of(three).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"


@given(LEAVES, st.data())
def test_a_path_leads_its_leaf_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = path_of(leaves, index)
    assert climb(leaves[index], path) == root_of(leaves)
    assert len(path) <= (len(leaves) - 1).bit_length()


@given(LEAVES, st.data())
def test_no_other_leaf_climbs_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(max_size=48).map(leaf_of).filter(lambda leaf: leaf != leaves[index]))
    assert climb(other, path_of(leaves, index)) != root_of(leaves)


@given(LEAVES, st.data())
def test_a_changed_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:index], leaf_of(b"\xff" * 49), *leaves[index + 1 :]]
    assert root_of(changed) != root_of(leaves)
    assert root_of(leaves[:-1]) != root_of(leaves)


def test_what_is_no_path_is_refused() -> None:
    with pytest.raises(ValueError, match="left or right"):
        climb(bytes(32), [("above", "00")])
    with pytest.raises(ValueError, match="hex"):
        climb(bytes(32), [("left", "zz")])
    for index in (-1, 1):
        with pytest.raises(IndexError):
            path_of([bytes(32)], index)
