"""All the kills, in full: ``python3 dev.py faults [--kills N] [--engine local|shared|mysql …] [--operation NAME …] [--seed S] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from desktop_crm.base.i18n import use_language
from desktop_crm.base.settings import HOME_VARIABLE
from tests.faults import servers
from tests.faults.kills import Tally, run
from tests.faults.operations import OPERATIONS
from tests.faults.sites import ENGINES, Site
from tests.support.mariadb import Address, Server

SERVER_KILLED = "server"
"""Killing the server itself, while receipts are posted: a tenth as often, since it takes seconds to come back."""
COLUMNS = ("operation", "engine", "kills", "within", "came_through", "acknowledged", "lost", "half", "unclean", "seconds")


def main() -> int:
    """Kill every operation on every engine; 1 where anything was lost, half or unclean."""
    parser = argparse.ArgumentParser(prog="dev.py faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="of each operation on each engine")
    parser.add_argument("--engine", action="append", choices=ENGINES, default=[])
    parser.add_argument("--operation", action="append", choices=[*sorted(OPERATIONS), SERVER_KILLED], default=[])
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--mariadb", metavar="FOLDER:PORT", help="a server that is running already")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="crm-faults-"))
    os.environ[HOME_VARIABLE] = str(folder / "home")
    use_language("en")
    server = None
    tallies: list[Tally] = []
    try:
        for engine in options.engine or ENGINES:
            address = None
            if engine == "mysql":
                given, _colon, port = (options.mariadb or "").rpartition(":")
                address = Address(given, int(port)) if port else Address.choose()
                server = None if port or options.operation == [SERVER_KILLED] else Server(address)
            site = Site(engine, folder / engine, address)
            for name in options.operation or [*OPERATIONS, SERVER_KILLED]:
                if name != SERVER_KILLED:
                    tallies.append(run(OPERATIONS[name], site, options.kills, options.seed))
                elif engine == "mysql":
                    tallies.append(servers.run(folder / "server", max(options.kills // 10, 1), options.seed))
                else:
                    continue
                tell(tallies[-1])
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps({"seed": options.seed, "results": [asdict(tally) for tally in tallies]}, indent=1, ensure_ascii=False), encoding="utf-8")
    return int(any(tally.wrong for tally in tallies))


def tell(tally: Tally) -> None:
    """Print one line of the table."""
    values = asdict(tally)
    print("  ".join(f"{name} {values[name]:.1f}" if isinstance(values[name], float) else f"{name} {values[name]}" for name in COLUMNS), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
