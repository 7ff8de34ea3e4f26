"""The kit's tests speak English and start in the light theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.i18n import use_language
from desktop_crm.ui.kit.theme import apply_theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pass over what the screenless platform says of every window with a least size."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints"))


@pytest.fixture(autouse=True)
def _english_light(qapp: QApplication, _simplified_chinese: None) -> Iterator[None]:
    use_language("en")
    apply_theme(qapp, "light")
    yield
    apply_theme(qapp, "light")
