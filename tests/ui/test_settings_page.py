"""The settings page: what it changes on this computer, the profile, passwords and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop_crm.base.errors import UserError
from desktop_crm.base.settings import Settings
from desktop_crm.domain.conditions import Query
from desktop_crm.services import records, sign_in, users
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.settings_page import SettingsPage
from desktop_crm.ui.settings_people import PasswordDialog

if TYPE_CHECKING:
    from tests.ui.conftest import Bench


def shown(bench: Bench) -> SettingsPage:
    page = SettingsPage(bench.desk)
    bench.show(page)
    return page


def dialog(bench: Bench) -> PasswordDialog:
    found = bench.window.findChild(PasswordDialog)
    assert isinstance(found, PasswordDialog)
    return found


def test_choices_are_told_to_the_window_one_by_one(bench: Bench) -> None:
    told: list[Settings] = []
    bench.desk.settings_changed.connect(told.append)
    page = shown(bench)
    assert told == []
    page.theme.set_current("dark")
    bench.desk.settings = told[-1]
    page.scale.set_current("125")
    bench.desk.settings = told[-1]
    page.density.set_current("comfortable")
    bench.desk.settings = told[-1]
    page.language.set_value("en")
    page.language.changed.emit()
    assert told[-1] == Settings(language="en", theme="dark", text_scale=125, density="comfortable")
    assert len(told) == 4


def test_the_profile_is_saved_and_checked(bench: Bench, session: Session) -> None:
    page = shown(bench)
    assert page.company is not None
    name = page.company.form.editors["name"]
    name.set_value("")
    name.changed.emit()
    page.company.save_button.click()
    assert name.problem()
    assert not page.may_leave()
    name.set_value("恒信商贸有限公司")
    name.changed.emit()
    assert page.may_leave()
    bench.settle()
    (row,) = records.page(session, Query("company", columns=("name",)))
    assert row["name"] == "恒信商贸有限公司"
    assert not page.company.form.dirty()
    assert bench.said[-1][1] is not None


def test_ones_own_password_is_changed_with_the_old_one(bench: Bench, session: Session) -> None:
    page = shown(bench)
    page.change_password()
    one = dialog(bench)
    one.first.line.setText("geheim1")
    one.second.line.setText("geheim2")
    one.send()
    assert one.second.problem()
    one.second.line.setText("geheim1")
    one.send()
    bench.settle()
    assert sign_in.authenticate(session.store, "王敏", "geheim1").name == "王敏"
    bench.qtbot.waitUntil(lambda: bench.window.findChild(PasswordDialog) is None)
    page.change_password()
    one = dialog(bench)
    one.old.line.setText("falsch")
    one.first.line.setText("geheim3")
    one.second.line.setText("geheim3")
    one.send()
    bench.settle()
    assert one.old.problem()
    with pytest.raises(UserError):
        sign_in.authenticate(session.store, "王敏", "geheim3")
    one.reject()


def test_an_administrator_looks_after_people(bench: Bench, session: Session) -> None:
    users.add_user(session, {"name": "周立", "login": "zhouli", "role": "sales"})
    page = shown(bench)
    people = page.people
    assert people is not None
    names = [people.model.shown(row, 0).text for row in range(people.model.rowCount())]
    assert sorted(names) == ["周立", "王敏"]
    people.table.set_current_row(names.index("王敏"))
    assert not people.disable.isEnabled()
    people.table.set_current_row(names.index("周立"))
    people.password.click()
    one = dialog(bench)
    assert not one.old.isVisible()
    one.first.line.setText("kurz")
    one.second.line.setText("kurz")
    one.send()
    bench.settle()
    assert one.first.problem()
    one.first.line.setText("geheim1")
    one.second.line.setText("geheim1")
    one.send()
    bench.settle()
    assert sign_in.authenticate(session.store, "zhouli", "geheim1").role == "sales"
    people.disable.click()
    bench.settle()
    assert sign_in.sign_in_names(session.store) == ["王敏"]
    people.disable.click()
    bench.settle()
    assert len(sign_in.sign_in_names(session.store)) == 2
    people.add.click()
    assert bench.opened[-1][:2] == ("new", "user")
    people.edit.click()
    assert bench.opened[-1][:2] == ("record", "user")


def test_who_may_not_change_users_only_sees_them(bench: Bench, session: Session) -> None:
    key = users.add_user(session, {"name": "周立", "login": "zhouli", "role": "sales"}).result.id
    bench.desk.session = Session(session.store, Person(key, "周立", "sales"))
    page = shown(bench)
    assert page.people is not None
    assert page.people.add.parent() is None
    assert page.company is not None
    assert not page.company.form.isEnabled()
    assert page.company.save_button.isHidden()


def test_place_and_number_rules_are_shown(bench: Bench, session: Session) -> None:
    page = shown(bench)
    place = page.findChild(QLabel, "settings.database")
    assert isinstance(place, QLabel)
    assert place.text() == str(session.store.location.path)
    table = page.findChild(DataTable, "settings.number_rules")
    assert isinstance(table, DataTable)
    model = table.model()
    rules = {str(model.data(model.index(row, 2), Qt.ItemDataRole.DisplayRole)) for row in range(model.rowCount())}
    assert "HT-{yyyy}-{seq:4}" in rules
