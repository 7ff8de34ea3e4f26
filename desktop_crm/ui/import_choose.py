"""The first step of an import: a file chosen or dropped, with its password or its encoding where it needs one."""


from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import N_, _, in_sentence
from desktop_crm.ui.files import ask_open
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import ComboEditor, FieldFrame
from desktop_crm.ui.kit.paint import smooth
from desktop_crm.ui.kit.tokens import color
from desktop_crm.ui.kit.widgets import Banner, Button, Card, IconLabel, Label, LinkLabel, column, holder, row

ENCODINGS: Final = {
    "": N_("Found by itself"), "utf-8": "UTF-8", "gb18030": N_("GB 18030 (GBK, Simplified Chinese)"), "big5": N_("Big5 (Traditional Chinese)"),
    "utf-16": "UTF-16", "shift_jis": "Shift JIS", "cp1252": N_("Western (Windows)"),
}
SEPARATORS: Final = {"": N_("Found by itself"), ",": N_("Comma"), "\t": N_("Tab"), ";": N_("Semicolon"), "|": N_("Vertical line"), " ": N_("Space")}
TEXT_SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv", ".vcf"})
WIDTH: Final = 620


def encoding_choices() -> list[tuple[object, str]]:
    """Return the encodings to choose from."""
    return [(code, _(label)) for code, label in ENCODINGS.items()]


def separator_choices() -> list[tuple[object, str]]:
    """Return what may stand between the cells of a text file."""
    return [(sign, _(label)) for sign, label in SEPARATORS.items()]


def file_filters() -> str:
    """Return the kinds of files that can be imported, as Qt's dialogs take them."""
    return f"{_('Spreadsheets and lists')} (*.xlsx *.xls *.xlsm *.xlsb *.ods *.csv *.txt *.tsv *.et *.xml *.html *.htm *.mht *.vcf);;{_('All files')} (*)"


def dropped_file(event: QDropEvent) -> Path | None:
    """Return the one file that is dragged, None for anything else."""
    urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(urls[0].toLocalFile()) if len(urls) == 1 else None


class _DropArea(QWidget):
    """A dashed field that takes a file. Signal: `dropped(path)`."""

    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("import.drop")
        self.setAcceptDrops(True)
        self._over = False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file."""
        if dropped_file(event) is not None:
            event.acceptProposedAction()
            self._over = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Look as before."""
        super().dragLeaveEvent(event)
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file."""
        self._over = False
        self.update()
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field."""
        del event
        painter = QPainter(self)
        smooth(painter)
        pen = QPen(color("accent" if self._over else "edge"), 1.5, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(color("accentsoft" if self._over else "sunken"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)


class ChooseStep(QWidget):
    """Signals: `chosen(path, password, encoding)`, the last two empty where they aren't needed; `template_wanted` for a workbook to fill in.

    A file that is `foreign`, made by a bank or the tax bureau, is nothing to fill in oneself.
    """

    chosen = Signal(object, str, str)
    template_wanted = Signal()

    def __init__(self, entity_plural: str, *, foreign: bool = False) -> None:
        super().__init__()
        self._path: Path | None = None
        self.problem = Banner(name="import.problem")
        self.problem.hide()
        self.choose = Button(_("Choose file…"), "primary", icon="folder-open", name="import.choose", on_click=self.ask)
        self.area = _DropArea()
        self.area.dropped.connect(self.open)
        centre = Qt.AlignmentFlag.AlignCenter
        readable = _("Excel (.xlsx, .xls), WPS, OpenDocument or CSV, up to 300 MB") if foreign else _("Excel (.xlsx, .xls), WPS, OpenDocument, CSV or business cards (.vcf), up to 300 MB")
        title, kinds = Label(_("Drop a file here"), "strong"), Label(readable, "small", "text3")
        title.setAlignment(centre)
        kinds.setAlignment(centre)
        self.area.setLayout(column(
            24, row(None, IconLabel("file-spreadsheet", "accent", 24, ground="accentsoft", field=56), None), title, kinds, 4, row(None, self.choose, None), 24, gap=6,
        ))
        self.password = LineEditor(name="import.password", password=True)
        self.password.line.returnPressed.connect(self.again)
        self.encoding = ComboEditor(encoding_choices(), name="import.encoding_first", label=_("Encoding"))
        self.encoding.set_value("")
        self.encoding.changed.connect(self.again)
        self.open_button = Button(_("Open"), "primary", name="import.open", on_click=self.again)
        self.password_row = holder(row((FieldFrame(_("Password of the file"), self.password), 1), column(22, self.open_button, gap=0)))
        self.encoding_row = FieldFrame(_("Encoding"), self.encoding)
        for one in (self.password_row, self.encoding_row):
            one.hide()
        hints = [
            _("Headings may stand in any row, in Chinese or English; totals and blank rows are left out by themselves"),
            _("Nothing is written before you have seen what will happen, and an import can be undone in one step"),
        ]
        notes = column(*(row(IconLabel("check", "success", 14), (Label(text, "small", "text2", wrap=True), 1), gap=8) for text in hints), gap=6)
        self.template = LinkLabel(_("No list yet? Save a workbook to fill in"), name="import.template")
        self.template.clicked.connect(self.template_wanted)
        filling = holder(row(IconLabel("file-down", "accent", 14), self.template, None, gap=8))
        filling.setVisible(not foreign)
        notes.addWidget(filling)
        card = Card(_("Choose a file with {entities}").format(entities=in_sentence(entity_plural)), "", self.problem, self.area, self.password_row, self.encoding_row, notes)
        card.setFixedWidth(WIDTH)
        self.setLayout(column(24, row(None, card, None), None))

    def ask(self) -> None:
        """Ask for a file."""
        path = ask_open(self, _("Choose file…"), file_filters())
        if path is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Open a file that was chosen or dropped."""
        self._path = path
        self.password.set_value("")
        self.encoding.set_value("")
        self.again()

    def again(self) -> None:
        """Open the file with the password and the encoding that were given."""
        if self._path is not None:
            self.chosen.emit(self._path, self.password.text(), str(self.encoding.value() or ""))

    def set_busy(self, text: str | None) -> None:
        """Show that the file is being read; None ends it."""
        self.choose.set_busy(text)
        self.open_button.set_busy(text)

    def tell(self, message: str, *, password: bool = False) -> None:
        """Say why the file can't be opened, and ask for what it lacks; nothing takes it away."""
        self.problem.setVisible(bool(message))
        wrong = password and bool(self.password.text())
        if message:
            self.problem.show_text(message, "warn" if password and not wrong else "danger")
        self.password_row.setVisible(password)
        self.encoding_row.setVisible(bool(message) and not password and self._path is not None and self._path.suffix.lower() in TEXT_SUFFIXES)
        if password:
            self.password.setFocus()
            self.password.line.selectAll()
