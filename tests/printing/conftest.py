from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.i18n import current_language, use_language
from desktop_crm.printing.fonts import FontBook

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = current_language()
    use_language("en")
    yield
    use_language(before)


@pytest.fixture
def fonts() -> FontBook:
    return FontBook(system=False)
