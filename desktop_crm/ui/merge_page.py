"""Records that mean the same, side by side: which of them stays, what is kept of each field, and what moves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop_crm.base.errors import Conflict, Invalid, NotFound, UserError, ValueProblem
from desktop_crm.base.i18n import _, in_sentence, ngettext
from desktop_crm.services import merging
from desktop_crm.services.checking import is_empty
from desktop_crm.ui.conflict import Option
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.editing import LinkSource
from desktop_crm.ui.kit.widgets import (
    Banner,
    Button,
    Card,
    EmptyState,
    IconLabel,
    KeyHint,
    Label,
    Skeleton,
    box,
    clear,
    column,
    hline,
    holder,
    row,
    scroll,
)
from desktop_crm.ui.merge_rows import NAME_WIDTH, OPTION_WIDTH, RESULT_WIDTH, MergeRow
from desktop_crm.ui.show import counted, full_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.merging import Merged, Offer
    from desktop_crm.services.session import Changes

SIDE: Final = 20
GAP: Final = 12


class MergePage(Page):
    """Merges the records `ids` of an entity into one of them. Fields that differ come first, those that don't are folded."""

    topic = "merge"

    def __init__(self, desk: Desk, entity: str, ids: Sequence[int]) -> None:
        super().__init__(desk)
        self.spec = desk.session.spec(entity)
        self.place = entity
        self.ids = list(ids)
        self.offer: Offer | None = None
        self.keep = 0
        self.rows: list[MergeRow] = []
        self.records: dict[int, Option] = {}
        self._touched: set[str] = set()
        self.setObjectName(f"merge.{entity}")
        self.setWindowTitle(_("Merge {entity}").format(entity=in_sentence(self.spec.plural)))
        self.links = LinkSource(desk, self)
        self.banner = Banner(name="merge.banner")
        self.banner.hide()
        self.body = column(gap=GAP, margins=(SIDE, 12, SIDE, 20))
        self.save_button = Button(_("Merge"), "primary", icon="merge", name="action.merge", tip=_("Merge (Ctrl+Enter)"), on_click=self.save)
        self.save_button.setEnabled(False)
        cancel = Button(_("Cancel"), "ghost", name="action.cancel", on_click=desk.go_back)
        head = row(Label(self.windowTitle(), "page"), None, cancel, self.save_button, KeyHint("Ctrl Enter"), margins=(SIDE, 10, 16, 10))
        self.area = scroll(holder(self.body), name="merge.body", sideways=True)
        self.setLayout(column(box(head, "surface"), hline(), holder(column(self.banner, margins=(SIDE, 8, SIDE, 0))), (self.area, 1), gap=0))
        self.load()

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the list, then this page."""
        return [(self.spec.plural, lambda: self.desk.show_list(self.spec.name)), (self.windowTitle(), None)]

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do here."""
        return {"save": self.save, "submit": self.save, "refresh": self.load}

    # ---- reading

    def load(self) -> None:
        """Read the records and what hangs on them."""
        session, name, ids = self.desk.session, self.spec.name, self.ids
        clear(self.body)
        self.body.addWidget(Skeleton(8))
        self.body.addStretch(1)
        self.save_button.setEnabled(False)
        self.desk.operations.read(self, lambda: merging.offer(session, name, ids), self._came, key="offer", failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        clear(self.body)
        self.body.addWidget(EmptyState("merge", _("This can't be merged"), problem.message, [Button(_("Go back"), name="action.back", on_click=self.desk.go_back)]))
        self.body.addStretch(1)

    def _came(self, offer: Offer) -> None:
        self.offer = offer
        self.ids = [row["id"] for row in offer.rows]
        weights = {key: sum(one.by_record.get(key, 0) for one in offer.moves) for key in self.ids}
        self.keep = max(self.ids, key=lambda key: (weights[key], sum(not is_empty(value) for value in self._values(key).values()), -key))
        self._touched.clear()
        self._build()
        self.save_button.setEnabled(True)
        self.records[self.keep].setFocus(Qt.FocusReason.OtherFocusReason)

    def _values(self, key: int) -> Values:
        return next(row for row in self.offer.rows if row["id"] == key) if self.offer is not None else {}

    # ---- building

    def _build(self) -> None:
        offer = self.offer
        if offer is None:
            return
        clear(self.body)
        kept = merging.proposal(self.spec, offer.rows, self.keep)
        made = [MergeRow(self.spec, field, offer.rows, self.links, kept[field.name], partial(self._touched.add, field.name))
                for field in self._fields() if any(not is_empty(row.get(field.name)) for row in offer.rows)]
        self.rows = sorted((one for one in made if not one.equal or one.field.adds_up), key=lambda one: (not one.contested, one.field.adds_up))
        self.body.addLayout(self._header())
        self.body.addWidget(hline())
        for one in self.rows:
            self.body.addLayout(one.layout())
        if not self.rows:
            self.body.addWidget(Label(_("All of them say the same"), "body", "text2"))
        equal = [one.field for one in made if one.equal and not one.field.adds_up]
        if equal:
            self.body.addWidget(self._folded(equal))
        self.body.addWidget(self._moves())
        self.body.addStretch(1)

    def _fields(self) -> list[Any]:
        named = [name for section in self.spec.form for name in section.fields]
        return sorted(self.spec.typed_fields(), key=lambda one: named.index(one.name) if one.name in named else len(named))

    def _header(self) -> Any:
        offer = self.offer
        self.group = QButtonGroup(self)
        self.records = {}
        name = column(Label(_("Stays"), "body", bold=True), Label(_("the others join it"), "small", "text3"), gap=1)
        cell = holder(name)
        cell.setFixedWidth(NAME_WIDTH)
        line = row(cell, gap=GAP)
        for one in offer.rows if offer is not None else ():
            option = Option(self._title(one), self._about(one), name=f"merge.keep.{one['id']}")
            option.setMinimumWidth(OPTION_WIDTH)
            option.setToolTip(f"{option.text()}\n{self._about(one)}")
            option.setChecked(one["id"] == self.keep)
            option.clicked.connect(partial(self.choose_record, int(one["id"])))
            self.group.addButton(option)
            self.records[int(one["id"])] = option
            line.addWidget(option, 1)
        result = row(IconLabel("merge", "accent"), Label(_("Result"), "body", bold=True), None, gap=6)
        cell = holder(result)
        cell.setFixedWidth(RESULT_WIDTH)
        line.addWidget(cell)
        return line

    def _title(self, one: Values) -> str:
        return self.spec.fields[self.spec.title].show(one.get(self.spec.title)) or f"#{one['id']}"

    def _about(self, one: Values) -> str:
        """Return the number of a record, since when it is there, and how much hangs on it."""
        number = next((self.spec.fields[name].show(one.get(name)) for name in self.spec.match if self.spec.fields[name].rule), "")
        linked = sum(moving.by_record.get(one["id"], 0) for moving in self.offer.moves) if self.offer is not None else 0
        hanging = ngettext("{count} linked", "{count} linked", linked).format(count=f"{linked:,}")
        parts = (number, hanging, f"{one['created_at'].astimezone():%Y-%m-%d}")
        return " · ".join(part for part in parts if part)

    def _folded(self, fields: Sequence[Any]) -> QWidget:
        today, first = self.desk.session.today, self._values(self.keep)
        lines = [row(self._cell(field.title), (Label(full_text(field, first.get(field.name), today)[0] or "—", wrap=True), 1), gap=GAP) for field in fields]
        inside = holder(column(*lines, gap=6), name="merge.equal.fields")
        inside.hide()
        fold = Button("", "ghost", icon="chevron-right", size="small", name="merge.equal", tip=_("Show what is the same"))

        def turn() -> None:
            inside.setHidden(not inside.isHidden())
            fold.set_icon("chevron-right" if inside.isHidden() else "chevron-down")

        fold.clicked.connect(turn)
        text = ngettext("{count} field is the same", "{count} fields are the same", len(fields)).format(count=len(fields))
        return box(column(row(fold, IconLabel("circle-check", "success"), Label(text, "body", bold=True), None, Label(_("Nothing to decide"), "small", "text3"), gap=6), inside,
                          gap=6, margins=(12, 8, 12, 8)), "inset", name="merge.folded")

    @staticmethod
    def _cell(text: str) -> Label:
        label = Label(text, "body", "text2", wrap=True)
        label.setFixedWidth(NAME_WIDTH - 12)
        return label

    def _moves(self) -> QWidget:
        """Say what will belong to the record that stays and doesn't yet."""
        title = self._title(self._values(self.keep))
        card = Card(_("Moves to “{title}”").format(title=title))
        card.setObjectName("merge.moves")
        found = [(one, one.count - one.by_record.get(self.keep, 0)) for one in (self.offer.moves if self.offer is not None else ())]
        parts = []
        for one, count in found:
            if count:
                spec = self.desk.session.everything[one.entity]
                parts.append(row(IconLabel(spec.icon), Label(counted(spec, count)), gap=6))
        card.body.addLayout(row(*parts, None, gap=20) if parts else row(Label(_("Nothing hangs on the others"), "body", "text2")))
        hidden = sum(one.hidden for one in self.offer.moves) if self.offer is not None else 0
        if hidden:
            card.body.addWidget(Label(_("{count} of them you may not see; they move all the same").format(count=hidden), "small", "text3"))
        card.body.addWidget(Label(_("The others are deleted afterwards. One undo parts them again, with everything where it was"), "small", "text3", wrap=True))
        return card

    # ---- choosing

    def choose_record(self, key: int) -> None:
        """Let another record stay; fields that nobody touched follow it."""
        if key == self.keep or self.offer is None:
            return
        self.keep = key
        kept = merging.proposal(self.spec, self.offer.rows, key)
        for one in self.rows:
            if one.field.name not in self._touched:
                one.put(kept[one.field.name])
        old = self.findChild(QWidget, "merge.moves")
        if old is not None:
            place = self.body.indexOf(old)
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
            self.body.insertWidget(place, self._moves())

    # ---- merging

    def save(self) -> None:
        """Merge, unless a value is in the way."""
        if self.offer is None or not self.save_button.isEnabled():
            return
        values: Values = {}
        wrong: list[MergeRow] = []
        for one in self.rows:
            try:
                values[one.field.name] = one.value()
            except ValueProblem:
                wrong.append(one)
        if wrong:
            wrong[0].editor.setFocus()
            self.area.ensureWidgetVisible(wrong[0].editor)
            return
        session, name, keep, versions = self.desk.session, self.spec.name, self.keep, self.offer.versions()
        others = [key for key in self.ids if key != keep]
        self.banner.hide()
        self.save_button.set_busy(_("Merging…"))
        self.desk.write(self, lambda: merging.merge(session, name, keep, others, values, versions=versions), self._merged, failed=self._refused)

    def _merged(self, changes: Changes[Merged]) -> None:
        self.save_button.set_busy(None)
        self.offer = None
        self.desk.go_back()
        self.desk.open_record(self.spec.name, changes.result.id)

    def _refused(self, problem: BaseException) -> None:
        self.save_button.set_busy(None)
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        if isinstance(problem, Invalid):
            by_field = {one.field: one.message for one in problem.problems}
            for one in self.rows:
                one.editor.set_problem(by_field.get(one.field.name))
        actions = [Button(_("Read anew"), size="small", name="merge.reload", on_click=self._again)] if isinstance(problem, Conflict | NotFound) else []
        self.banner.show_text(problem.message, "danger", detail=_("Nothing was merged"), actions=actions)
        self.banner.show()

    def _again(self) -> None:
        self.banner.hide()
        self.load()
