"""The translation catalogues: collect the texts from the source, fill them in, check them, compile them.

``python catalogs.py compile`` writes the ``.mo`` files; ``python catalogs.py update [FILE.po …]`` brings the catalogues up to date with the source,
takes over the Simplified Chinese of the given files, and derives Traditional Chinese from it.
"""

from __future__ import annotations

import io
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

ROOT: Final = Path(__file__).resolve().parent
SOURCE: Final = ROOT / "desktop_crm"
LOCALE: Final = ROOT / "resources" / "locale"
SIMPLIFIED: Final = "zh_CN"
TRADITIONAL: Final = "zh_TW"
KEYWORDS: Final = {"_": None, "N_": None, "ngettext": (1, 2), "in_every_language": None}

_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
# Lines of the header that change with every run and say nothing.
_CHURN: Final = re.compile(rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Generated-By): .*\n', re.MULTILINE)


# 行 and 列 change places: a row is 列 in Taiwan and a column 欄. Words in which they mean something else stay as they are.
_NO_COLUMN: Final = re.compile(r"(?<!系)(?<!排)(?<!陈)(?<!下)(?<!上)(?<!所)列(?!表|出|举)")
_NO_ROW: Final = re.compile(r"(?<![银执进运发自流同可另例实户都就履])行(?!业|政|为|情|程)")
# What OpenCC's phrases for Taiwan miss or get wrong in the terms of an office.
_TERMS: Final = {
    "程式碼": "代碼", "單元格": "儲存格", "是隻讀": "是唯讀", "隻讀": "唯讀", "只讀": "唯讀", "賬": "帳", "合同": "合約", "自定義": "自訂", "單列文字": "單行文字", "多列文字": "多行文字", "當前": "目前", "演示": "示範",
    "列表": "清單", "表頭": "標題列", "標題列列": "標題列", "後臺": "背景", "臺": "台", "衝減": "沖減", "衝抵": "沖抵", "紅衝": "紅沖", "所衝": "所沖", "衝掉": "沖掉", "卻要衝": "卻要沖", "回籤": "回簽", "衝回": "沖回",
    "核驗透過": "核驗通過", "透過核對": "通過核對", "撤銷": "復原", "模板": "範本", "回收站": "資源回收筒", "計劃任務": "排程工作", "計劃": "計畫", "回款": "收款", "郵箱": "電子郵件", "電子電子郵件": "電子郵件", "發件": "寄件", "導航": "導覽", "計算機": "電腦",
    "U 盤": "隨身碟", "雲盤": "雲端硬碟", "質保金": "保固金", "核銷": "沖銷", "銀行流水號": "銀行交易序號", "交易流水號": "交易序號", "流水號": "序號", "流水": "明細", "條形碼": "條碼", "批次修改": "大量修改", "釋出": "發布", "型別": "類型", "過濾器": "篩選", "許可權": "權限", "專案": "項目", "引數": "參數",
    "埠": "連接埠", "郵編": "郵遞區號", "應用": "套用", "自帶": "內建", "匹配": "對應", "網銀": "網路銀行", "秒記憶體": "秒內存", "製表符": "定位字元", "宕機": "當機", "崩潰": "當機", "貼上到": "貼到", "回車": "Enter 鍵",
    "宏不會": "巨集不會", "豎線": "直線", "一格里": "一格裡", "例項": "執行個體", "每一周": "每一週", "周，每": "週，每", "“": "「", "”": "」", "‘": "『", "’": "』",
}


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2twp")


def to_traditional(text: str) -> str:
    """Return a Simplified text as an office in Taiwan writes it."""
    moved = _NO_ROW.sub("\ue000", _NO_COLUMN.sub("\ue001", text))
    converted = str(_converter().convert(moved)).replace("\ue000", "列").replace("\ue001", "欄")
    for wrong, right in _TERMS.items():
        converted = converted.replace(wrong, right)
    return converted


def po_path(language: str) -> Path:
    """Return the path of the catalogue of `language`."""
    return LOCALE / language / "LC_MESSAGES" / "desktop_crm.po"


def read_catalog(path: Path, language: str) -> Catalog:
    """Return the catalogue in `path`, an empty one where there is no such file; raises PoFileError when it is malformed."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def extract() -> Catalog:
    """Return every text the source marks for translation."""
    found = Catalog()
    for _name, _line, message, _comments, context in extract_from_dir(SOURCE, [("**.py", "python")], keywords=KEYWORDS):
        if message:
            found.add(message, context=context)
    return found


def compile_catalogs() -> list[Path]:
    """Write the ``.mo`` file of each catalogue that is newer than it; returns those written."""
    written = []
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        compiled = io.BytesIO()
        write_mo(compiled, read_catalog(po, po.parent.parent.name))
        # Through another name: a window that runs meanwhile must not read half a file.
        part = mo.with_suffix(".mo.part")
        part.write_bytes(compiled.getvalue())
        part.replace(mo)
        written.append(mo)
    return written


def update(extra: list[Path]) -> None:
    """Bring both catalogues up to date with the source; translations in the files `extra` replace those that stand."""
    messages = list(_messages(extract()))
    old_simplified, old_traditional = (_translations(read_catalog(po_path(language), language)) for language in (SIMPLIFIED, TRADITIONAL))
    simplified = {**old_simplified, **_merged(extra)}
    derived = {}
    for message in messages:
        key = _key(message)
        by_hand = old_traditional.get(key, "")
        # A text that is only the conversion of the former Simplified one follows the new one.
        if not by_hand or by_hand == to_traditional(old_simplified.get(key, "")):
            derived[key] = to_traditional(simplified.get(key, ""))
        else:
            derived[key] = by_hand
    _write(SIMPLIFIED, messages, simplified)
    _write(TRADITIONAL, messages, derived)


def problems() -> list[str]:
    """Return what is wrong with the catalogues, one line each: missing, fuzzy, superfluous, or with other placeholders than the source."""
    source = {_key(message): message for message in _messages(extract())}
    found = []
    for language in (SIMPLIFIED, TRADITIONAL):
        catalog = {_key(message): message for message in _messages(read_catalog(po_path(language), language))}
        found += [f"{language}: not in the source any more: {key!r}" for key in sorted(catalog.keys() - source.keys())]
        for key, message in sorted(source.items()):
            trouble = _trouble(message, catalog.get(key))
            if trouble:
                found.append(f"{language}: {trouble}: {key!r}")
    return found


def _trouble(source: Message, translated: Message | None) -> str:
    text = _string(translated) if translated else ""
    if not translated or not text:
        return "not translated"
    if translated.fuzzy:
        return "fuzzy"
    original = source.id if isinstance(source.id, str) else source.id[-1]
    if sorted(_PLACEHOLDER.findall(original)) != sorted(_PLACEHOLDER.findall(text)):
        return f"placeholders differ in {text!r}"
    return "full-width exclamation mark" if "！" in text else ""


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _string(message: Message) -> str:
    """Return the translation; Chinese has one form whatever the count."""
    return message.string if isinstance(message.string, str) else next(iter(message.string or ()), "")


def _translations(catalog: Catalog) -> dict[str, str]:
    return {_key(message): _string(message) for message in _messages(catalog) if _string(message) and not message.fuzzy}


def _merged(files: list[Path]) -> dict[str, str]:
    """Return the translations of all `files`, the last one's where they differ, and say where they do."""
    merged: dict[str, str] = {}
    for path in files:
        for key, text in _translations(read_catalog(path, SIMPLIFIED)).items():
            if merged.setdefault(key, text) != text:
                print(f"{path.name}: {key!r} is {text!r} here and {merged[key]!r} before")
            merged[key] = text
    return merged


def _write(language: str, messages: list[Message], translations: dict[str, str]) -> None:
    catalog = Catalog(locale=language, project="Desktop CRM", version="1", copyright_holder="Desktop CRM contributors", charset="utf-8", fuzzy=False)
    catalog.header_comment = f"# Desktop CRM, {language}"
    for message in messages:
        text = translations.get(_key(message), "")
        catalog.add(message.id, text if isinstance(message.id, str) else (text,), flags=message.flags - {"fuzzy"}, context=message.context)
    text_of_file = io.BytesIO()
    write_po(text_of_file, catalog, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    content = _CHURN.sub(b"", text_of_file.getvalue())
    path = po_path(language)
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(arguments: list[str]) -> int:
    """Run one of the two commands; returns the exit status."""
    if arguments == ["compile"]:
        compile_catalogs()
        return 0
    if arguments[:1] != ["update"]:
        print(__doc__)
        return 2
    update([Path(name) for name in arguments[1:]])
    compile_catalogs()
    remaining = problems()
    print("\n".join(remaining) or "Every text is translated.")
    return 1 if remaining else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
