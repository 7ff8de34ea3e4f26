"""Which language a new user is greeted in."""

from __future__ import annotations

import gettext
import locale
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.catalogue import Catalogue
from desktop_crm.base.i18n import DOMAIN, system_language
from desktop_crm.base.resources import resources_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("names", "environment", "language"), [
    (["zh-Hans-CN", "en-US"], "en_US.UTF-8", "zh_CN"),
    (["zh-Hant-TW"], "", "zh_TW"),
    (["zh-HK"], "", "zh_TW"),
    (["fr-FR", "en-GB"], "", "en"),
    ([], "zh_CN.UTF-8", "zh_CN"),
    ([], "zh_TW.UTF-8", "zh_TW"),
    ([], "C.UTF-8", "zh_CN"),
    ([], "", "zh_CN"),
])
def test_the_language_is_the_systems_and_simplified_chinese_where_it_says_none(
    names: list[str], environment: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", environment)
    monkeypatch.setattr(locale, "getlocale", lambda: (None, None))
    assert system_language(names) == language


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW"])
def test_a_catalogue_that_is_searched_says_what_gettext_says(language: str) -> None:
    path = resources_folder() / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        read = gettext.GNUTranslations(file)
    searched = Catalogue(path)
    originals = [key if isinstance(key, str) else key[0] for key in read._catalog if key]  # type: ignore[attr-defined]
    assert len(originals) > 1000
    for original in originals:
        assert searched.gettext(original) == read.gettext(original)
    counted = [key[0] for key in read._catalog if isinstance(key, tuple)]  # type: ignore[attr-defined]
    for original in counted:
        for count in (0, 1, 2, 5):
            assert searched.ngettext(original, "several", count) == read.ngettext(original, "several", count)
    for unknown in ("", "~", "Not a text of this program", "客户"):
        assert searched.ngettext(unknown or "?", "many", 2) == "many"
        assert searched.gettext(unknown or "?") == (unknown or "?")


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mo").write_bytes(b"nothing")
    with pytest.raises(OSError, match="no catalogue"):
        Catalogue(tmp_path / "x.mo")
