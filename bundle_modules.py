"""The modules of the bundle in one file, and what finds them there; the first thing a bundled program runs.

PyInstaller looks for each module in an archive, a zip and folders, with some two hundred steps of Python for each of the three hundred modules of a start. Here it is one look into
a dictionary. What isn't in the file is found by PyInstaller as ever.
"""

import marshal
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import CodeType, ModuleType

NAME = "modules.bin"
TEXTS = "<texts>"
"""Under which name the program texts are kept that PySide6 would compile at each start."""
OWN = frozenset({"desktop_crm", "peewee", "playhouse", "PySide6", "shiboken6", "platformdirs"})
"""Packages that are put into the file beside Python's own; the others stay with PyInstaller, as some ask it for files of theirs."""
HEAD = 8
"""Bytes at the beginning that say how long the list of modules is."""


class Modules:
    """Finds and loads what is in the file; asked by Python before any other."""

    def __init__(self, folder: str, slash: str) -> None:
        self.folder = folder + slash
        self.slash = slash
        self.file = open(self.folder + NAME, "rb", buffering=0)  # noqa: PTH123, SIM115 - open until the program ends; pathlib is one of the modules
        length = int.from_bytes(self.file.read(HEAD), "little")
        self.parts: dict[str, tuple[int, int, bool] | str] = marshal.loads(self.file.read(length))  # noqa: S302 - the program's own
        self.begin = HEAD + length
        self.lock = allocate_lock()

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return where a module is, None where it isn't here."""
        part = self.parts.get(name)
        if part is None:
            return None
        if isinstance(part, str):
            place = self.folder + part
            spec = ModuleSpec(name, ExtensionFileLoader(name, place), origin=place)
        else:
            folder = self.folder + name.replace(".", self.slash)
            spec = ModuleSpec(name, self, origin=f"{folder}{self.slash}__init__.py" if part[2] else f"{folder}.py", is_package=part[2])  # type: ignore[arg-type]  # a loader by what it does
            if part[2]:
                spec.submodule_search_locations = [folder]
        spec.has_location = True
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module."""
        exec(self.get_code(module.__name__), vars(module))  # noqa: S102 - the program's own

    def get_code(self, name: str) -> "CodeType":
        """Return a module's bytecode; raises KeyError where it isn't here."""
        code: CodeType = marshal.loads(self._content(name))  # noqa: S302 - the program's own
        return code

    def _content(self, name: str) -> bytes:
        part = self.parts[name]
        if isinstance(part, str):
            raise KeyError(name)
        with self.lock:
            self.file.seek(self.begin + part[0])
            return self.file.read(part[1])

    def texts(self) -> "dict[tuple[str, str | bytes], CodeType]":
        """Return the bytecode of texts by where they come from and what they are."""
        found: dict[tuple[str, str | bytes], CodeType] = marshal.loads(self._content(TEXTS)) if TEXTS in self.parts else {}  # noqa: S302 - as above
        return found

    def get_source(self, _name: str) -> None:
        """Tell that the text of a module isn't there."""

    def is_package(self, name: str) -> bool:
        """Tell whether a module is a package."""
        part = self.parts[name]
        return not isinstance(part, str) and part[2]


def wanted(name: str) -> bool:
    """Tell whether a module belongs into the file."""
    top = name.partition(".")[0]
    return top in OWN or top in sys.stdlib_module_names


COMPILING = """
import builtins, marshal, os, sys
compile_now, texts = builtins.compile, {}
def keep(source, filename, *args, **options):
    code = compile_now(source, filename, *args, **options)
    if isinstance(source, str | bytes) and not os.path.isabs(filename):
        texts[filename, source] = code
    return code
builtins.compile = keep
import desktop_crm.ui
sys.stdout.buffer.write(marshal.dumps(texts))
"""
"""A program that tells what is compiled when Qt is loaded."""


def write(place: "Path", sources: "Iterable[tuple[str, str]]", extensions: "Iterable[tuple[str, str]]", texts: bytes = b"") -> None:
    """Write the file from modules with their sources, names of extensions with where they are in the folder, and what COMPILING says.

    Texts that only explain are left out of the bytecode of modules.
    """
    parts: dict[str, tuple[int, int, bool] | str] = dict(extensions)
    codes, end = [], 0
    for name, source in sources:
        package = source.endswith("__init__.py")
        shown = name.replace(".", "/") + ("/__init__.py" if package else ".py")
        with open(source, "rb") as file:  # noqa: PTH123 - as above
            code = marshal.dumps(compile(file.read(), shown, "exec", dont_inherit=True, optimize=2))
        parts[name] = end, len(code), package
        codes.append(code)
        end += len(code)
    if texts:
        parts[TEXTS] = end, len(texts), False
        codes.append(texts)
    index = marshal.dumps(parts)
    place.write_bytes(b"".join([len(index).to_bytes(HEAD, "little"), index, *codes]))


if hasattr(sys, "_MEIPASS"):
    # bare_qt.py asks the first of those that find modules for `texts`.
    sys.meta_path.insert(0, Modules(sys._MEIPASS, "\\" if sys.platform == "win32" else "/"))  # noqa: SLF001 - as PyInstaller tells a program where it is
