"""Which field each column of a list is: told by its heading, then by its values."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.dates import parse_date
from desktop_crm.domain.kind import Kind, cell_text
from desktop_crm.domain.kinds import Boolean, ChoiceKind, CreditCode, Date, Email, Phone, Text
from desktop_crm.domain.number_kinds import Money
from desktop_crm.domain.phones import normalise_phone
from desktop_crm.domain.places import split_place
from desktop_crm.services.imports.columns import reads_opposite
from desktop_crm.services.imports.refused import is_reasons
from desktop_crm.services.imports.shapes import MADE, PERSON, PLACE, Shape, how_to_take_apart, parts_by
from desktop_crm.services.imports.source import Headings, heading_key
from desktop_crm.services.imports.types import ColumnGuess, Confidence, Source
from desktop_crm.services.workbooks.cells import Cell, CellError, is_blank

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.services.session import Session

_LOOKED_AT: Final = 200
_SAMPLES: Final = 3
_MOST: Final = 0.8
_MOBILE: Final = frozenset({"mobile", "手机"})
_SHORTEST_PHONE: Final = 10
_CREDIT_CODE: Final = 18
_CENTS: Final = 2
_NAMES: Final = ((("姓", "姓氏"), ("名", "名字")), (("firstname", "givenname", "forename"), ("lastname", "surname", "familyname")))
"""The headings of the two parts of a name, in the order they are written in."""


class _Column:
    """One column with what its cells hold."""

    def __init__(self, source: Source, number: int, heading: str) -> None:
        self.number = number
        self.heading = heading
        looked_at = source.cells(number, _LOOKED_AT)
        self.cells: list[Cell] = [cell for cell in looked_at if not is_blank(cell)]
        self.empty = 1 - len(self.cells) / max(1, len(looked_at))
        self.texts = [cell.code if isinstance(cell, CellError) else cell_text(cell).strip() for cell in self.cells]

    @property
    def samples(self) -> tuple[str, ...]:
        return tuple(list(dict.fromkeys(self.texts))[:_SAMPLES])

    def mostly_mobiles(self) -> bool:
        return _share([normalise_phone(text).kind == "mobile" for text in self.texts])


def _share(answers: list[bool]) -> bool:
    return bool(answers) and sum(answers) >= _MOST * len(answers)


def _for_mobiles(field: FieldSpec) -> bool:
    return any(heading_key(text) in _MOBILE for text in field.headings())


class _Guesser:
    """Deals the fields of an entity out to the columns; no field goes to two."""

    def __init__(self, session: Session, source: Source) -> None:
        self.spec = source.spec
        self.columns = [_Column(source, *pair) for pair in source.columns().items()]
        self.shaped = {column: shape for shape in source.shapes for column in shape.columns}
        self.next_shape = max((shape.number for shape in source.shapes), default=-1) + 1
        self.headings = Headings(session.catalog, source.spec)
        self.chosen: dict[int, tuple[str, Confidence]] = {}
        self.remarks: dict[int, str] = {}

    def run(self) -> list[ColumnGuess]:
        unheard = self.by_heading()
        self.drop_foreign_choices()
        for column in unheard:
            self.by_values(column)
        return [
            ColumnGuess(
                column.number, column.heading, column.samples, *self.chosen.get(column.number, ("", "none")), self.remarks.get(column.number, ""),
                column.empty, self.proposed(column),
            )
            for column in self.columns
        ]  # fmt: skip

    def proposed(self, column: _Column) -> Shape | None:
        """Return a way to take a column apart, or to join it with another to a name, that suggests itself; None where there is none."""
        name, _sure = self.chosen.get(column.number, ("", "none"))
        if column.number in self.shaped or column.number >= MADE or is_reasons(column.heading):
            return None
        if not name and (pair := self.name_with(column)):
            return Shape(self.next_shape, "join", pair)
        kind = self.spec.fields[name].kind if name else None
        if kind is not None and type(kind) not in {Text, Phone}:
            return None
        how = how_to_take_apart(column.texts) if not name or _is_telling(column.texts) else ""
        if how == PLACE and name and any(split_place(text).rest for text in column.texts):
            return None
        # A date has strokes in it too: that several things stand in a cell must be in its heading as well.
        told = how in {PLACE, PERSON} or (how and not name and any(sign in column.heading for sign in "/／+＋、&和及与"))
        return Shape(self.next_shape, "split", (column.number,), how, parts_by(column.texts, how)) if told else None

    def name_with(self, column: _Column) -> tuple[int, int] | None:
        """Return the columns of the surname and the given name, as the language of their headings puts them, where this is the first of the two."""
        keys = {heading_key(other.heading): other.number for other in reversed(self.columns) if other.number not in self.chosen}
        for first, second in _NAMES:
            pair = next(((keys[one], keys[two]) for one in first for two in second if one in keys and two in keys), None)
            if pair is not None and column.number == min(pair) and self.spec.title not in self.taken():
                return pair
        return None

    def taken(self) -> dict[str, int]:
        return {name: number for number, (name, _sure) in self.chosen.items()}

    def choose(self, column: _Column, name: str, confidence: Confidence) -> None:
        self.chosen[column.number] = (name, confidence)

    def by_heading(self) -> list[_Column]:
        """Map the headings that are known; return the columns whose heading says nothing."""
        wishes: list[tuple[int, int, bool, int, str, _Column]] = []
        unheard: list[_Column] = []
        for column in self.columns:
            if self.passed_over(column):
                continue
            depth, found = self.headings.find(column.heading)
            for rank, name in found:
                field = self.spec.fields[name]
                # Of two columns headed 电话 the one with landlines is the telephone.
                unlike = isinstance(field.kind, Phone) and column.mostly_mobiles() != _for_mobiles(field)
                wishes.append((depth, rank, unlike, column.number, name, column))
            if not found and self.headings.is_kept(column.heading):
                self.remarks[column.number] = _("The program works this out itself")
            elif not found:
                unheard.append(column)
        self.deal_out(wishes)
        return unheard

    def deal_out(self, wishes: list[tuple[int, int, bool, int, str, _Column]]) -> None:
        """Give each field to the column that has the best claim to it; the others get what is left, or are told."""
        wished: dict[int, _Column] = {}
        for *_order, name, column in sorted(wishes, key=lambda wish: wish[:5]):
            wished[column.number] = column
            if column.number not in self.chosen and name not in self.taken():
                self.choose(column, name, "exact")
            if self.chosen.get(column.number, ("", ""))[0] == name and reads_opposite(self.spec.fields[name], column.heading):
                self.remarks[column.number] = _("Read as the share taken off: 15% off leaves 85% to pay")
        for number, column in sorted(wished.items()):
            if number not in self.chosen:
                self.second_best(column, self.headings.find(column.heading)[1][0][1])

    def passed_over(self, column: _Column) -> bool:
        """Say whether a column is left out before anything is asked about it, and note why."""
        if is_reasons(column.heading):
            self.remarks[column.number] = _("Left by an earlier import")
        elif column.number in self.shaped:
            self.remarks[column.number] = _("Joined below") if self.shaped[column.number].kind == "join" else _("Taken apart below")
        else:
            return False
        return True

    def second_best(self, column: _Column, name: str) -> None:
        """Give a second telephone another telephone field; leave anything else out, and say so."""
        first = next(other.heading for other in self.columns if other.number == self.taken()[name])
        self.remarks[column.number] = _("“{heading}” is taken for {field} already").format(heading=first, field=self.spec.fields[name].title)
        free = self.free(Phone) if isinstance(self.spec.fields[name].kind, Phone) else []
        if free:
            self.choose(column, free[0].name, "guess")

    def free(self, kind: type[Kind]) -> list[FieldSpec]:
        """Return the fields of exactly this kind that no column has and no column's heading asks for."""
        asked = {name for column in self.columns for _rank, name in self.headings.find(column.heading)[1]}
        taken = self.taken()
        return sorted((field for field in self.spec.typed_fields() if type(field.kind) is kind and field.name not in taken), key=lambda field: field.name in asked)

    def drop_foreign_choices(self) -> None:
        """Leave out a column of choices none of which is known: the 1 and 0 of another program's 状态 say nothing here."""
        for column in self.columns:
            name, _sure = self.chosen.get(column.number, ("", "none"))
            field = self.spec.fields.get(name)
            cells = [cell for cell in column.cells if not isinstance(cell, CellError)]
            if field is None or not isinstance(field.kind, (ChoiceKind, Boolean)) or not cells:
                continue
            if not any(_readable(field, cell) for cell in cells):
                del self.chosen[column.number]
                self.remarks[column.number] = _("None of these values is known for {field}").format(field=field.title)

    def by_values(self, column: _Column) -> None:
        """Guess by what stands in the column. A date or an amount says too little, unless a required field waits for just that."""
        kind = self.kind_of(column)
        fields = self.free(kind) if kind else []
        if not fields:
            return
        field = fields[0]
        if isinstance(field.kind, Phone):
            field = next((other for other in fields if _for_mobiles(other) == column.mostly_mobiles()), field)
        elif isinstance(field.kind, (Date, Money)):
            required = [other for other in fields if other.required]
            if len(required) != 1:
                return
            field = required[0]
        self.choose(column, field.name, "guess")
        self.remarks[column.number] = _("Guessed by the values; please check")

    def kind_of(self, column: _Column) -> type[Kind] | None:
        """Return the kind of value most cells of a column hold, where it shows."""
        if _share([_is_phone(text) for text in column.texts]):
            return Phone
        if _share([len(text) == _CREDIT_CODE and CreditCode().warn(text.upper()) is None for text in column.texts]):
            return CreditCode
        if _share([Email().warn(text) is None for text in column.texts]):
            return Email
        if _share([_is_date(cell) for cell in column.cells]):
            return Date
        return Money if _share([_is_amount(text) for text in column.texts]) else None


def _is_telling(texts: list[str]) -> bool:
    """Say whether most texts hold a figure or a place's sign: the cheap part of telling that they can be taken apart."""
    return _share([any(sign.isdigit() or sign in "省市区县州" for sign in text) for text in texts])


def _readable(field: FieldSpec, cell: Cell) -> bool:
    try:
        field.parse(cell)
    except ValueProblem:
        return False
    return True


def _is_phone(text: str) -> bool:
    """Tell a mobile or a landline with its area code; shorter numbers may be anything."""
    phone = normalise_phone(text)
    return phone.kind == "mobile" or (phone.kind == "landline" and len(phone.normal) > _SHORTEST_PHONE and phone.normal.startswith("0"))


def _is_date(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return isinstance(cell, date)
    try:
        parse_date(cell)
    except ValueProblem:
        return False
    return True


def _is_amount(text: str) -> bool:
    """Tell an amount by its two decimals; a bare whole number may be anything."""
    head, point, cents = text.replace(",", "").strip("¥￥元 ").rpartition(".")
    return bool(point) and cents.isdigit() and len(cents) <= _CENTS and head.lstrip("-").isdigit()


def guess_mapping(session: Session, source: Source) -> list[ColumnGuess]:
    """Return what each column of the table seems to be, in the order of the sheet.

    A heading is known by the field's name, label or alias in any language, whatever its case, blanks, marks and unit; two columns
    never go to the same field. A heading that is unknown is guessed by its values: telephones, credit codes, e-mail addresses,
    and dates and amounts where one required field waits for them.
    """
    return _Guesser(session, source).run()


def mapping_of(guesses: list[ColumnGuess], chosen: Mapping[int, str] | None = None) -> dict[int, str]:
    """Return the guesses as the mapping of Options.

    What somebody has `chosen` for a column ("" to leave it out) goes before any guess, for that column and for any other to the same field.
    """
    given = dict(chosen or {})
    taken = set(given.values())
    return {guess.column: guess.field for guess in guesses if guess.field and guess.field not in taken and guess.column not in given} | given
