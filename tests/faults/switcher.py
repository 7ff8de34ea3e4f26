"""Puts one company file in the place of another and dies at a chosen moment: ``python -m tests.faults.switcher NEW PRESENT MOMENT``."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.models import switch

if TYPE_CHECKING:
    from collections.abc import Callable

ALIVE = 0
KILLED = 9


def main(new: str, present: str, moment: int) -> int:
    """Die before the call with that number of those that change the disk."""
    calls = 0

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > moment:
                os._exit(KILLED)
            return call(*arguments)

        return counted

    for holder, name in ((os, "link"), (switch, "sync_file"), (switch, "sync_folder"), (Path, "replace"), (switch, "_keep"), (switch, "_take")):
        setattr(holder, name, dying(getattr(holder, name)))
    switch.replace_company(Path(new), Path(present), datetime.now(UTC))
    return ALIVE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
