"""Every action that is registered for a record's header, and what hands something to a printer or a mail server, on what doesn't answer and on what fails.

Nobody has to enter an action here: all that are registered are begun, and one for which there is no record here that shows it fails the test.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import invoices, records
from desktop_crm.services.tax import requests
from desktop_crm.ui import print_mail, printers
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.editing import put_value, take_value
from desktop_crm.ui.extras import ACTIONS, Action, load_special
from desktop_crm.ui.print_job import PrintSetup
from desktop_crm.ui.reminding import Reminding
from tests.services.ledger import add, debt, receive
from tests.services.test_tax import TAX
from tests.support.company import make
from tests.support.gate import PATIENCE_S
from tests.ui.printer_support import PaperPrinters
from tests.ui.slow_stage import (
    DAY,
    FAILURES,
    WAIT_MS,
    Act,
    Stage,
    each,
    each_alone,
    is_stopped_fails_and_is_done,
    press,
    stopped_while_held,
)
from tests.ui.test_slow_office import PAYER, shows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtPrintSupport import QPrinter

load_special()


def seeded(stage: Stage) -> None:
    """Add records that show the actions the stage's own don't."""
    session, keys = stage.session, stage.keys
    of = keys["customer"][0]
    keys["contract"] += [make(session, "contract", customer=of, state=state) for state in ("active", "draft")]
    keys["opportunity"] = [make(session, "opportunity", customer=of, stage="offer")]
    keys["receivable"] += [debt(session, of, "100"), debt(session, of, "30")]
    keys["receipt"].append(make(session, "receipt", customer=of, amount=Decimal("0.50"), received_on=DAY, kind="receipt"))
    keys["invoice"] = [invoices.issue_invoice(session, values={"number": "26312000000000000001", "issued_on": DAY, "kind": "special"}, receivables={keys["receivable"][2]: Decimal(30)}).result]
    receive(session, of, "10", {keys["receivable"][1]: "10"})
    add(session, "invoice_title", customer=of, title=PAYER, tax_number=TAX)
    keys["invoice_request"] = list(requests.from_receivables(session, [debt(session, of, "40")], merge=True).result)
    keys["bank_line"] = [make(session, "bank_line", amount=Decimal(amount), payer=PAYER) for amount in (70, -5)]


def shown_by(stage: Stage, entity: str, action: Action) -> int | None:
    """Return a record whose page shows an action."""
    session = stage.session
    return next((key for key in session.records.ids_where(session.entity(entity), EVERYTHING) if action.visible(session, records.get(session, entity, key))), None)


class Began:
    """What an action began: a wait that is shown, or a dialog that asks first."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.before = stage, len(stage.dialogs())

    def dialog(self) -> AskDialog | None:
        found = [one for one in self.stage.dialogs() if isinstance(one, AskDialog)]
        return found[-1] if found else None

    def there(self) -> bool:
        return bool(self.stage.shown()) or self.dialog() is not None


def filled(stage: Stage, dialog: AskDialog) -> None:
    """Fill in what a dialog still asks for."""
    for spec in dialog.fields:
        editor = dialog.editors[spec.name]
        if spec.required and take_value(editor, spec) in (None, ""):
            value = Ref(stage.keys[spec.link][1], "") if spec.link else "26312000000000000002"
            put_value(editor, spec, value)


def is_begun_in_every_way(stage: Stage, entity: str, key: int, action: Action) -> None:
    stage.desk.open_record(entity, key)
    stage.settle()
    before = stage.written()

    def act() -> None:
        action.act(stage.desk, records.get(stage.session, entity, key))

    def is_as_it_was() -> None:
        assert stage.written() == before, "something was written"
        assert not stage.shown(), "a wait is still shown"
        assert not stage.busy(), f"still busy: {stage.busy()}"

    began = Began(stage)
    stopped_while_held(stage, act, began.there)
    assert not stage.failures, stage.failures
    is_as_it_was()
    stage.close_dialogs()
    with stage.gate.failing(FAILURES[0]):
        act()
        stage.settle()
    is_as_it_was()
    stage.failures.clear()
    stage.close_dialogs()
    if stage.written() == before:
        act()
        stage.settle()
    dialog = began.dialog()
    if dialog is not None:
        filled(stage, dialog)
        stopped_while_held(stage, dialog.run, lambda: bool(stage.shown()))
        assert dialog.isVisible(), "what was typed is gone"
        is_as_it_was()
        with stage.gate.failing(FAILURES[1]):
            dialog.run()
            stage.settle()
        assert dialog.isVisible(), "what was typed is gone"
        is_as_it_was()
        dialog.run()
        stage.settle()
    assert not stage.failures, stage.failures
    assert not stage.busy(), f"busy for good: {stage.busy()}"


@pytest.mark.parametrize("entity", sorted(ACTIONS))
def test_every_action_of_a_record_is_stopped_and_fails(stage: Stage, entity: str) -> None:
    seeded(stage)

    def attempt(action: Action) -> None:
        key = shown_by(stage, entity, action)
        assert key is not None, "no record here shows it: add one to seeded()"
        is_begun_in_every_way(stage, entity, key, action)

    each_alone(stage, [(action.key, partial(attempt, action)) for action in ACTIONS[entity]])


# ---- what is handed over


class SlowPrinters(PaperPrinters):
    """A printer that takes a job only while the gate is open, and refuses it as the gate does."""

    def __init__(self, stage: Stage, path: Path) -> None:
        super().__init__(path)
        self.stage = stage

    def printer(self, name: str, tray: int = printers.AUTOMATIC) -> QPrinter:
        assert self.stage.gate.open.wait(PATIENCE_S)
        if self.stage.gate.failure is not None:
            raise self.stage.gate.failure
        return super().printer(name, tray)


def asked_to_mail(stage: Stage) -> None:
    """Lead to the dialog of an e-mail, with an account and an address."""
    mail = {"server": "smtp.example.com", "port": 465, "security": "ssl", "user": "", "sender": "boss@example.com", "name": ""}
    stage.desk.settings_changed.emit(replace(stage.desk.settings, mail=mail))
    shows("preview", prints="statement", customer=1)(stage)
    stage.settle()
    stage.page.mail()
    stage.settle()
    stage.dialogs()[-1].to.set_value("li@example.com")  # type: ignore[attr-defined]


@contextmanager
def counted(found: list[Any], more: int) -> Iterator[None]:
    before = len(found)
    yield
    assert len(found) == before + more


def test_a_printer_and_a_mail_server_that_take_nothing_are_stopped_and_fail(stage: Stage, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    paper, mailed = SlowPrinters(stage, tmp_path_factory.mktemp("paper") / "printed.pdf"), list[Any]()

    def send(_account: object, _password: str, letters: list[object], step: Callable[[], None]) -> None:
        while not stage.gate.open.wait(0.01):
            step()
        step()
        if stage.gate.failure is not None:
            raise stage.gate.failure
        mailed.extend(letters)

    monkeypatch.setattr(printers, "PRINTERS", paper)
    monkeypatch.setattr(print_mail, "send", send)
    acts = [
        Act("document printed", lambda stage: stage.page.print_as(stage.page.made, PrintSetup("EPSON LQ-630KII")), shows("preview", prints="statement", customer=1), writes=True),
        Act("e-mail sent", press("mail.accept"), asked_to_mail, writes=True),
    ]
    with counted(mailed, 1):
        each(stage, acts, lambda stage, act: is_stopped_fails_and_is_done(stage, act, FAILURES[0]))
    assert stage.session.store.scalar("SELECT COUNT(*) FROM print_log") == 2


def test_reminders_wait_unseen_and_come_when_there_is_an_answer(stage: Stage) -> None:
    """Nobody waits for them, so neither their wait nor what fails in it is shown."""
    (reminding,) = stage.window.findChildren(Reminding)
    debt(stage.session, stage.keys["customer"][0], "50", DAY)
    reminding.found = []
    with stage.gate.shut():
        reminding.look()
        stage.qtbot.wait(100)
        assert not stage.shown()
    with stage.gate.failing(FAILURES[0]):
        reminding.look()
        stage.settle()
    assert not stage.failures
    with stage.qtbot.waitSignal(reminding.looked, timeout=WAIT_MS):
        reminding.look()
    assert reminding.found
