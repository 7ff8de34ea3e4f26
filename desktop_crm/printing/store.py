"""Where templates are: those that ship, and the company's own with their drafts and versions, which everybody of the company shares.

A template of the company's own stands in front of a shipped one of the same name. What is being changed is a draft and prints nothing until it is
published as the next version; every version is kept. All of it is written in change sets, and so is in the log and can be undone.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.files import disk_reason, write_atomically
from desktop_crm.base.i18n import _
from desktop_crm.base.resources import resource
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Where
from desktop_crm.printing.check import check_template
from desktop_crm.printing.documents import BUILTIN, builtin_templates, load_template
from desktop_crm.printing.elements import MAX_FILE
from desktop_crm.printing.fields import template_fields
from desktop_crm.printing.parse import parse_template
from desktop_crm.printing.stored import PublishRefused, Stored, Version, paper_words, refuse_wrong
from desktop_crm.services import records, writing
from desktop_crm.services.records import require_write

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.printing.problems import TemplateProblem
    from desktop_crm.printing.template import Template
    from desktop_crm.services.session import Changes, Session

__all__ = ["PublishRefused", "Stored", "Version", "paper_words"]

ENTITY: Final = "print_template"
VERSION: Final = "print_template_version"
ACTION: Final = "template"
FACTS: Final = ("label", "name", "prints", "paper", "number", "active", "base", "version")
LABEL: Final = 100
"""Characters of a template's name, as its field takes them."""
NAMES: Final = 35
"""Characters of a short name before the figure that makes it one of its own."""


def may_design(session: Session) -> bool:
    """Tell whether this person may change printed documents."""
    return session.may_write(ENTITY)


# ---- reading


def list_templates(session: Session, prints: str | None = None, *, unpublished: bool = False) -> list[Stored]:
    """Return the templates in use, the shipped ones first; with `unpublished` also those without a published version and those put aside.

    `prints` leaves those of one entity or report.
    """
    own = {one.name: one for one in _own(session, EVERYTHING if prints is None else Where("prints", "eq", prints))}
    found = [_before(own.pop(one.name, None), one, unpublished=unpublished) for one in shipped() if prints in {None, one.prints}]
    found += [one for one in own.values() if unpublished or (one.number and one.active)]
    return [one for one in found if one is not None]


def _before(own: Stored | None, ships: Stored, *, unpublished: bool) -> Stored | None:
    """Return what stands for a shipped template: the company's own one, unless that prints nothing yet; None where it was put aside."""
    if own is None:
        return ships
    if unpublished:
        return own
    return (own if own.number else ships) if own.active else None


def shipped() -> list[Stored]:
    """Return the templates that ship, labelled in the user's language."""
    return [Stored(one.name, one.label, one.prints, paper_words(one)) for one in builtin_templates()]


def find(session: Session, name: str) -> Stored:
    """Return a template by its short name, used or not; raises NotFound."""
    own = _own(session, Where("name", "eq", name))
    found = own[0] if own else next((one for one in shipped() if one.name == name), None)
    if found is None:
        raise NotFound(_("There is no template “{name}”.").format(name=name))
    return found


def load(session: Session, name: str) -> Template:
    """Return the template that prints under a name: the company's published one, or the shipped one behind it.

    Raises NotFound, and UserError where it can't be used.
    """
    own = next(iter(_own(session, Where("name", "eq", name))), None)
    if name in BUILTIN and (own is None or not own.number):
        return load_template(name)
    if own is None:
        raise NotFound(_("There is no template “{name}”.").format(name=name))
    if not own.number:
        raise UserError(_("The template “{name}” was never published. Publish it in the designer first").format(name=own.label))
    return load_version(session, name, own.number)


def load_version(session: Session, name: str, number: int) -> Template:
    """Return a template as a version of it was published; raises NotFound, UserError."""
    own = find(session, name)
    return replace(parse_template(_body(session, own, number), name), label=own.label)


def draft(session: Session, name: str) -> dict[str, Any]:
    """Return what the designer goes on with: the draft, else what is published, else the shipped template. Raises NotFound."""
    own = find(session, name)
    return _raw(_draft_text(session, own))


def version_body(session: Session, name: str, number: int) -> dict[str, Any]:
    """Return a published version as JSON data; raises NotFound."""
    return _raw(_body(session, find(session, name), number))


def published_body(session: Session, name: str) -> dict[str, Any]:
    """Return what prints under a name as JSON data, whether it can be used or not; raises NotFound."""
    own = find(session, name)
    return _raw(_body(session, own, own.number)) if own.number else _raw(resource(f"templates/{name}.json").read_bytes())


def versions(session: Session, name: str) -> list[Version]:
    """Return the published versions of a template, the latest first; none of one that ships and was never changed."""
    own = find(session, name)
    rows = _version_rows(session, own.id, EVERYTHING, ["number", "published_at", "publisher", "remark"]) if own.id is not None else []
    return [Version(row["number"], row["published_at"], row["publisher"], row["remark"]) for row in sorted(rows, key=lambda row: -row["number"])]


# ---- changing


def save_draft(session: Session, name: str, data: dict[str, Any], *, seen: int | None = None) -> Changes[Stored]:
    """Keep what is being designed under a name; of a shipped template this makes the company's own. Prints nothing before it is published.

    `seen` is the record's version as the designer began with it (`Stored.seen`, 0 for none). Raises NotAllowed, NotFound, and UserError where
    somebody else changed the template meanwhile or it is too large. A draft may be unfinished: what is wrong with it is told when it is published.
    """
    require_write(session, ENTITY)
    text = _text(data)
    label = str(data.get("label") or "")[:LABEL]

    def work() -> Stored:
        held = find(session, name)
        if seen is not None and held.seen != seen:
            raise UserError(_("Somebody else changed the template “{name}” meanwhile. Open it anew, or save yours as a copy").format(name=held.label))
        title = held.label if held.shipped and label in {"", BUILTIN[name]} else label or held.label
        return _put(session, held, label=title, draft=text, prints=str(data.get("prints") or held.prints), paper=_paper(text, held.paper))

    return session.write(ACTION, _("Draft of the template {name} saved").format(name=label or name), work)


def create(session: Session, data: dict[str, Any], label: str, *, base: str = "") -> Changes[Stored]:
    """Add a template of the company's own from JSON data, as a draft under a label; raises NotAllowed, UserError."""
    require_write(session, ENTITY)
    title = label.strip()[:LABEL] or _("Template")
    data = {**data, "label": title}

    def work() -> Stored:
        name = _free_name(session, base or str(data.get("name") or ""))
        text = _text({**data, "name": name})
        return _put(session, Stored(name, title, str(data.get("prints") or ""), _paper(text, ""), base=base), draft=text)

    return session.write(ACTION, _("Template added: {name}").format(name=title), work)


def duplicate(session: Session, name: str, label: str = "") -> Changes[Stored]:
    """Start a template from another one, shipped or own, its draft included; raises NotFound, NotAllowed."""
    source = find(session, name)
    return create(session, draft(session, name), label or _("{name} (copy)").format(name=source.label), base=name)


def publish(session: Session, name: str, remark: str = "") -> Changes[int]:
    """Make the draft what prints from now on; returns the version's number.

    Raises PublishRefused naming each element that is wrong, NotAllowed, and UserError where there is nothing to publish.
    """
    require_write(session, ENTITY)
    held = find(session, name)

    def work() -> int:
        row = _record(session, name)
        if not row["draft"]:
            raise UserError(_("Nothing of the template “{name}” is unpublished").format(name=held.label))
        refuse_wrong(problems_of(session, row["draft"]), held.label)
        number = max([one.number for one in versions(session, name)], default=0) + 1
        values = {"template": row["id"], "number": number, "published_at": session.now, "publisher": session.person.name, "remark": remark[:200], "body": row["draft"]}
        writing.insert_rows(session, VERSION, [values])
        writing.update_row(session, ENTITY, row["id"], {**row, "number": number, "draft": ""})
        return number

    return session.write(ACTION, _("Template published: {name}").format(name=held.label), work)


def check(session: Session, name: str) -> list[TemplateProblem]:
    """Return what is wrong with the draft of a template, or with what is published; raises NotFound."""
    return problems_of(session, _draft_text(session, find(session, name)))


def problems_of(session: Session, text: str | bytes) -> list[TemplateProblem]:
    """Return what is wrong with the text of a template, fields that don't exist included."""
    prints = _raw(text).get("prints")
    fields = template_fields(session.everything, prints) if isinstance(prints, str) else ()
    # What prints something this program doesn't know is checked by itself alone.
    return check_template(text, fields or None)


def restore(session: Session, name: str, number: int) -> Changes[Stored]:
    """Make an earlier version the draft; publishing it makes it print again. Raises NotFound, NotAllowed."""
    return save_draft(session, name, version_body(session, name, number))


def discard_draft(session: Session, name: str) -> Changes[Stored]:
    """Go back to what is published; raises NotAllowed, NotFound, and UserError where nothing is."""
    require_write(session, ENTITY)
    held = find(session, name)
    if not held.number:
        raise UserError(_("Nothing of the template “{name}” is published. Delete it instead").format(name=held.label))
    return session.write(ACTION, _("Draft of the template {name} dropped").format(name=held.label), lambda: _put(session, held, draft=""))


def change(session: Session, name: str, *, label: str = "", active: bool | None = None) -> Changes[Stored]:
    """Give a template another label, or put it aside so that nobody is offered it (`active`); raises NotAllowed, NotFound."""
    require_write(session, ENTITY)
    held = find(session, name)
    values = {"label": label.strip()[:LABEL] or held.label, "active": held.active if active is None else active}
    return session.write(ACTION, _("Template changed: {name}").format(name=values["label"]), lambda: _put(session, held, **values))


def delete(session: Session, name: str) -> Changes[int]:
    """Delete a template of the company's own with its versions; a shipped one of that name prints again. Raises NotAllowed, UserError."""
    held = find(session, name)
    if held.id is None:
        raise UserError(_("“{name}” ships with the program and can't be deleted; put it aside instead").format(name=held.label))
    return records.delete(session, ENTITY, [held.id])


# ---- files


def export_template(session: Session, name: str, path: Path) -> None:
    """Write what is published of a template to a file, its draft where nothing is; raises NotFound, and UserError where the disk refuses."""
    held = find(session, name)
    text = _body(session, held, held.number) if held.number else _draft_text(session, held)
    try:
        write_atomically(path, (json.dumps({**_raw(text), "label": held.label}, ensure_ascii=False, indent=1) + "\n").encode())
    except OSError as problem:
        raise UserError(_("“{file}” can't be written: {reason}. Close it if it is open elsewhere, or choose another place.").format(file=path, reason=disk_reason(problem))) from problem


def import_template(session: Session, path: Path) -> Changes[Stored]:
    """Take over a template from a file as a draft of the company's own; a name that is taken is replaced by a free one.

    The file may come from anyone: raises UserError naming the place of what is wrong, NotAllowed.
    """
    template = load_template(Path(path))
    data = json.loads(Path(path).read_bytes())
    return create(session, data, template.label, base=template.name if template.name in BUILTIN else "")


# ---- rows


def _own(session: Session, condition: Condition) -> list[Stored]:
    """Return the company's templates; none for somebody who may see none."""
    if ENTITY not in session.catalog:
        return []
    entry, asked = session.entity(ENTITY), session.readable(ENTITY, condition)
    drafted = set(session.records.ids_where(entry, Every((asked, Where("draft", "filled")))))
    rows = session.records.find(entry, asked, list(FACTS), sort="id")
    made = [Stored(row["name"], row["label"], row["prints"], row["paper"], row["id"], row["number"] or 0, bool(row["active"]), row["id"] in drafted, row["base"], row["version"]) for row in rows]
    # Two that were made at the same moment on two computers: the first counts.
    return list({one.name: one for one in reversed(made) if one.name}.values())[::-1]


def _record(session: Session, name: str) -> Values:
    """Return all of a template's record, held until the change set ends; raises UserError where the company has none of its own."""
    key = find(session, name).id
    held = session.records.lock(session.entity(ENTITY), key) if key is not None else None
    row = writing.stored_values(session, ENTITY, key) if held is not None and key is not None else None
    if row is None:
        raise UserError(_("Nothing of the template “{name}” is unpublished").format(name=name))
    return row


def _put(session: Session, one: Stored, **values: Any) -> Stored:
    """Write a template's record, made where the company had none, inside the open change set."""
    facts: Values = {"name": one.name, "label": one.label, "prints": one.prints, "paper": one.paper, "base": one.base or (one.name if one.shipped else ""), "active": one.active, "number": one.number}
    if one.id is None:
        writing.insert_rows(session, ENTITY, [{**facts, "draft": "", **values}])
    else:
        writing.update_row(session, ENTITY, one.id, {**_record(session, one.name), **values})
    return find(session, one.name)


def _version_rows(session: Session, key: int, condition: Condition, names: list[str]) -> list[Values]:
    asked = session.readable(VERSION, Every((Where("template", "eq", key), condition)))
    return session.records.find(session.entity(VERSION), asked, names, sort="id")


def _body(session: Session, own: Stored, number: int) -> str:
    rows = _version_rows(session, own.id, Where("number", "eq", number), ["body"]) if own.id is not None else []
    if not rows:
        raise NotFound(_("The template “{name}” has no version {number}").format(name=own.label, number=number))
    return str(rows[0]["body"])


def _draft_text(session: Session, own: Stored) -> str:
    if own.id is not None and own.draft:
        return str(session.records.rows(session.entity(ENTITY), [own.id], ["draft"])[0]["draft"])
    if own.number:
        return _body(session, own, own.number)
    if own.shipped:
        return resource(f"templates/{own.name}.json").read_text("utf-8")
    return "{}"


def _raw(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _text(data: dict[str, Any]) -> str:
    """Return a draft as it is stored; raises UserError where it is too large for a template."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_FILE:
        raise UserError(_("The template is larger than {count} MB. Take smaller pictures").format(count=MAX_FILE // 1_000_000))
    return text


def _paper(text: str, otherwise: str) -> str:
    """Return a draft's paper in words; what was known before where the draft can't be read yet."""
    try:
        return paper_words(parse_template(text))
    except UserError:
        return otherwise


def _free_name(session: Session, wanted: str) -> str:
    """Return a short name that neither ships nor is taken."""
    stem = re.sub(r"[^a-z0-9_]+", "_", wanted.lower()).strip("_")[:NAMES] or "own"
    stem = stem if stem[0].isalpha() else f"own_{stem}"[:NAMES]
    number, name = 1, stem
    while name in BUILTIN or session.records.count(session.entity(ENTITY), Where("name", "eq", name)):
        number, name = number + 1, f"{stem}_{number + 1}"
    return name
