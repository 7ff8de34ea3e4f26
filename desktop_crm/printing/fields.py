"""The fields a template may print, as a tree for whoever chooses from it, and a sample document made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.catalog import BASE_FIELDS
from desktop_crm.services.documents import PRINTED, Printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from desktop_crm.domain.catalog import Catalog, EntitySpec, FieldSpec

FORMATS: Final = {
    "money": "money", "price": "price", "quantity": "quantity", "percent": "percent", "date": "date", "instant": "date", "decimal": "quantity",
}  # fmt: skip
"""The filter that a field of a kind is usually printed with."""
SAMPLES: Final[dict[str, Any]] = {
    "money": Decimal("12345.60"), "price": Decimal("88.5000"), "quantity": Decimal("12.0000"), "percent": Decimal("0.13"), "decimal": Decimal("1.5000"),
    "integer": 3, "stars": 5, "date": date(2026, 6, 18), "instant": datetime(2026, 6, 18, 1, 30, tzinfo=UTC), "boolean": True,
    "phone": "0571-87654321", "email": "sales@example.com", "credit_code": "91330108MA2B1C3D4E", "number": "NO-2026-0001",
}  # fmt: skip
SAMPLE_LINES: Final = 4


@dataclass(frozen=True)
class TemplateField:
    """One field or group of fields to choose from.

    `path` is what an expression writes: ``customer.name``, inside a list ``line.price``; for a group that is no value, its name. `kind` is
    that of the field, or ``group``, ``link`` or ``list`` with the `children`. `placeholder` prints the field as it usually is, `format` is
    the filter in it, and `sample` a value such as it might have.
    """

    path: str
    label: str
    kind: str
    placeholder: str = ""
    format: str = ""
    sample: Any = None
    children: tuple[TemplateField, ...] = ()

    def walk(self) -> Iterator[TemplateField]:
        """Yield this field and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def template_fields(catalog: Catalog | Mapping[str, EntitySpec], prints: str) -> tuple[TemplateField, ...]:
    """Return the fields of what a template `prints` – an entity or a printed report – as this catalog knows them, by entity and link.

    The last groups are our own company and what every document has. Empty where there is nothing of that name.
    """
    # What documents have beside their fields is declared in the files with rules, which nobody reads before the first is looked up.
    import_module("desktop_crm.services.rulebook")
    spec, printed = catalog.get(prints), PRINTED.get(prints, Printed())
    if spec is None and prints not in PRINTED:
        return ()
    own = [field for name, field in spec.fields.items() if name not in BASE_FIELDS] if spec is not None else []
    hidden = {line for one in printed.lists.values() if isinstance(one.items, str) for line in (one.items,)}
    fields = [*own, *printed.fields]
    groups = [TemplateField(prints, spec.singular if spec else _(printed.label), "group", children=tuple(_leaf(field, "") for field in fields if not field.link))]
    groups += [_link(catalog, field, "") for field in fields if field.link]
    lists = {name: (_(one.label), _line_fields(catalog, one.items)) for name, one in printed.lists.items()}
    if spec is not None:
        lists |= {name: (catalog[name].plural, _line_fields(catalog, name)) for name in spec.lines if name in catalog and name not in hidden}
    groups += [_list(name, label, of) for name, (label, of) in lists.items()]
    return (*groups, *_everywhere(catalog))


def _leaf(field: FieldSpec, before: str) -> TemplateField:
    path, kind = before + field.name, field.kind.name
    chosen = FORMATS.get(kind, "")
    sample = SAMPLES.get(kind, _(field.choices[0].label) if field.choices else field.title)
    return TemplateField(path, field.title, kind, "{{ " + path + (f"|{chosen}" if chosen else "") + " }}", chosen, sample)


def _link(catalog: Mapping[str, EntitySpec], field: FieldSpec, before: str) -> TemplateField:
    """Return a link as a group of the linked record's fields; of one this person may not see, only its title."""
    path, target = before + field.name, catalog.get(field.link)
    title = TemplateField(f"{path}.title", _("Title"), "text", f"{{{{ {path}.title }}}}", "", field.title)
    if target is None:
        return TemplateField(path, field.title, "link", children=(title,))
    inner = [_leaf(one, f"{path}.") for name, one in target.fields.items() if name not in BASE_FIELDS]
    return TemplateField(path, field.title, "link", children=(*([] if "title" in target.fields else [title]), *inner))


def _line_fields(catalog: Mapping[str, EntitySpec], items: str | tuple[FieldSpec, ...]) -> Iterable[FieldSpec]:
    if not isinstance(items, str):
        return items
    spec = catalog.get(items)
    return () if spec is None else [field for name, field in spec.fields.items() if name not in {*BASE_FIELDS, spec.parent}]


def _list(name: str, label: str, fields: Iterable[FieldSpec]) -> TemplateField:
    number = TemplateField("line.no", _("No."), "integer", "{{ line.no }}", "", 1)
    return TemplateField(name, label, "list", children=(number, *(_leaf(field, "line.") for field in fields if field.name != "no")))


SYSTEM: Final = (
    ("print.date", N_("Printed on"), "date", "date", date(2026, 6, 30)), ("print.user", N_("Printed by"), "text", "", "王晓梅"),
    ("print.times", N_("Times printed before"), "integer", "", 0),
    ("page.number", N_("Page"), "integer", "", 1), ("page.count", N_("Pages in all"), "integer", "", 1),
    ("copy.mark", N_("Mark of the copy"), "text", "", "存根"), ("row.number", N_("Number of the row"), "integer", "", 1),
)  # fmt: skip


def _everywhere(catalog: Mapping[str, EntitySpec]) -> Iterator[TemplateField]:
    company = catalog.get("company")
    if company is not None:
        leaves = tuple(_leaf(field, "company.") for name, field in company.fields.items() if name not in BASE_FIELDS)
        yield TemplateField("company", _("Our company"), "link", children=leaves)
    found = [
        TemplateField(path, _(label), kind, "{{ " + path + (f"|{chosen}" if chosen else "") + " }}", chosen, sample)
        for path, label, kind, chosen, sample in SYSTEM
    ]
    yield TemplateField("system", _("Document"), "group", children=tuple(found))


def sample_values(fields: Iterable[TemplateField], *, lines: int = SAMPLE_LINES, named: bool = False) -> dict[str, Any]:
    """Return values to lay a template out with where no document is chosen; `named` puts the labels of text fields in their place."""
    values: dict[str, Any] = {"print": {}}
    for field in fields:
        if field.kind == "list":
            values[field.path] = [_items(field, number, named=named) for number in range(1, lines + 1)]
        else:
            for child in field.children:
                if child.path.partition(".")[0] not in {"page", "copy", "row"}:
                    _enter(values, child.path.split("."), child, named=named)
    return values


def _items(field: TemplateField, number: int, *, named: bool) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for child in field.children:
        _enter(item, child.path.split(".")[1:], child, named=named)
    return item | {"no": number}


def _enter(values: dict[str, Any], path: list[str], field: TemplateField, *, named: bool) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = field.label if named and isinstance(field.sample, str) else field.sample
