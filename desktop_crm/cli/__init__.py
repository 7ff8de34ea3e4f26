"""The command line: the use cases of the window for scheduled tasks, scripts and tests."""

from desktop_crm.cli.start import main

__all__ = ["main"]
