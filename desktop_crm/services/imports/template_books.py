"""Workbooks to fill in: headings, what goes below each of them, lists to choose from, and an example, for one entity or a whole company.

What they are filled in with is imported as it is: the headings are the fields' own, and rows marked as examples are left out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import records
from desktop_crm.services.exporting import cell_of, column_of
from desktop_crm.services.imports.company import by_links, importable
from desktop_crm.services.records import require_write
from desktop_crm.services.workbooks.frame import ROOM_TO_ADD, SheetOut, sheet_name
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.services.workbooks.writer import ColumnOut, write_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.services.session import Session

LISTS: Final = "_lists"
SHORT: Final = 500
"""Linked records that are offered as a list; more are found faster by typing."""
_EXAMPLES: Final[dict[str, Any]] = {
    "phone": "13800138000", "email": "name@example.com", "money": Decimal("1000.00"), "price": Decimal("12.50"), "quantity": Decimal(10),
    "percent": Decimal("0.13"), "integer": 1, "stars": 4,
}  # fmt: skip


def write_template(session: Session, path: Path, entity: str = "", *, example: bool = True) -> list[str]:
    """Write a workbook to fill in, for the entity or, without one, for a whole company; return the names of its sheets.

    With `example` each sheet begins with a row that shows how, which an import leaves out. Raises NotAllowed where this person may
    write no such records, and UserError where the file can't be written.
    """
    if entity:
        spec = session.spec(entity)
        require_write(session, entity)
        specs = [spec]
    else:
        specs = by_links([spec for spec in importable(session) if spec.sheet is not None])
        if not specs:
            raise NotAllowed(_("Your role may look at this but not change it. Ask your administrator"))
    made = _Template(session, specs, whole=not entity, example=example)
    sheets = [made.explanation(), *(made.sheet(spec) for spec in specs), made.lists()]
    write_book(path, sheets)
    return [sheet.name for sheet in sheets if not sheet.hidden]


class _Template:
    """The sheets of one workbook; the lists to choose from are gathered while the sheets are made."""

    def __init__(self, session: Session, specs: Sequence[EntitySpec], *, whole: bool, example: bool) -> None:
        self.session = session
        self.specs = specs
        self.whole = whole
        self.example = example
        self.gathered: dict[str, list[str]] = {}
        self._linked: dict[str, list[str]] = {}

    def name(self, spec: EntitySpec) -> str:
        """Return the name of an entity's sheet."""
        return sheet_name(_(spec.sheet.label) if self.whole and spec.sheet is not None and spec.sheet.label else spec.plural)

    def fields(self, spec: EntitySpec) -> list[FieldSpec]:
        """Return the fields of an entity's sheet, one that can carry the mark of an example first."""
        if self.whole and spec.sheet is not None:
            names: list[str] = [name for name in spec.sheet.fields if name in spec.fields]
        else:
            names = [name for section in spec.form for name in section.fields] or [field.name for field in spec.typed_fields()]
            named = [name for name in (spec.parent, spec.title) if name]
            names = list(dict.fromkeys([*named, *names]))
        found = [spec.fields[name] for name in names if name in spec.fields and not spec.fields[name].derived]
        return sorted(found, key=lambda field: field is not next((one for one in found if one.kind.excel == "text"), None))

    def sheet(self, spec: EntitySpec) -> SheetOut:
        """Return the sheet of an entity."""
        fields = self.fields(spec)
        columns = [
            replace(
                column_of(field), heading=f"{field.title} *" if _must(field) else field.title, required=_must(field), note=self.note(spec, field),
                choices=self.choices(field), checked=True,
            )
            for field in fields
        ]  # fmt: skip
        rows: list[list[object]] = []
        if self.example:
            values = self.example_of(spec)
            cells = [_shown(field, values.get(field.name)) for field in fields]
            rows.append([_("Example: {value}").format(value=cells[0] or spec.singular), *cells[1:]])
        return SheetOut(columns, rows, name=self.name(spec))

    def example_of(self, spec: EntitySpec) -> Values:
        """Return the values of an example, declared or made up of the kinds of what must be filled in."""
        if spec.sheet is not None and spec.sheet.example:
            return {name: value for name, value in spec.sheet.example.items() if name in spec.fields}
        values: Values = {}
        for field in spec.typed_fields():
            if field.kind.name in {"date", "instant"} and field.required:
                values[field.name] = self.session.today
            elif field.choices:
                values[field.name] = field.default or field.choices[0].code
            elif field.link:
                values[field.name] = next(iter(self.titles(field.link)), "") if field.required else None
            elif field.kind.name in _EXAMPLES:
                values[field.name] = _EXAMPLES[field.kind.name] if field.required or field.kind.name in {"phone", "money"} else None
        values.setdefault(spec.title, f"{spec.singular} 1")
        return values

    # ---- what is said and offered

    def note(self, spec: EntitySpec, field: FieldSpec) -> str:
        """Return what a heading's comment says."""
        example = self.example_of(spec).get(field.name)
        lines = [_("Must be filled in") if _must(field) else "", self.wanted(field), _(field.hint) if field.hint else ""]
        if example not in {None, ""}:
            lines.append(_("Example: {value}").format(value=_text(field, example)))
        return "\n".join(line for line in lines if line)

    def wanted(self, field: FieldSpec) -> str:
        """Return what goes below a heading."""
        if field.link:
            return _("The name or the number of the {entity}").format(entity=in_sentence(self.session.everything[field.link].singular))
        if field.choices:
            return _("One of: {choices}").format(choices=_(", ").join(_(choice.label) for choice in field.choices))
        if field.rule:
            return _("Given out by itself where it is left empty")
        return {
            "date": _("A date such as 2026-01-31"), "instant": _("A date, with a time of day if you like: 2026-01-31 08:30"), "money": _("An amount in yuan"),
            "price": _("A price, up to four decimals"), "quantity": _("A number"), "integer": _("A whole number"), "percent": _("A rate such as 13%"),
            "boolean": _("Yes or no"), "phone": _("A mobile or a telephone number, as text"), "stars": _("1 to 5"),
        }.get(field.kind.name, "")  # fmt: skip

    def choices(self, field: FieldSpec) -> str:
        """Return the range of cells that lists what a field may be; "" where it is typed."""
        if field.choices:
            return self._list(field.label, [_(choice.label) for choice in field.choices])
        if field.kind.name == "boolean":
            return self._list("boolean", [_("Yes"), _("No")])
        other = next((spec for spec in self.specs if spec.name == field.link), None) if field.link else None
        if other is not None and self.whole:
            # What is typed into the other sheet of this workbook.
            place = next(place for place, one in enumerate(self.fields(other)) if one.name == other.title) if other.title in {one.name for one in self.fields(other)} else 0
            letter = column_letters(place)
            return f"='{self.name(other).replace(chr(39), chr(39) * 2)}'!${letter}$2:${letter}${ROOM_TO_ADD + 2}"
        titles = self.titles(field.link) if field.link else []
        return self._list(f"link {field.link}", titles) if titles else ""

    def titles(self, entity: str) -> list[str]:
        """Return the names of an entity's records as far as this person sees them, none where they are many."""
        if entity not in self.session.catalog:
            return []
        if entity not in self._linked:
            few = records.count(self.session, entity, EVERYTHING) <= SHORT
            found = records.suggest(self.session, entity, "", limit=SHORT) if few else []
            self._linked[entity] = list(dict.fromkeys(one.title for one in found if one.title))
        return self._linked[entity]

    def _list(self, key: str, values: list[str]) -> str:
        self.gathered.setdefault(key, values)
        letter = column_letters(list(self.gathered).index(key))
        return f"='{LISTS}'!${letter}$2:${letter}${len(self.gathered[key]) + 1}"

    def lists(self) -> SheetOut:
        """Return the hidden sheet of the lists to choose from."""
        return SheetOut([ColumnOut(_(key)) for key in self.gathered] or [ColumnOut("-")], zip_longest(*self.gathered.values()), name=LISTS, hidden=True)

    def explanation(self) -> SheetOut:
        """Return the sheet that explains the others."""
        rows: list[list[object]] = []
        for spec in self.specs:
            for field in self.fields(spec):
                example = self.example_of(spec).get(field.name)
                what = _("; ").join(text for text in (self.wanted(field), _(field.hint) if field.hint else "") if text)
                rows.append([self.name(spec), field.title, _("Yes") if _must(field) else None, what or None, None if example in {None, ""} else _text(field, example)])
        columns = [ColumnOut(_("Sheet")), ColumnOut(_("Column")), ColumnOut(_("Must be filled in")), ColumnOut(_("What to write")), ColumnOut(_("Example"))]
        title = _("Fill in the sheets and import the file as it is. Rows marked as examples are left out; columns you don't need may be deleted or moved")
        return SheetOut(columns, rows, name=_("Instructions"), title=title)


def _must(field: FieldSpec) -> bool:
    return field.required and not field.rule and field.default is None


def _text(field: FieldSpec, value: Any) -> str:
    return field.show(value) if not field.link or isinstance(value, Ref) else str(value)


def _shown(field: FieldSpec, value: Any) -> object:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field.link or isinstance(value, date):
        return value
    return cell_of(field, value)
