"""Printing of any number of documents: one PDF of all, a file each, or pages one after the other for a printer.

Documents are read, laid out and let go one at a time. What went out is returned for the log of prints.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.files import disk_reason, file_name
from desktop_crm.base.i18n import _
from desktop_crm.printing import store
from desktop_crm.printing.documents import in_users_language, load_template, template_bytes
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.labels import imposed
from desktop_crm.printing.layout import compose
from desktop_crm.printing.parse import decoded, parse_leniently
from desktop_crm.printing.problems import ERROR, TemplateError
from desktop_crm.printing.render import render_pdf
from desktop_crm.printing.values import Text
from desktop_crm.services.print_log import Printed
from desktop_crm.services.print_sources import documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from desktop_crm.printing.marks import Page
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.store import Stored
    from desktop_crm.printing.template import Template
    from desktop_crm.services.print_sources import Asked, Document
    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]

FILE_RULE: Final = "{{ title }}"
"""How the file of a document is called unless somebody says otherwise."""


@dataclass(frozen=True)
class Laid:
    """One document laid out: the template it took and its pages."""

    document: Document
    template: Template
    stored: Stored
    pages: tuple[Page, ...]
    problems: tuple[TemplateProblem, ...] = ()

    def printed(self) -> Printed:
        """Return what the log of prints keeps of it."""
        one = self.document
        return Printed(one.entity, one.id, one.title, self.stored.name, self.stored.label, self.stored.number, len(self.pages))


@dataclass
class Outcome:
    """What came out: documents in their order, pages, files, characters no font could show, and what the documents were `about`."""

    printed: list[Printed] = field(default_factory=list)
    about: list[Any] = field(default_factory=list)
    pages: int = 0
    files: list[Path] = field(default_factory=list)
    missing: frozenset[str] = frozenset()
    first: Laid | None = None
    left_out: list[str] = field(default_factory=list)
    """What was left out because it is wrong in the template or couldn't be filled, where that was asked for."""
    stopped: str = ""
    """Why it ended before the last document: what went wrong, or that the user stopped it."""

    def take(self, laid: Laid) -> Laid:
        """Count a document that goes out; the first one is kept."""
        self.first = self.first or laid
        self.printed.append(laid.printed())
        self.about += [laid.document.about] if laid.document.about is not None else []
        self.pages += len(laid.pages)
        self.left_out += [told for told in dict.fromkeys(str(problem) for problem in laid.problems) if told not in self.left_out]
        return laid


class Templates:
    """The templates of one job, each read once; a template file given as `file` stands for all.

    With `anyway` one with problems is used without the parts that have them; `wrong` tells which.
    """

    def __init__(self, session: Session, file: Path | None = None, *, anyway: bool = False) -> None:
        self._session, self.anyway = session, anyway
        self._found: dict[str, tuple[Template, Stored]] = {}
        self._wrong: dict[str, list[TemplateProblem]] = {}
        self._file = None if file is None else self._lenient("", decoded(template_bytes(file))) if anyway else load_template(file)

    def _lenient(self, name: str, data: Any) -> Template:
        template, self._wrong[name] = parse_leniently(data, name)
        return template

    def of(self, name: str) -> tuple[Template, Stored]:
        """Return a template and what is stored of it; raises NotFound, UserError."""
        if self._file is not None:
            one = self._file
            return one, store.Stored(one.name, one.label, one.prints, "")
        if name not in self._found:
            self._found[name] = self._load(name), store.find(self._session, name)
        return self._found[name]

    def _load(self, name: str) -> Template:
        try:
            return store.load(self._session, name)
        except TemplateError:
            if not self.anyway:
                raise
            return self._lenient(name, store.published_body(self._session, name))

    def in_users_language(self, name: str) -> str:
        """Return which template of a kind is meant where only the kind was asked for: the company's own, else that in the user's language."""
        return name if self._file is not None or store.find(self._session, name).own else in_users_language(name)

    def wrong(self, name: str) -> list[TemplateProblem]:
        """Return what a template had to be used without."""
        return self._wrong.get("" if self._file is not None else name, [])


def laid_out(session: Session, asked: Asked, fonts: FontBook, *, templates: Templates | None = None) -> Iterator[Laid]:
    """Yield the documents laid out, one at a time; raises UserError where one can't be read or laid out."""
    known = templates or Templates(session, anyway=asked.anyway)
    for document in documents(session, asked):
        name = document.template or asked.template
        if document.template and document.template != asked.template:
            name = known.in_users_language(name)
        template, stored = known.of(name)
        try:
            layout = compose(template, document.values, fonts=fonts, lenient=known.anyway)
        except TemplateError as problem:
            raise TemplateError(problem.problem, document.title) from problem
        left_out = [problem for problem in (*known.wrong(name), *layout.problems) if problem.severity == ERROR]
        yield Laid(document, template, stored, tuple(layout.pages), tuple(left_out))


def to_pdf(session: Session, asked: Asked, out: Path | BinaryIO, step: Step, *, templates: Templates | None = None, title: str = "") -> Outcome:
    """Write all documents into one PDF; raises UserError and what `step` raises, and leaves no file then."""
    book, made = FontBook(), Outcome()
    found = laid_out(session, asked, book, templates=templates)
    first = next(found, None)
    if first is None:
        raise UserError(_("There is nothing to print."))

    made.pages = render_pdf(sheets(_with(first, found), made, step, asked), out, title=title or _(first.template.label), fonts=book)
    made.missing = frozenset(book.missing)
    made.files = [out] if isinstance(out, Path) else []
    return made


def to_folder(session: Session, asked: Asked, folder: Path, step: Step, *, rule: str = FILE_RULE, templates: Templates | None = None) -> Outcome:
    """Write each document into a PDF of its own, called by `rule`; where it is stopped or fails on the way, what was written stays and is answered.

    The rule is a text with placeholders over the document's values, with ``title``, ``template`` and ``no`` beside them. Raises UserError where
    it isn't allowed, where nothing is to be printed or the disk refuses.
    """
    name, book, made = Text(rule), FontBook(), Outcome()
    taken: set[str] = set()
    try:
        for laid in laid_out(session, asked, book, templates=templates):
            path = folder / _free(name.render(_named(laid, len(made.printed) + 1)), taken)
            _make(folder)
            render_pdf(laid.pages, path, title=laid.document.title or _(laid.template.label), fonts=book)
            made.take(laid)
            made.files.append(path)
            step(len(made.printed), asked.count())
    except (Cancelled, UserError) as problem:
        if not made.printed:
            raise
        made.stopped = problem.message if isinstance(problem, UserError) else _("Stopped")
    if not made.printed:
        raise UserError(_("There is nothing to print."))
    made.missing = frozenset(book.missing)
    return made


def sheets(found: Iterable[Laid], made: Outcome, step: Step, asked: Asked, *, copied: Callable[[Iterator[Page]], Iterator[Page]] = iter) -> Iterator[Page]:
    """Yield the pages of documents, labels put on their sheets, counting the documents in `made` as they go; `copied` makes the copies of each."""
    coming = iter(found)
    first = next(coming, None)

    def pages() -> Iterator[Page]:
        for laid in _with(first, coming):
            yield from copied(iter(made.take(laid).pages))
            step(len(made.printed), asked.count())

    if first is not None:
        yield from imposed(pages(), first.template, start=asked.start)


def rule_problem(rule: str) -> str | None:
    """Return what is wrong with a rule for file names, None where nothing is."""
    try:
        Text(rule)
    except UserError as problem:
        return problem.message
    return None if rule.strip() else _("Say how the files are to be called")


def _named(laid: Laid, number: int) -> Mapping[str, Any]:
    return {**laid.document.values, "title": laid.document.title, "template": laid.stored.label, "no": number}


def _free(text: str, taken: set[str]) -> str:
    """Return a file name that no other document of this job has, on a system that takes no notice of capitals either."""
    stem = " ".join(text.split()) or _("Document")
    number, name = 1, file_name(f"{stem}.pdf")
    while name.casefold() in taken:
        number += 1
        name = file_name(f"{stem[:60]} ({number}).pdf")
    taken.add(name.casefold())
    return name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UserError(_("The folder “{folder}” can't be made: {reason}. Choose another place").format(folder=folder, reason=disk_reason(problem))) from problem


def _with(first: Laid | None, rest: Iterator[Laid]) -> Iterator[Laid]:
    """Yield `first`, which was taken already, and then the rest, keeping hold of none."""
    held = deque([first] if first is not None else [])
    while held:
        yield held.popleft()
    yield from rest
