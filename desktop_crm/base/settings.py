"""What belongs to this computer and not to a company: the settings file and the folders the program keeps its files in."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import platformdirs

from desktop_crm.base.files import write_atomically
from desktop_crm.base.i18n import LANGUAGES
from desktop_crm.base.lazily import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

APP_FOLDER: Final = "DesktopCRM"
HOME_VARIABLE: Final = "DESKTOP_CRM_HOME"
RECENT_COMPANIES: Final = 8

Theme = Literal["system", "light", "dark"]
Density = Literal["compact", "comfortable"]


@dataclass(frozen=True)
class Settings:
    """The choices made on this computer; change them with ``dataclasses.replace`` and `save_settings`.

    - language: one of LANGUAGES, or empty for the system's
    - theme, density: see Theme and Density
    - text_scale: percent of the normal text size, 75 to 200
    - last_company, recent_companies: database URLs without passwords, the latest first
    - signed_in: by those URLs, the name that somebody signed in with last
    - window: geometry and state of the main window, as base64 text
    - printers: by document template, that printer's name, tray, offsets in mm and the like
    - calibrations: by printer, how it misses a preprinted form
    - mail: how e-mails are sent, and by template what they say; the password is kept elsewhere
    - layouts: by view, the order, width and visibility of its columns
    """

    language: str = ""
    theme: Theme = "system"
    text_scale: int = 100
    density: Density = "compact"
    last_company: str = ""
    recent_companies: tuple[str, ...] = ()
    signed_in: Mapping[str, str] = field(default_factory=dict)
    window: str = ""
    printers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    calibrations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mail: Mapping[str, Any] = field(default_factory=dict)
    layouts: Mapping[str, Any] = field(default_factory=dict)

    def company_opened(self, url: str, login: str) -> Settings:
        """Return these settings with `url` as the last company and first of the recent ones, and `login` as who opened it."""
        recent = (url, *(other for other in self.recent_companies if other != url))[:RECENT_COMPANIES]
        signed_in = {other: name for other, name in {**self.signed_in, url: login}.items() if other in recent}
        return Settings(**{**_shallow(self), "last_company": url, "recent_companies": recent, "signed_in": signed_in})


_VALID: Final[Mapping[str, Callable[[Any], bool]]] = {
    "language": lambda value: value in ("", *LANGUAGES),
    "theme": lambda value: value in get_args(Theme),
    "text_scale": lambda value: type(value) is int and 75 <= value <= 200,  # noqa: PLR2004 - the bounds the class names
    "density": lambda value: value in get_args(Density),
    "recent_companies": lambda value: isinstance(value, list) and all(isinstance(url, str) for url in value),
    "signed_in": lambda value: isinstance(value, dict) and all(isinstance(name, str) for name in value.values()),
    "printers": lambda value: isinstance(value, dict) and all(isinstance(printer, dict) for printer in value.values()),
    "calibrations": lambda value: isinstance(value, dict) and all(isinstance(printer, dict) for printer in value.values()),
    "mail": lambda value: isinstance(value, dict),
    "layouts": lambda value: isinstance(value, dict),
}


def load_settings() -> Settings:
    """Return the saved settings, or the defaults where none were saved.

    A file that can't be understood is kept as ``settings.json.damaged`` and said in the log. Raises OSError when the file can't be read at all.
    """
    path = settings_file()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    try:
        return _parse(content)
    except ValueError as problem:
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        log.warning("The settings could not be read (%s); the defaults are used and the file was kept as %s", problem, aside)
        return Settings()


def save_settings(settings: Settings) -> None:
    """Write `settings`, whole or not at all; raises OSError when the disk refuses."""
    text = json.dumps(asdict(settings), ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(settings_file(), text.encode())


def settings_file() -> Path:
    """Return the path of the settings file; it need not exist."""
    return _folder(platformdirs.user_config_path, "") / "settings.json"


def secrets_file() -> Path:
    """Return the path of the sealed passwords, used only where the system keeps none; it need not exist."""
    return _folder(platformdirs.user_config_path, "") / "secrets.json"


def data_folder() -> Path:
    """Return the folder for company files and what the program makes for itself, creating it."""
    return _folder(platformdirs.user_data_path, "data")


def log_folder() -> Path:
    """Return the folder of the log files, creating it."""
    return _folder(platformdirs.user_log_path, "logs")


def drafts_folder() -> Path:
    """Return the folder of the drafts of unsaved forms, creating it."""
    folder = drafts_place()
    data_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def drafts_place() -> Path:
    """Return where that folder is or will be, without a look at the disk."""
    return _place(platformdirs.user_data_path, "data") / "drafts"


def demo_company_path() -> Path:
    """Return the path of the demo company's file; it need not exist."""
    return data_folder() / "demo.sqlite3"


def _folder(of_system: Callable[[str, Literal[False]], Path], name: str) -> Path:
    """Return the place of a folder, creating it."""
    folder = _place(of_system, name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _place(of_system: Callable[[str, Literal[False]], Path], name: str) -> Path:
    """Return the system's folder, or `name` in DESKTOP_CRM_HOME where that is set (tests, an installation on a stick)."""
    home = os.environ.get(HOME_VARIABLE, "")
    return Path(home).expanduser() / name if home else of_system(APP_FOLDER, False)


def _parse(content: bytes) -> Settings:
    saved = json.loads(content)
    if not isinstance(saved, dict):
        raise ValueError(f"{type(saved).__name__} instead of an object")  # noqa: TRY004 - a damaged file, told as one
    # A name this version doesn't know was written by a newer one and is no damage.
    values = {item.name: saved[item.name] for item in fields(Settings) if item.name in saved}
    for name, value in values.items():
        if not _VALID.get(name, _is_text)(value):
            raise ValueError(f"{name} = {value!r}")
    if "recent_companies" in values:
        values["recent_companies"] = tuple(values["recent_companies"])
    return Settings(**values)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _shallow(settings: Settings) -> dict[str, Any]:
    return {item.name: getattr(settings, item.name) for item in fields(Settings)}
