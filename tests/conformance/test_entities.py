"""What must hold of every entity that is declared, whatever it is."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import catalog
from desktop_crm.base.resources import resource
from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Ref, Values
from desktop_crm.domain.conditions import NOTHING, Condition, Matching, Query, Where
from desktop_crm.models.registry import entity, full_catalog
from desktop_crm.services import records
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session, prepare
from tests.support.company import company, typed_entities, value_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

prepare()
ENTITIES = typed_entities()
RULES_MOVE: dict[str, Values] = {"contract": {"state": "draft"}, "customer": {"opening_balance": None}, "allocation": {"amount": Decimal("1.25")}, "invoice_cover": {"amount": Decimal("1.25")}}
"""Values whose rules would make other records; the rules have tests of their own."""


def specs() -> list[EntitySpec]:

    return list(full_catalog().values())


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.name)
def test_declaration_is_sound(spec: EntitySpec) -> None:

    assert entity(spec.name).problems() == []
    assert resource(f"icons/{spec.icon}.svg").is_file()
    for field in spec.fields.values():
        assert not field.derived or not field.required, f"{field.name} is kept by the database and can't be required"


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW"])
@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.name)
def test_every_label_is_translated(spec: EntitySpec, language: str) -> None:
    texts = [spec.label, spec.one, *(section.label for section in spec.form), *(view.label for view in spec.views)]
    for field in spec.fields.values():
        texts += [field.label, field.hint, *(choice.label for choice in field.choices)]
    translations = catalog(language)
    missing = [text for text in texts if text and text != "QQ" and translations.gettext(text) == text]
    assert missing == []


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.name)
def test_no_two_fields_answer_to_one_heading(spec: EntitySpec) -> None:
    """A heading that is the label of one field must not be an alias of another: the import would guess."""
    labels = {heading: field.name for field in spec.typed_fields() for heading in field.headings()[: -len(field.aliases) or None]}
    clashes = [(field.name, alias, labels[alias]) for field in spec.typed_fields() for alias in field.aliases if labels.get(alias, field.name) != field.name]
    assert clashes == []


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


@pytest.mark.parametrize("name", ENTITIES)
def test_a_record_comes_back_as_it_was_saved(session: Session, name: str) -> None:
    spec = session.catalog[name]
    values = values_of(session, spec) | RULES_MOVE.get(name, {})
    saved = records.save(session, name, values).result.id
    got = records.get(session, name, saved)
    for field in spec.typed_fields():
        if field.rule and not values[field.name]:
            assert got[field.name], f"{field.name} was given no number"
        elif name == "opportunity" and field.name == "probability":
            assert got[field.name] == Decimal(0), "a lost opportunity has no chance left"
        else:
            assert got[field.name] == values[field.name], field.name
    shown = {field.name: field.edit(got[field.name]) for field in spec.typed_fields() if not field.link}
    again = {key: spec.fields[key].parse(text) for key, text in shown.items()}
    assert again == {key: got[key] for key in again}, "what an editor shows reads back as the same value"


@pytest.mark.parametrize("name", ENTITIES)
def test_every_column_sorts_and_every_filter_filters(session: Session, name: str) -> None:
    spec = session.catalog[name]
    for number in range(3):
        given = values_of(session, spec) | RULES_MOVE.get(name, {})
        given |= {field.name: f"{given[field.name]}{number}" for field in spec.typed_fields() if field.kind.name == "text" and field.link == ""}
        records.save(session, name, given)
    everything = set(session.records.ids(Query(name)))
    for column in spec.columns:
        up = [row["id"] for row in records.page(session, Query(name, sort=column))]
        down = [row["id"] for row in records.page(session, Query(name, sort=column, descending=True))]
        assert set(up) == everything
        assert down == up[::-1], column
    for column in (*spec.filters, *spec.columns):
        field = spec.fields[column]
        for condition in conditions(session, field):
            assert set(session.records.ids(Query(name, condition))) <= everything
        filled = records.count(session, name, Where(column, "filled"))
        assert filled + records.count(session, name, Where(column, "empty")) == len(everything)
    for view in spec.views:
        assert records.count(session, name, view.condition) <= len(everything)
    assert records.totals(session, name)["count"] == len(everything)


def conditions(session: Session, field: FieldSpec) -> list[Condition]:
    value = value_of(session, replace(field, required=False), "")
    found: list[Condition] = [Where(field.name, "eq", value), Where(field.name, "ne", value)]
    if field.kind.name in {"money", "price", "quantity", "percent", "integer", "stars", "date", "instant"}:
        found += [Where(field.name, "ge", value), Where(field.name, "lt", value)]
    if field.kind.name in {"date", "instant"}:
        found += [Where(field.name, "period", period) for period in ("overdue", "today", "this_month", "last_year")]
    if field.kind.name in {"text", "phone", "number"}:
        found += [Where(field.name, "contains", "1%")]
    return found


@pytest.mark.parametrize("name", ENTITIES)
def test_without_a_right_there_is_nothing(session: Session, name: str) -> None:
    spec = session.catalog[name]
    saved = records.save(session, name, values_of(session, spec) | RULES_MOVE.get(name, {})).result.id
    nobody = Session(session.store, Person(9999, "nobody", "none"))
    assert name not in nobody.catalog
    assert nobody.scope(name) == NOTHING
    assert session.records.count(session.entity(name), nobody.scope(name)) == 0
    for attempt in (
        lambda: records.count(nobody, name),
        lambda: records.get(nobody, name, saved),
        lambda: records.page(nobody, Query(name)),
        lambda: records.totals(nobody, name),
        lambda: records.suggest(nobody, name, ""),
        lambda: records.save(nobody, name, {}),
        lambda: records.delete(nobody, name, [saved]),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize("name", [name for name in ENTITIES if full_catalog()[name].search])
def test_search_finds_it_by_its_title(session: Session, name: str) -> None:
    spec = session.catalog[name]
    values = values_of(session, spec) | RULES_MOVE.get(name, {})
    text = next(field for field in spec.search if spec.fields[field].kind.name in {"text", "note"} and not spec.fields[field].derived)
    values[text] = "上海单氏Motor精密"
    saved = records.save(session, name, values).result.id
    for typed in ("氏mo", "精密", "shss", "shanghai", "上海 MOTOR"):
        assert saved in session.records.ids_where(session.entity(name), Matching(typed)), typed
    assert session.records.ids_where(session.entity(name), Matching("没有这个")) == []
    assert Ref(saved, "") in records.suggest(session, name, "精密")


def test_names_say_what_they_are() -> None:
    for spec in specs():
        assert re.fullmatch(r"[A-Z][^.!]*", spec.label), spec.label


def test_a_link_column_sorts_by_what_is_read(session: Session) -> None:
    for name, customer in (("甲", "上海"), ("乙", "北京"), ("丙", "广州")):
        records.save(session, "contact", {"name": name, "customer": records.save(session, "customer", {"name": customer}).result.id})
    rows = records.page(session, Query("contact", sort="customer"))
    assert [row["customer"].title for row in rows] == ["北京", "广州", "上海"]
    assert records.page(session, Query("contact", sort="customer", descending=True)) == rows[::-1]
