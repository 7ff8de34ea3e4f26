"""A company with a fixed day, and short ways to make what the ledger's tests are about."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import receipts, records
from desktop_crm.services.session import Session, create_company, open_session
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 6, 30)


def noon() -> datetime:
    return datetime(2026, 6, 30, 12, tzinfo=UTC)


@contextmanager
def company(url: str) -> Iterator[Session]:
    made = create_company(lay(url), admin="boss")
    made.clock = noon
    try:
        yield made
    finally:
        made.close()


@contextmanager
def signed_in(url: str, login: str, password: str | None = None) -> Iterator[Session]:
    session = open_session(url, login, password)
    session.clock = noon
    try:
        yield session
    finally:
        session.close()


def add(session: Session, entity: str, /, *, lines: dict[str, list[dict[str, Any]]] | None = None, **values: Any) -> int:
    return records.save(session, entity, records.new(session, entity, **values), lines=lines).result.id


def customer(session: Session, name: str = "恒泰科技有限公司", **values: Any) -> int:
    return add(session, "customer", name=name, **values)


def debt(session: Session, of: int, amount: str, due: date | None = None, *, on: date = date(2026, 1, 1), **values: Any) -> int:
    return add(session, "receivable", customer=of, amount=Decimal(amount), document_on=on, due_on=due, **values)


def receive(session: Session, of: int, amount: str, allocations: dict[int, str] | None = None, *, on: date = date(2026, 2, 1), **values: Any) -> receipts.Posted:
    parts = {key: Decimal(part) for key, part in (allocations or {}).items()}
    given = records.new(session, "receipt", customer=of, amount=Decimal(amount), received_on=on, **values)
    return receipts.post_receipt(session, values=given, allocations=parts).result


def figures(session: Session, entity: str, key: int, *names: str) -> tuple[Any, ...]:
    row = records.get(session, entity, key)
    return tuple(row[name] for name in names)


def rows(session: Session, entity: str, *names: str, **where: Any) -> list[tuple[Any, ...]]:
    conditions = [Where(name, "eq", value) for name, value in where.items()]
    found = session.records.find(session.entity(entity), conditions[0] if conditions else EVERYTHING, names, sort="id")
    return [tuple(row[name] for name in names) for row in found]


def money(text: str) -> Decimal:
    return Decimal(text)
