"""Business cards (.vcf) as a table: one row a card, under headings that contacts are known by.

vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as telephones and mail programs really write them: each line may have an encoding of its own, names may be
quoted-printable, lines folded in either way. Pictures, sounds and keys are left out; what has no column of its own goes to the note, so that nothing is lost.
"""

from __future__ import annotations

import quopri
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.services.workbooks import texts
from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.workbooks.cells import Cell

COLUMNS: Final = (
    N_("Contact name"), N_("Company"), N_("Job title"), N_("Gender"), N_("Mobile"), N_("Second mobile"), N_("Phone"), N_("E-mail"), N_("WeChat"), N_("QQ"),
    N_("Address"), N_("Birthday"), N_("Note"),
)  # fmt: skip
_BEGIN: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*BEGIN[ \t]*:[ \t]*VCARD\s", re.IGNORECASE)
_NAME: Final = re.compile(r"(?:[\w-]+\.)?([A-Za-z][A-Za-z0-9-]*)")
_PARAMETER: Final = re.compile(r""";\s*(?:([A-Za-z0-9-]+)\s*=\s*)?((?:"[^"]*"|[^;:"])*)""")
_ESCAPED: Final = re.compile(r"\\([\\;,:nN])")
_MOBILE: Final = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_CHINESE: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_DAY: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_DAY_OF_A_YEAR: Final = re.compile(r"(?:--|1604-)(\d\d)-?(\d\d)(?:[T ].*)?")
"""A birthday without its year: RFC 6350 writes --0203, Apple 1604-02-03."""
_PICTURES: Final = frozenset(("PHOTO", "LOGO", "SOUND"))
_LONGEST_NOTE: Final = 30_000
_OTHERS: Final = {"FAX": N_("Fax"), "URL": N_("Website"), "NICKNAME": N_("Nickname"), "ROLE": N_("Profession"), "ANNIVERSARY": N_("Anniversary")}


@dataclass
class _Property:
    """One line of a card: its name, what is said about it (TYPE and bare words in capitals) and its value, not yet taken apart."""

    name: str
    types: set[str]
    value: str
    preferred: bool = False

    @property
    def parts(self) -> list[str]:
        """The value's parts between semicolons."""
        return [_plain(part) for part in re.split(r"(?<!\\);", self.value)]

    @property
    def text(self) -> str:
        """The value as one text."""
        return _plain(self.value)


@dataclass
class _Card:
    properties: list[_Property] = field(default_factory=list)

    def all(self, name: str) -> list[_Property]:
        """Return the properties of a name that say anything, the preferred first."""
        return sorted((one for one in self.properties if one.name == name and one.text), key=lambda one: not one.preferred)

    def first(self, name: str) -> str:
        """Return the text of the first property of a name."""
        return next((one.text for one in self.all(name)), "")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).replace("\r\n", "\n").replace("\r", "\n").strip()


def are_cards(data: bytes) -> bool:
    """Say whether a file begins as business cards do, in whatever encoding."""
    start = data[:200]
    return _BEGIN.match(start) is not None or _BEGIN.match(start.replace(b"\x00", b"").lstrip(b"\xff\xfe")) is not None


def read_cards(data: bytes, encoding: str | None = None) -> tuple[list[list[Cell]], str, int]:
    """Return a row of headings and one row a card, the encoding of the file, and how many pictures were left out.

    A line that names its own encoding is read with it. Raises Refused where there is no card.
    """
    if b"\x00" in data[:200]:
        text, used = texts.decode(data, encoding)
        data, inner = text.encode("utf-8", "surrogatepass"), "utf-8"
    else:
        used = inner = _encoding(data, encoding)
    cards: list[_Card] = []
    pictures = 0
    for card in _cards(data.removeprefix(b"\xef\xbb\xbf"), inner):
        pictures += sum(one.name in _PICTURES for one in card.properties)
        cards.append(card)
    rows = [row for row in map(_row, cards) if any(row.values())]
    if not rows:
        raise Refused("no-data")
    shown = [column for column in COLUMNS if column == COLUMNS[0] or any(row.get(column) for row in rows)]
    table: list[list[Cell]] = [[_(column) for column in shown]]
    table += [[row.get(column) or None for column in shown] for row in rows]
    return table, used, pictures


def _encoding(data: bytes, encoding: str | None) -> str:
    if encoding:
        return texts.canonical(encoding)
    try:
        return texts.decode(data)[1]
    except Refused:
        # Lines of different encodings: each is tried for itself.
        return "utf-8"


def _cards(data: bytes, encoding: str) -> Iterator[_Card]:
    """Yield each card; one inside another (an assistant's) is left out, one that is never ended counts."""
    card: _Card | None = None
    depth = 0
    for line in _lines(data):
        word = line.strip().upper().replace(b" ", b"")
        if word == b"BEGIN:VCARD":
            depth += 1
            if depth == 1:
                card = _Card()
        elif word == b"END:VCARD":
            depth = max(depth - 1, 0)
            if card is not None and not depth:
                yield card
                card = None
        elif card is not None and depth == 1 and (found := _property(line, encoding)) is not None:
            card.properties.append(found)
    if card is not None:
        yield card


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield whole lines: folded ones put together, after a blank at the next line's beginning or, in quoted-printable, after a = at this one's end."""
    whole: list[bytes] = []
    soft = False
    for line in re.split(rb"\r\n|\r|\n", data):
        if whole and soft:
            whole.append(line)
        elif whole and line[:1] in {b" ", b"\t"}:
            whole.append(line[1:])
        else:
            if whole:
                yield b"".join(whole)
            whole = [line]
            quoted = b"QUOTED-PRINTABLE" in line.partition(b":")[0].upper()
        soft = quoted and line.endswith(b"=")
        if soft:
            whole[-1] = whole[-1][:-1]
    if whole:
        yield b"".join(whole)


def _property(line: bytes, encoding: str) -> _Property | None:
    """Return what a line says; None for one that says nothing to a list, or is none."""
    head = line[:1000].decode("latin-1")
    found = _NAME.match(head)
    if found is None:
        return None
    name, place, types, options = found[1].upper(), found.end(), set[str](), dict[str, str]()
    while place < len(head) and head[place] == ";" and (parameter := _PARAMETER.match(head, place)) is not None:
        key, value = (parameter[1] or "").upper(), parameter[2].strip().strip('"')
        if key in {"", "TYPE"}:
            types.update(word.strip().upper() for word in value.replace(",", " ").split())
        options.setdefault(key, value)
        place = parameter.end()
    if place >= len(head) or head[place] != ":":
        return None
    if name in _PICTURES or name in {"KEY", "AGENT", "LABEL"}:
        return _Property(name, types, "-") if name in _PICTURES else None
    value = line[place + 1 :]
    written = options.get("ENCODING", "").upper()
    if written in {"B", "BASE64"} or "BASE64" in types:
        return None
    if written in {"QUOTED-PRINTABLE", "Q"} or "QUOTED-PRINTABLE" in types:
        value = quopri.decodestring(value)
    return _Property(name, types, _decoded(value, options.get("CHARSET", ""), encoding), "PREF" in types or options.get("PREF") == "1")


def _decoded(value: bytes, *encodings: str) -> str:
    """Return the text of a value in the first encoding it is right in."""
    for encoding in (*encodings, "utf-8", "gb18030"):
        try:
            return value.decode(texts.canonical(encoding))
        except (UnicodeDecodeError, Refused):
            continue
    return value.decode("utf-8", "replace")


# ---- from a card to a row


def _row(card: _Card) -> dict[str, str]:
    """Return the cells of a card by their columns."""
    left: list[tuple[str, str]] = []
    company, department = _company(card)
    row = _numbers(card, left) | {
        "Company": company, "Job title": card.first("TITLE") or card.first("ROLE"), "Gender": {"M": _("Male"), "F": _("Female")}.get(card.first("GENDER")[:1].upper(), ""),
    }  # fmt: skip
    mails = list(dict.fromkeys(re.sub(r"^mailto:", "", one.text, flags=re.IGNORECASE) for one in card.all("EMAIL")))
    row["E-mail"] = mails[0] if mails else ""
    left += [(_("E-mail"), mail) for mail in mails[1:]]
    left += [(_("Department"), department)] if department else []
    addresses = [_address(one.parts) for one in card.all("ADR")]
    row["Address"] = next(filter(None, addresses), "")
    left += [(_("Address"), address) for address in dict.fromkeys(addresses) if address not in {"", row["Address"]}]
    row |= _messengers(card) | _birthday(card, left)
    for name, label in _OTHERS.items():
        left += [(_(label), one.text) for one in card.all(name) if one.text != row["Job title"]]
    # Telephones show a card without a name by what else there is.
    row["Contact name"] = _name(card) or card.first("NICKNAME") or company or row["E-mail"] or row.get("Mobile") or row.get("Phone") or ""
    notes = [one.text for one in card.all("NOTE")] + [_("{label}: {value}").format(label=label, value=value) for label, value in left]
    row["Note"] = "\n".join(notes)[:_LONGEST_NOTE]
    return row


def _name(card: _Card) -> str:
    """Return the name as it is said: Chinese ones with the family's first and without a blank."""
    whole = card.first("FN")
    parts = next((one.parts for one in card.all("N")), [])
    family, given, middle, before, after = [" ".join(part.split()) for part in (*parts, *[""] * 5)[:5]]
    if _CHINESE.search(family + given) and not re.search("[A-Za-z]", family + given):
        joined = f"{family}{middle}{given}"
        # Foreign programs write 小明 王; the parts say which is which.
        return joined if not whole or Counter(whole) - Counter(" ") == Counter(joined) - Counter(" ") else whole
    return " ".join((whole or " ".join(filter(None, (before, given, middle, family, after)))).split())


def _company(card: _Card) -> tuple[str, str]:
    parts = next((one.parts for one in card.all("ORG")), [])
    return (parts[0] if parts else "", " / ".join(filter(None, parts[1:])))


def _numbers(card: _Card, left: list[tuple[str, str]]) -> dict[str, str]:
    """Sort the telephone numbers into two mobiles and a landline; those that are left go to `left`."""
    mobiles: list[str] = []
    others: list[str] = []
    for one in card.all("TEL"):
        number = re.sub(r"^tel:", "", one.text, flags=re.IGNORECASE)
        number = re.sub(r";ext=(\d+)", r" ext. \1", number, flags=re.IGNORECASE)
        if "FAX" in one.types:
            left.append((_("Fax"), number))
            continue
        is_mobile = bool(one.types & {"CELL", "MOBILE", "IPHONE"}) or _MOBILE.fullmatch(re.sub(r"[\s()-]", "", number)) is not None
        kind = mobiles if is_mobile else others
        if number not in kind:
            kind.append(number)
    left += [(_("Mobile"), number) for number in mobiles[2:]] + [(_("Phone"), number) for number in others[1:]]
    return {"Mobile": mobiles[0] if mobiles else "", "Second mobile": mobiles[1] if len(mobiles) > 1 else "", "Phone": others[0] if others else ""}


def _address(parts: list[str]) -> str:
    box, more, street, city, region, code, country = [" ".join(part.split()) for part in (*parts, *[""] * 7)[:7]]
    if _CHINESE.search(city + street + region):
        # A municipality is its own province.
        return "".join(part for part in (country, region, city if city != region else "", street, more, box) if part) + (f" {code}" if code else "")
    return ", ".join(filter(None, (box, more, street, city, region, code, country)))


def _messengers(card: _Card) -> dict[str, str]:
    found = {"WeChat": card.first("X-WECHAT") or card.first("X-WEIXIN"), "QQ": card.first("X-QQ") or card.first("X-TENCENT-QQ")}
    for one in (*card.all("IMPP"), *card.all("X-SOCIALPROFILE")):
        service, _sign, name = one.text.rpartition(":")
        words = f"{service} {' '.join(one.types)}".casefold()
        key = "WeChat" if "wechat" in words or "weixin" in words else "QQ" if "qq" in words else ""
        if key and not found[key]:
            found[key] = name.strip("/")
    return found


def _birthday(card: _Card, left: list[tuple[str, str]]) -> dict[str, str]:
    """Return the birthday; one without its year is no date and goes to `left`."""
    text = card.first("BDAY")
    partial = _DAY_OF_A_YEAR.fullmatch(text)
    if partial is not None:
        left.append((_("Birthday"), f"{partial[1]}-{partial[2]}"))
        return {}
    day = _DAY.fullmatch(text)
    return {"Birthday": "-".join(day.groups()) if day else text}
