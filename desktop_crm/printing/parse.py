"""From JSON to a template. A template file may come from anyone: unknown keys are refused, and everything has a bound."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.printing.elements import MAX_ELEMENTS, MAX_FILE, MAX_SIDE, element, image, style_of, table
from desktop_crm.printing.papers import KINDS, PAPERS
from desktop_crm.printing.problems import TemplateError, TemplateProblem, first_error
from desktop_crm.printing.reader import Reader
from desktop_crm.printing.template import (
    Band,
    Cell,
    Copy,
    Group,
    ImageElement,
    Labels,
    Lines,
    Paper,
    SummaryRow,
    TearLine,
    Template,
    TextStyle,
    Watermark,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.printing.values import Formula

FORMAT: Final = 1
MAX_COLUMNS: Final = 40
MAX_ROWS: Final = 500
MAX_COPIES: Final = 20
MAX_MARK: Final = 40
MAX_LABELS: Final = 20
MAX_CLOSING: Final = 100
MAX_GROUPS: Final = 3
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
ANYTHING: Final = Paper("A4", 210, 297, 10, 10, 10, 10)


def parse_template(text: str | bytes, name: str = "") -> Template:
    """Return the template written in the JSON `text`; `name` replaces the name inside it. Raises TemplateError for the first problem."""
    template, problems = parse_leniently(decoded(text), name)
    wrong = first_error(problems)
    if wrong is not None:
        raise TemplateError(wrong)
    return template


def decoded(text: str | bytes) -> Any:
    """Return what the JSON `text` says. Raises TemplateError where it is none, or too large."""
    if len(text) > MAX_FILE:
        raise TemplateError(TemplateProblem("", _("the file is larger than {count} MB.").format(count=MAX_FILE // 1_000_000)))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemplateError(TemplateProblem("", _("the file isn't valid JSON ({reason}).").format(reason=str(error)[:100]))) from error


def parse_leniently(data: Mapping[str, Any] | object, name: str = "") -> tuple[Template, list[TemplateProblem]]:
    """Return as much of a raw template as can be used, and all that is wrong with it. An element with a problem is left out."""
    problems: list[TemplateProblem] = []
    reader = Reader(data, "", problems)
    if reader.raw("format") != FORMAT:
        reader.complain("format", _("this program reads templates of format {number}.").format(number=FORMAT))
    bands = reader.reader("bands")
    if bands is None:
        reader.complain("bands", _("the template has no bands."))
        bands = Reader({}, "bands", problems)
    paper = _paper(reader.reader("paper"), reader)
    template = Template(
        name=name or reader.string("name", name or None),
        label=reader.string("label"),
        prints=reader.string("prints"),
        paper=paper,
        page_header=_band(bands, "page_header"),
        document_header=_band(bands, "document_header"),
        lines=_lines(bands.reader("lines")),
        subtotal=_band(bands, "subtotal"),
        closing=tuple(_band_of(item, may_repeat=True) for item in bands.readers("closing", MAX_CLOSING)),
        document_footer=_band(bands, "document_footer"),
        page_footer=_band(bands, "page_footer"),
        copies=_copies(reader),
        watermark=_watermark(reader.reader("watermark")),
        language=reader.choice("language", ("", "zh", "zh_TW", "en"), ""),
        labels=_labels(reader.reader("labels"), paper),
        background=_background(reader.reader("background")),
        tear_lines=_tear_lines(reader),
    )
    _check_guides(reader)
    for unread in ("name", "description"):
        reader.string(unread, "", most=1000)
    bands.done()
    reader.done()
    return template, problems


def paper_of(data: Mapping[str, Any]) -> tuple[Paper, Labels | None]:
    """Return the paper of a raw template, and how labels stand on a sheet, without reading the rest."""
    reader = Reader(data, "", [])
    paper = _paper(reader.reader("paper"), reader)
    return paper, _labels(reader.reader("labels"), paper)


def _paper(paper: Reader | None, owner: Reader) -> Paper:
    if paper is None:
        owner.complain("paper", _("the template names no paper."))
        return ANYTHING
    name = ""
    if paper.has("size"):
        name = paper.choice("size", tuple(PAPERS))
        width, height, kind = PAPERS[name]
    else:
        width, height = paper.number("width", 15, MAX_SIDE), paper.number("height", 10, MAX_SIDE)
        kind = paper.choice("kind", KINDS, "sheet")
    margins = paper.reader("margins") or Reader({}, paper.at("margins"), paper.problems)
    top, bottom = (margins.number(key, 0, height / 2 - 1, 10 if height >= 100 else 2) for key in ("top", "bottom"))  # noqa: PLR2004 - a label's margin differs from a sheet's
    right, left = (margins.number(key, 0, width / 2 - 1, 10 if width >= 100 else 2) for key in ("right", "left"))  # noqa: PLR2004 - as above
    margins.done()
    paper.done()
    return Paper(name, width, height, top, right, bottom, left, kind)


def _labels(reader: Reader | None, paper: Paper) -> Labels | None:
    if reader is None:
        return None
    sheet = _paper(reader.reader("sheet"), reader)
    across, down = reader.whole("across", 1, MAX_LABELS), reader.whole("down", 1, MAX_LABELS * 2)
    labels = Labels(sheet, across, down, reader.number("gap_x", 0, 200, 0), reader.number("gap_y", 0, 200, 0), reader.whole("start", 1, across * down, 1))
    reader.done()
    wide = sheet.left + across * paper.width + (across - 1) * labels.gap_x
    high = sheet.top + down * paper.height + (down - 1) * labels.gap_y
    if wide > sheet.width + 0.5 or high > sheet.height + 0.5:
        reader.complain(reader.place, _("the labels are larger together than their sheet."))
    return labels


def _background(reader: Reader | None) -> ImageElement | None:
    if reader is None:
        return None
    found = image(reader, {"source": "background", "preprinted": True})
    reader.done()
    return found if found.data else None


def _tear_lines(reader: Reader) -> tuple[TearLine, ...]:
    found = []
    for item in reader.readers("tear_lines", MAX_ELEMENTS):
        if item.has("x") == item.has("y"):
            item.complain(item.place, _("a tear line has either x or y."))
        key = "x" if item.has("x") else "y"
        found.append(TearLine(item.number(key, 0, MAX_SIDE, 0), key == "x", item.place))
        item.done()
    return tuple(found)


def _check_guides(reader: Reader) -> None:
    """Read the lines that things are lined up with in the designer; printing has no use for them."""
    for item in reader.readers("guides", MAX_ELEMENTS):
        if item.has("x") == item.has("y"):
            item.complain(item.place, _("a guide has either x or y."))
        item.number("x" if item.has("x") else "y", 0, MAX_SIDE, 0)
        item.done()


def _copies(reader: Reader) -> tuple[Copy, ...]:
    found = []
    for index, item in enumerate(reader.items("copies", MAX_COPIES)):
        one = Reader({"mark": item} if isinstance(item, str) else item, f"copies/{index}", reader.problems)
        found.append(Copy(one.string("mark", "", most=MAX_MARK), one.flag("priceless")))
        one.done()
    return tuple(found)


def _watermark(reader: Reader | None) -> Watermark | None:
    if reader is None:
        return None
    watermark = Watermark(
        reader.text("text"),
        reader.number("size", 6, 300, 72),
        reader.color("color", "#e6e6e6"),
        reader.number("angle", -180, 180, 45),
        reader.formula("when"),
    )
    reader.done()
    return watermark


def _band(bands: Reader, key: str) -> Band | None:
    reader = bands.reader(key)
    return None if reader is None else _band_of(reader, may_stand_at_bottom=key == "document_footer")


def _band_of(reader: Reader, *, may_stand_at_bottom: bool = False, may_repeat: bool = False) -> Band:
    found = [element(item) for item in reader.readers("elements", MAX_ELEMENTS)]
    band = Band(
        height=reader.number("height", 0, MAX_SIDE),
        elements=tuple(one for one in found if one is not None),
        when=reader.formula("when"),
        at_bottom=reader.flag("at_bottom") if may_stand_at_bottom else False,
        values=reader.formula("list") if may_repeat else None,
        source=reader.place,
    )
    reader.done()
    return band


def _summary(reader: Reader | None, base: TextStyle, columns: int) -> SummaryRow | None:
    if reader is None:
        return None
    base = TextStyle(size=reader.number("size", 3, 200, base.size), bold=reader.flag("bold", default=True), overflow="shrink")
    cells = []
    for item in reader.readers("cells", MAX_COLUMNS):
        cells.append(Cell(item.content("text", ""), item.whole("span", 1, MAX_COLUMNS, 1), style_of(item, base), item.place))
        item.done()
    row = SummaryRow(tuple(cells), reader.number("height", 1, 200, 7), reader.color("fill", ""), reader.formula("when"), reader.place)
    reader.done()
    if sum(cell.span for cell in cells) != columns:
        reader.complain(reader.at("cells"), _("the cells must span {count} columns together.").format(count=columns))
        return None
    return row


def _sums(reader: Reader | None) -> tuple[tuple[str, Formula], ...]:
    found: list[tuple[str, Formula]] = []
    if reader is None:
        return ()
    for name in reader.raw_keys():
        if not NAME.fullmatch(name):
            reader.complain(reader.at(name[:MAX_MARK]), _("a name of small letters, figures and underscores is expected."))
        else:
            found.append((name, reader.expression(name)))
    return tuple(found)


def _groups(reader: Reader, base: TextStyle, columns: int) -> tuple[Group, ...]:
    found = []
    for item in reader.readers("groups", MAX_GROUPS):
        header, total = (_summary(item.reader(key), base, columns) for key in ("header", "total"))
        found.append(Group(item.expression("by"), header, total, item.flag("new_page")))
        item.done()
    return tuple(found)


def _lines(reader: Reader | None) -> Lines | None:
    if reader is None:
        return None
    table_reader, item_reader = reader.reader("table"), reader.reader("item")
    if (table_reader is None) == (item_reader is None):
        reader.complain(reader.place, _("the lines have either a table or an item."))
    here = None
    if table_reader is not None:
        # A column with a problem stays, blank, lest the table go.
        read = table(table_reader)
        table_reader.done()
        here = read if read.columns else None
    style = TextStyle(size=here.columns[0].style.size) if here else TextStyle()
    count = len(here.columns) if here else 1
    lines = Lines(
        values=reader.expression("list"),
        table=here,
        item=_band_of(item_reader) if item_reader is not None else None,
        sums=_sums(reader.reader("sums")),
        groups=_groups(reader, style, count),
        opening=_summary(reader.reader("opening"), style, count),
        carry_in=_summary(reader.reader("carry_in"), style, count),
        page_total=_summary(reader.reader("page_total"), style, count),
        carry_out=_summary(reader.reader("carry_out"), style, count),
        total=_summary(reader.reader("total"), style, count),
        rows_per_page=reader.whole("rows_per_page", 0, MAX_ROWS, 0),
        pad=reader.flag("pad"),
        keep=reader.whole("keep", 0, MAX_ROWS, 1),
        repeat_header=reader.flag("repeat_header", default=True),
    )
    reader.done()
    return lines if lines.table or lines.item else None
