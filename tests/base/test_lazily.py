"""Data classes and expressions that are made when they are first used behave like those made at once."""

from __future__ import annotations

import dataclasses
import re
import sys
import threading
from dataclasses import field
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base import lazily

if TYPE_CHECKING:
    from pathlib import Path


def declared(decorator: Any) -> tuple[type, type, type]:
    """Return three classes that build on one another, made by `decorator`."""

    @decorator(frozen=True)
    class Part:
        """A part."""

        name: str
        size: int = 3
        marks: tuple[str, ...] = field(default=(), kw_only=True)

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError(self.name)

    @decorator(frozen=True)
    class Wheel(Part):
        """A part that turns."""

        spokes: list[int] = field(default_factory=list, compare=False)

    @decorator
    class Cart:
        """What has parts."""

        parts: list[Any] = field(default_factory=list)

    return Part, Wheel, Cart


LATER, AT_ONCE = declared(lazily.dataclass), declared(dataclasses.dataclass)


@pytest.mark.parametrize("classes", [LATER, AT_ONCE], ids=["later", "at once"])
def test_a_data_class_made_later_is_one(classes: tuple[Any, Any, Any]) -> None:
    part, wheel, cart = classes
    assert [one.name for one in dataclasses.fields(wheel)] == ["name", "size", "marks", "spokes"]
    turned = wheel("front", 2, [7], marks=("a",))
    assert (turned.name, turned.size, turned.spokes, turned.marks) == ("front", 2, [7], ("a",))
    assert repr(turned).endswith("Wheel(name='front', size=2, marks=('a',), spokes=[7])")
    assert turned == wheel("front", 2, marks=("a",))
    assert hash(turned) == hash(wheel("front", 2, marks=("a",)))
    assert part("front") != wheel("front")
    assert dataclasses.replace(turned, size=5).size == 5
    assert dataclasses.asdict(part("x")) == {"name": "x", "size": 3, "marks": ()}
    assert wheel.__match_args__ == ("name", "size", "spokes")
    assert wheel.__init__.__qualname__.endswith("Wheel.__init__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        turned.size = 1
    with pytest.raises(ValueError, match="front"):
        wheel("front", -1)
    with pytest.raises(TypeError, match=r"Part.__init__\(\) got an unexpected keyword argument 'colour'"):
        part("x", colour="red")
    assert cart().parts == []
    assert cart().parts is not cart().parts
    with pytest.raises(TypeError):
        hash(cart())


def test_many_threads_may_make_the_first_object_at_once() -> None:
    for _turn in range(20):
        _part, wheel, _cart = declared(lazily.dataclass)
        ready = threading.Barrier(4)
        made: list[Any] = []

        def work(wheel: Any = wheel, ready: threading.Barrier = ready, made: list[Any] = made) -> None:
            ready.wait()
            made.append(wheel("front"))

        threads = [threading.Thread(target=work) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [wheel("front")] * 4
        assert len(set(made)) == 1


def test_an_expression_is_compiled_when_it_is_first_asked() -> None:
    words = lazily.pattern("[a-z]+", re.IGNORECASE)
    assert words._made is None  # type: ignore[attr-defined]
    assert words.findall("One two") == ["One", "two"]
    assert words.fullmatch("x") is not None
    assert words.pattern == "[a-z]+"
    with pytest.raises(re.error):
        lazily.pattern("(").search("x")


def test_a_module_is_loaded_when_something_of_it_is_first_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crm_loaded_later.py").write_text("ANSWER = 42\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    later = lazily.module("crm_loaded_later")
    assert "crm_loaded_later" not in sys.modules
    try:
        assert later.ANSWER == 42
        with pytest.raises(AttributeError):
            _ = later.QUESTION
    finally:
        sys.modules.pop("crm_loaded_later", None)
