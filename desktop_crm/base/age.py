"""Files sealed by a password, in the age format (https://age-encryption.org/v1), written and read in pieces.

A scrypt recipient turns the password into a key; the content is a row of 64 KiB pieces, each under ChaCha20-Poly1305 with its
number and whether it is the last one, so that no piece can be changed, moved, repeated or cut off without notice. The ``age``
program opens these files as well, should this program ever be gone. The primitives are those of `cryptography`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAGIC: Final = b"age-encryption.org/v1\n"
PIECE: Final = 64 * 1024
TAG: Final = 16
NONCE: Final = 16
FILE_KEY: Final = 16
LOG_WORK: Final = 17
"""log2 of scrypt's work: 128 MB and about half a second."""
LOG_WORK_LIMIT: Final = 19
"""What a file may ask for at most: 512 MB."""
HEADER_LIMIT: Final = 1000


class WrongPassword(UserError):
    """The password doesn't open the file, or none was given for one that is sealed."""


def is_sealed(head: bytes) -> bool:
    """Tell whether a file that begins with `head` is sealed by this format."""
    return head.startswith(MAGIC)


def _encode(content: bytes) -> bytes:
    return base64.b64encode(content).rstrip(b"=")


def _decode(text: bytes, length: int) -> bytes:
    content = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if len(content) != length or _encode(content) != text:
        raise ValueError(text)
    return content


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _box(key: bytes) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


def _wrapping(password: str, salt: bytes, log_work: int) -> ChaCha20Poly1305:
    work = 1 << log_work
    key = hashlib.scrypt(password.encode(), salt=b"age-encryption.org/v1/scrypt" + salt, n=work, r=8, p=1, maxmem=work * 1024 + (1 << 21), dklen=32)
    return _box(key)


def _seal_of(file_key: bytes, head: bytes) -> bytes:
    return hmac.new(_derived(file_key, b"", b"header"), head, hashlib.sha256).digest()


def _number(piece: int, *, last: bool) -> bytes:
    return piece.to_bytes(11, "big") + bytes([last])


class Sealing(io.RawIOBase):
    """Writes to `raw` what is written to it, sealed; `close` writes the last piece and leaves `raw` open."""

    def __init__(self, raw: BinaryIO, password: str, *, log_work: int | None = None) -> None:
        super().__init__()
        log_work = LOG_WORK if log_work is None else log_work
        self._raw = raw
        self._given_up = False
        file_key, salt, nonce = os.urandom(FILE_KEY), os.urandom(16), os.urandom(NONCE)
        body = _wrapping(password, salt, log_work).encrypt(bytes(12), file_key, None)
        head = MAGIC + b"-> scrypt " + _encode(salt) + f" {log_work}\n".encode() + _encode(body) + b"\n---"
        raw.write(head + b" " + _encode(_seal_of(file_key, head)) + b"\n" + nonce)
        self._box = _box(_derived(file_key, nonce, b"payload"))
        self._waiting = bytearray()
        self._piece = 0

    def writable(self) -> bool:
        """Say that this is for writing."""
        return True

    def write(self, content: Any) -> int:
        """Take some bytes; whole pieces are passed on."""
        self._waiting += content
        start = 0
        # The last piece carries a mark, so a full one waits until more comes.
        while len(self._waiting) - start > PIECE:
            self._put(bytes(self._waiting[start : start + PIECE]), last=False)
            start += PIECE
        del self._waiting[:start]
        return len(content)

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            if not self._given_up:
                self._put(bytes(self._waiting), last=True)
            super().close()

    def give_up(self) -> None:
        """Close without the last piece, since the file is to be thrown away."""
        self._given_up = True
        self.close()

    def _put(self, content: bytes, *, last: bool) -> None:
        self._raw.write(self._box.encrypt(_number(self._piece, last=last), content, None))
        self._piece += 1


class Opened(io.RawIOBase):
    """The content of a sealed file, at any position; made by `opened`."""

    def __init__(self, raw: BinaryIO, start: int, box: ChaCha20Poly1305) -> None:
        super().__init__()
        self._raw, self._start, self._box = raw, start, box
        sealed = raw.seek(0, io.SEEK_END) - start
        self._pieces = max(1, -(-sealed // (PIECE + TAG)))
        self._size = sealed - TAG * self._pieces
        self._position = 0
        self._held = (-1, b"")
        # What was cut off has no last piece.
        self._content(self._pieces - 1)

    def readable(self) -> bool:
        """Say that this is for reading."""
        return True

    def seekable(self) -> bool:
        """Say that any position can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position of the content."""
        self._position = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence])
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read from the position on, at most to the end of its piece."""
        if self._position >= self._size:
            return 0
        piece, offset = divmod(self._position, PIECE)
        part = self._content(piece)[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _content(self, piece: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        if self._held[0] != piece:
            self._raw.seek(self._start + piece * (PIECE + TAG))
            try:
                content = self._box.decrypt(_number(piece, last=piece == self._pieces - 1), self._raw.read(PIECE + TAG), None)
            except (InvalidTag, ValueError) as problem:
                raise ValueError(f"piece {piece} of {self._pieces}") from problem
            self._held = (piece, content)
        return self._held[1]


def opened(raw: BinaryIO, password: str) -> BinaryIO:
    """Return the content of the sealed file `raw`, which can be read at any position.

    Raises WrongPassword, and ValueError where the file is damaged (also while reading).
    """
    from cryptography.exceptions import InvalidTag

    raw.seek(0)
    head = raw.read(HEADER_LIMIT)
    lines = head.split(b"\n", 4)
    if len(lines) < 5 or not lines[1].startswith(b"-> scrypt ") or not lines[3].startswith(b"--- "):  # noqa: PLR2004 - the lines of a header and what follows
        raise ValueError(head[:200])
    salt_text, log_text = lines[1].removeprefix(b"-> scrypt ").split(b" ")
    log_work = int(log_text)
    if not 0 < log_work <= LOG_WORK_LIMIT:
        raise ValueError(log_text)
    if not password:
        raise WrongPassword(_("This backup is protected by a password. Type it to go on"))
    try:
        file_key = _wrapping(password, _decode(salt_text, 16), log_work).decrypt(bytes(12), _decode(lines[2], FILE_KEY + TAG), None)
    except InvalidTag as problem:
        raise WrongPassword(_("The password doesn't open this backup. Check it and try again")) from problem
    signed = b"\n".join(lines[:3]) + b"\n---"
    if not hmac.compare_digest(_decode(lines[3].removeprefix(b"--- "), 32), _seal_of(file_key, signed)):
        raise ValueError("header")
    start = sum(len(line) + 1 for line in lines[:4])
    nonce = head[start : start + NONCE]
    return io.BufferedReader(Opened(raw, start + NONCE, _box(_derived(file_key, nonce, b"payload"))), PIECE)
