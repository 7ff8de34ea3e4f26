"""Custom fields of every kind for a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.services import custom_fields

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

KINDS: Final = {
    "text": "保修地", "note": "特殊要求", "quantity": "注册员工数", "money": "保证金", "date": "年检日期", "boolean": "已验厂", "choice": "运输方式",
    "customer": "介绍客户", "user": "技术支持",
}  # fmt: skip
"""Labels by kind; none is a heading of a declared field."""
CHOICES: Final = "汽运\n海运\n=空运"


def add_every_kind(session: Session, entity: str) -> dict[str, str]:
    """Add a listed field of each kind to the entity; return the fields' names by kind."""
    return {kind: custom_fields.add(session, entity, {"label": label, "kind": kind, "choices": CHOICES, "listed": True}).result for kind, label in KINDS.items()}
