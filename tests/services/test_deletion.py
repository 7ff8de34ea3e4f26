"""What a deletion would do, told before: it agrees with what the deletion then does. On both engines."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import Blocked, NotAllowed
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.services import receipts, records, users
from desktop_crm.services.deletion import Obstacle, deletion_preview
from desktop_crm.services.invoices import issue_invoice
from desktop_crm.services.session import Session, open_session
from desktop_crm.services.undoing import undo
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def boss(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        yield session


def contract(session: Session, customer: int, price: int, number: str) -> int:
    line = {"product_name": "货", "quantity": Decimal(1), "price": Decimal(price)}
    plan = [{"name": "首期", "due_on": date(2026, 2, 1), "amount": Decimal(price)}]
    values = records.new(session, "contract", customer=customer, number=number, signed_on=date(2026, 1, 5), state="active")
    return records.save(session, "contract", values, lines={"contract_line": [line], "instalment": plan}).result.id


def test_what_goes_along_is_counted_and_added_up_and_then_really_goes(boss: Session) -> None:
    customer = make(boss, "customer", name="甲")
    keys = [contract(boss, customer, price, f"HT-{price}") for price in (100, 250)]
    seen = deletion_preview(boss, "contract", keys)
    assert {one.entity: (one.count, one.hidden) for one in seen.going} == {"contract_line": (2, 0), "instalment": (2, 0), "receivable": (2, 0)}
    assert {one.entity: one.sums.get("total", one.sums.get("amount")) for one in seen.going} == {
        "contract_line": Decimal(350), "instalment": Decimal(350), "receivable": Decimal(350)}
    assert not seen.forbidden
    assert not seen.plain
    assert seen.free == tuple(keys)
    done = records.delete(boss, "contract", keys)
    assert done.entities == {"contract", "contract_line", "instalment", "receivable"}
    assert done.change_set is not None
    undo(boss, done.change_set)
    assert [one.count for one in deletion_preview(boss, "contract", keys).going] == [one.count for one in seen.going]


def test_the_receipt_that_forbids_it_is_named_and_the_free_ones_can_go(boss: Session) -> None:
    customer = make(boss, "customer", name="甲")
    held, free = contract(boss, customer, 100, "HT-1"), contract(boss, customer, 50, "HT-2")
    (debt,) = boss.records.ids_where(boss.entity("receivable"), Where("contract", "eq", held))
    paid = receipts.post_receipt(boss, values={"customer": customer, "number": "SK-1", "amount": Decimal(60), "received_on": date(2026, 2, 1)}, allocations={debt: Decimal(60)}).result.id
    seen = deletion_preview(boss, "contract", [held, free])
    number = records.get(boss, "receivable", debt)["number"]
    field = boss.everything["allocation"].fields["receivable"].title
    assert seen.obstacles == [Obstacle("receipt", paid, "SK-1", field, "receivable", number, _(boss.everything["allocation"].fields["receivable"].way_out))]
    assert seen.free == (free,)
    with pytest.raises(Blocked):
        records.delete(boss, "contract", [held, free])
    records.delete(boss, "contract", seen.free)
    of_customer = deletion_preview(boss, "customer", [customer])
    assert {one.entity for one in of_customer.obstacles} == {"contract", "receivable", "receipt"}
    assert of_customer.free == ()


def test_an_invoiced_receivable_says_the_way_out(boss: Session) -> None:
    customer = make(boss, "customer", name="甲")
    debt = make(boss, "receivable", customer=customer, amount=Decimal(100), document_on=date(2026, 1, 5))
    issue_invoice(boss, values={"number": "24322000000000000011", "issued_on": date(2026, 2, 1), "kind": "e_normal"}, receivables={debt: Decimal(100)})
    (stands,) = deletion_preview(boss, "receivable", [debt]).obstacles
    assert (stands.entity, stands.title) == ("invoice", "24322000000000000011")
    assert "红字发票" in stands.way_out
    (other,) = {one.way_out for one in deletion_preview(boss, "customer", [customer]).obstacles}
    assert other == "请先删除它，或让它改为指向其他记录"


def test_a_plain_record_is_plain_and_what_one_may_not_see_is_only_counted(boss: Session) -> None:
    users.add_user(boss, {"login": "wangmin", "name": "王敏", "role": "sales"})
    plain = make(boss, "customer", name="甲", owner=None)
    assert deletion_preview(boss, "customer", [plain]).plain
    make(boss, "contact", name="张三", customer=plain, owner=boss.person.id)
    with closing(open_session(boss.url, "wangmin")) as sales:
        seen = deletion_preview(sales, "customer", [plain])
        assert (seen.obstacles, seen.hidden, seen.forbidden, seen.free) == ([], 1, True, ())
        others = make(boss, "customer", name="乙", owner=boss.person.id)
        with pytest.raises(NotAllowed):
            deletion_preview(sales, "customer", [plain, others])


def test_many_rows_take_no_query_each(boss: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make(boss, "customer", name="甲")
    keys = [make(boss, "contact", name=f"人{number}", customer=customer) for number in range(30)]
    asked = []
    execute = type(boss.store).execute

    def counted(store: Any, query: Any) -> Any:
        asked.append(query)
        return execute(store, query)

    monkeypatch.setattr(type(boss.store), "execute", counted)
    deletion_preview(boss, "contact", keys[:1])
    one = len(asked)
    deletion_preview(boss, "contact", keys)
    assert len(asked) - one == one
