"""What follows the lines and flows over as many pages as it needs: the clauses of a contract, say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.printing.bands import place_band
from desktop_crm.printing.marks import extent, moved
from desktop_crm.printing.tables import Block, items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from desktop_crm.printing.press import Press
    from desktop_crm.printing.template import Band

NEAR: Final = 0.01
KEPT_WHOLE: Final = 45.0
"""Millimetres up to which a block isn't parted."""
LEAST_PART: Final = 12.0
MAX_PAGES: Final = 1000


class Closing:
    """The closing bands of a document, set."""

    def __init__(self, bands: Sequence[Band], context: Mapping[str, Any], press: Press) -> None:
        found = [block for band in bands for block in _blocks(band, context, press)]
        self._blocks = tuple(block for block in found if block.height > NEAR)
        self.height = sum(block.height for block in self._blocks)
        self.exists = bool(self._blocks)

    def all(self) -> tuple[Block, ...]:
        """Return the blocks in their order."""
        return self._blocks

    def flow(self, first: float, room: Callable[[int], float], footer: float) -> list[tuple[Block, ...]] | None:
        """Return the blocks of each page: `first` mm are free on the first, `room(1)` on the next, and so on; the last also has the footer.

        The footer takes the block before it along, so that no page holds signatures alone. None where something fits no page.
        """
        waiting = list(self._blocks)
        pages: list[list[Block]] = [[]]
        free = first
        while waiting and len(pages) < MAX_PAGES:
            block = waiting.pop(0)
            if block.height <= free + NEAR:
                pages[-1].append(block)
                free -= block.height
                continue
            whole = room(len(pages))
            if block.height > min(KEPT_WHOLE, whole):
                upper, lower = _parted(block, free)
                if upper is not None:
                    pages[-1].append(upper)
                    block = lower
                elif whole <= LEAST_PART or (free >= whole - NEAR and not pages[-1]):
                    return None
            waiting.insert(0, block)
            pages.append([])
            free = whole
        if footer > free + NEAR:
            whole = room(len(pages))
            # Above the closing blocks of the first page are the lines, so that it isn't left empty.
            spare = len(pages[-1]) > (0 if len(pages) == 1 else 1)
            along = pages[-1].pop() if spare and pages[-1][-1].height + footer <= whole + NEAR else None
            if footer > whole + NEAR:
                return None
            pages.append([along] if along else [])
        return [tuple(page) for page in pages]


def _blocks(band: Band, context: Mapping[str, Any], press: Press) -> list[Block]:
    if band.values is None:
        return [place_band(band, context, press)]
    values = band.values
    items: list[Mapping[str, Any]] = press.attempt(f"{band.source}/list", lambda: items_of(values, context), [])
    rows = ({"number": number, "count": len(items)} for number in range(1, len(items) + 1))
    return [place_band(band, {**context, "line": item, "row": row}, press) for item, row in zip(items, rows, strict=True)]


def _parted(block: Block, room: float) -> tuple[Block | None, Block]:
    """Return the part of a block that fits in `room` mm, cut between its lines, and the rest; None where nothing does."""
    spans = sorted(extent(mark)[1::2] for mark in block.marks)
    cut, reached = 0.0, 0.0
    for top, bottom in spans:
        if top >= reached - NEAR and LEAST_PART <= reached <= room:
            cut = reached
        reached = max(reached, bottom)
        if reached > room:
            break
    if not cut:
        return None, block
    upper = tuple(mark for mark in block.marks if extent(mark)[3] <= cut + NEAR)
    lower = tuple(moved(mark, 0.0, -cut) for mark in block.marks if extent(mark)[3] > cut + NEAR)
    return Block(cut, upper), Block(block.height - cut, lower)
