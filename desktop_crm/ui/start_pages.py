"""The forms of the start window: a new company, a server, signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.base.settings import data_folder
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.kit.editors import CheckEditor, LineEditor
from desktop_crm.ui.kit.fields import ComboEditor, Editor, FieldFrame
from desktop_crm.ui.kit.widgets import Banner, Button, Card, Label, box, column, holder, row
from desktop_crm.ui.server_fields import ServerFields
from desktop_crm.ui.start_work import SUFFIX, Server, SignIn, file_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QShowEvent

WIDTH = 480


class StartForm(QWidget):
    """One form: title, message, fields, and at its foot the way back and the one button that goes on. Signals: `back`, `sent`."""

    back = Signal()
    sent = Signal()

    def __init__(self, name: str, title: str, hint: str, action: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._action = action
        self.problem = Banner(name=f"{name}.problem")
        self.problem.hide()
        self.back_button = Button(_("Back"), "ghost", icon="arrow-left", name="start.back", on_click=self._leave)
        self.send = Button(action, "primary", name=f"{name}.go", on_click=self.submit)
        self.send.setDefault(True)
        self.title = Label(title, "page")
        self.hint = Label(hint, "body", "text2", wrap=True)
        self.fields = column(gap=10)
        self.buttons = row(self.back_button, None, self.send)
        card = Card("", "", column(self.title, self.hint, gap=4), self.problem, self.fields, self.buttons)
        card.body.setContentsMargins(24, 20, 24, 20)
        card.setFixedWidth(WIDTH)
        self.setLayout(column(None, row(None, card, None), None))
        self._first: Editor | None = None
        self._stop: Callable[[], None] | None = None

    def add(self, label: str, editor: Editor, *, required: bool = False, hint: str = "") -> FieldFrame:
        """Put a field below the others; Enter in it sends the form."""
        frame = FieldFrame(label, editor, required=required, hint=hint)
        if isinstance(editor, LineEditor | ComboEditor):
            editor.line.returnPressed.connect(self.submit)
        editor.changed.connect(lambda: editor.set_problem(None))
        self.fields.addWidget(frame)
        self._first = self._first or editor
        return frame

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the first field."""
        super().showEvent(event)
        self.focus_first()

    def focus_first(self) -> None:
        """Put the focus where typing begins."""
        if self._first is not None:
            self._first.setFocus()

    def required(self) -> list[LineEditor]:
        """Return the fields that must be filled in."""
        return []

    def submit(self) -> None:
        """Send the form, or mark what is missing."""
        empty = [editor for editor in self.required() if not editor.value()]
        for editor in empty:
            editor.set_problem(_("Fill this in"))
        if empty:
            empty[0].setFocus()
        elif self.send.isEnabled():
            self.tell("")
            self.sent.emit()

    def tell(self, message: str, tone: str = "danger") -> None:
        """Say what went wrong, or nothing."""
        self.problem.setVisible(bool(message))
        if message:
            self.problem.show_text(message, tone)

    def set_busy(self, text: str | None, stop: Callable[[], None] | None = None) -> None:
        """Show that something is being done; None ends it. Where it can be stopped, the way back does that."""
        self.send.set_busy(text)
        self._stop = stop
        self.back_button.set_busy(None)
        self.back_button.set_text(_("Cancel") if stop is not None else _("Back"))
        self.back_button.setEnabled(text is None or stop is not None)

    def _leave(self) -> None:
        if self._stop is not None:
            self.back_button.set_busy(_("Stopping…"))
            self._stop()
        else:
            self.back.emit()


class NewCompanyForm(StartForm):
    """A new company in a file of its own."""

    def __init__(self) -> None:
        super().__init__("start.new", _("Start empty"), _("Your company's data stays in one file on this computer. It can move to a server later."), _("Create company"))
        self.company = LineEditor(name="start.company")
        self.name = LineEditor(name="start.name")
        self.password = LineEditor(name="start.password", password=True)
        self.place = LineEditor(name="start.place")
        self._typed_place = False
        self.add(_("Company name"), self.company, required=True, hint=_("It stands on printed documents and can be changed"))
        self.add(_("Your name"), self.name, required=True, hint=_("You are the administrator"))
        self.add(_("Password"), self.password, hint=_("May be left empty where nobody else uses this computer"))
        self.change = Button(_("Change…"), size="small", name="start.place.change", on_click=self.ask_place)
        frame = FieldFrame(_("Company file"), self.place, required=True)
        line = row((frame, 1), column(22, self.change, None, gap=0), gap=8)
        self.fields.addLayout(line)
        self.company.changed.connect(self._propose)
        self.place.changed.connect(self._place_typed)
        self._propose()

    def _propose(self) -> None:
        if not self._typed_place:
            self.place.set_value(str(data_folder() / file_name(str(self.company.value()))))

    def _place_typed(self) -> None:
        self._typed_place = True

    def ask_place(self) -> None:
        """Ask for another file."""
        path = ask_save(self, _("Company file"), str(self.place.value()), f"{_('Company file')} (*{SUFFIX})")
        if path is not None:
            self._typed_place = True
            self.place.set_value(str(path if path.suffix else path.with_suffix(SUFFIX)))

    def required(self) -> list[LineEditor]:
        """Return the fields that must be filled in."""
        return [self.company, self.name, self.place]

    def url(self) -> str:
        """Return the new company's URL."""
        return f"sqlite:///{self.place.value()}"


class ServerForm(StartForm):
    """A company on a MySQL or MariaDB server. Signal: `test_wanted`."""

    test_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("start.server_form", _("Connect to a server"), _("For several people at once. Ask whoever looks after the server for these words."), _("Connect"))
        self.place = ServerFields("start.server")
        self.place.sent.connect(self.submit)
        self.make_new = CheckEditor(_("Make a new company where the database is empty"), name="start.server.create")
        self.fields.addWidget(self.place)
        self.fields.addWidget(self.make_new)
        self.company = LineEditor(name="start.server.company")
        self.name = LineEditor(name="start.server.name")
        self.own_password = LineEditor(name="start.server.own_password", password=True)
        pieces = column(
            FieldFrame(_("Company name"), self.company, required=True),
            row(FieldFrame(_("Your name"), self.name, required=True), FieldFrame(_("Your password"), self.own_password), gap=12),
            gap=10, margins=(12, 10, 12, 10),
        )
        self.new = box(pieces, "inset")
        self.new.hide()
        self.fields.addWidget(self.new)
        self.make_new.changed.connect(self._create_changed)
        self.test = Button(_("Test connection"), icon="plug-zap", name="start.server.test", on_click=self._test)
        self.buttons.insertWidget(2, self.test)

    def _create_changed(self) -> None:
        self.new.setVisible(bool(self.make_new.value()))

    def _test(self) -> None:
        if self.place.complete():
            self.tell("")
            self.test_wanted.emit()

    def focus_first(self) -> None:
        """Begin with the server."""
        self.place.host.setFocus()

    def submit(self) -> None:
        """Send the form, or mark what is missing or wrong."""
        if self.place.port_is_right():
            super().submit()

    def required(self) -> list[LineEditor]:
        """Return the fields that must be filled in."""
        return [*self.place.required(), *([self.company, self.name] if self.make_new.value() else [])]

    def show_server(self, server: Server) -> None:
        """Fill the fields in."""
        self.place.show_server(server)

    def server(self) -> Server:
        """Return what was typed."""
        return self.place.server()

    def new_company(self) -> tuple[str, str, str] | None:
        """Return the company, the name and the password of a company to be made, or None."""
        if not self.make_new.value():
            return None
        return str(self.company.value()), str(self.name.value()), self.own_password.text()


class SignInForm(StartForm):
    """Who somebody is."""

    def __init__(self) -> None:
        super().__init__("start.sign_in_form", _("Sign in"), "", _("Sign in"))
        self.send.setObjectName("start.sign_in")
        self.asked: SignIn | None = None
        self.known = False
        self.name = ComboEditor(name="start.sign_in.name")
        self.password = LineEditor(name="start.sign_in.password", password=True)
        self.add(_("Sign-in name"), self.name, required=True)
        self.add(_("Password"), self.password)

    def ask(self, asked: SignIn, title: str, name: str = "") -> None:
        """Ask for a name of the company and its password; `name` is who it is most likely, such as whoever signed in last."""
        self.asked = asked
        self.hint.setText(title)
        self.password.set_value("")
        self.password.set_problem(None)
        self.name.set_choices([(name, name) for name in asked.names])
        self.known = name in asked.names or len(asked.names) == 1
        self.name.set_value(name if name in asked.names else next(iter(asked.names), None))

    def focus_first(self) -> None:
        """Begin with the password where it is known who it is."""
        (self.password if self.known else self.name).setFocus()


def working(*items: QWidget) -> QWidget:
    """Return a page that shows only these, in the middle."""
    card = Card()
    for item in items:
        card.body.addWidget(item)
    card.body.setContentsMargins(24, 20, 24, 20)
    card.setFixedWidth(WIDTH)
    return holder(column(None, row(None, card, None), None))


def is_company_file(path: Path) -> bool:
    """Tell whether a file may be a company file by what it begins with; an empty one isn't."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return True
