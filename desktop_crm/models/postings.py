"""The records that hold a gram, in blocks of ids: packed as the database keeps them, and combined as bits.

A block is 65,536 ids. The bits of a block are an int whose bit n stands for the n-th id; a gram that few records hold is kept
as a list of numbers, any other as its bits, packed.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import defaultdict
from itertools import compress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

SHIFT: Final = 16
BLOCK: Final = 1 << SHIFT
LAST: Final = BLOCK - 1
_BYTES: Final = BLOCK // 8
_FEW: Final = 255
_FEW_BITS: Final = 32
"""Up to so many bits are sooner looked for one by one."""
_AS_NUMBERS, _AS_BITS = b"n", b"b"
_MANY_BITS: Final = 16_000
_SET: Final = re.compile("1")
_MANY_PLACES: Final = 2_000
"""Places from which on their bits are made of figures."""
_MANY_IDS: Final = 20_000
"""Ids from which on they are put into blocks as marks."""
_SPREAD: Final = 50
"""Ids that lie wider apart than this, on the average, are not made marks."""
_FIGURES: Final = bytes(48 + (one & 1) for one in range(256))
"""What makes a byte that is false or true a figure of a binary number."""
_TRUE: Final = bytes(one & 1 for one in range(256))
"""What makes a figure of a binary number false or true."""


def bits_of(places: Sequence[int] | set[int]) -> int:
    """Return the bits of places within a block."""
    if len(places) > _MANY_PLACES:
        marks = bytearray(BLOCK)
        for place in places:
            marks[place] = 1
        return _bits_of_marks(marks)
    held = bytearray(_BYTES)
    for place in places:
        held[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(held, "little")


def _bits_of_marks(marks: bytearray) -> int:
    """Return the bits of a block of which each byte says whether its place is one."""
    return int(marks.translate(_FIGURES)[::-1], 2)


def bits_by_block(ids: Collection[int]) -> dict[int, int]:
    """Return the bits of ids by block."""
    highest = max(ids) if len(ids) > _MANY_IDS else 0
    if 0 < highest < _SPREAD * len(ids):
        marks = bytearray((highest | LAST) + 1)
        for key in ids:
            marks[key] = 1
        found = {first >> SHIFT: _bits_of_marks(marks[first : first + BLOCK]) for first in range(0, len(marks), BLOCK)}
        return {block: bits for block, bits in found.items() if bits}
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for key in ids:
        blocks[key >> SHIFT].append(key & LAST)
    return {block: bits_of(places) for block, places in blocks.items()}


def without(bits: dict[int, int], others: dict[int, int]) -> dict[int, int]:
    """Return bits by block without those of others."""
    return {block: left for block, one in bits.items() if (left := one & ~others[block] if block in others else one)}


def in_bytes(bits: int) -> bytes:
    """Return the bits as bytes, the first place lowest in the first one."""
    return bits.to_bytes(_BYTES, "little")


def places_of(bits: int) -> list[int]:
    """Return the places of the bits, in their order."""
    if bits.bit_count() <= _FEW_BITS:
        found = []
        while bits:
            lowest = bits & -bits
            found.append(lowest.bit_length() - 1)
            bits ^= lowest
        return found
    figures = f"{bits:b}"[::-1]
    if bits.bit_count() <= _MANY_BITS:
        return [found.start() for found in _SET.finditer(figures)]
    return list(compress(range(len(figures)), figures.encode().translate(_TRUE)))


def chosen(bits: int) -> bytes:
    """Return for each place of a block, lowest first, whether its bit is set: a byte that is true or false, as `compress` takes them."""
    return f"{bits:0{BLOCK}b}"[::-1].encode().translate(_TRUE)


def packed(bits: int) -> bytes:
    """Return the bits as the database keeps them."""
    if bits.bit_count() <= _FEW:
        return _numbers(places_of(bits))
    return _AS_BITS + zlib.compress(in_bytes(bits), 1)


def merged(kept: bytes | None, places: Sequence[int]) -> bytes:
    """Return what the database keeps with more places, given in their order, as it is to be kept; `kept` itself where all of them are in it."""
    there = () if kept is None else struct.unpack(f"<{len(kept) // 2}H", kept[1:]) if kept[:1] == _AS_NUMBERS else None
    if kept is not None and there is not None and set(there).issuperset(places):
        return kept
    if there is not None and len(there) + len(places) <= _FEW:
        return _numbers(sorted({*there, *places}) if there else places)
    bits, before = bits_of(places), 0 if kept is None else unpacked(kept)
    return kept if kept is not None and bits & before == bits else packed(bits | before)


def replaced(kept: bytes | None, gone: set[int], places: Sequence[int]) -> bytes | None:
    """Return what the database keeps without the places that are `gone` and with `places`, given in their order; `kept` itself where nothing changes."""
    if kept is not None and kept[:1] == _AS_BITS:
        before = unpacked(kept)
        after = before & ~bits_of(gone) | bits_of(places)
        return kept if after == before else packed(after)
    there = () if kept is None else struct.unpack(f"<{len(kept) // 2}H", kept[1:])
    now = [place for place in there if place not in gone]
    if len(now) + len(places) == len(there) and not {*places}.difference(there):
        return kept
    merged_places = sorted({*now, *places})
    return _numbers(merged_places) if len(merged_places) <= _FEW else packed(bits_of(merged_places))


def _numbers(places: Sequence[int]) -> bytes:
    return _AS_NUMBERS + struct.pack(f"<{len(places)}H", *places)


def unpacked(kept: bytes) -> int:
    """Return the bits of what the database keeps."""
    if kept[:1] == _AS_NUMBERS:
        return bits_of(struct.unpack(f"<{len(kept) // 2}H", kept[1:]))
    return int.from_bytes(zlib.decompress(kept[1:]), "little")


def missing(kept: bytes | None, places: Sequence[int]) -> Collection[int]:
    """Return those of some places that aren't in what the database keeps."""
    if kept is None:
        return places
    if kept[:1] == _AS_NUMBERS:
        return {*places}.difference(struct.unpack(f"<{len(kept) // 2}H", kept[1:]))
    gone = bits_of(places) & ~unpacked(kept)
    return places_of(gone) if gone else ()


def united(several: Iterable[bytes]) -> int:
    """Return the bits of any of what the database keeps: many short lists are put together before they become bits."""
    places, bits = list[int](), 0
    for kept in several:
        if kept[:1] == _AS_NUMBERS:
            places += struct.unpack(f"<{len(kept) // 2}H", kept[1:])
        else:
            bits |= unpacked(kept)
    return bits | bits_of(places)


class Sifted:
    """The ids among which all hits of a search are: the bits of the index by block, and what is pending."""

    def __init__(self, bits: dict[int, int], pending: set[int]) -> None:
        self.bits, self.pending = bits, pending
        self._ids: list[int] | None = None
        self.count = sum(one.bit_count() for one in bits.values()) + len(pending)

    def by_block(self) -> Iterator[tuple[int, list[int]]]:
        """Yield each block with the places in it, pending records left out."""
        for block, bits in self.bits.items():
            yield block, places_of(bits)

    def with_pending(self) -> dict[int, int]:
        """Return the bits of all of them by block."""
        found = dict(self.bits)
        for block, bits in bits_by_block(self.pending).items():
            found[block] = found.get(block, 0) | bits
        return found

    def ids(self) -> list[int]:
        """Return the ids in their order."""
        if self._ids is None:
            found = [(block << SHIFT) + place for block, bits in sorted(self.bits.items()) for place in places_of(bits)]
            self._ids = sorted({*found, *self.pending}) if self.pending else found
        return self._ids

    def those(self, ids: Iterable[int]) -> list[int]:
        """Return those of some ids that are among them."""
        held, pending, none = {block: in_bytes(bits) for block, bits in self.bits.items()}, self.pending, bytes(BLOCK // 8)
        return [key for key in ids if held.get(key >> SHIFT, none)[(key & LAST) >> 3] >> (key & 7) & 1 or key in pending]

    def among(self) -> Callable[[int], object]:
        """Return what tells whether an id is one of them."""
        held = {block: in_bytes(bits) for block, bits in self.bits.items()}
        pending, none = self.pending, bytes(BLOCK // 8)
        return lambda key: held.get(key >> SHIFT, none)[(key & LAST) >> 3] >> (key & 7) & 1 or key in pending
