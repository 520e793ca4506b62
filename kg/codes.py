"""The order in which people count codes: 4-2-9 before 4-2-10, and 11.7 before 11.a."""

import re


def natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key: digits compare as numbers and come before letters."""
    parts = re.findall(r"\d+|[^\W\d_]+", code)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
