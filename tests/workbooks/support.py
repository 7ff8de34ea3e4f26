"""What the tests of spreadsheets share."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_crm.services.workbooks.cells import Cell, Merge, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).resolve().parents[2] / "../shared/data"

KNOWN = frozenset(
    "客户编号 客户名称 联系人 手机 手机号码 电话 地址 城市 国家 统一社会信用代码 信用额度 金额 数量 单价 备注 名称 期初应收 签约日期".split()  # noqa: SIM905 - short
)


def known(heading: str) -> bool:
    return heading in KNOWN


NONE = None


def sheet(*rows: Sequence[Cell | int], merged: Sequence[Merge] = (), name: str = "表") -> Sheet:
    """Return a sheet of these cells; whole numbers stand for Decimals."""
    return Sheet(name, [[Decimal(cell) if isinstance(cell, int) else cell for cell in row] for row in rows], merged=list(merged))
