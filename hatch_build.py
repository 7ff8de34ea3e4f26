"""Compiles the translations when the package is built or installed."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TranslationsHook(BuildHookInterface[Any]):
    """Hatchling's custom build hook, wired in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Write the ``.mo`` files before the resources are collected."""
        # The build backend runs without the project's folder on its path.
        sys.path.insert(0, self.root)
        from catalogs import compile_catalogs

        compile_catalogs()
