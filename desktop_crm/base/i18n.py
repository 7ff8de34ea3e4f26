"""Translation of everything the user reads: gettext, English as the source, Simplified Chinese as the default."""

from __future__ import annotations

import gettext
import os
from typing import TYPE_CHECKING, Final

from desktop_crm.base.catalogue import Catalogue
from desktop_crm.base.resources import resources_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

LANGUAGES: Final = {"zh_CN": "简体中文", "zh_TW": "繁體中文", "en": "English"}
DOMAIN: Final = "desktop_crm"

_catalogs: dict[str, gettext.NullTranslations] = {}
_language = "zh_CN"


class Own(str):
    """A text that a user wrote, such as the name of a field of their own: it says the same in every language, whatever the program's texts are."""

    __slots__ = ()


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a marked, not yet translated text
    """Mark a text for translation where it is declared; it is translated when it is shown."""
    return message


def catalog(language: str) -> gettext.NullTranslations:
    """Return the loaded translations of `language`; English needs none, being the source."""
    if language not in _catalogs:
        if language == "en":
            _catalogs[language] = gettext.NullTranslations()
        else:
            _catalogs[language] = Catalogue(resources_folder() / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.mo")
    return _catalogs[language]


def system_language(names: Sequence[str] = ()) -> str:
    """Return the language of LANGUAGES nearest to the system's; Simplified Chinese where none is.

    `names` are those the windowing system tells, the most wanted first; without them the environment is asked, which says what
    the user wants even where the C library has no such locale.
    """
    import locale  # of use where no language was ever chosen

    asked = [*names, *(os.environ.get(variable, "") for variable in ("LC_ALL", "LC_MESSAGES", "LANG")), locale.getlocale()[0] or ""]
    for name in (text.replace("-", "_") for text in asked):
        if name.startswith(("zh_TW", "zh_HK", "zh_MO", "zh_Hant", "Chinese (Traditional)")):
            return "zh_TW"
        if name.startswith(("zh", "Chinese")):
            return "zh_CN"
        if name.startswith(("en", "English")):
            return "en"
    return "zh_CN"


def use_language(language: str) -> None:
    """Show everything from now on in `language`, one of LANGUAGES."""
    global _language  # noqa: PLW0603 - the language belongs to the process, as the locale does
    if language not in LANGUAGES:
        raise ValueError(language)
    catalog(language)
    _language = language


def current_language() -> str:
    """Return the language in use."""
    return _language


def _(message: str) -> str:
    """Translate `message` to the language in use."""
    if not message:
        return ""
    return message if type(message) is Own else catalog(_language).gettext(message)


def in_sentence(label: str) -> str:
    """Return a label such as an entity's name as it stands inside a sentence: English writes it small, abbreviations excepted."""
    if _language != "en" or label[1:2].isupper():
        return label
    return label[:1].lower() + label[1:]


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a text that depends on a count."""
    return catalog(_language).ngettext(singular, plural, count)


def in_every_language(message: str) -> list[str]:
    """Return `message` as each language says it, so that a heading is recognised in any of them."""
    if type(message) is Own:
        return [message]
    return list(dict.fromkeys([message, *(catalog(language).gettext(message) for language in LANGUAGES)]))
