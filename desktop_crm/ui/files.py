"""Asking the user for a file: the one place that opens the system's dialogs, so that a test can answer instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Files:
    """The system's file dialogs; a test puts answers into `FILES` in their place."""

    def ask_open(self, parent: QWidget, title: str, filters: str) -> Path | None:
        """Ask for a file to read; None where the user gave up. `filters` are as Qt writes them."""
        name, _chosen = QFileDialog.getOpenFileName(parent, title, "", filters)
        return Path(name) if name else None

    def ask_save(self, parent: QWidget, title: str, name: str, filters: str) -> Path | None:
        """Ask where to write a file, `name` being proposed; None where the user gave up."""
        chosen, _filter = QFileDialog.getSaveFileName(parent, title, name, filters)
        return Path(chosen) if chosen else None

    def ask_folder(self, parent: QWidget, title: str) -> Path | None:
        """Ask for a folder; None where the user gave up."""
        name = QFileDialog.getExistingDirectory(parent, title)
        return Path(name) if name else None

    def open(self, path: Path) -> bool:
        """Open a file or a folder with the system's program for it; tell whether there is one."""
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


FILES = Files()


def ask_open(parent: QWidget, title: str, filters: str) -> Path | None:
    """Ask for a file to read; None where the user gave up."""
    return FILES.ask_open(parent, title, filters)


def ask_save(parent: QWidget, title: str, name: str, filters: str) -> Path | None:
    """Ask where to write a file; None where the user gave up."""
    return FILES.ask_save(parent, title, name, filters)


def ask_folder(parent: QWidget, title: str) -> Path | None:
    """Ask for a folder; None where the user gave up."""
    return FILES.ask_folder(parent, title)


def open_file(path: Path) -> bool:
    """Open a file with the system's program for it."""
    return FILES.open(path)


def show_in_folder(path: Path) -> bool:
    """Open the folder a file is in."""
    return FILES.open(path.parent)


def table_filters() -> str:
    """Return the kinds of files a list is written to, as Qt's dialogs take them."""
    return f"{_('Excel workbook')} (*.xlsx);;{_('CSV file')} (*.csv)"
