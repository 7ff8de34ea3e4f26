"""Work away from the window: lanes of threads, so that the window never waits for a database or a file.

READ has one thread, WRITE one, FILE two (Excel, PDF, backup), DRAFT one: what was typed is kept even while a write waits for
its database; LOAD one: what a page is made of comes even while everything else waits. Each has its own database connection. Results come back to
the window's thread; an answer whose asker is gone, or that a newer question overtook, is dropped, and its statement is broken off.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import nullcontext
from dataclasses import field
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.steps import turn_slice
from desktop_crm.ui.swift import collect_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Watch = Callable[[Callable[[], None], Callable[[], None] | None], AbstractContextManager[None]]

SHOW_WAIT_MS: Final = 300
"""A wait that lasts longer than this shows itself."""
STUCK_MS: Final = 500
"""How long a question that was stopped may keep its thread: a server that says nothing may hold it for long, and others would wait behind."""
REST_S: Final = 1.0
"""When a thread that has nothing to do gives back memory."""


class Lane(StrEnum):
    """Where work runs."""

    READ = "read"
    WRITE = "write"
    FILE = "file"
    DRAFT = "draft"
    LOAD = "load"


THREADS: Final = {Lane.READ: 1, Lane.WRITE: 1, Lane.FILE: 2, Lane.DRAFT: 1, Lane.LOAD: 1}
WITHOUT_RESULT: Final = frozenset({Lane.READ, Lane.LOAD})
"""Lanes whose work leaves nothing behind that could be lost."""
NEVER_DROPPED: Final = frozenset({Lane.WRITE, Lane.DRAFT})
"""Lanes whose work is done even when nobody waits for the answer any more."""

KEEP_CONNECTION: Final = frozenset({Lane.READ, Lane.WRITE})
"""Lanes whose threads keep their connection while they rest, as somebody waits for what comes next. The others close it: SQLite holds all tables and triggers of a company in
memory for each, 1.4 MB."""


@dataclass(eq=False)
class Job:
    """One piece of work: `title` is what a wait shows, `key` tells questions of the same owner apart.

    `steps` says that the work asks now and then whether it is still wanted, `waited_for` that somebody looks at the window until it is done, `question` that it leaves
    nothing behind, `changes` that it writes to the company, and so leaves nothing behind until that is committed, `followed` that its page shows how far it is.
    """

    lane: Lane
    work: Callable[[], Any]
    owner: QObject
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None] | None
    key: str
    title: str
    progress: tuple[int, int] = (0, 0)
    steps: bool = False
    waited_for: bool = True
    question: bool = False
    changes: bool = False
    followed: bool = False
    stopped: bool = False
    """Whether it ended because it was stopped in time."""
    dropped: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)
    stop: Callable[[], None] = lambda: None
    """Stops it for the user: at once where that loses nothing, else at its next step."""
    _begins: threading.Lock = field(default_factory=threading.Lock)
    _begun: bool = False
    _over: bool = False
    _stands: bool = False
    thread: threading.Thread | None = None
    """The thread that works on it, once it has begun."""
    left: bool = False
    """Whether its thread was given up: others have taken its place, and it ends with this work."""

    def begin(self) -> bool:
        """Begin the work in its thread; False where the user took it back before. From here on a change can't be taken back without a step."""
        with self._begins:
            self._begun = not self.dropped
            self.thread = threading.current_thread()
            return self._begun

    def end(self) -> bool:
        """End the work in its thread; True where the thread was given up meanwhile."""
        with self._begins:
            self._over = True
            return self.left

    def leave(self) -> bool:
        """Give its thread up, where it is a question nobody wants and still under way. Tells whether it was."""
        with self._begins:
            self.left = self.question and self.cancelled.is_set() and self._begun and not self._over
            return self.left

    def drop(self) -> bool:
        """Take the work back, where that loses nothing: a question always, other work before it has begun. Tells whether it was.

        A change that has begun stops with its statement, and ends as it does: only its thread knows whether it came before the commit.
        """
        with self._begins:
            self.dropped = self.question or not self._begun
            if self.dropped or self.steps or (self.changes and not self._stands):
                self.cancel()
        return self.dropped

    def stoppable(self) -> bool:
        """Tell whether stopping it now would have an effect."""
        return self.question or self.steps or not self._begun or (self.changes and not self._stands)

    def check(self) -> None:
        """Raise Cancelled where nobody wants the answer any more; asked before each statement and while one runs."""
        if self.cancelled.is_set() and not self._stands:
            raise Cancelled

    def commits(self) -> None:
        """Let what was written stand; raises Cancelled where the user stopped it in time. From here on no statement is broken off."""
        with self._begins:
            if self.cancelled.is_set():
                raise Cancelled
            self._stands = True

    def step(self, done: int, total: int) -> None:
        """Report progress from the working thread; raises Cancelled where the user asked to stop."""
        self.progress = (done, total)
        if self.cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self.cancelled.set()

    def wanted(self) -> bool:
        """Tell whether anybody still waits for the answer."""
        return not self.cancelled.is_set() and shiboken6.isValid(self.owner)


class Operations(QObject):
    """The lanes. `waiting` carries a job that has taken longer than SHOW_WAIT_MS, `ended` one that has ended, `quiet` says that none is left.

    `watch` lets statements of a thread be broken off while they run, as `Store.watched` does; `rest` is called in a thread that has nothing to do.
    """

    waiting = Signal(object)
    ended = Signal(object)
    quiet = Signal()
    _finished = Signal()

    def __init__(self, on_error: Callable[[BaseException], None], on_thread_end: Callable[[], None], parent: QObject | None = None, *, watch: Watch | None = None,
                 rest: Callable[[], None] = lambda: None) -> None:
        super().__init__(parent)
        self._rest = rest
        self._watch: Watch = watch or (lambda _ask, _commits: nullcontext())
        self._on_error = on_error
        self._on_thread_end = on_thread_end
        self._outcomes: queue.SimpleQueue[tuple[Job, Any, BaseException | None]] = queue.SimpleQueue()
        self._queues: dict[Lane, queue.SimpleQueue[Job | None]] = {lane: queue.SimpleQueue() for lane in Lane}
        self._threads: dict[Lane, list[threading.Thread]] = {lane: [] for lane in Lane}
        self._jobs: set[Job] = set()
        self._stopped = False
        self._latest: dict[tuple[int, str], Job] = {}
        self._finished.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._end)
        collect_here(self)

    def read(self, owner: QObject, work: Callable[[], Any], done: Callable[[Any], None], *, key: str = "", failed: Callable[[BaseException], None] | None = None,
             waited_for: bool = True) -> Job:
        """Ask the database something; a newer question of the same owner and key overtakes an older one."""
        return self._start(Job(Lane.READ, work, owner, done, failed, key, "", waited_for=waited_for, question=True))

    def write(self, owner: QObject, work: Callable[[], Any], done: Callable[[Any], None], *, title: str = "", failed: Callable[[BaseException], None] | None = None) -> Job:
        """Change something in the company; changes are made in the order they were asked for, and can be stopped until they are committed."""
        return self._start(Job(Lane.WRITE, work, owner, done, failed, "", title, changes=True))

    def keep(self, owner: QObject, work: Callable[[], Any], done: Callable[[Any], None], *, failed: Callable[[BaseException], None] | None = None) -> Job:
        """Change something outside of the company, such as a plan or a password of this computer, in one order with `write`."""
        return self._start(Job(Lane.WRITE, work, owner, done, failed, "", ""))

    def long_write(self, owner: QObject, work: Callable[[Callable[[int, int], None]], Any], done: Callable[[Any], None], *, title: str, failed: Callable[[BaseException], None] | None = None) -> Job:
        """Change much at once: a `write` with a progress callback that raises Cancelled when the user stops it."""
        job = Job(Lane.WRITE, lambda: None, owner, done, failed, "", title, steps=True, changes=True)
        job.work = lambda: work(job.step)
        return self._start(job)

    def file(self, owner: QObject, work: Callable[[Callable[[int, int], None]], Any], done: Callable[[Any], None], *, title: str = "", failed: Callable[[BaseException], None] | None = None,
             waited_for: bool = True, changes: bool = False) -> Job:
        """Run long work with a progress callback that raises Cancelled when the user stops it; so does each of its statements. Without a title its page may follow it itself."""
        job = Job(Lane.FILE, lambda: None, owner, done, failed, "", title, steps=True, waited_for=waited_for, changes=changes)
        job.work = lambda: work(job.step)
        return self._start(job)

    def look(self, owner: QObject, work: Callable[[Callable[[int, int], None]], Any], done: Callable[[Any], None], *, title: str = "", failed: Callable[[BaseException], None] | None = None) -> Job:
        """Ask a file, a printer or another server something: beside `file`, but a question, that is dropped at once when the user stops it."""
        job = Job(Lane.FILE, lambda: None, owner, done, failed, "", title or _("Reading…"), steps=True, question=True)
        job.work = lambda: work(job.step)
        return self._start(job)

    def draft(self, owner: QObject, work: Callable[[], Any], done: Callable[[Any], None], *, failed: Callable[[BaseException], None] | None = None) -> Job:
        """Keep, read or drop drafts, in the order asked for.

        Once the lanes have stopped the window is closing and nobody waits for an answer; what was typed last is kept all the same, at once.
        """
        job = Job(Lane.DRAFT, work, owner, done, failed, "", "")
        if not self._stopped:
            return self._start(job)
        try:
            work()
        except Exception as problem:  # noqa: BLE001 - as in the lanes, every failure is told
            self._on_error(problem)
        return job

    def load(self, owner: QObject, module: str, done: Callable[[], None]) -> Job:
        """Load a module and call `done` when it is there; a newer wish of the same owner overtakes an older one."""
        return self._start(Job(Lane.LOAD, lambda: import_module(module), owner, lambda _module: done(), None, "load", _("Reading…")))

    def _start(self, job: Job) -> Job:
        if self._stopped and job.lane not in NEVER_DROPPED:
            job.cancel()  # the window is closed, and so is its company: nobody waits for an answer
            return job
        if job.key:
            older = self._latest.get((id(job.owner), job.key))
            if older is not None:
                older.cancel()
            self._latest[id(job.owner), job.key] = job
        job.stop = lambda: self._stop_job(job)
        self._jobs.add(job)
        self._queues[job.lane].put(job)
        if len(self._threads[job.lane]) < THREADS[job.lane]:
            self._add_thread(job.lane)
        QTimer.singleShot(SHOW_WAIT_MS, self, lambda: self._show_wait(job))
        return job

    def _add_thread(self, lane: Lane) -> None:
        threads = self._threads[lane]
        threads.append(threading.Thread(target=self._run, args=(lane, self._queues[lane]), name=f"{lane}-{len(threads)}", daemon=True))
        threads[-1].start()

    def _leave_stuck(self, stopped: Job) -> None:
        """Give up the threads that still work on a question that was stopped, or on one it overtook, so that others needn't wait for what nobody wants."""
        threads = self._threads[stopped.lane]
        for job in (stopped, *self._jobs):
            if job.lane is stopped.lane and job.thread in threads and job.leave():
                threads.remove(job.thread)
                if not self._queues[job.lane].empty():
                    self._add_thread(job.lane)

    def _show_wait(self, job: Job) -> None:
        if job in self._jobs and job.wanted():
            self.waiting.emit(job)

    def _run(self, lane: Lane, jobs: queue.SimpleQueue[Job | None]) -> None:
        try:
            while (job := self._next(lane, jobs)) is not None:
                result: Any = None
                # What nobody wants any more before it has begun gives no answer, and so no empty one either.
                problem: BaseException | None = Cancelled()
                if job.begin() and (job.wanted() or job.lane in NEVER_DROPPED):
                    problem = None
                    try:
                        with self._watched(job):
                            result = job.work()
                    except BaseException as raised:  # noqa: BLE001 - every failure is told in the window's thread
                        problem = raised
                if not shiboken6.isValid(self):  # the window went without waiting, as when the system ends the program
                    return
                given_up = job.end()
                # Handed over whole: what this thread let go of last would be destroyed in it, and much of it belongs to the window.
                self._outcomes.put((job, result, problem))
                job = result = problem = None
                self._finished.emit()
                if given_up:
                    return
        finally:
            self._on_thread_end()

    def _watched(self, job: Job) -> AbstractContextManager[None]:
        asks = job.question or job.changes or job.lane is Lane.FILE
        return self._watch(job.check, job.commits if job.changes else None) if asks else nullcontext()

    def _next(self, lane: Lane, jobs: queue.SimpleQueue[Job | None]) -> Job | None:
        """Return the next job of a lane; where none comes for a while, the thread gives back what it needs only at work."""
        try:
            return jobs.get(timeout=REST_S)
        except queue.Empty:
            (self._rest if lane in KEEP_CONNECTION else self._on_thread_end)()
            return jobs.get()

    def _stop_job(self, job: Job) -> None:
        """Stop a job for the user; where that loses nothing it has failed with Cancelled at once, whatever its thread is still busy with."""
        if job in self._jobs and job.drop():
            QTimer.singleShot(STUCK_MS, self, lambda: self._leave_stuck(job))
            self._finish(job, None, Cancelled())

    def waited_for(self, lane: Lane) -> list[Job]:
        """Return what is under way in a lane and shown when it takes long."""
        return [job for job in self._jobs if job.lane is lane and job.waited_for and job.wanted()]

    def _end(self) -> None:
        """Give out the answers that have come, for so long that keys and the pointer get between, and the rest in further turns.

        Qt sends what was posted by several threads within one turn, however much there is of it.
        """
        if self._more.isActive():
            return
        try:
            with turn_slice() as until:
                while not self._outcomes.empty():
                    job, result, problem = self._outcomes.get_nowait()
                    if not job.dropped:
                        self._finish(job, result, problem)
                    if time.perf_counter() >= until:
                        break
        finally:  # an answer that failed doesn't hold up those behind it
            if shiboken6.isValid(self) and not self._outcomes.empty():
                self._more.start()

    def _finish(self, job: Job, result: Any, problem: BaseException | None) -> None:
        self._jobs.discard(job)
        job.stopped = isinstance(problem, Cancelled)
        if self._latest.get((id(job.owner), job.key)) is job:
            del self._latest[id(job.owner), job.key]
        self.ended.emit(job)
        self._answer(job, result, problem)
        if not self._jobs:
            self.quiet.emit()

    def _answer(self, job: Job, result: Any, problem: BaseException | None) -> None:
        if isinstance(problem, Cancelled):
            problem = None if job.failed is None else problem
            if problem is None:
                return
        if not shiboken6.isValid(job.owner) or (job.key and job.cancelled.is_set() and not job.dropped):
            if problem is not None and job.lane is not Lane.READ and not isinstance(problem, Cancelled):
                self._on_error(problem)
            return
        if problem is None:
            job.done(result)
        elif job.failed is not None:
            job.failed(problem)
        else:
            self._on_error(problem)

    def under_way(self) -> list[Job]:
        """Return what was begun, or waits for its lane, and has not ended."""
        return list(self._jobs)

    def idle(self) -> bool:
        """Tell whether nothing is under way."""
        return not self._jobs

    def busy_writing(self) -> bool:
        """Tell whether a change or a file is still being written."""
        return any(job.lane not in WITHOUT_RESULT for job in self._jobs)

    def busy_saving(self) -> bool:
        """Tell whether a change is still being written."""
        return any(job.lane in NEVER_DROPPED for job in self._jobs)

    def stop(self, *, wait: bool = True) -> None:
        """Let every lane finish what it has begun, then end its threads and close their connections; without `wait` they end by themselves."""
        self._stopped = True
        for job in self._jobs:
            if job.lane not in NEVER_DROPPED:
                job.cancel()
        for lane, threads in self._threads.items():
            for _thread in threads:
                self._queues[lane].put(None)
        for threads in self._threads.values():
            for thread in threads:
                if wait:
                    thread.join()
            threads.clear()
