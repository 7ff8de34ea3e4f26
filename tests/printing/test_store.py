"""Templates of the company: drafts, versions, files and rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NotAllowed, NotFound, UserError
from desktop_crm.printing import store
from desktop_crm.printing.documents import BUILTIN, load_template
from desktop_crm.services import undoing
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from tests.printing.sample_documents import template_data, text_element
from tests.support.company import company

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def test_a_company_begins_with_what_ships(session: Session) -> None:
    found = store.list_templates(session)
    assert {one.name for one in found} == set(BUILTIN)
    assert {one.number for one in found} == {0}
    assert not any(one.own for one in found)
    assert store.list_templates(session, "statement")[0].name == "statement_en", "English is in use, and its templates come first"
    assert store.load(session, "statement") == load_template("statement")
    assert store.versions(session, "statement") == []
    with pytest.raises(NotFound):
        store.load(session, "unheard_of")


def test_a_draft_prints_nothing_until_it_is_published(session: Session) -> None:
    data = store.draft(session, "delivery_note")
    data["bands"]["page_header"]["height"] = 44
    kept = store.save_draft(session, "delivery_note", data, seen=0).result
    assert (kept.own, kept.draft, kept.number, kept.base) == (True, True, 0, "delivery_note")
    assert kept.label == next(one.label for one in store.shipped() if one.name == "delivery_note"), "the label of a shipped template stays in the user's language"
    assert store.load(session, "delivery_note") == load_template("delivery_note")
    assert store.publish(session, "delivery_note", "等高").result == 1
    band = store.load(session, "delivery_note").page_header
    assert band is not None
    assert band.height == 44
    assert [(one.name, one.number, one.draft) for one in store.list_templates(session, "contract") if one.own] == [("delivery_note", 1, False)]
    (version,) = store.versions(session, "delivery_note")
    assert (version.number, version.publisher, version.remark) == (1, session.person.name, "等高")
    with pytest.raises(UserError):
        store.publish(session, "delivery_note")


def test_versions_stay_and_come_back(session: Session) -> None:
    made = store.create(session, template_data(text_element("一")), "我的单据").result
    for text in ("一", "二", "三"):
        store.save_draft(session, made.name, template_data(text_element(text), label="我的单据"))
        store.publish(session, made.name)
    assert [one.number for one in store.versions(session, made.name)] == [3, 2, 1]
    store.restore(session, made.name, 1)
    assert store.publish(session, made.name).result == 4
    assert store.version_body(session, made.name, 4) == store.version_body(session, made.name, 1)
    assert store.load_version(session, made.name, 2) != store.load(session, made.name)
    with pytest.raises(NotFound):
        store.load_version(session, made.name, 5)


def test_what_is_done_to_templates_can_be_undone(session: Session) -> None:
    made = store.create(session, template_data(text_element("一")), "我的单据").result
    store.publish(session, made.name)
    before = store.load(session, made.name)
    store.save_draft(session, made.name, template_data(text_element("二"), label="我的单据"))
    store.publish(session, made.name)
    undoing.undo_last(session)
    assert store.load(session, made.name) == before
    assert store.find(session, made.name).draft, "what was being changed is there again"
    store.delete(session, made.name)
    with pytest.raises(NotFound):
        store.find(session, made.name)
    undoing.undo_last(session)
    assert store.load(session, made.name) == before
    assert len(store.versions(session, made.name)) == 1


def test_a_wrong_draft_is_kept_and_not_published(session: Session) -> None:
    made = store.create(session, template_data(text_element("一")), "我的单据").result
    store.save_draft(session, made.name, template_data(text_element("{{ total +")))
    with pytest.raises(UserError, match="element 1"):
        store.publish(session, made.name)
    assert store.find(session, made.name).draft
    with pytest.raises(UserError, match="published"):
        store.load(session, made.name)
    assert made.name not in {one.name for one in store.list_templates(session)}
    assert made.name in {one.name for one in store.list_templates(session, unpublished=True)}


def test_two_designers_do_not_overwrite_each_other(session: Session) -> None:
    made = store.create(session, template_data(text_element("一")), "我的单据").result
    store.save_draft(session, made.name, template_data(text_element("他")), seen=made.seen)
    with pytest.raises(UserError, match="meanwhile"):
        store.save_draft(session, made.name, template_data(text_element("我")), seen=made.seen)


def test_a_shipped_template_can_be_put_aside_but_not_deleted(session: Session) -> None:
    with pytest.raises(UserError):
        store.delete(session, "dunning_3")
    store.change(session, "dunning_3", active=False)
    assert "dunning_3" not in {one.name for one in store.list_templates(session)}
    assert store.load(session, "dunning_3") == load_template("dunning_3"), "documents that name it still print"
    store.change(session, "dunning_3", active=True, label="最后通知")
    assert store.find(session, "dunning_3").label == "最后通知"


def test_a_file_goes_out_and_comes_in(session: Session, tmp_path: Path) -> None:
    copied = store.duplicate(session, "statement").result
    assert (copied.name, copied.base) == ("statement_2", "statement")
    store.export_template(session, copied.name, tmp_path / "t.json")
    came = store.import_template(session, tmp_path / "t.json").result
    assert came.name == "statement_2_2"
    assert store.draft(session, came.name)["bands"] == store.draft(session, copied.name)["bands"]
    (tmp_path / "bad.json").write_text(json.dumps(template_data(text_element("{{ x.__class__ }}"))))
    with pytest.raises(UserError):
        store.import_template(session, tmp_path / "bad.json")
    with pytest.raises(UserError):
        store.import_template(session, tmp_path / "missing.json")


@pytest.mark.parametrize("role", ["sales", "finance", "viewer"])
def test_only_who_may_design_changes_templates(session: Session, role: str) -> None:
    reader = Session(session.store, Person(9, "reader", role))
    assert not store.may_design(reader)
    assert store.load(reader, "statement") == load_template("statement")
    for attempt in (
        lambda: store.save_draft(reader, "statement", {}),
        lambda: store.create(reader, {}, "x"),
        lambda: store.publish(reader, "statement"),
        lambda: store.change(reader, "statement", active=False),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert store.may_design(Session(session.store, Person(9, "chief", "manager")))
