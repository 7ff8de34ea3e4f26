"""Which language a new user is greeted in."""

from __future__ import annotations

import locale

import pytest

from desktop_crm.base.i18n import system_language


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
