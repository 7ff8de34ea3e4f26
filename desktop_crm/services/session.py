"""The session: who acts, on which database, as of when. It is passed to every use case; there is no global one."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from desktop_crm.base.errors import Busy, ConnectionLost, NotAllowed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.progress import silent
from desktop_crm.domain.catalog import Catalog
from desktop_crm.domain.conditions import EVERYTHING, Condition, both
from desktop_crm.models import custom
from desktop_crm.models.database import Store
from desktop_crm.models.driver import server_reachable
from desktop_crm.models.entities import load_entities
from desktop_crm.models.location import parse_url
from desktop_crm.models.migrate import holds_other_data, is_company, is_unfinished, refuse_newer, upgrade
from desktop_crm.models.records import Records
from desktop_crm.models.registry import check_declarations
from desktop_crm.services import policy, sign_in
from desktop_crm.services.policy import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.models.changes import Actor, ChangeLog, ChangeSet
    from desktop_crm.models.location import Location
    from desktop_crm.models.registry import Entity

log = logging.getLogger(__name__)

T = TypeVar("T")
TRIES: Final = 4
PAUSE_SECONDS: Final = 0.05
DOUBT_TRIES: Final = 8
"""How often a server that went away in a commit is asked whether it came through, each time waiting twice as long: a quarter of a minute."""


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass
class Changes(Generic[T]):
    """What a write did: its result, its change set (None where nothing changed) and the entities it touched.

    `label` is what the log says of it: what was `said`, which is empty where that is all, and the `warnings`.
    """

    result: T
    change_set: int | None
    label: str
    entities: set[str] = field(default_factory=set)
    said: str = ""
    warnings: Sequence[str] = ()


def _changes(result: T, change_set: ChangeSet) -> Changes[T]:
    return Changes(result, change_set.id if change_set.kept else None, change_set.label, change_set.entities, change_set.said, change_set.warnings)


class Session:
    """One person at work on one database.

    `person` is who acts, `store` the database, `clock` where the time comes from. Threads may share a session: each has its own connection.
    """

    def __init__(self, store: Store, person: Person, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.store = store
        self.person = person
        self.clock = clock
        self._entities: Mapping[str, Entity] | None = None
        self._scopes: dict[tuple[str, policy.Action], Condition] = {}
        self._open: dict[int, ChangeSet] = {}
        self._reading: dict[int, Records] = {}
        self._see()

    @cached_property
    def computer(self) -> str:
        """The name of this computer."""
        import platform  # whoever only reads needs none of it

        return platform.node() or "?"

    @property
    def url(self) -> str:
        """The database's URL, without a password."""
        return self.store.location.url

    @property
    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return self.clock()

    @property
    def today(self) -> date:
        """The present business date, local; in a change set the one it began on."""
        reading = self._reading.get(threading.get_ident())
        return reading.today if reading is not None else self.clock().astimezone().date()

    def _see(self) -> tuple[Catalog, Catalog]:
        """Return the catalogs without and with this person's rights, made anew when the company's own fields have changed."""
        entities = self.store.entities
        if entities is not self._entities:
            everything = Catalog({name: entry.spec for name, entry in entities.items()})
            self._catalogs = everything, policy.seen_by(self.person, everything)
            self._entities = entities
        return self._catalogs

    @property
    def everything(self) -> Catalog:
        """The catalog without rights, for the program's own bookkeeping."""
        return self._catalogs[0] if self._entities is self.store.entities else self._see()[0]

    @property
    def catalog(self) -> Catalog:
        """The catalog as this person may see it."""
        return self._catalogs[1] if self._entities is self.store.entities else self._see()[1]

    @property
    def records(self) -> Records:
        """The records engine as of today. It knows no rights: use cases add `scope` to what they ask."""
        return self._reading.get(threading.get_ident()) or Records(self.store, self.today)

    @property
    def log(self) -> ChangeLog:
        """The change sets of this database."""
        from desktop_crm.models.changes import ChangeLog

        return ChangeLog(self.store, self.records)

    @property
    def actor(self) -> Actor:
        """Who history says acted."""
        from desktop_crm.models.changes import Actor

        return Actor(self.person.id, self.person.name, self.computer)

    def spec(self, name: str) -> EntitySpec:
        """Return an entity as this person sees it; raises NotAllowed where it is out of reach."""
        catalog = self.catalog
        if name not in catalog:
            raise NotAllowed(_("You have no right to see this. Ask your administrator"))
        return catalog[name]

    def entity(self, name: str) -> Entity:
        """Return the registered entity, without regard to rights."""
        return self.store.entities[name]

    def scope(self, name: str, action: policy.Action = "read") -> Condition:
        """Return the condition of what this person may read or write of the entity, EVERYTHING itself where that is all."""
        key = (name, action)
        if key not in self._scopes:
            found = policy.scope(self.person, self.everything, self.everything[name], action)
            self._scopes[key] = EVERYTHING if found == EVERYTHING else found
        return self._scopes[key]

    def readable(self, name: str, condition: Condition) -> Condition:
        """Return `condition` with this person's right to read."""
        self.spec(name)
        return both(condition, self.scope(name))

    def may_write(self, name: str) -> bool:
        """Tell whether this person may change anything of the entity."""
        return policy.may(self.person, self.catalog, name, "write")

    def write(self, action: str, label: str, work: Callable[[], T]) -> Changes[T]:
        """Run `work` as one change set: all of it or nothing.

        Inside another write it becomes part of that one. Where the database was busy, a deadlock broke it off or the connection was
        lost, the whole of it is run again, which is safe: the change set carries an id of its own and is written once.
        """
        from desktop_crm.models.changes import ChangeLog, WrittenBefore, new_uid

        thread = threading.get_ident()
        if thread in self._open:
            return Changes(work(), self._open[thread].id, label)
        uid = new_uid()
        done: tuple[T, ChangeSet] | None = None
        for attempt in range(TRIES):
            try:
                reading = Records(self.store, self.today, remembers=True)
                with ChangeLog(self.store, reading).open(self.actor, action, label, self.now, uid=uid, fresh=attempt == 0) as change_set:
                    self._open[thread], self._reading[thread] = change_set, reading
                    try:
                        result = work()
                        change_set.word()
                    finally:
                        del self._open[thread], self._reading[thread]
                    done = result, change_set
                return self._settled(_changes(result, change_set))
            except WrittenBefore:
                if done is None:
                    raise
                return self._settled(_changes(*done))
            except ConnectionLost as problem:
                if done is not None and not isinstance(problem, Busy) and self._came_through(uid):
                    return self._settled(_changes(*done))
                if attempt == TRIES - 1:
                    raise
                time.sleep(PAUSE_SECONDS * 2**attempt)
        raise ConnectionLost(label)

    def _settled(self, changes: Changes[T]) -> Changes[T]:
        """Return what was written, having seen to what follows where the company's own fields are among it.

        It is written whatever comes of that: an index or a key that is missing is made by the next start or by the check.
        """
        if custom.ENTITY in changes.entities:
            try:
                custom.settle(self.store, self.records)
            except UserError as problem:
                log.warning("What follows from custom fields is not done yet: %s", problem)
        return changes

    def _came_through(self, uid: str) -> bool:
        """Tell whether a change set whose commit was not answered is there; raises ConnectionLost where nobody can say."""
        for attempt in range(DOUBT_TRIES):
            try:
                return self.log.holds(uid)
            except ConnectionLost as problem:
                if attempt == DOUBT_TRIES - 1:
                    raise ConnectionLost(
                        _("The server went away just as this was saved, so it isn't known whether it was. Look for it before you enter it again")
                    ) from problem
                time.sleep(PAUSE_SECONDS * 2 * 2**attempt)
        return False

    def relabel(self, label: str | Callable[[], str]) -> None:
        """Give the open change set of this thread a more precise label, such as with the number a document got; what makes one is asked when it ends."""
        open_one = self._open.get(threading.get_ident())
        if open_one is not None:
            open_one.wording = label

    def remark(self, text: str) -> None:
        """Have the user told something more about the open change set of this thread; it is kept in its label."""
        open_one = self._open.get(threading.get_ident())
        if open_one is not None:
            open_one.remarks.append(text)

    def warn(self, text: str) -> None:
        """Have the user warned of what the open change set of this thread leads to; it is kept in its label."""
        open_one = self._open.get(threading.get_ident())
        if open_one is not None:
            open_one.warnings.append(text)

    def close(self) -> None:
        """Close this thread's connection."""
        self.store.close()


def prepare() -> None:
    """Load and check every declaration; needed once before anything else."""
    load_entities()
    if __debug__:  # the program as it is given out was checked by its tests
        check_declarations()


def refuse_other_data(path: Path, *, create: bool) -> None:
    """Raise UserError where a file is no database, or one of another program, before anything could change it."""
    with Store(parse_url(str(path))).errors():
        strange = holds_other_data(path)
    if not create and path.stat().st_size == 0:
        raise UserError(_("{path} holds no company yet. Make one first, or choose another").format(path=path))
    if strange and create:
        raise UserError(_("This database holds other data and no company; nothing was changed. Choose an empty one"))
    if strange:
        raise UserError(_("{path} holds no company yet. Make one first, or choose another").format(path=path))


def _looked_at(url: str, *, create: bool) -> Location:
    """Return where a URL points; raises UserError where no company of this program can be there."""
    prepare()
    location = parse_url(url)
    path = location.path
    if path is not None and path.is_dir():
        raise UserError(_("{path} is a folder, not a company file").format(path=path))
    if path is not None and not create and not path.is_file():
        raise UserError(_("There is no company file {path}").format(path=path))
    if path is not None:
        refuse_other_data(path, create=create)
    return location


def connect(url: str, *, server_password: str = "", create: bool = False) -> Store:
    """Open the database at `url` and bring it up to this program.

    Raises UserError where there is no company and `create` isn't set, NewerDatabase where the program is too old.
    """
    location = _looked_at(url, create=create)
    if location.kind == "mysql" and create:
        server_reachable(location, server_password or location.password)
    store = Store(location, server_password)
    try:
        store.connect()
        refuse_newer(store)
        if is_unfinished(store):
            raise UserError(_("A copy of a company into {name} was broken off. Repeat the move or the restore; it begins anew").format(name=location.path or location.name))
        if not create and not is_company(store):
            raise UserError(_("{path} holds no company yet. Make one first, or choose another").format(path=location.path or location.name))
        upgrade(store)
    except BaseException:
        store.close()
        raise
    return store


def open_session(url: str, user: str | None = None, password: str | None = None, *, server_password: str = "") -> Session:
    """Open the company at `url` and sign in.

    Without `user` the only user signs in where there is no password. Raises UserError where the company or the user can't be opened.
    """
    store = connect(url, server_password=server_password)
    try:
        return Session(store, sign_in.authenticate(store, user, password))
    except BaseException:
        store.close()
        raise


def create_company(url: str, *, admin: str = "", password: str = "", company: str = "", server_password: str = "", step: Callable[[int, int], None] = silent) -> Session:
    """Make an empty company at `url` with one administrator, and open it.

    Raises CompanyThere where there is one already, UserError, and Cancelled where `step`, asked all the time, does; the place is as it was then.
    """
    from desktop_crm.models import founding  # migrations are loaded only where one runs

    location = _looked_at(url, create=True)
    if not admin:
        from getpass import getuser

        admin = getuser()
    with founding.place(location, server_password, step) as made:
        session = Session(made, Person(0, admin, "admin"))
        session.write("create", _("Company made"), lambda: sign_in.first_user(made, session.records, session.now, admin, password, company))
    store = made if made.location == location else Store(location)
    try:
        return Session(store, sign_in.authenticate(store, admin, password))
    except BaseException:
        store.close()
        raise
