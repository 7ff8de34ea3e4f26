"""Two hundred broken files, the same ones each time; ``python3 dev.py fuzz --minutes N`` reads others as long as wished."""

from __future__ import annotations

from tests.workbooks.fuzz import hunt


def test_broken_files_are_refused_in_words_and_never_stop_the_program() -> None:
    count, faults, _deadly = hunt(minutes=10, seed=7_000_000, most=200)
    assert faults == []
    assert count == 200


def test_the_same_seed_gives_the_same_file() -> None:
    from tests.workbooks.mutants import mutant, seeds

    files = {"comma.csv": seeds()["comma.csv"]}
    assert mutant(files, 3) == mutant(files, 3)
    assert mutant(files, 3) != mutant(files, 4)
