"""Deleting records from any screen: straight away where nothing hangs on them, else after showing what goes along and what forbids it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.services import records
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Banner, Button, IconLabel, Label, LinkLabel, column, row
from desktop_crm.ui.show import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QLayout, QWidget

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.deletion import Going, Obstacle, Preview
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk

SHOWN: Final = 12
MANY: Final = 500
"""Records whose preview and deletion may take a while: shown as tasks, and stopped at the next step."""


class Deleting(QObject):
    """Deletes records of one entity for a page. Signal: `deleted(ids)` once they are gone; the toast undoes it."""

    deleted = Signal(object)

    def __init__(self, widget: QWidget, desk: Desk, spec: EntitySpec) -> None:
        super().__init__(widget)
        self.widget, self.desk, self.spec = widget, desk, spec
        self.dialog: DeletionDialog | None = None

    def start(self, find: Callable[[], Sequence[int]], count: int = 1) -> None:
        """Look at what the deletion of the records that `find` returns would do; it runs away from the window and may read."""
        from desktop_crm.services.deletion import deletion_preview

        session, name = self.desk.session, self.spec.name
        if count > MANY:
            self.desk.operations.look(self, lambda _step: deletion_preview(session, name, find()), self._seen, title=_("Looking at what hangs on them…"), failed=self.desk.fail)
        else:
            self.desk.operations.read(self, lambda: deletion_preview(session, name, find()), self._seen, key="deletion", failed=self.desk.fail)

    def _seen(self, preview: Preview) -> None:
        if preview.plain:
            self._delete(preview.ids)
            return
        session, name, first = self.desk.session, self.spec.name, preview.ids[:1]
        self.desk.operations.read(self, lambda: session.records.titles(session.entity(name), first), partial(self._ask, preview), key="title", failed=self.desk.fail)

    def _ask(self, preview: Preview, titles: dict[int, str]) -> None:
        self.dialog = DeletionDialog(self.widget, self.desk, self.spec, preview, titles.get(preview.ids[0], ""))
        self.dialog.chosen.connect(self._delete)
        self.dialog.open()

    def _delete(self, ids: Sequence[int]) -> None:
        session, name = self.desk.session, self.spec.name

        def done(_changes: Changes[int]) -> None:
            self.deleted.emit(list(ids))

        if len(ids) > MANY:
            title = _("Deleting {thing}").format(thing=counted(self.spec, len(ids)))
            self.desk.write_long(self, lambda step: records.delete(session, name, ids, step=step), done, title=title, failed=self.desk.fail)
        else:
            self.desk.write(self, lambda: records.delete(session, name, ids), done, failed=self.desk.fail)


class DeletionDialog(Dialog):
    """Shows what hangs on records. Signal: `chosen(ids)` with those that are to be deleted after all."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, desk: Desk, spec: EntitySpec, preview: Preview, title: str) -> None:
        self.desk, self.spec, self.preview = desk, spec, preview
        count = len(preview.ids)
        self.thing = _("{entity} “{title}”").format(entity=in_sentence(spec.singular), title=title) if count == 1 else counted(spec, count)
        heading = _("Delete {thing}?") if not preview.forbidden else _("Not all of the {thing} can be deleted") if preview.free else _("Can't delete {thing}")
        heading = heading.format(thing=self.thing)
        hint = _("Other records still point here, and would be left without it. Nothing was deleted") if preview.forbidden else _("Undo or the recycle bin brings all of it back into its place")
        super().__init__(parent, heading, hint, width=560, name="deletion_dialog")
        if preview.forbidden:
            self._add_obstacles()
        if preview.going and not preview.forbidden:
            self.add(Label(_("Goes along"), "body", bold=True))
            for one in preview.going:
                self.add(self._going(one))
        self._add_buttons(count)

    def _going(self, one: Going) -> QLayout:
        spec = self.desk.session.everything[one.entity]
        sums = [f"{spec.fields[name].title} ¥{spec.fields[name].show(value)}" for name, value in one.sums.items() if value]
        hidden = _("and {count} that you may not see").format(count=one.hidden) if one.hidden else ""
        text = row(Label(counted(spec, one.count)), Label(hidden, "small", "text3"), None, gap=8)
        words = column(text, Label(" · ".join(sums), "small", "text2", wrap=True), gap=0) if sums else text
        return row(IconLabel(spec.icon), (words, 1), gap=8)

    def _add_obstacles(self) -> None:
        preview = self.preview
        if len(preview.ids) > 1 and preview.free:
            text = _("{blocked} of {count} are still in use; the other {free} can be deleted").format(
                blocked=len(preview.ids) - len(preview.free), count=len(preview.ids), free=len(preview.free))
            self.add(Banner(text, "warn"))
        self.add(Label(_("Stands in the way"), "body", bold=True))
        for one in preview.obstacles[:SHOWN]:
            self.add(self._obstacle(one))
        for text in dict.fromkeys(one.way_out for one in preview.obstacles):
            self.add(Banner(text, "info"))
        more = preview.more + max(0, len(preview.obstacles) - SHOWN)
        if more:
            self.add(Label(_("and {count} more").format(count=f"{more:,}"), "small", "text2"))
        if preview.hidden:
            self.add(Label(_("{count} records that you may not see point here. Ask a manager").format(count=preview.hidden), "small", "text2", wrap=True))

    def _obstacle(self, one: Obstacle) -> QLayout:
        spec = self.desk.session.everything[one.entity]
        link = LinkLabel(one.title or f"#{one.id}", name=f"deletion_dialog.{one.entity}.{one.id}")
        link.clicked.connect(partial(self._open, one))
        words: QLayout = row(Label(spec.singular, "body", "text2"), link, None, gap=6)
        if len(self.preview.ids) > 1 or one.target != self.spec.name:
            why = _("{field}: {title}").format(field=one.link, title=one.target_title)
            words = column(words, Label(why, "small", "text3", wrap=True), gap=0)
        return row(IconLabel(spec.icon), (words, 1), gap=8)

    def _open(self, one: Obstacle) -> None:
        self.reject()
        self.desk.open_record(one.entity, one.id)

    def _add_buttons(self, count: int) -> None:
        preview = self.preview
        safe = _("Close") if preview.forbidden and not preview.free else _("Keep it") if count == 1 else _("Keep them")
        self.add_button(Button(safe, name="deletion_dialog.keep", on_click=self.reject), safe=True)
        if preview.forbidden and not preview.free:
            return
        if preview.forbidden:
            text = _("Delete the other {count}").format(count=len(preview.free))
        else:
            text = _("Delete {thing}").format(thing=self.thing if count > 1 else in_sentence(self.spec.singular))
        self.add_button(Button(text, "danger", icon="trash-2", name="deletion_dialog.delete", on_click=self._take))

    def _take(self) -> None:
        self.accept()
        self.chosen.emit(self.preview.free if self.preview.forbidden else self.preview.ids)
