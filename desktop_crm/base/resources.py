"""The one way to the files that ship with the program."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def resources_folder() -> Path:
    """Return the folder of icons, fonts, translations, templates and demo data.

    It stands inside the package when installed, in the bundle when frozen, and beside the package in a work tree.
    """
    package = Path(__file__).resolve().parent.parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "resources"] if frozen else [package / "resources", package.parent / "resources"]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(str(candidates[-1]))


def resource(name: str) -> Path:
    """Return the path of the resource `name`, such as ``icons/users.svg``; raises FileNotFoundError where there is none."""
    path = resources_folder() / name
    if not path.exists():
        raise FileNotFoundError(str(path))
    return path
