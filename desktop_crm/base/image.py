"""The modules a start loads, in one file: to find, open and read some two hundred files one by one takes a fifth of a millisecond each.

It is Python's own bytecode, lies where that lies, is written by the first start that had to look elsewhere, and is never needed: a module whose source has changed since is
loaded as ever.
"""

from __future__ import annotations

import logging
import marshal
import mmap
import os
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import CodeType, ModuleType

log = logging.getLogger(__name__)

PLACE: Final = Path(__file__).parent.parent / "__pycache__" / f"start.{sys.implementation.cache_tag}-{sys.flags.optimize}.image"
HEADER: Final = 16
"""Bytes before the code in a file of bytecode: its version, flags, and of its source when it was written and how long it is (PEP 552)."""
PACKAGES: Final = frozenset({"desktop_crm", "peewee", "platformdirs"}) | sys.stdlib_module_names
"""What is loaded from the image: of others it isn't known whether they look for files beside themselves by the way they were loaded."""

Part = tuple[str, int, int, bool, int, int]
"""One module: the file it comes from, when that was written and how long it was, whether it is a package, and where its bytecode stands in the image. A plain tuple: a class
with names takes longer to make than it saves."""


class Image:
    """Finds and loads what is in the image; asked by Python before it looks for files. `texts` are program texts made during a start, with their bytecode."""

    def __init__(self, parts: dict[str, Part], texts: dict[str, bytes], content: mmap.mmap | None = None) -> None:
        self.parts = parts
        self.texts = texts
        self.content = content
        self.before = frozenset(sys.modules)
        self.grown = False

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return where a module is, None where it isn't here or its source has changed."""
        part = self.parts.get(name)
        code = self.code(part) if part is not None and fits(part) else b""
        if part is None or not code:
            return None
        spec = ModuleSpec(name, self, origin=part[0], loader_state=code, is_package=part[3])  # type: ignore[arg-type]  # it is a loader by what it does
        spec.has_location = True
        if part[3]:
            spec.submodule_search_locations = [os.path.dirname(part[0])]  # noqa: PTH120 - asked for every package of a start
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        spec = module.__spec__
        if spec is not None:
            code, spec.loader_state = spec.loader_state, None
            exec(marshal.loads(code), vars(module))  # noqa: S102, S302 - the program's own code, which stands beside its bytecode

    def code(self, part: Part) -> bytes:
        """Return a module's bytecode; none once the file was given back, which another thread may do at any time."""
        content = self.content
        with suppress(ValueError):
            return content[part[4] : part[5]] if content is not None else b""
        return b""

    def leave(self) -> None:
        """Give the file back."""
        if self.content is not None:
            self.content.close()
        self.parts, self.texts, self.content = {}, {}, None


_image = Image({}, {})
_compile = compile  # as Python has it: Qt's loading asks for another (`ui/bare_qt.py`), which comes here


def stamp(file: str) -> tuple[int, int] | None:
    """Return when a file was written and how long it is, None where there is none."""
    try:
        found = os.stat(file)  # noqa: PTH116 - asked for every module of a start
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def fits(part: Part) -> bool:
    """Tell whether a module's file is still as it was."""
    return stamp(part[0]) == part[1:3]


def compiled(text: str, file: str) -> CodeType:
    """Compile a program text that a start makes each time anew, such as the beginning of a data class: the next start finds its bytecode in the image."""
    key = f"{file}\0{text}"
    known = _image.texts.get(key)
    if known is not None:
        code: CodeType = marshal.loads(known)  # noqa: S302 - as above
        return code
    code = _compile(text, file, "exec", dont_inherit=True)
    if _image in sys.meta_path:
        _image.texts[key] = marshal.dumps(code)
        _image.grown = True
    return code


def read_image(place: Path) -> Image:
    """Return the image at `place`, an empty one where there is none that this Python wrote."""
    with suppress(OSError, ValueError, EOFError, TypeError), place.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        with memoryview(content) as view:
            version, parts, texts = marshal.loads(view)  # noqa: S302 - as above
        if version == sys.version:
            return Image(parts, texts, content)
    return Image({}, {})


def use_image() -> None:
    """Load modules from the image from now on."""
    global _image  # noqa: PLW0603 - what Python finds modules with belongs to the process
    _image = read_image(PLACE)
    sys.meta_path.insert(0, _image)


def leave_image() -> None:
    """Look for modules as ever, now that the start is over, and write the image anew where something that was loaded isn't in it."""
    if _image not in sys.meta_path:
        return
    sys.meta_path.remove(_image)
    loaded = {name: module for name, module in list(sys.modules.items()) if name not in _image.before and name.partition(".")[0] in PACKAGES}
    codes = {name: found for name, module in loaded.items() if getattr(module, "__loader__", None) is not _image and (found := bytecode(module)) is not None}
    grown, texts = bool(codes) or _image.grown, dict(_image.texts)
    kept = {name: (part, _image.code(part)) for name, part in _image.parts.items() if fits(part)} if grown else {}
    _image.leave()
    if grown and not sys.dont_write_bytecode:
        write_image(PLACE, kept | codes, texts)


def write_image(place: Path, codes: dict[str, tuple[Part, bytes]], texts: dict[str, bytes]) -> None:
    """Write the image; where that can't be, the next start does without."""
    from desktop_crm.base.files import write_atomically

    def index(begin: int) -> bytes:
        parts, end = {}, begin
        for name, (part, code) in codes.items():
            parts[name] = (*part[:4], end, end + len(code))
            end += len(code)
        return marshal.dumps((sys.version, parts, texts), 2)  # the version in which nothing is written by reference

    # A place takes as many bytes whatever it is, so the index is as long before it is known how long it is.
    beginning = index(len(index(0)))
    try:
        write_atomically(place, beginning + b"".join(code for _part, code in codes.values()))
        place.chmod(0o644)
    except OSError as problem:
        log.debug("The image of the start was not written: %s", problem)


def bytecode(module: Any) -> tuple[Part, bytes] | None:
    """Return a module that was loaded from its bytecode as a part of the image; None where it wasn't, or where that isn't of the source as it is now."""
    spec = getattr(module, "__spec__", None)
    if spec is None or not (spec.has_location and spec.origin and spec.cached) or spec.name != module.__name__:
        return None
    seen = stamp(spec.origin)
    try:
        content = Path(spec.cached).read_bytes()
    except OSError:
        return None
    if seen is None or content[4:HEADER] != bytes(4) + b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in (seen[0] // 1_000_000_000, seen[1])):
        return None
    return (spec.origin, *seen, spec.submodule_search_locations is not None, 0, 0), content[HEADER:]
