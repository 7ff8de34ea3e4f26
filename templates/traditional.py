"""The papers in Traditional Chinese: each is the Chinese one, its texts converted as those of the program are."""

from __future__ import annotations

import re
from typing import Any, Final

from catalogs import to_traditional

SUFFIX: Final = "_tw"
_AS_THEY_ARE: Final = frozenset({"name", "label", "prints", "list", "type", "when"})
_CAPITALS: Final = re.compile(r"\|rmb\b")
# What papers say otherwise than the program: spaced titles, and the terms of contracts.
_TERMS: Final = {
    "合 同": "合 約", "備　注": "備　註", "籤": "簽", "制單": "製單", "制表": "製表", "支援與合作": "支持與合作", "質量": "品質",
    "質保期": "保固期", "質檢": "品檢", "財務稽核": "財務審核", "複核": "覆核",
}  # fmt: skip


def traditional(template: dict[str, Any]) -> dict[str, Any]:
    """Return a Chinese template in Traditional Chinese, under a name of its own."""
    converted: dict[str, Any] = _converted(template)
    return converted | {"name": template["name"] + SUFFIX, "label": f"{template['label']} (Traditional Chinese)", "language": "zh_TW"}


def _converted(part: Any, key: str = "") -> Any:
    if isinstance(part, dict):
        return {name: _converted(value, name) for name, value in part.items()}
    if isinstance(part, list):
        return [_converted(one) for one in part]
    if isinstance(part, str) and key not in _AS_THEY_ARE:
        text = to_traditional(part)
        for wrong, right in _TERMS.items():
            text = text.replace(wrong, right)
        return _CAPITALS.sub("|rmb_traditional", text)
    return part
