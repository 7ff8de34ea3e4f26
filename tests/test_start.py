"""The start loads what the first list needs and nothing else: no stopwatch, but what a fresh process has in memory when its rows are there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_crm.base.settings import HOME_VARIABLE
from tests.support.children import python
from tests.support.company import company, make

if TYPE_CHECKING:
    import pytest

HEAVY = (
    "pymysql", "cryptography", "ssl", "argon2", "keyring", "xlsxwriter", "openpyxl", "xlrd", "python_calamine", "reportlab", "fontTools", "PIL", "jinja2", "pypinyin", "borax",
    "chinese_calendar", "stdnum", "playhouse", "PySide6.QtPdf", "PySide6.QtPdfWidgets", "PySide6.QtPrintSupport", "PySide6.QtNetwork",
    "desktop_crm.services.archives", "desktop_crm.services.backups", "desktop_crm.services.check", "desktop_crm.services.rulebook", "desktop_crm.services.exporting",
    "desktop_crm.services.importing", "desktop_crm.printing", "desktop_crm.ui.contracts", "desktop_crm.ui.receipts", "desktop_crm.ui.record_page", "desktop_crm.ui.report_page",
    "desktop_crm.ui.kit.palette", "desktop_crm.reports", "desktop_crm.services.workbooks.child", "desktop_crm.services.imports.keymakers", "desktop_crm.domain.terms",
    "desktop_crm.domain.bank", "desktop_crm.domain.instalments", "multiprocessing", "subprocess", "argparse", "html", "logging.handlers",
)
MOST_DATA_CLASSES: Final = 30
"""Data classes made at once are for modules that the start doesn't load: see `base.lazily`."""
MOST_EXPRESSIONS: Final = 42
"""Expressions compiled by then: Python's own, and few of this program."""

PROGRAM = """
import builtins, dataclasses, json, re._compiler, sys
made_classes, compiled = [], []
make, compile_ = dataclasses._process_class, re._compiler.compile
dataclasses._process_class = lambda cls, *given, **options: made_classes.append(cls) or make(cls, *given, **options)
re._compiler.compile = lambda text, flags=0: compiled.append(text) or compile_(text, flags)
import desktop_crm.ui
from PySide6.QtCore import QTimer
from desktop_crm import app
from desktop_crm.ui import main_window
main_window.LATEST_MS = 3_600_000  # a machine may be slow

def there():
    page = program[0].window.page() if program and program[0].window else None
    if page is None or not page.is_there():
        return
    print(json.dumps([sorted(sys.modules), builtins.__import__ is builtins.__orig_import__, len(made_classes), len(compiled), len(desktop_crm.ui.bare_qt._sources)]))
    sys.stdout.flush()
    import os
    os._exit(0)

program = []
made = app.Program.__init__
def remember(self, *given):
    made(self, *given)
    program.append(self)
app.Program.__init__ = remember
opened = app.Program.opened
def watch(self, session):
    opened(self, session)
    self.window._load_the_rest = lambda: None
    self.window.operations.quiet.disconnect()
    self.window.operations.quiet.connect(there)
app.Program.opened = watch
app.main(sys.argv[1])
"""


def test_the_first_list_is_there_before_anything_heavy_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    with company(str(tmp_path / "company.sqlite3")) as session:
        make(session, "customer", name="华信机电有限公司")
        url = session.url
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = python(["-c", PROGRAM, url], cwd=Path(__file__).parents[1], env=environment)
    assert done.stdout, done.stderr
    loaded, plain, classes, expressions, put_off = json.loads(done.stdout)
    assert [name for name in HEAVY if name in loaded] == []
    assert plain, "PySide6 looks through the source of every module again"
    assert classes <= MOST_DATA_CLASSES
    assert expressions <= MOST_EXPRESSIONS
    assert put_off, "PySide6 was loaded with its explanations"
