"""Search texts and sort keys of an import's rows, worked out by processes beside this one while it checks and writes.

They are half of an import's work and depend on nothing but a row's own texts. What a helper doesn't say in time, because it died or there is
no second processor, is worked out here. In a bundled program `run_if_asked` must be called first thing at the start.
"""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

from desktop_crm.domain import pinyin
from desktop_crm.domain.text import part_keys, search_text, search_text_of, sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    Keys = tuple[str, str]
    Made = tuple[str | list[list[str]], str]

FLAG: Final = "--make-keys"
MOST: Final = 2
"""Helpers that can be fed by one process that writes."""
ROWS: Final = 3000
"""Rows below which starting a helper takes longer than it saves."""
_LENGTH_BYTES: Final = 8
_MODULE: Final = "desktop_crm.services.imports.keymakers"
_PACKAGE_FOLDER: Final = Path(__file__).resolve().parents[3]


def make(texts: tuple[str, ...], later: int) -> Made:
    """Return what a row is searched by and its sort key; where the text at `later` isn't known yet, the keys of each part instead of the first."""
    sorted_by = sort_key(texts[0] if texts else "")
    return (search_text(*texts) if later < 0 else [part_keys(text) for text in texts]), sorted_by


class _Helper:
    """One process; what it answers comes in the order it was asked."""

    def __init__(self) -> None:
        frozen = getattr(sys, "frozen", False)
        command = [sys.executable, FLAG] if frozen else [sys.executable, "-P", "-X", "utf8", "-m", _MODULE, FLAG]
        environment = dict(os.environ)
        if not frozen:
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_PACKAGE_FOLDER), environment.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603 - this program itself, without a shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.answers: SimpleQueue[list[Made] | None] = SimpleQueue()
        self._thread = Thread(target=self._listen, name="keys", daemon=True)
        self._thread.start()

    def ask(self, rows: list[tuple[tuple[str, ...], int]]) -> None:
        """Send rows, which it takes at once, whatever it is at; one that has died is noticed by its answer."""
        out = self._process.stdin
        with suppress(OSError):
            if out is not None:
                _send(out, rows)

    def _listen(self) -> None:
        """Take the answers as they come, so that neither side waits for the other to read."""
        source = self._process.stdout
        with suppress(OSError, ValueError, TypeError):
            while source is not None and (answer := _received(source)) is not None:
                self.answers.put(answer)
        self.answers.put(None)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


class KeyMakers:
    """Gives rows their keys; what was asked for ahead is there already. `later` is the place of the text that is given out when a row is written, -1 for none."""

    def __init__(self, rows: int, later: int = -1) -> None:
        self._later = later
        helpers = min(MOST, (os.cpu_count() or 1) - 1) if rows >= ROWS else 0
        self._helpers = [_Helper() for _number in range(helpers)]
        self._asked: deque[tuple[_Helper | None, list[tuple[str, ...]]]] = deque()
        self._known: dict[tuple[str, ...], Made] = {}
        self._turn = 0

    def ahead(self, texts: Sequence[tuple[str, ...]]) -> None:
        """Let the keys of a batch be worked out; batches are written in the order they were asked."""
        if not self._helpers:
            return
        helper = self._helpers[self._turn % len(self._helpers)]
        self._turn += 1
        helper.ask([(row, self._later if self._later >= 0 and not row[self._later] else -1) for row in texts])
        self._asked.append((helper, list(texts)))

    def take(self) -> None:
        """Get the keys of the oldest batch that was asked for, and forget those of the one before."""
        self._known = {}
        if not self._asked:
            return
        helper, texts = self._asked.popleft()
        if helper is None:
            return
        made = helper.answers.get()
        if made is None:
            # It died: what else it was asked is worked out here.
            helper.close()
            self._helpers.remove(helper)
            self._asked = deque((None if other is helper else other, rows) for other, rows in self._asked)
            return
        self._known = dict(zip(texts, made, strict=False))

    def __call__(self, texts: tuple[str, ...]) -> Keys:
        """Return the search text and the sort key of a row with these texts."""
        made = self._known.get(texts)
        if made is not None and isinstance(made[0], str):
            return made[0], made[1]
        if self._later >= 0 and self._known:
            made = self._known.get((*texts[: self._later], "", *texts[self._later + 1 :]))
            if made is not None and not isinstance(made[0], str):
                parts = [part_keys(texts[self._later]) if place == self._later else keys for place, keys in enumerate(made[0])]
                return search_text_of(parts), made[1]
        return search_text(*texts), sort_key(texts[0] if texts else "")

    def close(self) -> None:
        """End the helpers."""
        for helper in self._helpers:
            helper.close()


def _send(out: IO[bytes], what: list[Any]) -> None:
    """Send one list, its length first: taking it from the pipe by its parts would take ten times as long."""
    data = marshal.dumps(what)
    out.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    out.write(data)
    out.flush()


def _received(source: IO[bytes]) -> list[Any] | None:
    """Return the next list; None at the end."""
    length = int.from_bytes(source.read(_LENGTH_BYTES), "big")
    data = source.read(length)
    made: list[Any] | None = marshal.loads(data) if length and len(data) == length else None  # noqa: S302 - written by this program's own process
    return made


def _serve(source: BinaryIO, out: BinaryIO) -> None:
    """Answer what is asked until nobody asks any more; it is taken in meanwhile, as a pipe holds less than one batch and who asks would wait."""
    asked: SimpleQueue[list[tuple[tuple[str, ...], int]] | None] = SimpleQueue()

    def take_in() -> None:
        with suppress(OSError, ValueError, TypeError):
            while (rows := _received(source)) is not None:
                asked.put(rows)
        asked.put(None)

    # Nothing here refers to itself, and all of it ends with the import.
    gc.disable()
    Thread(target=take_in, name="asked", daemon=True).start()
    pinyin.load()
    with suppress(OSError):
        while (rows := asked.get()) is not None:
            _send(out, [make(texts, later) for texts, later in rows])


def run_if_asked() -> None:
    """Be a helper and end, when this program was started as one."""
    if sys.argv[1:2] == [FLAG]:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
        sys.exit(0)


if __name__ == "__main__":
    run_if_asked()
