"""The fields a company keeps beside those of the program: adding, changing, ordering and retiring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import FieldProblem, Invalid, NotAllowed, NotFound, UserError, ValueProblem
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.text import fold
from desktop_crm.models import custom
from desktop_crm.models.custom import choices_of
from desktop_crm.services.imports.source import heading_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.services.session import Changes, Session

ENTITY: Final = custom.ENTITY
ASKED: Final = ("label", "kind", "choices", "required", "listed", "sensitive", "hint", "section")
"""What is said of a new field; all of it but the kind may be changed later."""
CHOICE_LENGTH: Final = 40
MOST_CHOICES: Final = 200


def may_make(session: Session) -> bool:
    """Tell whether this person may add and change fields."""
    return session.person.role == "admin"


def extendable(session: Session) -> list[EntitySpec]:
    """Return the entities that may have fields of the company's own: those with a list in the navigation."""
    return [spec for spec in session.catalog.values() if spec.group and spec.form]


def may_add_to(session: Session, name: str) -> bool:
    """Tell whether this person may add fields to the entity `name`."""
    return may_make(session) and any(spec.name == name for spec in extendable(session))


def fields_of(session: Session, name: str) -> list[Values]:
    """Return the custom fields of the entity `name` in their order, retired ones included, each with its own ``id``."""
    session.spec(name)
    names = [*session.entity(ENTITY).spec.fields]
    return session.records.find(session.entity(ENTITY), Where("entity", "eq", name), names, sort="position")


def add(session: Session, name: str, values: Values) -> Changes[str]:
    """Add a field to the entity `name` and return its name, such as ``custom_7_money``; `values` are those of ASKED.

    Raises NotAllowed, Invalid naming what is wrong with which value, UserError where the list has as many as it can have.
    """
    _require(session)
    if not may_add_to(session, name):
        raise UserError(_("This list can't have fields of its own"))
    asked = session.everything[ENTITY].defaults | values
    given = _read(session, name, asked, {})
    column = custom.add(session.store, session.entity(name).table, given["kind"], listed=given["listed"])

    def work() -> str:
        last = max((row["position"] or 0 for row in fields_of(session, name)), default=0)
        session.records.insert(session.entity(ENTITY), [{**given, "name": column, "entity": name, "position": last + 1, "retired": False}], session.now)
        return column

    return session.write("create", _("Custom field added: {label}").format(label=given["label"]), work)


def change(session: Session, key: int, values: Values) -> Changes[None]:
    """Change what is said of a field, see ASKED; its kind stays. Raises NotAllowed, NotFound, Invalid."""
    _require(session)

    def work() -> None:
        row = _held(session, key)
        given = _read(session, row["entity"], {**row, **values, "kind": row["kind"]}, row)
        _refuse_used(session, row, set(choices_of(row["choices"])) - set(choices_of(given["choices"])))
        _write(session, key, given)

    return session.write("update", _("Custom field changed: {label}").format(label=values.get("label") or _held(session, key)["label"]), work)


def retire(session: Session, key: int) -> Changes[None]:
    """Hide a field everywhere; its values stay. Raises NotAllowed, NotFound."""
    return _turn(session, key, retired=True)


def bring_back(session: Session, key: int) -> Changes[None]:
    """Show a retired field again, with the values it had. Raises NotAllowed, NotFound, Invalid where another field has its name now."""
    return _turn(session, key, retired=False)


def _turn(session: Session, key: int, *, retired: bool) -> Changes[None]:
    _require(session)
    label = _held(session, key)["label"]

    def work() -> None:
        row = _held(session, key)
        if not retired:
            _refuse_same_label(session, row["entity"], row["label"], row["name"])
        _write(session, key, {"label": row["label"], "retired": retired})

    text = _("Custom field retired: {label}") if retired else _("Custom field brought back: {label}")
    return session.write("update", text.format(label=label), work)


def reorder(session: Session, name: str, keys: Sequence[int]) -> Changes[None]:
    """Put the fields of an entity in the order of `keys`, which are all of theirs. Raises NotAllowed, UserError where somebody added one meanwhile."""
    _require(session)

    def work() -> None:
        rows = {row["id"]: row for row in fields_of(session, name)}
        if rows.keys() != set(keys):
            raise UserError(_("Somebody changed the fields of this list meanwhile. Look at them again"))
        for place, key in enumerate(keys, 1):
            if rows[key]["position"] != place:
                _write(session, key, {"label": rows[key]["label"], "position": place})

    return session.write("update", _("Custom fields of {entity}: another order").format(entity=in_sentence(session.spec(name).plural)), work)


def _require(session: Session) -> None:
    if not may_make(session):
        raise NotAllowed(_("Only an administrator may add or change custom fields"))


def _held(session: Session, key: int) -> Values:
    found = session.records.rows(session.entity(ENTITY), [key], [*session.entity(ENTITY).spec.fields])
    if not found:
        raise NotFound(_("This field is not there any more; somebody undid its making"))
    return found[0]


def _write(session: Session, key: int, values: Values) -> None:
    entry = session.entity(ENTITY)
    session.records.update(entry, key, session.records.completed(entry, values), session.now)


def _read(session: Session, name: str, values: Values, row: Values) -> Values:
    """Return the values of ASKED as they are kept; raises Invalid naming all that is wrong."""
    spec, found, problems = session.everything[ENTITY], dict[str, Any](), list[FieldProblem]()
    for asked in ASKED:
        field = spec.fields[asked]
        try:
            found[asked] = field.kind.parse(values.get(asked), field)
            if field.required and found[asked] in (None, ""):
                raise ValueProblem(_("This is required"))
            if asked == "label":
                _refuse_same_label(session, name, found[asked], row.get("name", ""))
            if asked == "choices":
                found[asked] = _choices(found[asked], found.get("kind", ""))
        except Invalid as problem:
            problems += problem.problems
        except ValueProblem as problem:
            problems.append(FieldProblem(asked, str(problem)))
    if problems:
        raise Invalid(problems)
    return found


def _choices(text: str, kind: str) -> str:
    """Return the choices a line each; raises ValueProblem where a choice field has none, or one doesn't fit."""
    found = choices_of(text)
    if kind != "choice":
        return ""
    if not found:
        raise ValueProblem(_("Name at least one choice, one a line"))
    if len(found) > MOST_CHOICES:
        raise ValueProblem(_("These are {count} choices; at most {limit} fit").format(count=len(found), limit=MOST_CHOICES))
    if len({fold(one) for one in found}) < len(found):
        raise ValueProblem(_("Two choices are the same but for capitals or width"))
    long = next((one for one in found if len(one) > CHOICE_LENGTH), None)
    if long is not None:
        raise ValueProblem(_("“{choice}” is longer than {limit} characters").format(choice=long, limit=CHOICE_LENGTH))
    return "\n".join(found)


def _refuse_same_label(session: Session, name: str, label: str, own: str) -> None:
    """Raise Invalid where another field of the entity answers to this heading: an import wouldn't know which is meant."""
    key = heading_key(label)
    if not key:
        raise Invalid([FieldProblem("label", _("A field's name needs a letter or a figure"))])
    for field in session.everything[name].fields.values():
        if field.name != own and key in {heading_key(text) for text in field.headings()}:
            raise Invalid([FieldProblem("label", _("The field “{label}” is called so already").format(label=field.title))])


def _refuse_used(session: Session, row: Values, gone: set[str]) -> None:
    """Raise Invalid where a choice that is taken out is still the value of a record."""
    entry = session.entity(row["entity"])
    for choice in sorted(gone):
        count = session.records.count(entry, Where(row["name"], "eq", choice))
        if count:
            text = _("“{choice}” is still chosen in {count} records. Give these another value first, then take it out").format(choice=choice, count=count)
            raise Invalid([FieldProblem("choices", text)])
