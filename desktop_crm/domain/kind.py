"""What every kind of values answers: from text, to text, validated; and what a cell is.

A cell is what a typed text or a workbook gives: str, Decimal, bool, date, datetime, time or None.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import FieldSpec

Cell = Any


class Kind:
    """How values of one kind are read, shown, aligned and written to a workbook: as what (`excel`), in which number format (`pattern`, "" the usual one)."""

    name: ClassVar[str] = "text"
    align: ClassVar[str] = "left"
    excel: ClassVar[str] = "text"
    pattern: ClassVar[str] = ""
    storage: ClassVar[str] = "text"
    empty: ClassVar[Any] = ""

    @property
    def warns(self) -> bool:
        """Tell whether `warn` has anything to say about this kind at all."""
        return type(self).warn is not Kind.warn

    def parse(self, raw: Cell, spec: FieldSpec) -> Any:
        """Turn a cell into a value; raises ValueProblem saying what could not be read."""
        text = (raw if type(raw) is str else cell_text(raw)).strip()
        limit = spec.scale if self.storage == "text" else 0
        if limit and len(text) > limit:
            raise ValueProblem(_("This is {count} characters long; at most {limit} fit").format(count=len(text), limit=limit))
        return text

    def parse_opposite(self, raw: Cell, spec: FieldSpec) -> Any:
        """Read a cell under one of the field's `opposites`; raises ValueProblem."""
        return self.parse(raw, spec)

    def show(self, value: Any, spec: FieldSpec) -> str:
        """Return the text a user reads."""
        return str(value)

    def edit(self, value: Any, spec: FieldSpec) -> str:
        """Return the text that parses back to the value."""
        return self.show(value, spec)

    def warn(self, value: Any) -> str | None:
        """Return a remark on a value that is unusual but may be saved, or None."""
        return None


def cell_text(raw: Cell) -> str:
    """Return a cell as the text a user would have typed: numbers without a needless fraction, dates as ISO."""
    if raw is None:
        return ""
    if type(raw) is str:
        return raw
    if isinstance(raw, Decimal):
        return format(raw.normalize(), "f") if raw == raw.to_integral_value() else format(raw, "f")
    if isinstance(raw, datetime):
        return raw.isoformat(sep=" ") if raw.time() != time() else raw.date().isoformat()
    if isinstance(raw, bool):
        return _("Yes") if raw else _("No")
    return str(raw)
