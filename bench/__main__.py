"""Measures what a user waits for, each beside its floor: the least that raw statements need for the same rows in the same run.

Only the ratio holds on another machine. Every figure is the median of several runs, ours and the floor in turns.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bench import TOPICS
from bench.house import MEASURING, Line, Topic, ground, processor_clock

if TYPE_CHECKING:
    from collections.abc import Sequence


def arguments_of(given: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--scale", type=int, default=20000, help="customers")
    parser.add_argument("--engine", choices=("sqlite", "mysql"), default="sqlite", help="a temporary file, or a MariaDB started for this run")
    parser.add_argument("--url", default="", help="a database of your own instead, which keeps its company: built by the first run, measured again by the next")
    parser.add_argument("--only", nargs="+", choices=TOPICS, default=TOPICS, metavar="TOPIC", help=", ".join(TOPICS))
    parser.add_argument("--runs", type=int, default=5, help="of each measurement, the median of which is told")
    parser.add_argument("--processor", action="store_true", help="take the processor's time, a server's on this machine included, in place of the clock's: for a machine that others use")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """Measure the topics asked for and print a table; returns the exit code."""
    options = arguments_of(given)
    found: dict[str, list[Line]] = {}
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as name:
        begun = time.monotonic()
        with ground(options.engine, options.scale, Path(name), options.url) as place:
            MEASURING.runs = options.runs
            if options.processor:
                MEASURING.clock = processor_clock(place.session.store)
            print(f"{place.scale:,} customers on {place.engine}, ready after {time.monotonic() - begun:.0f} s", flush=True)
            print(f"{'':52}{'ours':>12}{'floor':>12}{'ratio':>8}{'aim':>8}", flush=True)
            for topic in [one for one in TOPICS if one in options.only]:
                print(topic, flush=True)
                found[topic] = []
                for line in cast("Topic", importlib.import_module(f"bench.{topic}")).measure(place):
                    found[topic].append(line)
                    print(shown(line), flush=True)
            done = {"engine": place.engine, "scale": place.scale, "machine": f"{platform.machine()} {platform.system()}"}
    if options.json:
        measured = {topic: [as_data(line) for line in lines] for topic, lines in found.items()}
        options.json.write_text(json.dumps({**done, "measured": measured}, ensure_ascii=False, indent=1), encoding="utf-8")
    missed = [line for lines in found.values() for line in lines if line.holds is False]
    print(f"{sum(map(len, found.values()))} measured, {len(missed)} beyond the aim")
    return 0


def shown(line: Line) -> str:
    """Return a line of the table."""
    ours = f"{line.ours:,.1f} {line.unit}"
    floor = "" if line.floor is None else f"{line.floor:,.1f} {line.unit}"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    aim = f"×{line.limit:g}" if line.limit else f"{line.ceiling:g}" if line.ceiling else ""
    holds = "" if line.holds is None else "ok" if line.holds else "BEYOND"
    return f"  {line.name:50}{ours:>12}{floor:>12}{ratio:>8}{aim:>8}  {holds:7}{line.note}".rstrip()


def as_data(line: Line) -> dict[str, Any]:
    """Return a line as JSON holds it."""
    rounded = {key: None if value is None else round(value, 2) for key, value in (("ours", line.ours), ("floor", line.floor), ("ratio", line.ratio))}
    return {"name": line.name, "unit": line.unit, **rounded, "limit": line.limit, "ceiling": line.ceiling, "holds": line.holds, "note": line.note}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
