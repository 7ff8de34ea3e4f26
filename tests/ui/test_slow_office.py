"""The longer ways through the window – banks, the tax bureau, workbooks, copies of the company, people and settings – on a database that doesn't answer and on one that fails."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count, cycle
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pytest

from desktop_crm.domain.conditions import Query
from desktop_crm.services import archives, closing, custom_fields, records, roundtrip, users
from desktop_crm.services.tax import requests
from desktop_crm.ui import deleting, files, safety_restore
from desktop_crm.ui.log_settings import KeepDialog
from tests.services.bank_support import Entry, abc, write
from tests.services.ledger import add, debt, rows
from tests.services.test_tax import CODE, FIRST, TAX
from tests.support.company import make
from tests.ui.conftest import FakeFiles
from tests.ui.slow_stage import FAILURES, Act, Stage, each, is_stopped_fails_and_is_done, press
from tests.ui.test_workbook_pages import workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NUMBERS: Final = count(1)
PAYER: Final = "恒泰科技有限公司"


def led(*ways: Callable[[Stage], object]) -> Callable[[Stage], None]:
    """Lead one way after the other."""

    def before(stage: Stage) -> None:
        for way in ways:
            way(stage)
            stage.settle()

    return before


def shows(key: str, **parameters: Any) -> Callable[[Stage], object]:
    return lambda stage: stage.desk.show_page(key, **parameters)


# ---- the bank


def statement(stage: Stage) -> Path:
    number = next(NUMBERS)
    entry = Entry(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), Decimal(number), PAYER, "", f"S{number}")
    return write(stage.folder / f"statement{number}.xlsx", abc([entry]))


def statement_open(stage: Stage) -> None:
    stage.page.open(statement(stage))


BANK: Final = [
    Act("statement read", statement_open, shows("bank")),
    Act("statement taken over", lambda stage: stage.page.keep(), led(shows("bank"), statement_open), writes=True),
    Act("statement read by other columns", lambda stage: stage.page._columns_changed(), led(shows("bank"), statement_open), again=press("action.keep_lines")),
    Act("bank lines matched", lambda stage: stage.page.load(), shows("bank")),
    Act("bank line posted", lambda stage: stage.page.post(), led(shows("bank"), statement_open, lambda stage: stage.page.keep(), lambda stage: stage.page.tick({"sure", "likely"})), writes=True),
    Act("bank line set aside", lambda stage: stage.page.set_aside("内部往来"), led(shows("bank"), statement_open, lambda stage: stage.page.keep()), writes=True),
]


# ---- the tax bureau


def requested(stage: Stage) -> None:
    session, customer = stage.session, stage.keys["customer"][0]
    if not rows(session, "invoice_title", "id"):
        add(session, "invoice_title", customer=customer, title=PAYER, tax_number=TAX)
    request = requests.from_receivables(session, [debt(session, customer, "100")], merge=True).result[0]
    (line,) = records.lines(session, "invoice_request", request)["invoice_request_line"]
    records.save(session, "invoice_request", {}, key=request, lines={"invoice_request_line": [{**line, "tax_code": CODE}]})


def issued_open(stage: Stage) -> None:
    number = rows(stage.session, "invoice_request", "number")[-1][0]
    cells = [["发票流水号", "发票号码", "开票日期", "价税合计"], [number, f"{FIRST[:-3]}{next(NUMBERS):03}", "2026-06-29", "100.00"]]
    stage.page.issued.open(write(stage.folder / f"issued{next(NUMBERS)}.xlsx", cells))


def columns_typed(stage: Stage) -> None:
    stage.page.turn("columns")
    stage.settle()
    table = stage.page.columns.table
    table.lines.type_in(2, table.lines.column_of("text"), f"货物{next(NUMBERS)}")


def to_issued(stage: Stage) -> None:
    stage.page.tabs.set_current("issued")
    stage.page.turn("issued")


def all_requests_ticked(stage: Stage) -> None:
    tab = stage.page.requests
    for place in range(len(tab.rows)):
        tab.table.lines.put_value(place, "on", value=True)


def taken_over_again(stage: Stage) -> None:
    """Press the button, which first reads the list again where that failed."""
    press("action.take_over")(stage)
    stage.settle()
    if stage.gate.failure is None and stage.page.issued.file is not None and stage.page.issued.isVisible() and stage.page.issued.take_button.isVisible():
        press("action.take_over")(stage)


BUREAU: Final = [
    Act("requests read", lambda stage: stage.page.requests.load(), led(requested, shows("tax"))),
    Act("tax workbook written", lambda stage: stage.page.requests.write(), led(requested, shows("tax")), writes=True),
    Act("request taken back", lambda stage: stage.page.requests.not_given(), led(shows("tax"), all_requests_ticked), writes=True),
    Act("issued invoices read", issued_open, led(shows("tax"), to_issued)),
    Act("issued list read by other columns", lambda stage: stage.page.issued.columns.changed.emit(), led(shows("tax"), to_issued, issued_open), again=press("action.take_over")),
    Act("issued invoices taken over", press("action.take_over"), led(requested, shows("tax"), to_issued, issued_open), writes=True, again=taken_over_again),
    Act("columns of the workbook saved", press("action.save_columns"), led(shows("tax"), columns_typed), writes=True),
]


# ---- workbooks


def whole_company(stage: Stage) -> Path:
    number = next(NUMBERS)
    sheet = [("客户名称", "等级"), (f"华信{number}公司", "A")]
    return workbook(stage.folder / f"whole{number}.xlsx", 客户资料=sheet, 联系人=[("姓名", "客户", "手机"), ("王五", sheet[1][0], "13800138000")],
                    合同=[("合同编号", "客户名称", "签订日期"), (f"HT-{number}", sheet[1][0], dt.date(2026, 1, 5))])  # fmt: skip


def company_page(stage: Stage) -> None:
    stage.desk.show_page("import_company", place="customer", path=whole_company(stage))


def changed_in_excel(stage: Stage) -> Path:
    path = stage.folder / f"edited{next(NUMBERS)}.xlsx"
    roundtrip.export_for_editing(stage.session, Query("customer", sort="id"), path, columns=["name", "level", "city"])
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["E3"].value = f"城市{next(NUMBERS)}"
    book.save(path)
    return path


def bring_back(stage: Stage) -> None:
    stage.desk.show_page("bring_back", path=changed_in_excel(stage))


BOOKS: Final = [
    Act("company's workbook read", lambda stage: stage.page.open(whole_company(stage)), company_page),
    Act("company's workbook tried out", lambda stage: stage.page.try_out(), company_page),
    Act("company's workbook imported", lambda stage: stage.page.start(), company_page, writes=True),
    Act("changes of a workbook read", lambda stage: stage.page.read(), bring_back),
    Act("changes of a workbook taken over", lambda stage: stage.page.start(), bring_back, writes=True),
]


# ---- copies of the company


def backup(stage: Stage) -> Path:
    path = stage.folder / "kept" / "backup.crmbackup"
    if not path.exists():
        path.parent.mkdir()
        archives.backup_to(stage.session, path)
    return path


def restore_asked(stage: Stage) -> None:
    shows("safety")(stage)
    stage.settle()
    stage.page.restore(backup(stage))


def restore_dialog(stage: Stage) -> safety_restore.RestoreDialog:
    (found,) = [one for one in stage.dialogs() if isinstance(one, safety_restore.RestoreDialog)]
    return found


def move_asked(stage: Stage) -> None:
    shows("safety")(stage)
    stage.settle()
    folder = stage.folder / "moved"
    folder.mkdir()
    stage.page.move_card.open().place.path.set_value(str(folder / "company.sqlite3"))


COPIES: Final = [
    Act("backup read", lambda stage: restore_dialog(stage).read(), restore_asked),
    Act("backup restored beside the company", lambda stage: restore_dialog(stage).prepare(), restore_asked, works=True),
    Act("company moved", press("move.go"), move_asked, works=True),
]


# ---- people, settings, lists


def colleague(stage: Stage) -> None:
    users.add_user(stage.session, {"name": f"同事{next(NUMBERS)}", "login": f"tongshi{next(NUMBERS)}", "role": "sales"})
    shows("settings")(stage)
    stage.settle()
    stage.page.people.load()
    stage.settle()
    stage.page.people.table.set_current_row(stage.page.people.model.rowCount() - 1)


def own_field(stage: Stage) -> None:
    custom_fields.add(stage.session, "customer", {"label": f"栏{next(NUMBERS)}", "kind": "text"})
    shows("settings")(stage)
    stage.settle()
    stage.page.fields.table.set_current_row(0)


def field_asked(stage: Stage) -> None:
    shows("settings")(stage)
    stage.settle()
    stage.page.fields.add_field()
    stage.settle()
    stage.dialogs()[-1].editors["label"].set_value(f"栏{next(NUMBERS)}")  # type: ignore[attr-defined]


def reopening_asked(stage: Stage) -> None:
    closing.close_books(stage.session, through=dt.date(2025, 1, 31))
    shows("settings")(stage)
    stage.settle()
    stage.page.closing.reopen_books()


def keeping_asked(stage: Stage) -> None:
    shows("log")(stage)
    stage.settle()
    KeepDialog(stage.page, stage.desk).show()
    stage.settle()
    stage.dialogs()[-1].months.set_value(24 if next(NUMBERS) % 2 else 36)  # type: ignore[attr-defined]


def deleted(stage: Stage) -> None:
    made = [make(stage.session, "contact", name=f"走的{next(NUMBERS)}", customer=stage.keys["customer"][1]) for _one in range(2)]
    records.delete(stage.session, "contact", made)
    stage.keys["gone"] = made
    shows("bin")(stage)


def conflict_begun(stage: Stage) -> None:
    """Lead to an edit of what somebody else has changed meanwhile."""
    stage.desk.open_record("contact", stage.keys["contact"][0])
    stage.settle()
    stage.page.begin_edit()
    stage.settle()
    records.save(stage.session, "contact", {"position": f"经理{next(NUMBERS)}"}, key=stage.keys["contact"][0])
    stage.page.edit.form.set_value("position", f"主任{next(NUMBERS)}")


def conflict_decided(stage: Stage) -> None:
    """Save it; once both sides are shown, keep one's own."""
    stage.page.edit.save()
    if stage.gate.open.is_set() and stage.gate.failure is None:
        stage.settle()
        stage.page.edit.saver.dialog.all("mine")
        press("conflict.save")(stage)


def to_folder(stage: Stage) -> None:
    folder = stage.folder / "letters"
    folder.mkdir(exist_ok=True)
    files.FILES = FakeFiles(folder)
    YEAR(stage)


def merging_asked(stage: Stage) -> None:
    pair = [make(stage.session, "customer", name=f"双{next(NUMBERS)}公司") for _one in range(2)]
    stage.desk.show_page("merge", entity="customer", ids=pair)


def many_ticked(stage: Stage) -> None:
    stage.keys["many"] = [make(stage.session, "contact", name=f"多{next(NUMBERS)}", customer=stage.keys["customer"][1]) for _one in range(3)]
    stage.desk.show_list("contact")


YEAR: Final = shows("report.statements", date_from=dt.date(2026, 1, 1), date_to=dt.date(2026, 12, 31))
PAPER: Final = [
    Act("statements noted as sent", press("action.note_sent"), YEAR, writes=True),
    Act("document saved as PDF", press("action.save_pdf"), shows("preview", prints="statement", customer=1), writes=True),
    Act("a PDF for each", press("action.print_each"), to_folder, writes=True),
]
OFFICE: Final = [
    Act("user disabled", lambda stage: stage.page.people.disable_user(), colleague, writes=True),
    Act("field added", press("custom_field.accept"), field_asked, writes=True),
    Act("field retired", lambda stage: stage.page.fields.retire(), own_field, writes=True),
    Act("books reopened", press("reopen_books.accept"), reopening_asked, writes=True),
    Act("restored from the bin", lambda stage: stage.page.restore([("contact", key) for key in stage.keys["gone"]]), deleted, writes=True),
    Act("merged", lambda stage: stage.page.save(), merging_asked, writes=True),
    Act("many deleted", lambda stage: stage.page.acts.deleting._delete(stage.keys["many"]), many_ticked, writes=True),
    Act("conflict decided", conflict_decided, conflict_begun, writes=True),
]
GROUPS: Final = {"bank": BANK, "bureau": BUREAU, "books": BOOKS, "copies": COPIES, "office": OFFICE, "paper": PAPER}


@pytest.mark.parametrize("group", GROUPS)
def test_every_long_way_is_shown_and_stopped_and_every_failure_told(stage: Stage, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "MANY", 2)
    failures = cycle(FAILURES)
    each(stage, GROUPS[group], lambda stage, act: is_stopped_fails_and_is_done(stage, act, next(failures)))
