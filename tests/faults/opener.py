"""Opens a company as a later version of the program: ``python -m tests.faults.opener URL MIGRATIONS``; says what it had to apply."""

from __future__ import annotations

import sys
from pathlib import Path

from desktop_crm.models import migrate
from desktop_crm.models.database import Store
from desktop_crm.models.location import parse_url
from desktop_crm.services.session import prepare


def main(url: str, folder: str) -> None:
    """Bring the company up to the migrations in `folder`."""
    migrate.FOLDER = Path(folder)  # type: ignore[misc]
    prepare()
    sys.stdout.write(f"{len(migrate.upgrade(Store(parse_url(url))))}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
