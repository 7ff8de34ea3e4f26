"""The records that hold a gram, in blocks of ids: packed as the database keeps them, and combined as bits.

A block is 65,536 ids. The bits of a block are an int whose bit n stands for the n-th id; a gram that few records hold is kept
as a list of numbers, any other as its bits, packed.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHIFT: Final = 16
BLOCK: Final = 1 << SHIFT
LAST: Final = BLOCK - 1
_BYTES: Final = BLOCK // 8
_FEW: Final = 255
_FEW_BITS: Final = 32
"""Up to so many bits are sooner looked for one by one."""
_AS_NUMBERS, _AS_BITS = b"n", b"b"
_PLACES: Final = tuple(tuple(place for place in range(8) if byte >> place & 1) for byte in range(256))
_SET: Final = re.compile(rb"[^\0]")


def bits_of(places: Iterable[int]) -> int:
    """Return the bits of places within a block."""
    held = bytearray(_BYTES)
    for place in places:
        held[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(held, "little")


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
    held = in_bytes(bits)
    return [(found.start() << 3) + place for found in _SET.finditer(held) for place in _PLACES[held[found.start()]]]


def packed(bits: int) -> bytes:
    """Return the bits as the database keeps them."""
    if bits.bit_count() <= _FEW:
        return _numbers(places_of(bits))
    return _AS_BITS + zlib.compress(in_bytes(bits), 1)


def merged(kept: bytes | None, places: Sequence[int]) -> bytes:
    """Return what the database keeps with more places, given in their order, as it is to be kept."""
    there = () if kept is None else struct.unpack(f"<{len(kept) // 2}H", kept[1:]) if kept[:1] == _AS_NUMBERS else None
    if there is not None and len(there) + len(places) <= _FEW:
        return _numbers(sorted({*there, *places}) if there else places)
    return packed(bits_of(places) | (0 if kept is None else unpacked(kept)))


def _numbers(places: Sequence[int]) -> bytes:
    return _AS_NUMBERS + struct.pack(f"<{len(places)}H", *places)


def unpacked(kept: bytes) -> int:
    """Return the bits of what the database keeps."""
    if kept[:1] == _AS_NUMBERS:
        return bits_of(struct.unpack(f"<{len(kept) // 2}H", kept[1:]))
    return int.from_bytes(zlib.decompress(kept[1:]), "little")
