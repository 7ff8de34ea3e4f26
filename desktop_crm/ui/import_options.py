"""How an import deals with duplicates, with rows that have problems, and with linked records nobody knows yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop_crm.base.i18n import _
from desktop_crm.services.importing import Options
from desktop_crm.services.imports.duplicate_list import ACTIONS
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.layouts import clear
from desktop_crm.ui.kit.widgets import Card, CheckBox, Chip, Label, column, row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.imports.types import OnDuplicate

class OptionsCard(Card):
    """Signal: `changed`."""

    changed = Signal()

    def __init__(self, spec: EntitySpec) -> None:
        super().__init__(_("Duplicates and errors"))
        self.spec = spec
        self.action = ComboEditor([(code, _(label)) for code, label in ACTIONS.items()], name="import.on_duplicate", label=_("Where a record is there already"))
        self.action.set_value("skip")
        self.action.setFixedWidth(200)
        self.action.changed.connect(self.changed)
        self.similar = ComboEditor([(code, _(label)) for code, label in ACTIONS.items()], name="import.on_similar", label=_("Where only the name is alike"))
        self.similar.set_value("add")
        self.similar.setFixedWidth(200)
        self.similar.changed.connect(self.changed)
        self._chips: dict[str, Chip] = {}
        self._chip_row = row(gap=6)
        self._by = Label(_("known by"), "small", "text2")
        self._none = Label("", "small", "warn")
        self.keep_good = CheckBox(_("Import the good rows where others have problems"), name="import.keep_good")
        self.keep_good.toggled.connect(lambda _on: self.changed.emit())
        links = [field.title for field in spec.typed_fields() if field.link]
        self.create_links = CheckBox(_("Add linked records that are missing ({fields})").format(fields=_(", ").join(links)), name="import.create_links")
        self.create_links.setVisible(bool(links))
        self.create_links.toggled.connect(lambda _on: self.changed.emit())
        labels = [Label(text, "body", "text2") for text in (_("Where a record is there already"), _("Where only the name is alike"))]
        for label in labels:
            label.setMinimumWidth(max(one.sizeHint().width() for one in labels))
        self.body.addLayout(row(labels[0], self.action, 8, self._by, self._chip_row, self._none, None))
        self.body.addLayout(row(labels[1], self.similar, 8, Label(_("such as without 有限公司; each is listed below"), "small", "text3"), None))
        self.body.addLayout(column(self.keep_good, self.create_links, gap=6))

    def show_mapping(self, mapping: Mapping[int, str]) -> None:
        """Offer the fields that tell duplicates, as far as the file has them."""
        found = [name for name in self.spec.match if name in mapping.values()]
        if found != list(self._chips):
            off = {name for name, chip in self._chips.items() if not chip.isChecked()}
            clear(self._chip_row)
            self._chips = {}
            for name in found:
                chip = Chip(self.spec.fields[name].title, name=f"import.match.{name}")
                chip.setChecked(name not in off)
                chip.toggled.connect(lambda _on: self.changed.emit())
                self._chips[name] = chip
                self._chip_row.addWidget(chip)
        self._by.setVisible(bool(found))
        names = _(", ").join(self.spec.fields[name].title for name in self.spec.match)
        self._none.setText(_("can't be told: no column goes to {fields}").format(fields=names) if names else "")
        self._none.setVisible(not found)

    def options(self, mapping: dict[int, str], *, dry_run: bool) -> Options:
        """Return the options as they are chosen now. With no field to tell duplicates by, there are none."""
        wanted = tuple(name for name, chip in self._chips.items() if chip.isChecked())
        none = bool(self._chips) and not wanted
        return Options(
            mapping, wanted, "add" if none else _action(self.action.value()), keep_good=self.keep_good.isChecked(), create_links=self.create_links.isChecked(),
            dry_run=dry_run, on_similar=_action(self.similar.value()),
        )  # fmt: skip

    def show_options(self, options: Options) -> None:
        """Show the options of a plan; `show_mapping` must have been told its columns."""
        self.action.set_value(options.on_duplicate)
        self.similar.set_value(options.on_similar)
        for name, chip in self._chips.items():
            chip.blockSignals(True)
            chip.setChecked(not options.match or name in options.match)
            chip.blockSignals(False)
        for box, on in ((self.keep_good, options.keep_good), (self.create_links, options.create_links)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)


def _action(value: object) -> OnDuplicate:
    return next((code for code in ACTIONS if code == value), "skip")
