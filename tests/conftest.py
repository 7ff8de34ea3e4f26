"""What every test stands on: no screen, its own folders, its own MariaDB, no password store, no silent warning."""

from __future__ import annotations

import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

# Before anything loads Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import hypothesis
import keyring
import keyring.backend
import pytest
from argon2 import PasswordHasher

import catalogs
from desktop_crm.base import age
from desktop_crm.base.i18n import use_language
from desktop_crm.base.settings import HOME_VARIABLE
from desktop_crm.services import sign_in
from tests.support.mariadb import Address, Server, ServerMissing, fast_folder, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# How fast a machine is says nothing about a property. Examples are the same in each run, so that whether a change passes is no matter of luck; with SEARCH=1 others are drawn.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture], derandomize=not os.environ.get("SEARCH"),
)  # fmt: skip
hypothesis.settings.load_profile("unhurried")

# How hard a password is to guess is tested where it is the matter (tests/base/test_age.py, tests/services/test_users.py); elsewhere each one would cost a tenth or half of a second.
HARD = age.LOG_WORK, sign_in.hasher
age.LOG_WORK = 8  # type: ignore[misc]
sign_in.hasher = lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # type: ignore[assignment]

ADDRESS = pytest.StashKey[Address]()
SERVER = pytest.StashKey[Server]()


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations and choose the server's place once; the workers of pytest-xdist are told."""
    given = getattr(config, "workerinput", None)
    if given is None:
        catalogs.compile_catalogs()
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(fast_folder()))  # where tmp_path lies: a commit reaches memory in a sixth of the time
    config.stash[ADDRESS] = Address.choose() if given is None else Address(*given["mariadb"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    address = node.config.stash[ADDRESS]
    node.workerinput["mariadb"] = (address.folder, address.port)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Start the server in the controller, which outlives every worker."""
    _start_server_for(node.config, ids)


def pytest_collection_finish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        _start_server_for(session.config, [item.nodeid for item in session.items])


def pytest_runtest_teardown() -> None:
    """Collect garbage as an open window does, where one has taken that over; without an event loop nobody would."""
    if not gc.isenabled():
        swift = sys.modules["desktop_crm.ui.swift"]
        swift.collect_what_is_due(older=swift.lanes_rest())


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].stop()


def _start_server_for(config: pytest.Config, ids: list[str]) -> None:
    """Start the server if one of the tests is to run on it; the fixtures below put "mysql" in the names of those that are."""
    wanted = any("mysql" in name.partition("[")[2] for name in ids)
    if wanted and SERVER not in config.stash and installed():
        config.stash[SERVER] = Server(config.stash[ADDRESS])


@pytest.fixture(params=["mysql"])
def mariadb_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a fresh, empty database on the tests' own MariaDB."""
    yield from _fresh_database(request)


@pytest.fixture(params=["sqlite", "mysql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh, empty database; a test that asks for it runs once on SQLite and once on MariaDB."""
    if request.param == "mysql":
        yield from _fresh_database(request)
    else:
        yield f"sqlite:///{tmp_path / 'company.sqlite3'}"


def _fresh_database(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        with request.config.stash[ADDRESS].fresh_database() as url:
            yield url
    except ServerMissing as problem:
        pytest.fail(str(problem), pytrace=False)


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A password store for one test."""

    priority = 1.0

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


@pytest.fixture(autouse=True)
def password_store() -> MemoryKeyring:
    """Password store of this test instead of the computer's; ``passwords`` holds what was saved."""
    store = MemoryKeyring()
    keyring.set_keyring(store)
    return store


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the settings, data, logs and drafts of this test."""
    folder = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True)
def _simplified_chinese() -> Iterator[None]:
    use_language("zh_CN")
    yield
    use_language("zh_CN")


class _Warnings(logging.Handler):
    """Collects what is logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def expect_log() -> Iterator[Callable[[str], None]]:
    """Fail a test that logs a warning, unless it called ``expect_log(text)`` with a part of it; fail one that doesn't log what it expects."""
    handler = _Warnings()
    expected: list[str] = []
    root = logging.getLogger()
    root.addHandler(handler)
    yield expected.append
    root.removeHandler(handler)
    surprises = [line for line in handler.seen if not any(part in line for part in expected)]
    missing = [part for part in expected if not any(part in line for line in handler.seen)]
    assert not surprises, "logged: " + "\n".join(surprises)
    assert not missing, "not logged: " + "\n".join(missing)
