"""Short digests that name files. What sums up files of any length uses `hashlib`."""

from __future__ import annotations

from importlib import import_module

PLACES = ("_sha256", "_sha2", "hashlib")
"""Where Python has its own SHA-256: until 3.11, from 3.12 on, and with OpenSSL's in its place."""


def digest(text: str) -> str:
    """Return the SHA-256 of a text as hexadecimal digits; the idle window needs it for the names of a few files, for which OpenSSL would take 3 MB of memory."""
    for place in PLACES:
        try:
            made = import_module(place).sha256(text.encode())
        except ImportError:
            continue
        return str(made.hexdigest())
    raise ImportError(PLACES[-1])
