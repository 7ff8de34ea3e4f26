"""The settings file and the folders: what is saved comes back, and damage costs nothing but the settings."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base import settings
from desktop_crm.base.settings import Settings, load_settings, save_settings, settings_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_saved_settings_come_back() -> None:
    chosen = Settings(
        language="zh_TW",
        theme="dark",
        text_scale=125,
        density="comfortable",
        last_company="mysql://root@server/crm",
        recent_companies=("mysql://root@server/crm", "/data/华东.sqlite3"),
        signed_in={"mysql://root@server/crm": "zhouli"},
        window="AdnQywAD",
        printers={"delivery_note": {"printer": "EPSON LQ-630K", "dx": "1.5"}},
        layouts={"customer": {"columns": ["name", "phone"], "widths": {"name": 240}}},
    )
    save_settings(chosen)
    assert load_settings() == chosen


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\x00", b'{"theme": "dark"', b"[]", b'{"theme": "pink"}', b'{"text_scale": true}', b'{"recent_companies": [1]}', b'{"last_company": 7}', b'{"signed_in": {"a": 1}}'],
)
def test_a_damaged_file_is_kept_aside(content: bytes, expect_log: Callable[[str], None]) -> None:
    path = settings_file()
    path.write_bytes(content)
    expect_log("settings could not be read")
    assert load_settings() == Settings()
    assert path.with_name("settings.json.damaged").read_bytes() == content
    assert load_settings() == Settings()


def test_a_name_of_a_newer_version_is_no_damage() -> None:
    settings_file().write_text('{"theme": "dark", "hologram": 3}', encoding="utf-8")
    assert load_settings() == Settings(theme="dark")


def test_a_full_disk_leaves_the_old_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(Settings(theme="dark"))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_settings(Settings(theme="light"))
    assert load_settings().theme == "dark"
    assert [path.name for path in settings_file().parent.iterdir()] == ["settings.json"]


def test_the_last_company_comes_first_and_once() -> None:
    opened = Settings()
    for number in [*range(12), 9]:
        opened = opened.company_opened(f"/data/{number}.sqlite3", f"user{number}")
    assert opened.last_company == "/data/9.sqlite3"
    assert opened.recent_companies[:3] == ("/data/9.sqlite3", "/data/11.sqlite3", "/data/10.sqlite3")
    assert len(opened.recent_companies) == settings.RECENT_COMPANIES
    assert dict(opened.signed_in) == {url: f"user{url[6:-8]}" for url in opened.recent_companies}, "only what is offered is remembered"
    assert dataclasses.replace(opened, theme="dark").recent_companies == opened.recent_companies


def test_everything_stays_inside_the_chosen_home(home: Path) -> None:
    folders = [settings.data_folder(), settings.log_folder(), settings.drafts_folder()]
    files = [settings.demo_company_path(), settings_file(), settings.secrets_file()]
    assert all(folder.is_dir() for folder in folders)
    assert all(home in path.parents for path in folders + files)
