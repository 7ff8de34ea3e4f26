"""The user's own guides: lines at places of the paper that stay with the template, on every page, and are never printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.ui.designer.arrange import Guide
from desktop_crm.ui.designer.document import Doc, get, inserted, number, put, tidy, without

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.ui.designer.sheets import Sheets


def _given(doc: Doc) -> list[Doc]:
    found = get(doc, "guides")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def guides_of(doc: Doc, sheets: Sheets) -> list[tuple[int, Guide]]:
    """Return each guide in mm of the scene with its place in the document: an upright one once, a level one on every page."""
    found: list[tuple[int, Guide]] = []
    for place, one in enumerate(_given(doc)):
        if "x" in one:
            found.append((place, Guide(upright=True, spot=number(one["x"]))))
        else:
            found += [(place, Guide(upright=False, spot=sheets.top(page) + number(one.get("y")))) for page in range(len(sheets.pages))]
    return found


def _written(guide: Guide, sheets: Sheets) -> Doc:
    if guide.upright:
        return {"x": tidy(guide.spot)}
    return {"y": tidy(guide.spot - sheets.top(sheets.page_at(guide.spot)))}


def on_paper(guide: Guide, sheets: Sheets) -> bool:
    """Tell whether a guide of the scene lies over the paper, where alone it can be kept."""
    if not sheets.pages:
        return False
    number_ = 0 if guide.upright else sheets.page_at(guide.spot)
    page = sheets.pages[number_]
    return 0 <= guide.spot <= page.width if guide.upright else 0 <= guide.spot - sheets.top(number_) <= page.height


def guide_added(doc: Doc, guide: Guide, sheets: Sheets) -> Doc:
    """Return the document with a guide of the scene."""
    return inserted(doc, "guides", len(_given(doc)), _written(guide, sheets))


def guide_moved(doc: Doc, place: int, guide: Guide, sheets: Sheets) -> Doc:
    """Return the document with the guide at `place` where one of the scene is."""
    return put(doc, f"guides/{place}", _written(guide, sheets))


def guide_removed(doc: Doc, place: int) -> Doc:
    """Return the document without the guide at `place`."""
    done = without(doc, f"guides/{place}")
    return done if _given(done) else without(done, "guides")


def spots(found: Sequence[tuple[int, Guide]], *, upright: bool) -> list[float]:
    """Return where the upright or the level ones are."""
    return [guide.spot for _place, guide in found if guide.upright == upright]
