"""How cost grows with the company: one table of what several runs measured, ``python3 -m bench.growth RUN.json …``; each run is one ``--json FILE`` of the bench."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(runs: Sequence[dict[str, Any]]) -> str:
    """Return the milliseconds, and times the floor, of each line that more than one run has, the runs by engine and size."""
    ordered = sorted(runs, key=lambda run: (run["engine"] != "sqlite", run["scale"]))
    found = [{(topic, line["name"].split(": ")[0] if topic == "search" else line["name"]): line for topic, lines in run["measured"].items() for line in lines} for run in ordered]
    names = [name for name in dict.fromkeys(name for lines in found for name in lines) if sum(name in lines for lines in found) > 1]
    rows = [["", *(f"{run['engine']} {run['scale']:,}" for run in ordered)], ["---"] * (len(ordered) + 1)]
    rows += [[name, *(cell(lines.get((topic, name))) for lines in found)] for topic, name in names]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cell(line: dict[str, Any] | None) -> str:
    """Return what one run measured."""
    if line is None:
        return ""
    ratio = "" if line["ratio"] is None else f" (×{line['ratio']:.1f})"
    return f"{line['ours']:,.0f}{ratio}"


if __name__ == "__main__":
    print(table([json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]))
