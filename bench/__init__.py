"""Speed measurements: ``python3 dev.py bench [--scale N] [--engine sqlite|mysql] [--only TOPIC …] [--json FILE]``; see docs/performance.md.

To add a topic: a module here with a function ``measure(ground)`` that yields `Line`s, and its name in `TOPICS`.
"""

from typing import Final

TOPICS: Final = ("start", "window", "lists", "acts", "search", "files", "paper", "ledger", "history", "copies")
"""The modules that measure something, in the order they run: those that only read come first, as all share one company."""
