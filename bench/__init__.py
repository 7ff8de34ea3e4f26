"""Speed measurements: ``python -m bench [--scale N] [--engine sqlite|mysql] [--url URL] [--json FILE]``."""
