"""The head of a record's page: what it is, its state, its key figures, the way to its neighbours, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Signal

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.ui.extras import ACTIONS, load_special
from desktop_crm.ui.kit.grounds import Ground
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.widgets import Avatar, Button, ElidedLabel, KeyFigure, Label, Pill, Stars, clear, column, row, vline
from desktop_crm.ui.show import full_text, pills
from desktop_crm.ui.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QMenu

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.ui.desk import Desk

FACTS: Final = 3


class RecordHead(Ground):
    """Signals: `edit_wanted`, `delete_wanted`, `step_wanted(int)` to a neighbour, `state_wanted(code)`."""

    edit_wanted = Signal()
    delete_wanted = Signal()
    step_wanted = Signal(int)
    state_wanted = Signal(str)

    def __init__(self, desk: Desk, spec: EntitySpec) -> None:
        super().__init__()
        self.desk, self.spec = desk, spec
        self.values: Values = {}
        load_special()
        self.writes = desk.session.may_write(spec.name)
        self.avatar = Avatar("", 44, square=True, tone="info")
        self.title = ElidedLabel("", "page", bold=True)
        self._facts = row(gap=8)
        self.place = Label("", "small", "text2")
        self.before = Button("", "ghost", icon="chevron-left", size="small", tip=_("Previous record (Alt+↑)"), name="action.previous", on_click=partial(self.step_wanted.emit, -1))
        self.after = Button("", "ghost", icon="chevron-right", size="small", tip=_("Next record (Alt+↓)"), name="action.next", on_click=partial(self.step_wanted.emit, 1))
        self._buttons = row(gap=8)
        self.figures = row(gap=16)
        field = spec.fields.get(spec.state)
        self.stages = Stages(field, name=f"stages.{spec.name}") if field is not None and not field.derived and spec.group else None
        top = row(self.avatar, 4, (column(self.title, self._facts, gap=3), 1), self.place, self.before, self.after, 4, self._buttons, gap=8)
        self._body = column(top, gap=12, margins=(20, 14, 16, 14))
        if self.stages is not None:
            self.stages.chosen.connect(self.state_wanted)
            self._body.addWidget(self.stages)
        self._body.addLayout(self.figures)
        self.setLayout(self._body)

    def minimumSizeHint(self) -> QSize:
        """Let the page be narrow."""
        return QSize(480, super().minimumSizeHint().height())

    def show_record(self, values: Values, siblings: Sequence[int]) -> None:
        """Show a record and where it stands among those it was opened from."""
        self.values = values
        title = record_title(self.spec, values)
        self.avatar.set(title)
        self.title.setText(title)
        self._show_facts(values)
        self._show_figures(values)
        self._show_buttons(values)
        if self.stages is not None:
            self.stages.set(values.get(self.spec.state) or "", may_change=self.writes)
        place = siblings.index(values["id"]) if values["id"] in siblings else -1
        several = len(siblings) > 1 and place >= 0
        self.place.setText(f"{place + 1} / {len(siblings)}" if several else "")
        for button, there in ((self.before, place > 0), (self.after, place < len(siblings) - 1)):
            button.setVisible(several)
            button.setEnabled(there)

    def _show_facts(self, values: Values) -> None:
        clear(self._facts)
        spec = self.spec
        state = spec.fields.get(spec.state)
        choice = state.choice(values.get(spec.state) or "") if state is not None else None
        if choice is not None:
            self._facts.addWidget(Pill(_(choice.label), choice.tone))
        texts: list[str] = []
        for field in spec.fields.values():
            value = values.get(field.name)
            if field.kind.name == "stars" and value:
                self._facts.addWidget(Stars(int(value)))
            elif field.kind.name == "number" and field.name != spec.title and value:
                texts.insert(0, field.show(value))
        names = [name for name in spec.columns if name not in {spec.title, spec.state, *spec.key_figures}]
        for field in (spec.fields[name] for name in names):
            if len(texts) > FACTS:
                break
            value = values.get(field.name)
            if value and (field.link or (field.kind.name == "text" and not field.choices)):
                texts.append(f"{field.title} {field.show(value)}" if field.name == spec.owner else field.show(value))
            elif value and field.choices and not pills(field):
                texts.append(field.show(value))
        self._facts.addWidget(Label(" · ".join(texts), "small", "text2", wrap=True), 1)

    def _show_figures(self, values: Values) -> None:
        clear(self.figures)
        today = self.desk.session.today
        for place, name in enumerate(self.spec.key_figures):
            field = self.spec.fields[name]
            text, role = full_text(field, values.get(name), today)
            short = text.partition(" · ")[0]
            figure = KeyFigure(field.title, short or "—", role=role if role in {"danger", "accent"} else "text" if short else "text3", name=f"figure.{name}")
            if place:
                self.figures.addWidget(vline(40))
            self.figures.addWidget(figure, 1)

    def _show_buttons(self, values: Values) -> None:
        clear(self._buttons)
        session = self.desk.session
        actions = [one for one in ACTIONS.get(self.spec.name, ()) if not one.rare and one.visible(session, values)]
        primary = any(one.primary for one in actions)
        if self.writes:
            self._buttons.addWidget(Button(_("Edit"), "secondary" if primary else "primary", icon="pencil", name="action.edit", on_click=self.edit_wanted.emit))
        for one in sorted(actions, key=lambda action: action.primary):
            label = _(one.label)
            self._buttons.addWidget(Button(label, "primary" if one.primary else "secondary", icon=one.icon, name=f"action.{one.key}",
                                           tip=f"{label} (Ctrl+P)" if one.prints else "", on_click=partial(one.act, self.desk, values)))
        self.more = Button("", icon="ellipsis", tip=_("More"), name="action.more", on_click=self._open_menu)
        self._buttons.addWidget(self.more)

    def print(self) -> None:
        """Show the preview of the record's paper; where there are several, ask which."""
        menu = self.print_menu()
        papers = menu.actions()
        if len(papers) > 1:
            menu.setActiveAction(papers[0])
            menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
            return
        for paper in papers:
            paper.trigger()
        menu.deleteLater()

    def print_menu(self) -> QMenu:
        """Return the usual papers of the record, or the way to all templates where it has none."""
        menu = Menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for one in ACTIONS.get(self.spec.name, ()):
            if one.prints and self.values and one.visible(self.desk.session, self.values):
                menu.addAction(_(one.label), partial(one.act, self.desk, self.values))
        if menu.isEmpty() and self.values:
            menu.addAction(_("Print…"), self.print_by_template)
        return menu

    def print_by_template(self) -> None:
        """Ask with which template the record is printed, and where to."""
        from desktop_crm.ui.print_batch import BatchDialog

        query = Query(self.spec.name, Where("id", "eq", int(self.values["id"])), columns=self.spec.columns)
        BatchDialog(self, self.desk, query, 1).open()

    def menu(self) -> QMenu:
        """Return what else can be done with the record."""
        session, ref = self.desk.session, Ref(int(self.values["id"]), record_title(self.spec, self.values))
        menu = Menu(self)
        for one in ACTIONS.get(self.spec.name, ()):
            if one.rare and one.visible(session, self.values):
                menu.addAction(_(one.label), partial(one.act, self.desk, self.values)).setObjectName(f"action.{one.key}")
        menu.addAction(_("Print…"), self.print_by_template).setObjectName("action.print")
        menu.addSeparator()
        pairs = [(session.catalog[name], via) for name, via in self.spec.related if name in session.catalog and session.may_write(name)]
        for other, via in pairs:
            if not other.parent:
                menu.addAction(_("New {entity}").format(entity=in_sentence(other.singular)), partial(self.desk.new_record, other.name, **{via: ref}))
        if self.writes:
            menu.addSeparator()
            menu.addAction(_("Delete {entity}").format(entity=in_sentence(self.spec.singular)), self.delete_wanted.emit)
        return menu

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def record_title(spec: EntitySpec, values: Values) -> str:
    """Return what a record is known by; its kind where it has no title."""
    return spec.fields[spec.title].show(values.get(spec.title)) or spec.singular
