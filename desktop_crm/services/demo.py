"""The demo company: an office's workbooks, taken over by the program's own import and moved in time so that they end today.

The workbooks lie in ``resources/demo`` and are made by ``generate.py`` there; ``company.json`` says which day is their newest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.base.resources import resource
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import importing, records
from desktop_crm.services.session import create_company

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.imports.types import Source
    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]

BUSINESS_BEGINS: Final = date(2020, 1, 1)
"""Earlier dates are birthdays and stay."""

SHARED: Final = ("customer", "contact", "opportunity")
CONTRACT: Final = re.compile(r"HT-\d{4}-\d{4}")


@dataclass(frozen=True)
class Part:
    """One sheet to import. `only` are the fields taken of it, all where none are named; `left_out` never; `update` changes what is there."""

    file: str
    sheet: str
    entity: str
    only: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    update: bool = False


PARTS: Final = (
    # Departments and contracts come twice: first by themselves, then with what depends on the others.
    Part("部门用户.xlsx", "部门", "department", only=("name",)),
    Part("部门用户.xlsx", "部门", "department", update=True),
    Part("部门用户.xlsx", "用户", "user"),
    Part("客户.xlsx", "客户", "customer"),
    Part("开票信息.xlsx", "开票信息", "invoice_title"),
    Part("联系人.xlsx", "联系人", "contact"),
    Part("产品.xlsx", "产品", "product"),
    Part("商机.xlsx", "商机", "opportunity"),
    Part("合同.xlsx", "合同", "contract", left_out=("state",)),
    Part("合同.xlsx", "合同明细", "contract_line"),
    Part("合同.xlsx", "回款计划", "instalment"),
    Part("合同.xlsx", "合同", "contract", only=("number", "state"), update=True),
    Part("应收.xlsx", "应收", "receivable"),
    Part("发票.xlsx", "发票", "invoice"),
    Part("收款.xlsx", "收款", "receipt"),
    Part("跟进.xlsx", "跟进", "activity"),
)


def build_demo(url: str, *, step: Step = silent) -> Session:
    """Make the demo company at `url` and sign in as its administrator, who has no password; nobody in it has.

    Raises UserError where there is a company already, or a workbook can't be taken over as a whole.
    """
    about = json.loads(resource("demo/company.json").read_text(encoding="utf-8"))
    session = create_company(url, admin=about["admin"], company=about["profile"]["name"], step=lambda _done, _total: step(0, len(PARTS)))
    try:
        _fill_profile(session, about["profile"])
        mover = _Mover(session.today - date.fromisoformat(about["newest"]))
        for done, part in enumerate(PARTS):
            with session.store.watched(partial(step, done, len(PARTS))):
                _take_over(session, part, mover)
        for name in SHARED:
            # An import gives what names no owner to whoever imports; here it is what anybody may take up (公海).
            records.change_many(session, name, Where("owner", "eq", session.person.id), {"owner": None})
        step(len(PARTS), len(PARTS))
    except BaseException:
        session.close()
        raise
    return session


def _fill_profile(session: Session, profile: dict[str, str]) -> None:
    spec = session.spec("company")
    (key,) = session.records.ids_where(session.entity("company"), EVERYTHING)
    records.save(session, "company", {name: spec.fields[name].parse(text) for name, text in profile.items()}, key=key)


def _take_over(session: Session, part: Part, mover: _Mover) -> None:
    path: Path = resource(f"demo/{part.file}")
    source = importing.open_source(session, part.entity, path, sheet=part.sheet)
    mover.move(source)
    mapping = importing.mapping_of(importing.guess_mapping(session, source))
    wanted = {column: name for column, name in mapping.items() if (not part.only or name in part.only) and name not in part.left_out}
    options = importing.Options(wanted, on_duplicate="update" if part.update else "add")
    result = importing.run_import(session, source, options).result
    if result.refused:
        first = result.problems[0]
        raise UserError(
            _("The demo data in {file}, row {row}, can't be taken over: {message}").format(file=part.file, row=first.row, message=first.message)
        )


class _Mover:
    """Moves dates by whole days, and numbers contracts anew by the year they are then signed in."""

    def __init__(self, by: timedelta) -> None:
        self.by = by
        self.numbers: dict[str, str] = {}

    def move(self, source: Source) -> None:
        """Move every cell of a list, in place."""
        rows = source.sheet.rows
        for row in rows:
            row[:] = [self._moved(cell) for cell in row]
        if source.spec.name == "contract":
            self._number(source)
        for row in rows:
            row[:] = [self.numbers.get(cell, cell) if isinstance(cell, str) else cell for cell in row]

    def _moved(self, cell: Any) -> Any:
        if isinstance(cell, datetime):
            return cell + self.by if cell.date() >= BUSINESS_BEGINS else cell
        if isinstance(cell, date):
            return cell + self.by if cell >= BUSINESS_BEGINS else cell
        return cell

    def _number(self, source: Source) -> None:
        """Give each contract of the list the number it would have had."""
        counts: dict[int, int] = {}
        for number in source.table.rows:
            row = source.sheet.rows[number]
            old = next((cell for cell in row if isinstance(cell, str) and CONTRACT.fullmatch(cell)), None)
            signed = next((cell for cell in row if isinstance(cell, date)), None)
            if old is not None and signed is not None and old not in self.numbers:
                counts[signed.year] = counts.get(signed.year, 0) + 1
                self.numbers[old] = f"HT-{signed.year}-{counts[signed.year]:04}"
