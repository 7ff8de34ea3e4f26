"""The settings: how the program looks on this computer, the company's profile, one's password, the people, and where the data is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import LANGUAGES, N_, _
from desktop_crm.base.settings import data_folder, log_folder
from desktop_crm.domain.numbering import format_number
from desktop_crm.services.custom_fields import ENTITY, may_make
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.files import open_file
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Button, Card, Label, Segment, TabItem, box, column, hline, holder, row, scroll
from desktop_crm.ui.safety_words import place_text
from desktop_crm.ui.settings_closing import ClosingCard
from desktop_crm.ui.settings_company import CompanyCard
from desktop_crm.ui.settings_fields import FieldsCard
from desktop_crm.ui.settings_people import PasswordDialog, PeopleCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.base.settings import Settings

SCALES: Final = (90, 100, 110, 125)
WIDEST: Final = 900
LABEL: Final = 140
THEMES: Final = {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}
THEME_ICONS: Final = {"system": "monitor", "light": "sun", "dark": "moon"}
DENSITIES: Final = {"compact": N_("Compact"), "comfortable": N_("Comfortable")}


class SettingsPage(Page):
    """Everything takes effect at once; what concerns a record is saved like any record."""

    place = "settings"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("page.settings")
        self.setWindowTitle(_("Settings"))
        self.company: CompanyCard | None = None
        self.people: PeopleCard | None = None
        self.closing: ClosingCard | None = None
        self.fields: FieldsCard | None = None
        self.build_up(self._build())

    def _build(self) -> Iterator[None]:
        """Make the cards from the top."""
        desk = self.desk
        body = column(None, gap=12, margins=(20, 16, 20, 20))
        inner = holder(body)
        inner.setMaximumWidth(WIDEST)
        area = scroll(holder(row((inner, 1), gap=0)), name="settings.area")
        head = row(Label(_("Settings"), "page"), Label(_("What is chosen here takes effect at once; what is typed, when it is saved"), "small", "text3"), None, margins=(20, 12, 20, 10))
        self.setLayout(column(box(head), hline(), (box(column((area, 1), gap=0), "app"), 1), gap=0))

        def put(card: QWidget) -> None:
            body.insertWidget(body.count() - 1, card)

        yield
        put(self._appearance())
        yield
        if "company" in desk.session.catalog:
            company = CompanyCard(desk)
            yield
            put(company)
            self.company = company
            yield
        if "receivable" in desk.session.catalog:
            self.closing = ClosingCard(desk)
            put(self.closing)
            yield
        put(self._account())
        yield
        if may_make(desk.session):
            self.fields = FieldsCard(desk)
            put(self.fields)
            yield
        if "user" in desk.session.catalog:
            people = PeopleCard(desk)
            yield
            put(people)
            self.people = people
            yield
        put(self._data())
        yield
        numbers = self._numbers()
        yield
        put(numbers)

    # ---- cards

    def _line(self, label: str, editor: QWidget, hint: str = "") -> Any:
        name = Label(label, "body", "text2")
        name.setFixedWidth(LABEL)
        name.setBuddy(editor)
        editor.setAccessibleName(label)
        return row(name, editor, Label(hint, "small", "text3"), None, gap=12)

    def _appearance(self) -> Card:
        now = self.desk.settings
        self.language = ComboEditor([("", _("As the system")), *LANGUAGES.items()], name="settings.language", label=_("Language"))
        self.language.set_value(now.language)
        self.language.setFixedWidth(220)
        self.language.changed.connect(lambda: self._change(language=str(self.language.value() or "")))
        self.theme = Segment([TabItem(key, _(label), icon=THEME_ICONS[key]) for key, label in THEMES.items()], name="settings.theme", label=_("Theme"))
        self.theme.set_current(now.theme)
        self.theme.chosen.connect(lambda key: self._change(theme=key))
        self.scale = Segment([TabItem(str(one), f"{one} %") for one in SCALES], name="settings.text_scale", label=_("Text size"))
        if now.text_scale in SCALES:
            self.scale.set_current(str(now.text_scale))
        self.scale.chosen.connect(lambda key: self._change(text_scale=int(key)))
        self.density = Segment([TabItem(key, _(label)) for key, label in DENSITIES.items()], name="settings.density", label=_("Row height"))
        self.density.set_current(now.density)
        self.density.chosen.connect(lambda key: self._change(density=key))
        return Card(
            _("Appearance"), _("On this computer"),
            holder(column(
                self._line(_("Language"), self.language, _("The window opens again in the new language")),
                self._line(_("Theme"), self.theme), self._line(_("Text size"), self.scale), self._line(_("Row height"), self.density), gap=10,
            )),
        )

    def _account(self) -> Card:
        session = self.desk.session
        change = Button(_("Change password…"), icon="key-round", name="settings.password", on_click=self.change_password)
        mail = Button(_("Mail account") + "…", icon="mail", name="settings.mail", on_click=self._mail)
        lines = column(holder(self._line(_("Signed in as"), holder(row(Label(session.person.name, "body", bold=True), 8, change)))), holder(self._line(_("E-mail"), holder(row(mail)))))
        return Card(_("My account"), "", holder(lines))

    def _mail(self) -> None:
        from desktop_crm.ui.print_mail import AccountDialog

        AccountDialog(self, self.desk).open()

    def _data(self) -> Card:
        place = Label(place_text(self.desk.session), "body", "text", wrap=True, selectable=True)
        place.setObjectName("settings.database")
        name = Label(_("Database"), "body", "text2")
        name.setFixedWidth(LABEL)
        folders = row(
            Button(_("Open data folder"), icon="folder-open", size="small", name="settings.data_folder", on_click=lambda: open_file(data_folder())),
            Button(_("Open log folder"), "ghost", icon="file-text", size="small", name="settings.log_folder", on_click=lambda: open_file(log_folder())),
            None,
        )
        return Card(_("Data"), "", holder(column(row(name, (place, 1), gap=12), row(LABEL + 4, folders), gap=10)))

    def _numbers(self) -> Card:
        today, session = self.desk.session.today, self.desk.session
        model = FixedRows([
            Column("entity", _("Record"), width=160), Column("field", _("Number"), width=160), Column("rule", _("Rule"), width=200),
            Column("example", _("Example"), width=180),
        ], self)
        rows = [
            (field, [Shown(spec.singular), Shown(field.title), Shown(field.rule, "text2"), Shown(format_number(field.rule, today, 1))])
            for spec in session.catalog.values() for field in spec.fields.values() if field.rule
        ]
        model.show_rows(rows)
        table = DataTable(name="settings.number_rules", label=_("Number rules"), ticks=False, row_height=30)
        table.setModel(model)
        table.setFixedHeight(34 + 31 * len(rows))
        return Card(_("Number rules"), _("Numbers left empty are given out by these rules"), table)

    # ---- changes

    def _change(self, **values: Any) -> None:
        old: Settings = self.desk.settings
        new = replace(old, **values)
        if new != old:
            self.desk.settings_changed.emit(new)

    def change_password(self) -> None:
        """Ask for a new password of one's own."""
        PasswordDialog(self, self.desk, self.desk.session.person.id, self.desk.session.person.name).show()

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return where the page stands."""
        return [(_("Settings"), None)]

    def refresh(self, entities: set[str]) -> None:
        """Read people and profile anew after a change."""
        for card, name in ((self.people, "user"), (self.company, "company"), (self.closing, "company"), (self.fields, ENTITY)):
            if card is not None and (not entities or name in entities):
                card.load()

    def may_leave(self) -> bool:
        """Save the profile first where it was changed; stay where it can't be saved."""
        return self.company is None or self.company.settle()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+S saves the profile, F5 reads anew."""
        return {"save": self._save, "refresh": partial(self.refresh, set())}

    def _save(self) -> None:
        if self.company is not None:
            self.company.save()
