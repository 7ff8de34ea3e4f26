"""E-mails through a real SMTP server."""

from __future__ import annotations

import logging
import socket
import threading
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from desktop_crm.base.errors import Cancelled, UserError, ValueProblem
from desktop_crm.base.i18n import use_language
from desktop_crm.printing.mailing import Words, mail_each
from desktop_crm.services import mail_server, records
from desktop_crm.services.mail import Account, Attachment, Letter, address_of, addresses, message_of, send
from desktop_crm.services.print_sources import Asked
from tests.support.children import HANGS
from tests.support.company import company, make
from tests.support.mariadb import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from desktop_crm.services.session import Session


class Mailbox:
    """Takes every e-mail but those to `refused`."""

    def __init__(self) -> None:
        self.found: list[EmailMessage] = []
        self.refused = "full@example.com"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address == self.refused:
            return "552 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.found.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, Account]]:
    box = Mailbox()

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"secret", handled=False)

    port = free_port()
    # The server writes of what it will do without one day.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    controller = Controller(box, hostname="127.0.0.1", port=port, authenticator=authenticate, auth_require_tls=False, ready_timeout=HANGS)
    controller.start()
    yield box, Account("127.0.0.1", port, "none", "boss", "boss@example.com", "恒信商贸")
    controller.stop()


def test_a_letter_arrives_as_it_was_written(mailbox: tuple[Mailbox, Account]) -> None:
    box, account = mailbox
    send(account, "secret", [Letter("李经理 <li@example.com>；zhao@example.com", "送货单 HT-1\nBcc: x@example.com", "您好：\n请查收。", attachments=(Attachment("送货单 HT-1.pdf", b"%PDF-1"),))])
    (got,) = box.found
    assert str(got["From"]) == "恒信商贸 <boss@example.com>"
    assert [one.addr_spec for one in got["To"].addresses] == ["li@example.com", "zhao@example.com"]
    assert got["Subject"] == "送货单 HT-1 Bcc: x@example.com", "a line break begins no other header"
    assert got["Bcc"] is None
    body = got.get_body()
    assert body is not None
    assert "请查收" in body.get_content()
    (attached,) = got.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("送货单 HT-1.pdf", b"%PDF-1")


def test_what_the_server_has_against_it_is_told(mailbox: tuple[Mailbox, Account]) -> None:
    _box, account = mailbox
    use_language("en")
    with pytest.raises(UserError, match="name or password"):
        send(account, "wrong", [Letter("li@example.com", "x", "y")])
    with pytest.raises(UserError, match="full@example"):
        send(account, "secret", [Letter("full@example.com", "x", "y")])
    with pytest.raises(UserError, match="can't be reached"):
        send(Account("127.0.0.1", 9, "none", "", "a@example.com"), "", [Letter("li@example.com", "x", "y")])
    with pytest.raises(UserError, match="encryption"):
        send(Account("127.0.0.1", account.port, "ssl", "", "a@example.com"), "", [Letter("li@example.com", "x", "y")])
    with pytest.raises(UserError, match="No mail account"):
        send(Account(), "", [])


class Slow:
    """A server that says the first `words` of a talk and nothing more; `heard` is what it was told, `called` is set once it is left waiting."""

    TALK = (b"220 here\r\n", b"250 hello\r\n", b"250 from\r\n", b"250 to\r\n", b"354 go on\r\n", b"250 taken\r\n", b"221 bye\r\n")

    def __init__(self, words: int) -> None:
        self.words, self.heard, self.waits, self.over = words, b"", threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.account = Account("127.0.0.1", self.listener.getsockname()[1], "none", "", "boss@example.com")
        self.thread = threading.Thread(target=self.talk)
        self.thread.start()

    def talk(self) -> None:
        with self.listener, self.listener.accept()[0] as line:
            for place, word in enumerate(self.TALK):
                if place == self.words:
                    self.waits.set()
                if place >= self.words:
                    break
                line.sendall(word)
                ended = b"\r\n.\r\n" if word.startswith(b"354") else b"\r\n"
                while not self.heard.endswith(ended) and (got := line.recv(1 << 16)):
                    self.heard += got
                self.heard += b"|"
            while got := line.recv(1 << 16):
                self.heard += got
        self.over.set()


@pytest.mark.parametrize("words", range(5))
def test_sending_is_stopped_until_the_message_is_handed_over(words: int) -> None:
    server = Slow(words)

    def ask() -> None:
        if server.waits.is_set():
            raise Cancelled

    with pytest.raises(Cancelled):
        send(server.account, "", [Letter("li@example.com", "x", "y")], ask)
    assert server.over.wait(60), "the server is left alone at once"
    assert b"\r\n.\r\n" not in server.heard
    server.thread.join()


def test_what_is_handed_over_is_not_stopped() -> None:
    server, asked = Slow(7), []

    def ask() -> None:
        if b"\r\n.\r\n" in server.heard:
            asked.append(server.heard)

    send(server.account, "", [Letter("li@example.com", "x", "y", attachments=(Attachment("x.pdf", b"x" * 300_000),))], ask)
    server.thread.join()
    assert b"\r\n.\r\n" in server.heard
    assert not asked, "from here on nobody is asked"


def test_a_message_that_is_not_confirmed_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_server, "TAKE_SECONDS", 0)
    use_language("en")
    server = Slow(5)
    with pytest.raises(UserError, match="didn't confirm"):
        send(server.account, "", [Letter("li@example.com", "x", "y")])
    server.thread.join()


def test_a_server_that_is_never_reached_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def hangs(*_given: Any) -> Any:
        held.wait(60)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", hangs)

    def ask() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        send(Account("mail.example.com", 25, "none", "", "a@example.com"), "", [Letter("li@example.com", "x", "y")], ask)
    held.set()


@pytest.mark.parametrize("text", ["li", "li@", "@example.com", "li@example", "李@example.com", "li@example.com, x"])
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(ValueProblem):
        addresses(text)


def test_a_large_attachment_is_refused_before_it_is_sent() -> None:
    use_language("en")
    with pytest.raises(UserError, match="20 MB"):
        message_of(Account("x", 25, "none", "", "a@example.com"), Letter("li@example.com", "x", "y", attachments=(Attachment("x.pdf", b"x" * 20_000_001),)))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as made:
        yield made


def test_the_main_contact_comes_first(session: Session) -> None:
    customer = make(session, "customer", name="甲公司", email="office@example.com")
    assert address_of(session, customer) == "office@example.com"
    make(session, "contact", name="王", customer=customer, email="wang@example.com")
    assert address_of(session, customer) == "office@example.com"
    make(session, "contact", name="李", customer=customer, email="li@example.com", preferred=True)
    assert address_of(session, customer) == "li@example.com"
    assert address_of(session, None) == ""


def test_each_document_goes_to_its_customer(session: Session, mailbox: tuple[Mailbox, Account]) -> None:
    box, account = mailbox
    ids = []
    for name, address in (("甲公司", "jia@example.com"), ("乙公司", ""), ("丙公司", "full@example.com"), ("丁公司", "ding@example.com")):
        customer = make(session, "customer", name=name, email=address)
        values = records.new(session, "contract", customer=customer, title=name, signed_on=session.today)
        ids.append(records.save(session, "contract", values).result.id)
    made = mail_each(session, Asked("contract", tuple(ids), "delivery_note"), account, "secret", Words.read(None), lambda _done, _total: None)
    assert made.addresses == ["jia@example.com", "ding@example.com"]
    assert len(made.unsent) == 2
    assert [len(list(one.iter_attachments())) for one in box.found] == [1, 1]
    assert "{{" not in str(box.found[0]["Subject"])
