"""A print job: pages to a printer with its calibration, copies and range, in a lane of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.printing.batch import Outcome, laid_out, sheets
from desktop_crm.printing.calibration import Calibration, corrected
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.marks import calibrated
from desktop_crm.ui.painter import print_pages
from desktop_crm.ui.printers import AUTOMATIC, printer_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from desktop_crm.base.settings import Settings
    from desktop_crm.printing.marks import Page
    from desktop_crm.services.print_sources import Asked
    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]

MOST_COPIES: Final = 99


@dataclass(frozen=True)
class PrintSetup:
    """How something is printed: on which printer and tray, how often, which pages (from 1; 0 for all).

    `collate` puts the pages of one copy together, `calibrate` corrects by the printer's calibration; `shift` is this template's own in mm.
    """

    printer: str = ""
    tray: int = AUTOMATIC
    copies: int = 1
    collate: bool = True
    first: int = 0
    last: int = 0
    calibrate: bool = True
    calibration: Calibration = field(default_factory=Calibration)
    shift: tuple[float, float] = (0.0, 0.0)

    def pages(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Yield the pages as they go to the printer: the range, its copies, moved to where the form wants them."""
        wanted = islice(pages, max(0, self.first - 1), self.last or None)
        moved = (calibrated(page, dx=self.shift[0], dy=self.shift[1]) for page in self.copied(wanted))
        yield from corrected(moved, self.calibration) if self.calibrate else moved

    def copied(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Yield each page as often as there are copies."""
        if self.copies == 1:
            yield from pages
        elif self.collate:
            held = list(pages)
            for _copy in range(self.copies):
                yield from held
        else:
            for page in pages:
                yield from [page] * self.copies


def setup_for(settings: Settings, template: str, printer: str = "") -> PrintSetup:
    """Return how a template was last printed on this computer, on another printer where one is named."""
    kept: Mapping[str, Any] = settings.printers.get(template, {})
    name = printer or str(kept.get("printer", ""))
    tray = kept.get("tray", AUTOMATIC)
    shift = tuple(float(value) if isinstance(value := kept.get(key), (int, float)) else 0.0 for key in ("dx", "dy"))
    calibration = Calibration.read(settings.calibrations.get(name, {}))
    calibrate = bool(kept.get("calibrate", True))
    same = name == kept.get("printer")
    return PrintSetup(name, tray if same and isinstance(tray, int) else AUTOMATIC, calibrate=calibrate, calibration=calibration, shift=(shift[0], shift[1]))


def print_all(setup: PrintSetup, pages: Iterable[Page], step: Step, *, total: int = 0, fonts: FontBook | None = None) -> int:
    """Send pages to the printer and return how many sheets it were; raises as `print_pages` does."""
    return print_pages(printer_for(setup.printer, setup.tray), setup.pages(pages), step=step, total=total * setup.copies, fonts=fonts)


def print_documents(session: Session, asked: Asked, setup: PrintSetup, step: Step) -> Outcome:
    """Lay documents out and send them to the printer, one at a time, each with its copies; raises UserError and what `step` raises."""
    book, made = FontBook(), Outcome()
    found = laid_out(session, asked, book)
    whole = replace(setup, copies=1, first=0, last=0)
    pages = whole.pages(sheets(found, made, step, asked, copied=setup.copied))
    print_pages(printer_for(setup.printer, setup.tray), pages, step=lambda _done, _total: step(len(made.printed), asked.count()), fonts=book)
    made.missing = frozenset(book.missing)
    return made
