"""The pane beside a list: the current record at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import NotFound
from desktop_crm.base.i18n import _
from desktop_crm.services import records
from desktop_crm.ui.kit.grounds import Ground
from desktop_crm.ui.kit.widgets import (
    Avatar,
    Banner,
    Button,
    ElidedLabel,
    KeyHint,
    Label,
    Pill,
    Skeleton,
    Stars,
    clear,
    column,
    hline,
    holder,
    row,
    scroll,
)
from desktop_crm.ui.show import NUMBERS, full_text, pills

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QLayout

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.ui.desk import Desk

WIDTH: Final = 288
WAIT_MS: Final = 60
DOCKED_FROM: Final = 1400
FACTS: Final = 12
LABEL: Final = 82
WIDEST_LABEL: Final = 116
EVENTS: Final = 3


class PreviewPane(Ground):
    """Shows one record. Signals: `open_wanted(int)`, `edit_wanted(int)`."""

    open_wanted = Signal(int)
    edit_wanted = Signal(int)

    def __init__(self, desk: Desk, spec: EntitySpec) -> None:
        super().__init__()
        self.desk, self.spec = desk, spec
        self.key: int | None = None
        self.setObjectName(f"list.{spec.name}.preview")
        self.setAccessibleName(_("Preview"))
        self.setFixedWidth(WIDTH)
        self._head = column(gap=10, margins=(16, 14, 16, 14))
        self._body = column(gap=12, margins=(16, 12, 16, 12))
        foot = row(KeyHint(_("Enter")), Label(_("Open record"), "small", "text3"), None, KeyHint(_("Space")), Label(_("Hide"), "small", "text3"), gap=6, margins=(16, 8, 16, 8))
        self.setLayout(column(self._head, hline(), (scroll(holder(self._body)), 1), hline(), foot, gap=0, margins=(1, 0, 0, 0)))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)

    def show_record(self, key: int | None) -> None:
        """Show a record, shortly after the last one asked for; None empties the pane."""
        if key == self.key and key is not None:
            return
        self.key = key
        if key is None:
            self._wait.stop()
            self._empty(_("Choose a row to see it here"))
        else:
            self._wait.start()

    def reload(self) -> None:
        """Read the record anew."""
        if self.key is not None and self.isVisible():
            self._wait.start()

    def _empty(self, text: str) -> None:
        clear(self._head)
        clear(self._body)
        self._body.addWidget(Label(text, "small", "text3", wrap=True))
        self._body.addStretch(1)

    def _ask(self) -> None:
        key, session, spec = self.key, self.desk.session, self.spec
        if key is None:
            return
        if self._head.isEmpty():
            clear(self._body)
            self._body.addWidget(Skeleton(6))
            self._body.addStretch(1)

        def work() -> tuple[Values, list[Values]]:
            from desktop_crm.ui import follow_ups

            return records.get(session, spec.name, key), follow_ups.latest(session, spec.name, key, limit=EVENTS)

        self.desk.operations.read(self, work, lambda found: self._show(*found), key="preview", failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, NotFound):
            self._empty(problem.message)
        else:
            self.desk.fail(problem)

    def _show(self, values: Values, events: list[Values]) -> None:
        clear(self._head)
        clear(self._body)
        self._head.addLayout(self._title(values))
        buttons = [Button(_("Open record"), "primary", icon="arrow-up-right", size="small", name="action.preview_open", on_click=lambda: self.open_wanted.emit(values["id"]))]
        if self.desk.session.may_write(self.spec.name):
            buttons.append(Button(_("Edit"), icon="pencil", size="small", name="action.preview_edit", on_click=lambda: self.edit_wanted.emit(values["id"])))
        self._head.addLayout(row(*buttons, None, gap=6))
        shown: set[str] = {self.spec.title, self.spec.state}
        alert = self._alert(values, shown)
        if alert is not None:
            self._body.addWidget(alert)
        self._body.addLayout(self._facts(values, shown))
        if events:
            from desktop_crm.ui import follow_ups
            from desktop_crm.ui.kit.timeline import Timeline

            today, catalog = self.desk.session.today, self.desk.session.catalog
            self._body.addSpacing(4)
            self._body.addWidget(Label(_("Latest follow-ups"), "body", bold=True))
            line = Timeline(name="preview.timeline", bounded=False)
            line.set_events([follow_ups.event(catalog, one, today, dated=False) for one in events])
            self._body.addWidget(line)
        self._body.addStretch(1)

    def _title(self, values: Values) -> QLayout:
        title = self.spec.fields[self.spec.title].show(values[self.spec.title]) or self.spec.singular
        second = row(gap=6)
        state = self.spec.fields.get(self.spec.state)
        if state is not None and (choice := state.choice(values.get(state.name) or "")) is not None:
            second.addWidget(Pill(_(choice.label), choice.tone))
        for one in self.spec.fields.values():
            if one.kind.name == "stars" and values.get(one.name):
                second.addWidget(Stars(values[one.name]))
            elif one.kind.name == "number" and one.name != self.spec.title and values.get(one.name):
                second.addWidget(Label(one.show(values[one.name]), "small", "text2"))
        second.addStretch(1)
        return row(Avatar(title, 36, square=True, tone="info"), (column(ElidedLabel(title, "strong", bold=True), second, gap=3), 1), gap=12)

    def _alert(self, values: Values, shown: set[str]) -> Banner | None:
        """Return a banner with the figures that ask for attention."""
        toned = [one for one in self.spec.fields.values() if one.tone == "danger" and one.kind.name in NUMBERS and (values.get(one.name) or 0) > 0]
        if not toned:
            return None
        shown |= {one.name for one in toned}
        first, *more = [f"{one.title} {full_text(one, values[one.name], self.desk.session.today)[0]}" for one in toned]
        return Banner(first, "danger", detail=" · ".join(more), icon="triangle-alert")

    def _fields(self) -> list[FieldSpec]:
        names = [*self.spec.key_figures, *(name for section in self.spec.form for name in section.fields)]
        found = [self.spec.fields[name] for name in dict.fromkeys(names)]
        return [one for one in found if one.kind.name not in {"note", "stars", "number"} ]

    def _facts(self, values: Values, shown: set[str]) -> QLayout:
        lines = column(gap=6)
        labels: list[ElidedLabel] = []
        for one in self._fields():
            text, role = full_text(one, values.get(one.name), self.desk.session.today)
            if one.name in shown or not text or len(labels) == FACTS or (one.kind.name in NUMBERS and values[one.name] == 0):
                continue
            label = ElidedLabel(one.title, "small", "text2")
            labels.append(label)
            value: ElidedLabel | Pill = ElidedLabel(text, "body", role)
            choice = one.choice(values[one.name]) if one.choices and pills(one) else None
            if choice is not None:
                value = Pill(text, choice.tone)
            lines.addLayout(row(label, (value, 1), gap=8) if choice is None else row(label, value, None, gap=8))
        width = min(WIDEST_LABEL, max([LABEL, *(label.sizeHint().width() for label in labels)]))
        for label in labels:
            label.setFixedWidth(width)
        return lines


class PreviewBeside(QWidget):
    """The table with the preview on its right: beside it where there is room, over it otherwise."""

    def __init__(self, inner: QWidget, pane: PreviewPane) -> None:
        super().__init__()
        self.inner, self.pane = inner, pane
        inner.setParent(self)
        pane.setParent(self)

    def place(self) -> None:
        """Lay the two out."""
        shown = not self.pane.isHidden()
        docked = shown and self.window().width() >= DOCKED_FROM
        self.inner.setGeometry(0, 0, self.width() - (WIDTH if docked else 0), self.height())
        self.pane.setGeometry(self.width() - WIDTH, 0, WIDTH, self.height())
        self.pane.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the page's size."""
        super().resizeEvent(event)
        self.place()
