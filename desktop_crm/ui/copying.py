"""Copying what a list holds to the clipboard, a hundred thousand rows as well: rows that were not read yet are read by a lane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.blocks import MOST_IN_HTML, block_html, put_made, texts_block
from desktop_crm.ui.kit.table import FIGURE_KINDS
from desktop_crm.ui.show import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.ranges import RowRanges
    from desktop_crm.ui.rows import RowsModel


def copy_rows(desk: Desk, model: RowsModel, rows: RowRanges, columns: Sequence[int], headers: bool) -> None:  # noqa: FBT001 - a signal's arguments
    """Put rows of the list on the clipboard, read where they stand now; columns are given by their place in the model. The user may stop it."""
    query = replace(model.query, columns=tuple(model.columns[column].name for column in columns))
    fields, session, listing, total = [model.columns[column] for column in columns], desk.session, model.listing.anew(), model.count
    texts = [KINDS.get(field.kind.name) not in FIGURE_KINDS for field in fields]

    def work(step: Callable[[int, int], None]) -> tuple[str, str]:
        from desktop_crm.services.exporting import texts as texts_of

        lines: list[Sequence[str]] = [[field.title for field in fields]] if headers else []
        for part in texts_of(session, listing, query, rows.ranges, total):
            lines += part
            step(len(lines) - headers, len(rows))
        return texts_block(lines), block_html(lines, texts) if len(lines) * len(fields) <= MOST_IN_HTML else ""

    def came(made: tuple[str, str]) -> None:
        put_made(*made)
        desk.say(_("{count} rows copied").format(count=f"{len(rows):,}"))

    desk.operations.file(model, work, came, title=_("Copying {count} rows").format(count=f"{len(rows):,}"), failed=desk.fail)
