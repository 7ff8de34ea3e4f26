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
    held = in_bytes(bits)
    return [(found.start() << 3) + place for found in _SET.finditer(held) for place in _PLACES[held[found.start()]]]


def packed(bits: int) -> bytes:
    """Return the bits as the database keeps them."""
    count = bits.bit_count()
    if count <= _FEW:
        return _AS_NUMBERS + struct.pack(f"<{count}H", *places_of(bits))
    return _AS_BITS + zlib.compress(in_bytes(bits), 1)


def packed_places(places: Sequence[int]) -> bytes:
    """Return places in their order, each once, as the database keeps them."""
    if len(places) <= _FEW:
        return _AS_NUMBERS + struct.pack(f"<{len(places)}H", *places)
    return packed(bits_of(places))


def unpacked(kept: bytes) -> int:
    """Return the bits of what the database keeps."""
    if kept[:1] == _AS_NUMBERS:
        return bits_of(struct.unpack(f"<{len(kept) // 2}H", kept[1:]))
    return int.from_bytes(zlib.decompress(kept[1:]), "little")
