"""Programs that tests start: one that doesn't end is ended, and shows where each of its threads stands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HANGS: Final = 600
"""Seconds after which a program hangs; less than the tests' own limit, so that its own threads are shown and not only that it was waited for."""


def python(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = "", seconds: float = HANGS, check: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run Python to its end and return what it said; raises AssertionError where it doesn't end in time, or fails with `check`."""
    command = [sys.executable, *arguments]
    environment = {**(os.environ if env is None else env), "PYTHONFAULTHANDLER": "1"}
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    ) as child:
        try:
            out, errors = child.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(getattr(signal, "SIGABRT", signal.SIGTERM))
            out, errors = child.communicate()
            raise AssertionError(f"not over after {seconds:.0f} s: {command}\n{out}\n{errors}") from None
    done = subprocess.CompletedProcess(command, child.returncode, out, errors)
    assert not check or done.returncode == 0, f"it ended with {done.returncode}: {command}\n{out}\n{errors}"
    return done
