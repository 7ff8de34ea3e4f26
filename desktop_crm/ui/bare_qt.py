"""Loads PySide6 without what it brings for others, which is half of what an empty window costs.

Nothing a program sees is changed but when it happens: a wrong call is still explained by PySide6's own message. Where another version of PySide6 names its parts
otherwise, they are loaded as ever.
"""

from __future__ import annotations

import builtins
import sys
import threading
from typing import Any, Final

from desktop_crm.ui.quick_enums import fill_all, install

EXPLAIN: Final = frozenset(f"shibokensupport/signature/{name}.py" for name in ("mapping", "errorhandler", "layout", "parser", "lib/enum_sig", "lib/pyi_generator", "lib/tool"))
"""What PySide6 knows the signatures of Qt's calls by, to explain a wrong one and to write stubs: program text that it compiles anew at every start."""
LATER: Final = """
def __getattr__(name):
    from desktop_crm.ui.bare_qt import explained
    return explained(globals(), {file!r}, name)

def update_mapping(*args):
    __getattr__("type_map")
    return globals()["update_mapping"](*args)
"""
"""What stands for such a part. PySide6 asks one of them for ``update_mapping`` without asking its ``__getattr__``; the real one takes its place."""

_sources: dict[str, Any] = {}
_explaining = threading.RLock()


def load_qt() -> None:
    """Load PySide6 and give Python its own import back.

    PySide6 looks through the source of every module imported after it for the use of ``__feature__``, which is nowhere used here: half a
    millisecond a module, a quarter of the whole start.
    """
    install()
    if "shiboken6" in sys.modules:
        _load_core()
        return
    compile_now = builtins.compile
    # A bundle brings what PySide6 compiles at each start (bundle_modules.py).
    known: dict[Any, Any] = getattr(sys.meta_path[0], "texts", dict)()

    def compile_later(source: Any, filename: Any, *args: Any, **kwargs: Any) -> Any:
        if filename in EXPLAIN:
            _sources[filename] = source
            source = LATER.format(file=filename)
        code = known.get((filename, source)) if isinstance(source, str | bytes) else None
        return compile_now(source, filename, *args, **{"dont_inherit": True, **kwargs}) if code is None else code

    builtins.compile = compile_later
    try:
        _load_core()
    finally:
        builtins.compile = compile_now


def _load_core() -> None:
    import PySide6.QtCore  # noqa: F401

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def explained(module: dict[str, Any], file: str, name: str) -> Any:
    """Return what a part of PySide6 that was put off calls `name`, loading it when the first is asked for; raises AttributeError where there is none."""
    if not name.startswith("__"):
        with _explaining:
            source = _sources.pop(file, None)
            if source is not None:
                fill_all()
                exec(compile(source, file, "exec", dont_inherit=True), module)  # noqa: S102 - PySide6's own text, as PySide6 runs it
                module.pop("__getattr__", None)
            if name in module:
                return module[name]
    raise AttributeError(name)
