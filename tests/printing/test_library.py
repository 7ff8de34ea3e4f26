"""The proof of the shipped templates: each with an empty, a usual and a huge document, read back."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from desktop_crm.printing.documents import BUILTIN, load_template, make_pdf
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import compose
from desktop_crm.printing.marks import LineMark, Page, TextMark, extent
from desktop_crm.printing.template import Copy
from tests.printing.library import COMPANY, CUSTOMER, HUGE, RARE, document, in_english

if TYPE_CHECKING:
    from desktop_crm.printing.template import Template

SIZES = ("empty", "usual", "huge")
HAIR = 0.35
"""Millimetres of a character's ascent or descent that no ink is in."""


@pytest.fixture(scope="module")
def book() -> FontBook:
    return FontBook(system=False)


def _inside(page: Page, template: Template) -> None:
    """Assert that nothing printed is outside the paper, and on continuous forms nothing on the strips that are torn off."""
    strip = 12.7 if template.paper.kind == "continuous" else 0.0
    for mark in page.marks:
        if mark.screen_only or mark.source == "watermark":
            continue
        left, top, right, bottom = extent(mark)
        assert left >= strip - HAIR, mark
        assert right <= page.width - strip + HAIR, mark
        assert top >= -HAIR, mark
        assert bottom <= page.height + HAIR, mark


def _apart(page: Page) -> None:
    """Assert that no two texts cover each other, and that none is crossed by an upright rule."""
    texts = sorted((extent(mark), mark.text) for mark in page.marks if isinstance(mark, TextMark) and mark.source != "watermark" and not mark.screen_only)
    for at, ((_left, top, right, bottom), text) in enumerate(texts):
        for (next_left, next_top, _right, next_bottom), other in texts[at + 1 :]:
            if next_left > right - HAIR:
                break
            assert next_top > bottom - 2 * HAIR or next_bottom < top + 2 * HAIR, (text, other)
    rules = [mark for mark in page.marks if isinstance(mark, LineMark) and mark.x == mark.x2 and not mark.screen_only]
    for rule in rules:
        low, high = sorted((rule.y, rule.y2))
        for (left, top, right, bottom), text in texts:
            crossed = left + HAIR < rule.x < right - HAIR and top + HAIR < high and bottom - HAIR > low
            assert not crossed, text


@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize("size", SIZES)
def test_a_shipped_template_holds_every_document(name: str, size: str, book: FontBook) -> None:
    template = load_template(name)
    # The copies differ in their marks, not in what has to fit.
    layout = compose(template, document(template.prints, size), fonts=book, copies=() if size == "huge" else None)
    assert not layout.problems
    pages = layout.pages
    kept = pages if len(pages) < 6 else [*pages[:3], *pages[-3:]]
    for page in kept:
        _inside(page, template)
        _apart(page)
        assert not [text for text in page.texts() if "None" in text or "{{" in text or "Undefined" in text]
    printed = "".join(text for page in pages for text in page.texts())
    if size == "usual":
        assert str(CUSTOMER["name"]) in printed or not template.page_header
    if size == "huge":
        assert "〓" not in printed
        assert all(sign in printed for sign in RARE)
        if template.lines is not None and template.prints != "receipt":
            assert len(pages) > HUGE / 60


@pytest.mark.parametrize("name", BUILTIN)
def test_the_pdf_has_the_text_the_size_and_its_fonts(name: str, book: FontBook) -> None:
    template = load_template(name)
    values: dict[str, Any] = document(template.prints, "usual")
    out = BytesIO()
    make_pdf(template, [in_english(values) if template.language == "en" else values], out, fonts=book)
    reader = PdfReader(out)
    text = "".join(page.extract_text() for page in reader.pages)
    company = in_english(COMPANY["name"]) if template.language == "en" else COMPANY["name"]
    assert company in text or template.labels
    sheet = template.labels.sheet if template.labels else template.paper
    for page in reader.pages:
        assert float(page.mediabox.width) == pytest.approx(sheet.width / 25.4 * 72, abs=0.1)
        assert float(page.mediabox.height) == pytest.approx(sheet.height / 25.4 * 72, abs=0.1) or sheet.grows
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
        assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts if "/FontDescriptor" in font)
        # The one font without a file is that which reportlab names and never draws with.
        assert sum("/FontDescriptor" not in font for font in fonts) == 0
    assert len(out.getvalue()) < 250_000


def test_rare_characters_are_printed_and_can_be_copied(book: FontBook) -> None:
    out = BytesIO()
    made = make_pdf(load_template("delivery_note"), [document("contract", "huge")], out, fonts=book)
    text = "".join(page.extract_text() for page in PdfReader(out).pages)
    assert all(sign in text for sign in RARE)
    assert not made.missing_glyphs


def test_the_states_of_a_contract_are_written_across(book: FontBook) -> None:
    template, values = load_template("sales_contract"), document("contract", "usual")
    for state, times, mark in (("draft", 0, "草稿"), ("ended", 3, "作废"), ("active", 1, "补打"), ("active", 0, "")):
        page = compose(template, values | {"codes": {"state": state}, "print": {**values["print"], "times": times}}, fonts=book).pages[0]
        assert [mark.text for mark in page.marks if isinstance(mark, TextMark) and mark.source == "watermark"] == ([mark] if mark else [])


@pytest.mark.parametrize("name", [name for name in BUILTIN if load_template(name).prints in {"contract", "receipt", "invoice_request"} and "slip" not in name])
def test_a_second_print_says_so(name: str, book: FontBook) -> None:
    template = load_template(name)
    values = document(template.prints, "usual")
    again = {"zh": "补打", "zh_TW": "補打", "en": "REPRINT"}[template.language]
    for times in (0, 1):
        page = compose(template, values | {"print": {**values["print"], "times": times}}, fonts=book).pages[0]
        assert any(again in text for text in page.texts()) == bool(times)
        _apart(page)


def test_priceless_copies_of_a_delivery_note_show_no_amount(book: FontBook) -> None:


    template, values = load_template("delivery_note"), document("contract", "usual")
    full, priceless = compose(template, values, fonts=book, copies=[Copy("客户"), Copy("仓库", priceless=True)]).pages
    amount = f"{values['total']:,.2f}"
    assert amount in full.texts()
    assert not [text for text in priceless.texts() if amount in text or "单价" in text or "金额" in text]


