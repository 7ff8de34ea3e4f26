"""The settings: how the program looks on this computer, the company's profile, one's password, the people, and where the data is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

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

C = TypeVar("C", bound=Card)

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
        self._cards: list[tuple[str, Any]] = []
        self.build_up(self._build())

    def _build(self) -> Iterator[None]:
        """Make the cards from the top."""
        body = column(None, gap=12, margins=(20, 16, 20, 20))
        inner = holder(body)
        inner.setMaximumWidth(WIDEST)
        area = scroll(holder(row((inner, 1), gap=0)), name="settings.area")
        head = row(Label(_("Settings"), "page"), Label(_("What is chosen here takes effect at once; what is typed, when it is saved"), "small", "text3"), None, margins=(20, 12, 20, 10))
        self.setLayout(column(box(head), hline(), (box(column((area, 1), gap=0), "app"), 1), gap=0))

        def put(card: QWidget) -> None:
            body.insertWidget(body.count() - 1, card)

        yield
        for make, entity, shown in self._all_cards():
            if shown:
                card = make()
                yield
                if isinstance(card, CompanyCard):
                    yield from card.build()
                put(card)
                if entity:
                    self._cards.append((entity, card))
                yield

    def _all_cards(self) -> list[tuple[Callable[[], QWidget], str, bool]]:
        """Return the cards from the top: what makes each, the entity whose changes it shows, empty where it reads nothing, and whether it is for this person."""
        desk, catalog = self.desk, self.desk.session.catalog
        return [
            (self._appearance, "", True),
            (partial(CompanyCard, desk), "company", "company" in catalog),
            (partial(ClosingCard, desk), "company", "receivable" in catalog),
            (self._account, "", True),
            (partial(FieldsCard, desk), ENTITY, may_make(desk.session)),
            (partial(PeopleCard, desk), "user", "user" in catalog),
            (self._data, "", True),
            (self._numbers, "", True),
        ]

    # ---- the cards that read something, None where they aren't for this person

    def _card(self, kind: type[C]) -> C | None:
        return next((card for _entity, card in self._cards if isinstance(card, kind)), None)

    @property
    def company(self) -> CompanyCard | None:
        """The company's profile."""
        return self._card(CompanyCard)

    @property
    def closing(self) -> ClosingCard | None:
        """The closing of the books."""
        return self._card(ClosingCard)

    @property
    def fields(self) -> FieldsCard | None:
        """The company's own fields."""
        return self._card(FieldsCard)

    @property
    def people(self) -> PeopleCard | None:
        """Who works here."""
        return self._card(PeopleCard)

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
        self.theme = self._choice("theme", _("Theme"), [TabItem(key, _(label), icon=THEME_ICONS[key]) for key, label in THEMES.items()])
        self.scale = self._choice("text_scale", _("Text size"), [TabItem(str(one), f"{one} %") for one in SCALES])
        self.density = self._choice("density", _("Row height"), [TabItem(key, _(label)) for key, label in DENSITIES.items()])
        lines = [self._line(_("Language"), self.language, _("The window opens again in the new language")), *(self._line(one.accessibleName(), one) for one in (self.theme, self.scale, self.density))]
        return Card(_("Appearance"), _("On this computer"), holder(column(*lines, gap=10)))

    def _choice(self, setting: str, label: str, items: list[TabItem]) -> Segment:
        """Return what chooses one of few values of a setting, which takes effect at once."""
        made, now = Segment(items, name=f"settings.{setting}", label=label), getattr(self.desk.settings, setting)
        if str(now) in [item.key for item in items]:
            made.set_current(str(now))
        made.chosen.connect(lambda key: self._change(**{setting: type(now)(key)}))
        return made

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
        for entity, card in self._cards:
            if not entities or entity in entities:
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
