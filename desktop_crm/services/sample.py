"""Filling a company with invented records, as many as wanted: to try the program out at the size one will have.

Names are put together from word lists; the same seed on the same day gives the same records.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from stdnum.cn.uscc import calc_check_digit

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import _
from desktop_crm.base.resources import resource
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.domain.money import round_money, split
from desktop_crm.domain.phones import normalise_phone
from desktop_crm.services import writing

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

Step = Callable[[int, int], None]

PART: Final = 5000
"""Rows a change set: long enough to be fast, short enough for others to write in between."""

MONTHS_BACK: Final = 24
DAYS: Final = MONTHS_BACK * 30
CODE_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MOBILES: Final = ("130", "131", "135", "136", "137", "138", "139", "150", "151", "158", "159", "176", "186", "188", "189")
SHARES: Final = ((1,), (3, 7), (3, 4, 3), (2, 3, 3, 2))
PAYMENTS: Final = ((0, 1, 2, 3, 4), (20, 30, 25, 15, 10))
"""How many receipts a receivable gets, and how often that is so."""


@dataclass
class _Done:
    """What has been added so far, by id, for the records that refer to it."""

    customers: list[int] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    products: list[tuple[int, Values]] = field(default_factory=list)
    owners: dict[int, int | None] = field(default_factory=dict)
    contracts: list[tuple[int, Values]] = field(default_factory=list)
    instalments: list[tuple[int, Values, Values]] = field(default_factory=list)
    receivables: list[tuple[int, Values]] = field(default_factory=list)


class Inventor:
    """Invents names, codes and numbers from word lists with one seeded source of chance."""

    def __init__(self, seed: int, today: date) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - sample data, no secret
        self.today = today
        self.words: dict[str, Any] = json.loads(resource("demo/words.json").read_text(encoding="utf-8"))
        self._used: set[str] = set()

    def pick(self, words: str) -> Any:
        """Return one of a word list."""
        return self.chance.choice(self.words[words])

    def day(self, back: int, ahead: int = 0) -> date:
        """Return a day between `back` days ago and `ahead` days from now."""
        return self.today + timedelta(days=self.chance.randint(-back, ahead))

    def amount(self, low: int, high: int) -> Decimal:
        """Return an amount to the cent; small ones are more frequent."""
        return Decimal(int(low * 100 * (high / low) ** self.chance.random())).scaleb(-2)

    def person(self) -> str:
        """Return a person's name."""
        return str(self.pick("surnames") + self.pick("given"))

    def mobile(self) -> str:
        """Return a mobile number with four zeros in the middle, as nobody has."""
        return normalise_phone(f"{self.chance.choice(MOBILES)}0000{self.chance.randrange(10000):04}").normal

    def credit_code(self, region: str) -> str:
        """Return a 统一社会信用代码 with the right check digit."""
        code = "91" + region + "".join(self.chance.choices(CODE_LETTERS, k=9))
        return str(code + calc_check_digit(code))

    def company(self) -> Values:
        """Return a company that hasn't come up before: names, place and trade."""
        while True:
            province, city, districts, area, region = self.pick("places")
            trade, words = self.pick("trades")
            brand = self.pick("first") + self.pick("second")
            if self.chance.random() < 0.4:  # noqa: PLR2004 - a long brand makes the name unique at last
                brand += self.pick("second")
            name = f"{city}{brand}{self.chance.choice(words)}{self.pick('forms')}"
            if name not in self._used:
                break
        self._used.add(name)
        district = self.chance.choice(districts)
        return {
            "name": name, "short_name": brand, "industry": trade, "province": province, "city": city, "district": district,
            "address": f"{city}市{district}{self.pick('streets')}{self.chance.randint(1, 999)}号",
            "phone": normalise_phone(f"{area}-{self.chance.randint(2000, 8999)}{self.chance.randint(0, 9999):04}").normal,
            "credit_code": self.credit_code(region),
        }  # fmt: skip


def fill(session: Session, customers: int, seed: int = 1, *, step: Step = lambda _done, _total: None) -> dict[str, int]:
    """Add `customers` customers and what goes with them; return how many of each entity were added.

    Twice as many contacts, half as many opportunities, 3 contracts for 10 customers, one receivable and 1.5 receipts each. Active contracts
    have instalments with their receivables; receipts are allocated. Each part of PART rows is a change set, undone like any other.
    Raises NotAllowed for anybody but an administrator.
    """
    if session.person.role != "admin":
        raise NotAllowed(_("Only an administrator may fill the company with sample records"))
    filler = _Filler(session, customers, Inventor(seed, session.today), step)
    filler.run()
    return filler.added


class _Filler:
    """Adds the records entity by entity, in the order in which they refer to each other."""

    def __init__(self, session: Session, customers: int, inventor: Inventor, step: Step) -> None:
        self.session = session
        self.size = customers
        self.make = inventor
        self.chance = inventor.chance
        self.step = step
        self.done = _Done()
        self.added: dict[str, int] = {}
        sellers = session.records.find(
            session.entity("user"), Every((Where("active", "eq", value=True), Where("role", "in", ("sales", "manager", "admin")))), ["role"], sort="id"
        )
        self.owners = [row["id"] for row in sellers if row["role"] == "sales"] or [row["id"] for row in sellers]
        self.total = customers * 10

    def run(self) -> None:
        done, size = self.done, self.size
        done.products = self.add("product", list(self.products()))
        done.customers = [key for key, _row in self.add("customer", [self.customer() for _number in range(size)], owners=True)]
        self.add("contact", [self.contact(number) for number in range(2 * size)])
        self.add("opportunity", [self.opportunity() for _number in range(size // 2)])
        done.contracts = self.add("contract", [self.contract() for _number in range(3 * size // 10)])
        lines, plans = self.contract_parts()
        self.add("contract_line", lines)
        done.instalments = [(key, row, contract) for (key, row), contract in zip(self.add("instalment", [row for row, _c in plans]), [c for _row, c in plans], strict=True)]
        done.receivables = self.add("receivable", list(self.receivables()))
        receipts = list(self.receipts())
        made = self.add("receipt", [row for row, _target, _part in receipts])
        allocations = [
            {"receipt": key, "receivable": target, "amount": part, "allocated_on": row["received_on"], "kind": "receipt"}
            for (key, row), (_row, target, part) in zip(made, receipts, strict=True)
            if target is not None
        ]
        self.add("allocation", allocations)
        self.step(self.total, self.total)

    def add(self, name: str, rows: Sequence[Values], *, owners: bool = False) -> list[tuple[int, Values]]:
        """Add rows in parts, each a change set of its own; return their ids with them."""
        session, spec = self.session, self.session.everything[name]
        made: list[tuple[int, Values]] = []
        for start in range(0, len(rows), PART):
            self.step(min(sum(self.added.values()), self.total), self.total)
            part = [writing.with_defaults(session, name, row) for row in rows[start : start + PART]]
            for row in part:
                if spec.derive is not None:
                    spec.derive(row)
            label = _("Sample records: {entity}").format(entity=spec.plural)
            # The rules that make further records are left out: this fills in by itself what they would make.
            ids = session.write("sample", label, lambda part=part: writing.insert_rows(session, name, part, completed=True, rules=False)).result  # type: ignore[misc]
            made += zip(ids, part, strict=True)
            self.added[name] = self.added.get(name, 0) + len(ids)
        if owners:
            self.done.owners = {key: row["owner"] for key, row in made}
        return made

    def owner(self) -> int | None:
        """Return whose a new customer is; one in twenty is nobody's."""
        return None if self.chance.random() < 0.05 else self.chance.choice(self.owners)  # noqa: PLR2004

    def products(self) -> Iterator[Values]:
        for category, name, specification, unit, price in self.make.words["products"]:
            exact = Decimal(str(price))
            yield {
                "name": name, "specification": specification, "category": category, "unit": unit, "price": exact, "cost": round_money(exact * Decimal("0.68")),
                "tax_rate": Decimal("0.06") if category == "服务" else Decimal("0.13"),
            }  # fmt: skip

    def customer(self) -> Values:
        chance, make = self.chance, self.make
        status = chance.choices(("new", "talking", "active", "paused", "lost"), (15, 20, 50, 8, 7))[0]
        return {
            **make.company(), "status": status, "level": chance.choices((1, 2, 3, 4, 5), (10, 20, 35, 25, 10))[0], "owner": self.owner(),
            "source": chance.choice(("referral", "visit", "exhibition", "web", "phone", "platform", "bid")), "contact_person": make.person(),
            "mobile": make.mobile(), "payment_terms": make.pick("terms"), "credit_limit": Decimal(chance.choice((0, 50000, 100000, 200000, 500000))),
            "next_contact": make.day(20, 40) if status in {"new", "talking", "active"} and chance.random() < 0.6 else None,  # noqa: PLR2004 - the others wait
        }  # fmt: skip

    def contact(self, number: int) -> Values:
        customer = self.done.customers[number // 2]
        position, role = self.make.pick("positions")
        return {
            "name": self.make.person(), "customer": customer, "position": position, "role": role, "mobile": self.make.mobile(),
            "owner": self.done.owners[customer], "preferred": number % 2 == 0,
        }  # fmt: skip

    def opportunity(self) -> Values:
        customer = self.chance.choice(self.done.customers)
        stage = self.chance.choices(("found", "needs", "offer", "negotiation", "won", "lost"), (20, 20, 20, 12, 18, 10))[0]
        return {
            "name": f"{self.make.pick('products')[1]}采购项目", "customer": customer, "stage": stage, "amount": self.make.amount(3000, 600000),
            "close_on": self.make.day(DAYS // 4, 0) if stage in {"won", "lost"} else self.make.day(15, 90), "owner": self.done.owners[customer],
            "lost_reason": "价格" if stage == "lost" else "",
        }  # fmt: skip

    def contract(self) -> Values:
        customer = self.chance.choice(self.done.customers)
        signed = self.make.day(DAYS)
        return {
            "title": f"{self.make.pick('products')[0]}采购合同", "customer": customer, "signed_on": signed, "delivery_on": signed + timedelta(days=30),
            "expires_on": signed + timedelta(days=365), "payment_terms": self.make.pick("terms"), "owner": self.done.owners[customer],
            "state": self.chance.choices(("draft", "active", "done", "ended"), (15, 50, 30, 5))[0],
        }  # fmt: skip

    def contract_parts(self) -> tuple[list[Values], list[tuple[Values, Values]]]:
        """Return the lines of every contract, and its instalments with it: only what is in force or completed has a plan."""
        lines: list[Values] = []
        plans: list[tuple[Values, Values]] = []
        for key, contract in self.done.contracts:
            first = len(lines)
            for position in range(1, self.chance.randint(1, 4) + 1):
                product, given = self.chance.choice(self.done.products)
                copied = {name: given[name] for name in ("specification", "unit", "price", "tax_rate")}
                line = {"contract": key, "position": position, "product": product, "product_code": given["code"], "product_name": given["name"], **copied,
                        "quantity": Decimal(self.chance.choice((1, 2, 5, 10, 20, 50))), "discount": self.chance.choice((Decimal(1), Decimal(1), Decimal("0.95")))}  # fmt: skip
                self.session.everything["contract_line"].derive(line)  # type: ignore[misc]  # lines have a derivation
                lines.append(line)
            if contract["state"] in {"active", "done"}:
                total = sum((line["total"] for line in lines[first:]), Decimal(0))
                plans += [(row, contract) for row in self.plan(key, contract["signed_on"], total)]
        return lines, plans

    def plan(self, contract: int, signed: date, total: Decimal) -> Iterator[Values]:
        shares = [Decimal(share) for share in self.chance.choice(SHARES)]
        for position, (share, amount) in enumerate(zip(shares, split(total, shares), strict=True), 1):
            ratio = share / sum(shares)
            yield {"contract": contract, "position": position, "name": f"第{position}期款", "due_on": signed + timedelta(days=30 * position), "ratio": ratio, "amount": amount}

    def receivables(self) -> Iterator[Values]:
        """Yield one receivable for each instalment, and others up to one a customer in all."""
        planned = self.done.instalments[: self.size]
        for key, row, contract in planned:
            yield {
                "customer": contract["customer"], "contract": row["contract"], "instalment": key, "kind": "contract", "name": row["name"],
                "document_on": contract["signed_on"], "due_on": row["due_on"], "amount": row["amount"], "owner": contract["owner"],
            }  # fmt: skip
        for _number in range(self.size - len(planned)):
            customer, day = self.chance.choice(self.done.customers), self.make.day(DAYS)
            yield {
                "customer": customer, "kind": "delivery", "name": "送货款", "document_on": day, "due_on": day + timedelta(days=self.chance.choice((0, 30, 60))),
                "amount": self.make.amount(200, 80000), "owner": self.done.owners[customer],
            }  # fmt: skip

    def receipts(self) -> Iterator[tuple[Values, int | None, Decimal]]:
        """Yield receipts with the receivable each settles and the part of it: 1.5 for each customer in all, some of them prepayments."""
        wanted = 3 * self.size // 2
        ahead = wanted // 20
        for (key, debt), count in zip(self.done.receivables, self.payment_counts(wanted - ahead), strict=True):
            if not count:
                continue
            share = Decimal(1) if self.chance.random() < 0.7 else Decimal(self.chance.randint(20, 80)) / 100  # noqa: PLR2004
            parts = split(round_money(debt["amount"] * share), [Decimal(self.chance.randint(1, 5)) for _part in range(count)])
            for number, part in enumerate(parts):
                late = timedelta(days=self.chance.randint(0, 40) + 20 * number)
                yield self.receipt(debt["customer"], min(debt["document_on"] + late, self.make.today), part), key if part else None, part
        for _number in range(ahead):
            yield self.receipt(self.chance.choice(self.done.customers), self.make.day(180), self.make.amount(500, 30000)), None, Decimal(0)

    def payment_counts(self, wanted: int) -> list[int]:
        """Return how many receipts each receivable gets; they add up to `wanted`."""
        counts = self.chance.choices(*PAYMENTS, k=self.size)
        while (missing := wanted - sum(counts)) != 0:
            for _number in range(abs(missing)):
                place = self.chance.randrange(self.size)
                counts[place] = max(counts[place] + (1 if missing > 0 else -1), 0)
        return counts

    def receipt(self, customer: int, day: date, amount: Decimal) -> Values:
        return {
            "customer": customer, "received_on": day, "amount": max(amount, Decimal("0.01")), "method": self.chance.choices(("transfer", "acceptance", "wechat"), (80, 10, 10))[0],
            "account": f"{self.make.pick('banks')}基本户", "owner": self.done.owners[customer],
        }  # fmt: skip
