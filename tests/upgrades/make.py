"""Makes the file of a released version, with that version's own code, to be opened by all later ones.

With MariaDB installed and a checkout of the version, say in ../released::

    PYTHONPATH=../released python tests/upgrades/make.py tests/upgrades/0.1.0.zip

The zip holds the company as a SQLite file, the same as the statements that make it on MariaDB, and ``expected.json``: what was in it. All data is invented.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pymysql

from desktop_crm.base.i18n import use_language
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import importing, receipts, records, sample, users
from desktop_crm.services.session import Session, create_company
from tests.support.mariadb import Address, Server

try:
    from desktop_crm.services.undoing import undo
except ImportError:  # 0.1.0 has it elsewhere
    from desktop_crm.services.history import undo  # type: ignore[attr-defined,no-redef]

if TYPE_CHECKING:
    from collections.abc import Callable

CUSTOMERS = 8


def main(target: Path) -> None:
    """Write the zip `target`."""
    use_language("zh_CN")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "company.sqlite3"
        expected = {"sqlite": make(str(file), folder)}
        address = Address.choose()
        server = Server(address)
        try:
            with address.fresh_database() as url:
                expected["mysql"] = make(url, folder)
                dump = dumped(url)
        finally:
            server.stop()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            packed.write(file, file.name)
            packed.writestr("mariadb.json", json.dumps(dump, ensure_ascii=False))
            packed.writestr("expected.json", json.dumps(expected, ensure_ascii=False, default=str))


def dumped(url: str) -> list[str]:
    """Return the database as SQL statements: tables with rows, then triggers; mariadb-dump isn't everywhere the server is."""
    parts = urlsplit(url)
    made = ["SET foreign_key_checks = 0"]
    with pymysql.connect(host="127.0.0.1", port=parts.port or 0, user="root", database=parts.path[1:]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE `{table}`")
            made.append(cursor.fetchone()[1])
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s "
                "AND generation_expression IS NULL ORDER BY ordinal_position", (table,))
            columns = ", ".join(f"`{row[0]}`" for row in cursor.fetchall())
            cursor.execute(f"SELECT {columns} FROM `{table}`")  # noqa: S608 - names the server gave
            rows = ",\n".join(f"({', '.join(connection.escape(value, connection.encoders) for value in row)})" for row in cursor.fetchall())
            made += [f"INSERT INTO `{table}` ({columns}) VALUES\n{rows}"] if rows else []
        cursor.execute("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1")
        for (trigger,) in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TRIGGER `{trigger}`")
            made.append(re.sub(r"DEFINER=\S+ ", "", cursor.fetchone()[2]))
    return made


def make(url: str, folder: Path) -> dict[str, Any]:
    """Make the company at `url` by the program's own use cases and return what is in it."""
    begun = create_company(url, admin="boss", company="恒信商贸")
    session = Session(begun.store, begun.person, clock=ticking(datetime(2026, 1, 5, 1, tzinfo=UTC)))
    with closing(session):
        people(session)
        sample.fill(session, CUSTOMERS)
        rest_of_entities(session)
        take_over_list(session, folder)
        undoable = actions(session)
        return {"undoable": undoable, **contents(session)}


def ticking(start: datetime) -> Callable[[], datetime]:
    """Return a clock that goes on by a minute each time it is asked."""
    asked = [start]

    def now() -> datetime:
        asked[0] += timedelta(minutes=1)
        return asked[0]

    return now


def people(session: Session) -> None:
    """Add departments and users of every role, with passwords."""
    top = records.save(session, "department", {"name": "总部"}).result.id
    sales = records.save(session, "department", {"name": "销售部", "parent_department": top}).result.id
    for login, name, role in (("wangmin", "王敏", "manager"), ("lina", "李娜", "sales"), ("zhaoting", "赵婷", "finance"), ("look", "周看", "viewer")):
        users.add_user(session, {"login": login, "name": name, "role": role, "department": sales}, "123456")


def rest_of_entities(session: Session) -> None:
    """Add what the sample has none of, and a little of everything else, so that no table is empty."""
    (customer, *_rest) = session.records.ids_where(session.entity("customer"), EVERYTHING)
    wanted: dict[str, dict[str, Any]] = {
        "invoice_title": {"customer": customer, "name": "苏州恒泰科技有限公司"},
        "product": {"name": "离心泵 A-1", "price": Decimal("1234.5678")},
        "invoice": {"customer": customer, "total": Decimal("113.00"), "tax_rate": Decimal("0.13"), "issued_on": date(2026, 1, 8)},
        "saved_view": {"name": "我的客户"},
        "activity": {"customer": customer, "subject": "电话回访 ☎ 𬭎"},
    }
    for name, values in wanted.items():
        spec = session.everything[name]
        known = {key: value for key, value in values.items() if key in spec.fields}
        if spec.owner:
            known[spec.owner] = session.person.id
        for field in spec.typed_fields():
            if field.required and field.name not in known and not field.rule:
                known[field.name] = plausible(session, field)
        records.save(session, name, known)


def plausible(session: Session, field: Any) -> Any:
    """Return a value for a required field."""
    if field.link:
        return session.records.ids_where(session.entity(field.link), EVERYTHING)[0]
    if field.kind.name == "choice":
        return field.choices[0].code
    texts = {"date": date(2026, 1, 8), "instant": datetime(2026, 1, 8, 2, tzinfo=UTC), "boolean": True, "integer": 3, "stars": 3}
    return texts.get(field.kind.name, Decimal("12.34") if field.kind.storage == "decimal" else "甲")


def take_over_list(session: Session, folder: Path) -> None:
    """Import a list of customers."""
    path = folder / "客户.csv"
    path.write_text("客户名称,手机,城市,期初应收\n常州东升机械,13900139001,常州,1200.50\n无锡永利贸易,13900139002,无锡,0.30\nMüller GmbH,,Köln,\n", encoding="utf-8")
    source = importing.open_source(session, "customer", path)
    importing.run_import(session, source, importing.Options(importing.mapping_of(importing.guess_mapping(session, source))))


def actions(session: Session) -> dict[str, int]:
    """Change, delete, settle and take back; return the change sets that later versions must be able to undo."""
    found = session.records.ids_where(session.entity("customer"), Where("city", "eq", "常州"))
    records.save(session, "customer", {"credit_limit": Decimal("50000.00"), "note": "第一行\n第二行 'x' %_"}, key=found[0])
    changed = records.change_many(session, "customer", Where("city", "in", ("常州", "无锡")), {"industry": "机械"})
    owed = records.save(session, "receivable", {"customer": found[0], "amount": Decimal("800.10"), "document_on": date(2026, 1, 9)}).result.id
    values = {"customer": found[0], "amount": Decimal("500.00"), "received_on": date(2026, 1, 10)}
    posted = receipts.post_receipt(session, values=values, allocations={owed: Decimal("450.05")})
    gone = records.save(session, "customer", {"name": "不再有的客户", "phone": "0512-1234567"}).result.id
    deleted = records.delete(session, "customer", [gone])
    taken_back = records.save(session, "customer", {"city": "昆山"}, key=found[0])
    undo(session, taken_back.change_set or 0)
    return {"mass update": changed.change_set or 0, "receipt": posted.change_set or 0, "deletion": deleted.change_set or 0}


def contents(session: Session) -> dict[str, Any]:
    """Return every record as stored, the sums of every list, and every action of history."""
    states = {name: {str(key): session.records.state(session.entity(name), key) for key in session.records.ids_where(session.entity(name), EVERYTHING)}
              for name in session.everything}  # fmt: skip
    totals = {name: {key: str(value) for key, value in records.totals(session, name).items()} for name in session.catalog}
    labels = [[entry.id, entry.label, entry.records] for entry in session.log.entries(limit=10_000)]
    return {"states": states, "totals": totals, "history": labels}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
