"""Passwords of database servers: in the system's password store, or sealed in a file under a passphrase; never as plain text."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import write_atomically
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.settings import secrets_file

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Ask = Callable[[bool], str | None]
"""Asks the user for the passphrase; True when it is a new one, to be typed twice. None when the user cancels."""

SERVICE: Final = "Desktop CRM"

_T = TypeVar("_T")

# Backends that store nothing, or store plain text without saying so.
_UNSAFE: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


def get_password(url: str, *, ask: Ask | None = None) -> str | None:
    """Return the password saved for the database `url`, or None.

    Where the system has no password store, `ask` is called for the passphrase of the sealed file, only if there is one.
    Raises UserError when the store is locked or the passphrase is wrong.
    """
    backend = _backend()
    if backend:
        return _guarded(lambda: backend.get_password(SERVICE, _key(url)))
    if not secrets_file().exists() or ask is None:
        return None
    passphrase = ask(False)
    return None if passphrase is None else _Sealed.read().open(passphrase).get(_key(url))


def set_password(url: str, password: str, *, ask: Ask | None = None) -> bool:
    """Save `password` for the database `url`; False when there is no place to keep it safely (or the user cancelled the passphrase).

    Raises UserError when the store is locked or the passphrase is wrong, OSError when the disk refuses.
    """
    backend = _backend()
    if backend:
        _guarded(lambda: backend.set_password(SERVICE, _key(url), password))
        return True
    if ask is None:
        return False
    is_new = not secrets_file().exists()
    passphrase = ask(is_new)
    if not passphrase:
        return False
    sealed = _Sealed.empty() if is_new else _Sealed.read()
    passwords = {} if is_new else sealed.open(passphrase)
    sealed.write(passphrase, {**passwords, _key(url): password})
    return True


def _key(url: str) -> str:
    """Return `url` without its password, so that it names the same account however it was typed."""
    parts = urlsplit(url)
    account, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=account.partition(":")[0] + at + host))


def _backend() -> KeyringBackend | None:
    """Return the system's password store, or None where it has none that can be trusted."""
    import keyring

    chosen = keyring.get_keyring()
    candidates: list[KeyringBackend] = list(getattr(chosen, "backends", [chosen]))
    return next((backend for backend in candidates if not type(backend).__module__.startswith(_UNSAFE)), None)


def _guarded(call: Callable[[], _T]) -> _T:
    """Run `call` on the password store, turning its refusal into a UserError."""
    from keyring.errors import KeyringError

    try:
        return call()
    except KeyringError as problem:
        message = _("The system's password store refused. Unlock it and try again. ({reason})").format(reason=problem)
        raise UserError(message) from problem


@dataclass
class _Sealed:
    """The file of sealed passwords: argon2id turns the passphrase into the key of an AES-256-GCM box (RFC 9106 §4, second choice)."""

    salt: bytes
    nonce: bytes
    box: bytes
    rounds: int = 3
    memory: int = 64 * 1024
    lanes: int = 4

    @classmethod
    def empty(cls) -> _Sealed:
        return cls(salt=os.urandom(16), nonce=b"", box=b"")

    @classmethod
    def read(cls) -> _Sealed:
        """Return what the file holds; raises UserError when it is damaged."""
        try:
            saved = json.loads(secrets_file().read_bytes())
            salt, nonce, box = (base64.b64decode(saved[name]) for name in ("salt", "nonce", "box"))
            return cls(salt, nonce, box, int(saved["rounds"]), int(saved["memory"]), int(saved["lanes"]))
        except (ValueError, KeyError, TypeError) as problem:
            message = _("The file of saved passwords is damaged: {path}. Move it away and type the password again.").format(path=secrets_file())
            raise UserError(message) from problem

    def open(self, passphrase: str) -> dict[str, str]:
        """Return the passwords by account; raises UserError when the passphrase is wrong."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            plain = AESGCM(self._cipher_key(passphrase)).decrypt(self.nonce, self.box, SERVICE.encode())
        except InvalidTag as problem:
            raise UserError(_("The passphrase does not open the saved passwords. Check it and try again.")) from problem
        passwords: dict[str, str] = json.loads(plain)
        return passwords

    def write(self, passphrase: str, passwords: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.nonce = os.urandom(12)
        self.box = AESGCM(self._cipher_key(passphrase)).encrypt(self.nonce, json.dumps(passwords).encode(), SERVICE.encode())
        saved: dict[str, object] = {name: base64.b64encode(getattr(self, name)).decode() for name in ("salt", "nonce", "box")}
        saved |= {"rounds": self.rounds, "memory": self.memory, "lanes": self.lanes}
        write_atomically(secrets_file(), json.dumps(saved, indent=1).encode())

    def _cipher_key(self, passphrase: str) -> bytes:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            passphrase.encode(),
            self.salt,
            time_cost=self.rounds,
            memory_cost=self.memory,
            parallelism=self.lanes,
            hash_len=32,
            type=Type.ID,
        )
