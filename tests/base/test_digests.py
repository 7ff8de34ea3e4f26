"""Names of files that were made with `hashlib` are found again."""

from __future__ import annotations

import hashlib

from desktop_crm.base.digests import PLACES, digest


def test_the_digest_is_sha_256() -> None:
    for text in ("", "sqlite:///公司.sqlite3", "x" * 10_000):
        assert digest(text) == hashlib.sha256(text.encode()).hexdigest()


def test_python_has_its_own() -> None:
    import importlib.util

    assert any(importlib.util.find_spec(place) for place in PLACES[:-1])
