"""What a list says where it has no rows: why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.ui.kit.widgets import Button, EmptyState

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.catalog import EntitySpec


def empty_state(spec: EntitySpec, *, filters: int, fresh: bool, writes: bool, clear: Callable[[], object], bring: Callable[[], object],
                new: Callable[[], object]) -> EmptyState:
    """Return what stands in the table's place: with `filters` in force, in a view of a list that has rows, or where there is none yet."""
    name = in_sentence(spec.plural)
    if filters:
        hint = _("Filters in force: {count}").format(count=filters)
        return EmptyState("search", _("No {entity} match").format(entity=name), hint, [Button(_("Clear filters"), name="action.empty_clear", on_click=clear)])
    if not fresh:
        return EmptyState(spec.icon, _("Nothing in this view"), _("The other views may hold more"))
    if spec.fields[spec.title].derived:
        return EmptyState(spec.icon, _("No {entity} yet").format(entity=name), _("The program fills this list by itself"))
    if not writes:
        return EmptyState(spec.icon, _("No {entity} yet").format(entity=name), _("Your role may look at this but not change it. Ask your administrator"))
    buttons = [Button(_("Import from Excel"), "soft", name="action.empty_import", on_click=bring),
               Button(_("New {entity}").format(entity=in_sentence(spec.singular)), name="action.empty_new", on_click=new)]
    return EmptyState(spec.icon, _("No {entity} yet").format(entity=name), _("Bring them in from Excel, or enter the first one by hand"), buttons)
