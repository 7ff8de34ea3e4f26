"""Sending e-mails through the company's own mail account (SMTP, RFC 5321), with the password in the system's password store."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.services import records
from desktop_crm.services.mail_server import Stoppable, StoppableSSL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop_crm.services.session import Session

SECURITIES: Final = ("ssl", "starttls", "none")
PORTS: Final = {"ssl": 465, "starttls": 587, "none": 25}
MOST_MB: Final = 20
"""Mail servers refuse larger messages."""


@dataclass(frozen=True)
class Account:
    """A mail account: server, port, `security` (one of SECURITIES), the name one signs in with, and who the e-mails come from."""

    server: str = ""
    port: int = PORTS["ssl"]
    security: str = "ssl"
    user: str = ""
    sender: str = ""
    name: str = ""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Account:
        """Return what settings keep; what can't be an account's is left out."""
        empty = cls()
        values = {one.name: kept[one.name] for one in fields(cls) if type(kept.get(one.name)) is type(getattr(empty, one.name))}
        found = cls(**values)
        return found if found.security in SECURITIES else cls()

    def kept(self) -> dict[str, Any]:
        """Return it for the settings, without a password."""
        return asdict(self)

    @property
    def ready(self) -> bool:
        """Whether enough is known to send."""
        return bool(self.server and self.sender)

    @property
    def url(self) -> str:
        """What its password is kept under."""
        return f"smtp://{quote(self.user, safe='')}@{self.server}:{self.port}"


@dataclass(frozen=True)
class Attachment:
    """A file that goes along."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """One e-mail: addresses as they are typed, separated by commas or semicolons."""

    to: str
    subject: str
    text: str
    cc: str = ""
    attachments: tuple[Attachment, ...] = ()


def addresses(text: str) -> list[Address]:
    """Return the addresses in a typed text; raises ValueProblem naming the first that is none."""
    found = []
    for name, spec in getaddresses([" ".join(text.split()).replace(";", ",").replace("；", ",").replace("，", ",")]):
        user, at, host = spec.rpartition("@")
        if not (at and user and "." in host and spec.isascii()):
            raise ValueProblem(_("“{address}” is no e-mail address").format(address=spec or name or text.strip()))
        try:
            found.append(Address(name, user, host))
        except ValueError as problem:
            raise ValueProblem(_("“{address}” is no e-mail address").format(address=spec)) from problem
    return found


def message_of(account: Account, letter: Letter) -> EmailMessage:
    """Return an e-mail as it is sent; raises ValueProblem for an address, UserError where it is too large."""
    made = EmailMessage()
    made["From"] = Address(account.name, addr_spec=str(addresses(account.sender)[0].addr_spec))
    made["To"] = addresses(letter.to)
    if letter.cc.strip():
        made["Cc"] = addresses(letter.cc)
    # A line break in a subject would begin another header.
    made["Subject"] = " ".join(letter.subject.split())
    made["Date"] = formatdate(localtime=True)
    made["Message-ID"] = make_msgid(domain=account.sender.rpartition("@")[2] or None)
    made.set_content(letter.text)
    size = sum(len(one.content) for one in letter.attachments)
    if size > MOST_MB * 1_000_000:
        raise UserError(_("The attachment is larger than {count} MB, which mail servers refuse. Send fewer documents at once").format(count=MOST_MB))
    for one in letter.attachments:
        made.add_attachment(one.content, maintype="application", subtype="pdf", filename=one.name)
    return made


@contextmanager
def connection(account: Account, password: str, ask: Callable[[], None] = lambda: None) -> Iterator[smtplib.SMTP]:
    """Open a connection that e-mails can be sent through; raises UserError saying what the server has against it, and Cancelled where `ask` does until a message is handed over."""
    if not account.ready:
        raise UserError(_("No mail account is set up. Enter server and sender in the settings"))
    try:
        server = _opened(account, ask)
        try:
            if account.user:
                server.login(account.user, password)
            yield server
            server.part()
        finally:
            server.close()
    except smtplib.SMTPAuthenticationError as problem:
        raise UserError(_("The mail server refused name or password. Many providers want an authorisation code in place of the password: make one in the mailbox's settings")) from problem
    except smtplib.SMTPRecipientsRefused as problem:
        raise UserError(_("The mail server refused the address {address}: {reason}").format(address=", ".join(problem.recipients), reason=_reason(next(iter(problem.recipients.values()))[1]))) from problem
    except smtplib.SMTPResponseException as problem:
        raise UserError(_("The mail server refused: {reason}").format(reason=_reason(problem.smtp_error))) from problem
    except (smtplib.SMTPException, ssl.SSLError) as problem:
        raise UserError(_("The mail server {server} answers otherwise than expected; check port and encryption ({reason})").format(server=account.server, reason=problem)) from problem
    except OSError as problem:
        raise UserError(_("The mail server {server} can't be reached: {reason}").format(server=account.server, reason=problem.strerror or problem)) from problem


def _opened(account: Account, ask: Callable[[], None]) -> Stoppable:
    secure = ssl.create_default_context()
    server = StoppableSSL(ask, secure) if account.security == "ssl" else Stoppable(ask)
    try:
        server.reach(account.server, account.port)
        if account.security == "starttls":
            server.encrypt(secure)
    except BaseException:
        server.close()
        raise
    return server


def _reason(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def send(account: Account, password: str, letters: Sequence[Letter], ask: Callable[[], None] = lambda: None) -> None:
    """Send e-mails, one after the other; raises UserError, ValueProblem for an address, and Cancelled where `ask` does. Those before a refused one are sent."""
    with connection(account, password, ask) as server:
        for letter in letters:
            server.send_message(message_of(account, letter))


def deliver(server: smtplib.SMTP, account: Account, letter: Letter) -> bool:
    """Send one of many e-mails; False where its address is none or is refused, which leaves the others to be sent."""
    try:
        server.send_message(message_of(account, letter))
    except (ValueProblem, smtplib.SMTPRecipientsRefused):
        return False
    return True


def address_of(session: Session, customer: int | None) -> str:
    """Return where e-mails to a customer go, as far as this person may see it: its main contact's address, else its own, else any contact's."""
    if customer is None:
        return ""
    contacts: list[dict[str, Any]] = []
    if {"customer", "preferred", "email"} <= (session.catalog["contact"].fields.keys() if "contact" in session.catalog else set()):
        asked = session.readable("contact", Every((Where("customer", "eq", customer), Where("email", "filled"))))
        contacts = session.records.find(session.entity("contact"), asked, ["email", "preferred"], sort="id")
    main = next((row["email"] for row in contacts if row["preferred"]), "")
    own = ""
    if "customer" in session.catalog and "email" in session.catalog["customer"].fields and records.count(session, "customer", Where("id", "eq", customer)):
        own = records.read(session, session.spec("customer"), [customer], ["email"])[0]["email"]
    return str(main or own or next((row["email"] for row in contacts), ""))
