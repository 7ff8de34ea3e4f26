"""Documents by e-mail: what the e-mail says, and each document to its customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import file_name
from desktop_crm.base.i18n import N_, _
from desktop_crm.printing.batch import Laid, Outcome, laid_out
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.render import render_pdf
from desktop_crm.printing.values import Text
from desktop_crm.services.mail import Account, Attachment, Letter, address_of, connection, deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop_crm.services.print_sources import Asked
    from desktop_crm.services.session import Session

    Step = Callable[[int, int], None]

SUBJECT: Final = N_("{{ template }} {{ title }} – {{ company.name }}")
TEXT: Final = N_("Dear Sir or Madam,\n\nplease find attached: {{ template }} {{ title }}.\n\nKind regards\n{{ print.user }}\n{{ company.name }}\n{{ company.phone }}")


@dataclass(frozen=True)
class Words:
    """What an e-mail says: subject and text with placeholders over the document's values, with ``title`` and ``template`` beside them."""

    subject: str
    text: str

    @classmethod
    def read(cls, kept: object) -> Words:
        """Return what settings keep for a template, the usual words where they keep none."""
        known: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
        return cls(str(known.get("subject") or _(SUBJECT)), str(known.get("text") or _(TEXT)))

    def filled(self, values: Mapping[str, Any], title: str, template: str) -> tuple[str, str]:
        """Return subject and text for a document; raises UserError where a placeholder isn't allowed."""
        known = {**values, "title": title, "template": template}
        return Text(self.subject).render(known), Text(self.text).render(known)


@dataclass
class Sent(Outcome):
    """What came out: `addresses` of what was sent, in its order, and the titles of documents whose customer has no address or was refused."""

    addresses: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)


def pdf_of(laid: Laid, fonts: FontBook) -> Attachment:
    """Return a document as the file that goes along."""
    out = BytesIO()
    render_pdf(laid.pages, out, title=laid.document.title, fonts=fonts)
    return Attachment(file_name(f"{laid.stored.label} {laid.document.title}.pdf"), out.getvalue())


def mail_each(session: Session, asked: Asked, account: Account, password: str, words: Words, step: Step) -> Sent:
    """Send each document to its customer; those without an address, or whose address is refused, are named in the answer.

    Raises UserError where the server can't be used before anything was sent, and what `step` raises then, which is asked while the server is waited for; later it ends with what was sent.
    """
    book, made, done = FontBook(), Sent(), 0
    try:
        with connection(account, password, lambda: step(done, asked.count())) as server:
            for laid in laid_out(session, asked, book):
                to = address_of(session, laid.document.customer)
                done += 1
                subject, text = words.filled(laid.document.values, laid.document.title, laid.stored.label)
                if to and deliver(server, account, Letter(to, subject, text, attachments=(pdf_of(laid, book),))):
                    made.take(laid)
                    made.addresses.append(to)
                else:
                    made.unsent.append(laid.document.title)
                step(done, asked.count())
    except Exception as problem:
        if not made.printed:
            raise
        made.stopped = problem.message if isinstance(problem, UserError) else _("Stopped")
    return made
