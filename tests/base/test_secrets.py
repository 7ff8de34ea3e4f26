"""Passwords: kept by the system, or sealed; never readable in a file."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked

from desktop_crm.base.errors import UserError
from desktop_crm.base.secrets import get_password, set_password
from desktop_crm.base.settings import secrets_file

if TYPE_CHECKING:
    from tests.conftest import MemoryKeyring

URL = "mysql://anna@db.office,db2.office/crm"
OTHER = "mysql://ben@db.office/crm"


def _passphrase(_is_new: bool) -> str:  # noqa: FBT001 - the callback's signature
    return "七月流火"


def _cancel(_is_new: bool) -> None:  # noqa: FBT001 - the callback's signature
    return None


def test_the_system_keeps_the_password_under_the_url_without_it(password_store: MemoryKeyring) -> None:
    assert set_password("mysql://anna:s3cret@db.office,db2.office/crm", "s3cret")
    assert get_password(URL) == "s3cret"
    assert password_store.passwords == {("Desktop CRM", URL): "s3cret"}
    assert not secrets_file().exists()


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_without_a_store_and_without_a_passphrase_nothing_is_saved(backend: type) -> None:
    keyring.set_keyring(backend())
    assert not set_password(URL, "s3cret")
    assert not set_password(URL, "s3cret", ask=_cancel)
    assert get_password(URL, ask=_passphrase) is None
    assert not secrets_file().exists()


def test_a_store_that_writes_plain_text_is_passed_over(monkeypatch: pytest.MonkeyPatch, password_store: MemoryKeyring) -> None:
    plain = type("PlaintextKeyring", (fail.Keyring,), {"__module__": "keyrings.alt.file"})
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain(), password_store])
    keyring.set_keyring(chainer.ChainerBackend())
    assert set_password(URL, "s3cret")
    assert password_store.passwords == {("Desktop CRM", URL): "s3cret"}


def test_sealed_passwords_open_with_the_passphrase_only() -> None:
    keyring.set_keyring(fail.Keyring())
    asked: list[bool] = []

    def ask(is_new: bool) -> str:  # noqa: FBT001 - the callback's signature
        asked.append(is_new)
        return "七月流火"

    assert set_password(URL, "s3cret", ask=ask)
    assert set_password(OTHER, "péché", ask=ask)
    assert asked == [True, False]
    assert (get_password(URL, ask=ask), get_password(OTHER, ask=ask)) == ("s3cret", "péché")
    assert get_password("mysql://nobody@db.office/crm", ask=ask) is None
    assert get_password(URL, ask=_cancel) is None
    with pytest.raises(UserError, match="口令"):
        get_password(URL, ask=lambda _is_new: "八月")
    with pytest.raises(UserError, match="口令"):
        set_password(URL, "other", ask=lambda _is_new: "八月")
    assert get_password(URL, ask=ask) == "s3cret"
    content = secrets_file().read_bytes()
    assert b"s3cret" not in content
    assert b"office" not in content
    if sys.platform != "win32":
        assert stat.S_IMODE(secrets_file().stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"rounds": 3, "memory": 8, "lanes": 1, "salt": 5, "nonce": "", "box": ""}'])
def test_a_damaged_file_is_said_and_left_alone(content: str) -> None:
    keyring.set_keyring(fail.Keyring())
    path = secrets_file()
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="已损坏"):
        get_password(URL, ask=_passphrase)
    with pytest.raises(UserError, match="已损坏"):
        set_password(URL, "s3cret", ask=_passphrase)
    assert path.read_text(encoding="utf-8") == content


def test_a_locked_store_is_said(monkeypatch: pytest.MonkeyPatch, password_store: MemoryKeyring) -> None:
    def locked(*_arguments: str) -> None:
        raise KeyringLocked("locked")

    monkeypatch.setattr(password_store, "get_password", locked)
    with pytest.raises(UserError, match="密码库"):
        get_password(URL)
