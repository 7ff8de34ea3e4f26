"""Records that hold a gram: what is packed comes back, whatever their number, and merging adds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.models import postings
from desktop_crm.models.postings import BLOCK, LAST

PLACES = st.one_of(
    st.sets(st.integers(0, LAST), max_size=40), st.sets(st.integers(0, 700), max_size=600), st.integers(1, 90).map(lambda gap: set(range(0, BLOCK, gap))),
)  # fmt: skip


@given(PLACES)
def test_what_is_packed_comes_back(places: set[int]) -> None:
    bits = postings.bits_of(places)
    assert bits == sum(1 << place for place in places)
    assert postings.places_of(bits) == sorted(places)
    assert postings.unpacked(postings.packed(bits)) == bits


@given(PLACES, PLACES)
def test_merging_adds(first: set[int], second: set[int]) -> None:
    kept = postings.merged(None, sorted(first))
    assert postings.unpacked(postings.merged(kept, sorted(second))) == postings.bits_of(first | second)
    assert postings.merged(kept, sorted(second)) == postings.packed(postings.bits_of(first | second))


def test_few_take_two_bytes_each_and_many_less_than_a_block() -> None:
    assert len(postings.packed(postings.bits_of({1, 500, LAST}))) == 1 + 3 * 2
    assert len(postings.packed(postings.bits_of(range(BLOCK)))) < 100


@given(st.integers(1, 5), st.integers(1, 60), st.integers(20_001, 22_000))
def test_many_ids_come_back_from_their_blocks(first: int, gap: int, count: int) -> None:
    ids = range(first, first + gap * count, gap)
    bits = postings.bits_by_block(ids)
    assert postings.Sifted(bits, set()).ids() == list(ids)
    assert all(bits.values()), "a block without any isn't named"
