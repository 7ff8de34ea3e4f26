"""The templates that ship, loading of others, and PDF files of many documents."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import N_, _, current_language
from desktop_crm.base.resources import resource
from desktop_crm.printing.elements import MAX_FILE
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.labels import imposed
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.parse import paper_of, parse_template
from desktop_crm.printing.render import render_pdf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from desktop_crm.printing.marks import Page
    from desktop_crm.printing.template import Labels, Paper, Template

# The labels stand in the files; here they are marked for translation. Where several print the same, the first is the usual one.
CHINESE: Final = {
    "delivery_note": N_("Delivery note"), "quotation": N_("Quotation"), "sales_contract": N_("Sales contract"), "delivery_note_a5": N_("Delivery note A5"), "return_note": N_("Return note"),
    "invoice_request": N_("Invoice request"), "invoice_request_sheet": N_("Invoice request sheet"),
    "receipt": N_("Receipt voucher"), "receipt_slip": N_("Receipt slip"), "statement": N_("Statement"), "open_items": N_("Open items"),
    "dunning_1": N_("Dunning letter 1"), "dunning_2": N_("Dunning letter 2"), "dunning_3": N_("Dunning letter 3"),
    "envelope_zl": N_("Envelope ZL"), "envelope_dl": N_("Envelope DL"), "envelope_c5": N_("Envelope C5"), "customer_label": N_("Address labels"),
}
ENGLISH: Final = {
    "delivery_note_en": N_("Delivery note (English)"), "delivery_note_a5_en": N_("Delivery note A5 (English)"), "quotation_en": N_("Quotation (English)"), "sales_contract_en": N_("Sales contract (English)"),
    "return_note_en": N_("Return note (English)"), "invoice_request_en": N_("Invoice request (English)"),
    "invoice_request_sheet_en": N_("Invoice request sheet (English)"), "receipt_en": N_("Receipt voucher (English)"),
    "receipt_slip_en": N_("Receipt slip (English)"), "statement_en": N_("Statement (English)"), "open_items_en": N_("Open items (English)"),
    "dunning_1_en": N_("Dunning letter 1 (English)"), "dunning_2_en": N_("Dunning letter 2 (English)"), "dunning_3_en": N_("Dunning letter 3 (English)"),
    "envelope_zl_en": N_("Envelope ZL (English)"), "envelope_dl_en": N_("Envelope DL (English)"), "envelope_c5_en": N_("Envelope C5 (English)"),
    "customer_label_en": N_("Address labels (English)"),
}
TRADITIONAL: Final = {
    "delivery_note_tw": N_("Delivery note (Traditional Chinese)"), "quotation_tw": N_("Quotation (Traditional Chinese)"), "sales_contract_tw": N_("Sales contract (Traditional Chinese)"),
    "delivery_note_a5_tw": N_("Delivery note A5 (Traditional Chinese)"), "return_note_tw": N_("Return note (Traditional Chinese)"),
    "invoice_request_tw": N_("Invoice request (Traditional Chinese)"), "invoice_request_sheet_tw": N_("Invoice request sheet (Traditional Chinese)"),
    "receipt_tw": N_("Receipt voucher (Traditional Chinese)"), "receipt_slip_tw": N_("Receipt slip (Traditional Chinese)"), "statement_tw": N_("Statement (Traditional Chinese)"),
    "open_items_tw": N_("Open items (Traditional Chinese)"), "dunning_1_tw": N_("Dunning letter 1 (Traditional Chinese)"), "dunning_2_tw": N_("Dunning letter 2 (Traditional Chinese)"),
    "dunning_3_tw": N_("Dunning letter 3 (Traditional Chinese)"), "envelope_zl_tw": N_("Envelope ZL (Traditional Chinese)"), "envelope_dl_tw": N_("Envelope DL (Traditional Chinese)"),
    "envelope_c5_tw": N_("Envelope C5 (Traditional Chinese)"), "customer_label_tw": N_("Address labels (Traditional Chinese)"),
}
BUILTIN: Final = CHINESE | ENGLISH | TRADITIONAL
IN_LANGUAGE: Final = {"zh_CN": (CHINESE, ""), "en": (ENGLISH, "_en"), "zh_TW": (TRADITIONAL, "_tw")}
"""By language of the program the templates written in it, and what their names end with."""
NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class Progress(Protocol):
    """Told after each document; raises Cancelled when the user asked for it."""

    def step(self, done: int, total: int) -> None:
        """Say that `done` of `total` documents are finished; `total` is 0 where nobody knows."""


@dataclass(frozen=True)
class TemplateInfo:
    """A template to choose from; `prints` is the entity or report it takes its values from."""

    name: str
    label: str
    prints: str
    paper: Paper
    labels: Labels | None = None


@dataclass(frozen=True)
class PrintResult:
    """What came out: how many pages, and the characters that no font could show."""

    pages: int
    missing_glyphs: frozenset[str]


def builtin_names() -> list[str]:
    """Return the names of the templates that ship, those in the user's language first."""
    first = IN_LANGUAGE[current_language()][0]
    return [*first, *(name for name in BUILTIN if name not in first)]


def load_template(name: str | Path) -> Template:
    """Return the shipped template `name`, or the one in a file where `name` is a path. Raises UserError where it can't be used."""
    if isinstance(name, str) and NAME.fullmatch(name):
        if name not in BUILTIN:
            raise UserError(_("There is no template “{name}”.").format(name=name))
        return _builtin(name)
    return parse_template(template_bytes(Path(name)))


def template_bytes(path: Path) -> bytes:
    """Return what a template file holds, which may be anything; raises UserError where it can't be read or is too large."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise UserError(_("“{file}” is too large for a template.").format(file=path))
        return path.read_bytes()
    except OSError as error:
        raise UserError(_("The template “{file}” can't be read: {reason}.").format(file=path, reason=disk_reason(error))) from error


@lru_cache(maxsize=len(BUILTIN))
def _builtin(name: str) -> Template:
    return parse_template(resource(f"templates/{name}.json").read_bytes(), name)


def builtin_templates() -> list[TemplateInfo]:
    """Return the templates that ship, labelled in the user's language and those written in it first."""
    return [TemplateInfo(name, _(BUILTIN[name]), *_facts(name)) for name in builtin_names()]


@lru_cache(maxsize=len(BUILTIN))
def _facts(name: str) -> tuple[str, Paper, Labels | None]:
    """Return what a shipped template prints and its paper; the whole of each takes twenty times as long to read."""
    data = json.loads(resource(f"templates/{name}.json").read_bytes())
    return (data["prints"], *paper_of(data))


def in_users_language(name: str) -> str:
    """Return the template of the same kind in the user's language, where one ships; else `name`."""
    known, ending = IN_LANGUAGE[current_language()]
    return name + ending if name + ending in known else name


def make_pdf(
    template: Template,
    documents: Iterable[Mapping[str, Any]],
    out: Path | BinaryIO,
    *,
    progress: Progress | None = None,
    total: int = 0,
    fonts: FontBook | None = None,
    start: int | None = None,
) -> PrintResult:
    """Write one PDF of all `documents` in `template`, one after the other; `total` is their number, for the progress.

    On sheets of labels `start` is the place of the first.

    Documents are taken one at a time, so they may come from a generator. Raises UserError where there are none, where one can't be laid
    out or where the file can't be written, and whatever `progress` raises; nothing is written then.
    """
    book = FontBook() if fonts is None else fonts
    sheets = imposed(_pages(template, documents, book, progress, total), template, start=start)
    pages = render_pdf(sheets, out, title=_(template.label), fonts=book)
    return PrintResult(pages, frozenset(book.missing))


def _pages(
    template: Template, documents: Iterable[Mapping[str, Any]], fonts: FontBook, progress: Progress | None, total: int
) -> Iterator[Page]:
    for done, values in enumerate(documents, 1):
        yield from lay_out(template, values, fonts=fonts)
        if progress is not None:
            progress.step(done, total)
