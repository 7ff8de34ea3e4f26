"""Verbs about the templates of printed documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, table
from desktop_crm.printing import store
from desktop_crm.printing.documents import template_bytes
from desktop_crm.printing.problems import ERROR

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from desktop_crm.services.session import Session


def template(session: Session, options: Namespace) -> Answer:
    """Do what is asked of a template: list, show, export, import, check, duplicate or publish."""
    return ACTIONS[options.action](session, options)


def _list(session: Session, options: Namespace) -> Answer:
    found = store.list_templates(session, options.prints, unpublished=True)
    heads = [_("Short name of the template"), _("Template name"), _("Prints"), _("Paper"), _("Published version"), _("In use")]
    lines = table(heads, [[one.name, one.label, one.prints, one.paper, _version(one), _("yes") if one.active else _("no")] for one in found])
    return Answer({"templates": [_facts(one) for one in found]}, lines)


def _version(one: store.Stored) -> str:
    number = str(one.number) if one.number else _("shipped") if one.shipped else "—"
    return f"{number} + {_('Draft')}" if one.draft else number


def _facts(one: store.Stored) -> dict[str, Any]:
    return {"name": one.name, "label": one.label, "prints": one.prints, "paper": one.paper, "version": one.number, "active": one.active, "draft": one.draft, "shipped": one.shipped, "own": one.own}


def _show(session: Session, options: Namespace) -> Answer:
    one = store.find(session, options.name)
    versions = store.versions(session, options.name)
    listed = [{"version": v.number, "at": v.at.isoformat() if v.at else None, "by": v.publisher, "remark": v.remark} for v in versions]
    rows = [[str(v.number), v.at.astimezone().strftime("%Y-%m-%d %H:%M") if v.at else "", v.publisher, v.remark] for v in versions]
    lines = [f"{one.label} ({one.name}), {one.paper}", *table([_("Version number"), _("Published on"), _("Published by"), _("What changed")], rows)]
    return Answer({**_facts(one), "versions": listed, "template": store.draft(session, options.name)}, lines)


def _export(session: Session, options: Namespace) -> Answer:
    path = Path(options.file)
    store.export_template(session, options.name, path)
    return Answer({"file": str(path.absolute())}, [_("Template written to {path}").format(path=path)])


def _import(session: Session, options: Namespace) -> Answer:
    made = store.import_template(session, Path(options.file))
    one = made.result
    number = store.publish(session, one.name).result if options.publish else 0
    return Answer({**_facts(store.find(session, one.name)), "change_set": made.change_set}, [made.label if not number else _("Template published: {name}").format(name=one.label)])


def _check(session: Session, options: Namespace) -> Answer:
    """Check a template file, or a template with its draft; where an error is found the exit code is 1."""
    found = store.problems_of(session, template_bytes(Path(options.name))) if Path(options.name).suffix else store.check(session, options.name)
    problems = [{"path": one.path, "message": one.message, "severity": one.severity} for one in found]
    wrong = any(one.severity == ERROR for one in found)
    return Answer({"ok": not wrong, "problems": problems}, [str(one) for one in found] or [_("The template is in order")], refused=wrong)


def _duplicate(session: Session, options: Namespace) -> Answer:
    made = store.duplicate(session, options.name, options.label)
    return Answer({**_facts(made.result), "change_set": made.change_set}, [f"{made.label} ({made.result.name})"])


def _publish(session: Session, options: Namespace) -> Answer:
    made = store.publish(session, options.name, options.remark)
    return Answer({"name": options.name, "version": made.result, "change_set": made.change_set}, [made.label])


ACTIONS: dict[str, Callable[[Session, Namespace], Answer]] = {
    "list": _list, "show": _show, "export": _export, "import": _import, "check": _check, "duplicate": _duplicate, "publish": _publish,
}  # fmt: skip
