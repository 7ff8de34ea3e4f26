"""Documents by e-mail: the letter that goes with them, and the mail account they are sent through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal

from desktop_crm.base import secrets
from desktop_crm.base.errors import Cancelled, UserError, ValueProblem
from desktop_crm.base.i18n import N_, _
from desktop_crm.printing.mailing import Sent, Words, mail_each
from desktop_crm.printing.values import Text
from desktop_crm.services import print_log
from desktop_crm.services.dunning import note_letters
from desktop_crm.services.mail import PORTS, Account, Attachment, Letter, address_of, addresses, connection, send
from desktop_crm.ui.kit.editors import AmountEditor, LineEditor, TextEditor
from desktop_crm.ui.kit.fields import ComboEditor, FieldFrame
from desktop_crm.ui.kit.overlays import Dialog, confirm
from desktop_crm.ui.kit.widgets import Banner, Button, IconLabel, Label, row
from desktop_crm.ui.print_setup import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.print_sources import Asked
    from desktop_crm.ui.desk import Desk

SECURITY: Final = {"ssl": N_("SSL/TLS (usual)"), "starttls": N_("STARTTLS"), "none": N_("None (only inside the office)")}
HIGHEST_PORT: Final = 65_535
NAMED: Final = 5
"""Documents that a message names."""


def account_of(desk: Desk) -> Account:
    """Return the mail account of this computer."""
    return Account.read(desk.settings.mail)


def words_for(desk: Desk, template: str) -> Words:
    """Return what an e-mail with a template says."""
    texts = desk.settings.mail.get("texts")
    return Words.read(texts.get(template) if isinstance(texts, dict) else None)


@dataclass(frozen=True)
class Mailed:
    """What is to be sent: the document's title and values, its template, its customer, and the file."""

    title: str
    template: str
    label: str
    values: dict[str, Any]
    customer: int | None
    attachment: Attachment


class AccountDialog(Dialog):
    """Asks for the mail account and, with a `template`, what its e-mails say. Signal: `kept`. The password goes into the system's password store."""

    kept = Signal()

    def __init__(self, parent: QWidget, desk: Desk, *, template: str = "", label: str = "") -> None:
        super().__init__(parent, _("Mail account"), _("Kept on this computer; the password goes into the system's password store"), width=560, name="mail_account")
        self.desk, self.template = desk, template
        found, words = account_of(desk), words_for(desk, template)
        self.server = LineEditor(name="mail_account.server", placeholder="smtp.example.com")
        self.server.set_value(found.server)
        self.security = ComboEditor([(key, _(text)) for key, text in SECURITY.items()], name="mail_account.security")
        self.security.set_value(found.security)
        self.port = AmountEditor(whole(1, HIGHEST_PORT), str, name="mail_account.port")
        self.port.set_value(found.port)
        self.security.changed.connect(lambda: self.port.set_value(PORTS[str(self.security.value())]))
        self.origin = LineEditor(name="mail_account.sender", placeholder="name@example.com")
        self.origin.set_value(found.sender)
        self.name = LineEditor(name="mail_account.name")
        self.name.set_value(found.name)
        self.user = LineEditor(name="mail_account.user")
        self.user.set_value(found.user)
        self.password = LineEditor(name="mail_account.password", password=True, placeholder=_("Unchanged") if found.server else "")
        self.subject = LineEditor(name="mail_account.subject")
        self.subject.set_value(words.subject)
        self.text = TextEditor(name="mail_account.text", lines=5)
        self.text.set_value(words.text)
        self.add(row((FieldFrame(_("Mail server (SMTP)"), self.server, required=True), 3), (FieldFrame(_("Encryption"), self.security), 2), (FieldFrame(_("Port"), self.port), 1), gap=12))
        self.add(row((FieldFrame(_("Sender's address"), self.origin, required=True), 1), (FieldFrame(_("Sender's name"), self.name), 1), gap=12))
        hint = _("Many providers want an authorisation code in place of the password")
        self.add(row((FieldFrame(_("Signs in as"), self.user), 1), (FieldFrame(_("Password"), self.password, hint=hint), 1), gap=12))
        if template:
            self.add(Label(_("What an e-mail with “{template}” says").format(template=label or template), "body", bold=True))
            self.add(FieldFrame(_("Subject"), self.subject))
            self.add(FieldFrame(_("Text"), self.text, hint=_("Placeholders in double braces stand for fields, as in a template")))
        self.problem = Banner(name="mail_account.problem")
        self.problem.hide()
        self.add(self.problem)
        self.test_button = Button(_("Try it"), "ghost", icon="plug-zap", name="mail_account.try", on_click=self.attempt)
        self.footer_left.addWidget(self.test_button)
        self.add_button(Button(_("Cancel"), name="mail_account.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Save"), "primary", name="mail_account.accept", on_click=self.take))
        self.accept_button.setDefault(True)

    def account(self) -> Account | None:
        """Return what was typed, None where a field is wrong, which is marked."""
        ok = self.port.tidy()
        for editor, message in ((self.server, _("Enter the mail server")), (self.origin, _("Enter the sender's address"))):
            editor.set_problem(None if editor.text().strip() else message)
            ok = ok and bool(editor.text().strip())
        if self.origin.text().strip():
            try:
                addresses(self.origin.text())
            except ValueProblem as problem:
                self.origin.set_problem(problem.message)
                ok = False
        if not ok:
            return None
        texts = [editor.text().strip() for editor in (self.server, self.user, self.origin, self.name)]
        return Account(texts[0], int(str(self.port.value() or PORTS["ssl"])), str(self.security.value()), *texts[1:])

    def _words(self) -> bool:
        """Tell whether subject and text are allowed; mark what isn't."""
        ok = True
        for editor, value in ((self.subject, self.subject.text()), (self.text, str(self.text.value() or ""))):
            try:
                Text(value)
                editor.set_problem(None)
            except UserError as problem:
                editor.set_problem(problem.message)
                ok = False
        return ok

    def attempt(self) -> None:
        """Sign in to the server and say how that went."""
        account = self.account()
        if account is None:
            return
        typed = self.password.text()

        def work(step: Callable[[int, int], None]) -> None:
            with connection(account, typed or secrets.get_password(account.url) or "", partial(step, 0, 0)):
                pass

        self.test_button.set_busy(_("Trying…"))
        self.desk.operations.look(self, work, lambda _none: self._tell(_("The mail server accepts this account"), "success"), title=_("Trying…"), failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        self.test_button.set_busy(None)
        self.accept_button.set_busy(None)
        if isinstance(problem, UserError):
            self._tell(problem.message, "danger")
        else:
            self.desk.fail(problem)

    def _tell(self, text: str, tone: str) -> None:
        self.test_button.set_busy(None)
        self.accept_button.set_busy(None)
        self.problem.show_text(text, tone)
        self.problem.show()
        self.refit()

    def take(self) -> None:
        """Keep it."""
        account = self.account()
        if account is None or not self._words():
            return
        settings, typed = self.desk.settings, self.password.text()
        mail = {**settings.mail, **account.kept()}
        if self.template:
            known = settings.mail.get("texts")
            words = {"subject": self.subject.text(), "text": str(self.text.value() or "")}
            mail["texts"] = {**(known if isinstance(known, dict) else {}), self.template: words}
        self.desk.settings_changed.emit(replace(settings, mail=mail))

        def stored(safe: bool) -> None:  # noqa: FBT001 - the answer of a lane
            if safe:
                self.accept()
                self.kept.emit()
            else:
                self._tell(_("This computer has no safe place for the password. It is asked for when an e-mail is sent"), "warn")
                self.password.set_value("")
                self.kept.emit()

        if typed:
            self.accept_button.set_busy(_("Saving…"))
            self.desk.operations.file(self, lambda _step: secrets.set_password(account.url, typed), stored, title=_("Saving…"), failed=self._failed)
        else:
            stored(safe=True)


class MailDialog(Dialog):
    """The e-mail that takes a document along. Signal: `sent(address)` once the server took it."""

    sent = Signal(str)

    def __init__(self, parent: QWidget, desk: Desk, mailed: Mailed) -> None:
        super().__init__(parent, _("Send by e-mail"), "", width=600, name="mail")
        self.desk, self.mailed = desk, mailed
        self.to = LineEditor(name="mail.to")
        self.cc = LineEditor(name="mail.cc")
        self.subject = LineEditor(name="mail.subject")
        self.text = TextEditor(name="mail.text", lines=7, most=12)
        self.password = LineEditor(name="mail.password", password=True)
        self.password_frame = FieldFrame(_("Password"), self.password, hint=_("This computer has no safe place for it, so it is asked for each time"))
        self.password_frame.hide()
        self.add(row((FieldFrame(_("Recipient"), self.to, required=True), 3), (FieldFrame(_("Copy to"), self.cc), 2), gap=12))
        self.add(FieldFrame(_("Subject"), self.subject))
        self.add(FieldFrame(_("Text"), self.text))
        size = _("{size} kB").format(size=f"{max(1, len(mailed.attachment.content) // 1000):,}")
        self.add(row(IconLabel("paperclip", "text2"), Label(mailed.attachment.name, "body"), Label(size, "small", "text3"), None, gap=6))
        self.add(self.password_frame)
        self.problem = Banner(name="mail.problem")
        self.problem.hide()
        self.add(self.problem)
        self.footer_left.addWidget(Button(_("Account and words…"), "ghost", icon="settings", name="mail.account", on_click=self._account))
        self.add_button(Button(_("Cancel"), name="mail.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Send"), "primary", icon="send", name="mail.accept", on_click=self.take))
        self.accept_button.setDefault(True)
        self._fill()
        session = desk.session
        desk.operations.read(self, lambda: address_of(session, mailed.customer), self._address_came, key="address", failed=desk.fail)

    def _fill(self) -> None:
        try:
            subject, text = words_for(self.desk, self.mailed.template).filled(self.mailed.values, self.mailed.title, self.mailed.label)
        except UserError as problem:
            self._tell(problem.message)
            return
        self.subject.set_value(subject)
        self.text.set_value(text)

    def _address_came(self, address: str) -> None:
        if not self.to.text():
            self.to.set_value(address)
        if not account_of(self.desk).ready:
            self._account()

    def _account(self) -> None:
        dialog = AccountDialog(self, self.desk, template=self.mailed.template, label=self.mailed.label)
        dialog.kept.connect(self._fill)
        dialog.open()

    def _tell(self, text: str, tone: str = "danger") -> None:
        self.accept_button.set_busy(None)
        self.problem.show_text(text, tone)
        self.problem.show()
        self.refit()

    def take(self) -> None:
        """Send it."""
        self.problem.hide()
        for editor, needed in ((self.to, True), (self.cc, False)):
            try:
                found = addresses(editor.text()) if editor.text().strip() else []
                editor.set_problem(_("Enter an address") if needed and not found else None)
            except ValueProblem as problem:
                editor.set_problem(problem.message)
            if editor.problem():
                editor.setFocus()
                return
        account = account_of(self.desk)
        letter = Letter(self.to.text(), self.subject.text(), str(self.text.value() or ""), self.cc.text(), (self.mailed.attachment,))
        typed = self.password.text()

        def work(step: Callable[[int, int], None]) -> bool:
            password = typed or (secrets.get_password(account.url) if account.user else "")
            if account.user and not password:
                return False
            send(account, password or "", [letter], partial(step, 0, 0))
            return True

        self.accept_button.set_busy(_("Sending…"))
        self.desk.operations.file(self, work, self._done, title=_("Sending…"), failed=self._failed)

    def _done(self, sent: bool) -> None:  # noqa: FBT001 - the answer of a lane
        if not sent:
            self.accept_button.set_busy(None)
            self.password_frame.show()
            self.password.setFocus()
            self.refit()
            return
        self.accept()
        self.sent.emit(self.to.text().strip())

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, Cancelled):
            self._tell(_("Stopped; nothing was sent"), "info")
        elif isinstance(problem, UserError):
            self._tell(problem.message)
        else:
            self.accept_button.set_busy(None)
            self.desk.fail(problem)


def send_each(page: QWidget, desk: Desk, find: Callable[[], Asked], label: str, template: str) -> None:
    """Send each document to its customer as a task, after asking; what had no address is said."""
    account, words, session = account_of(desk), words_for(desk, template), desk.session
    if not account.ready:
        dialog = AccountDialog(page, desk, template=template, label=label)
        dialog.kept.connect(lambda: send_each(page, desk, find, label, template))
        dialog.open()
        return
    text = _("Each document goes to its customer's main contact, or to the customer's own address. Those without an address are named afterwards")
    if not confirm(page, _("Send each document to its customer?"), text, _("Send"), danger=False):
        return

    def work(step: Callable[[int, int], None]) -> Sent:
        password = secrets.get_password(account.url) if account.user else ""
        if account.user and not password:
            raise UserError(_("The password of the mail account isn't kept on this computer. Enter it in the mail account's settings"))
        return mail_each(session, find(), account, password or "", words, step)

    desk.operations.file(page, work, lambda made: _sent(page, desk, made), title=_("Sending e-mails"), failed=desk.fail)


def _sent(page: QWidget, desk: Desk, made: Sent) -> None:
    """Say what was sent and what wasn't, and write it down."""
    session = desk.session
    pairs = list(zip(made.printed, made.addresses, strict=True))
    if pairs:
        desk.write(page, lambda: print_log.note_mails(session, pairs), lambda _changes: None, say=False)
    if made.about and session.may_write("activity"):
        desk.write(page, lambda: note_letters(session, made.about), lambda _changes: None)
    text = _("{count} e-mails sent").format(count=f"{len(made.printed):,}")
    if made.stopped:
        text += f" · {made.stopped}"
    if made.unsent:
        named = _(", ").join(made.unsent[:NAMED])
        text += " · " + _("without an address: {documents}").format(documents=named + ("…" if len(made.unsent) > NAMED else ""))
    desk.say(text, "warn" if made.unsent or made.stopped else "success")
