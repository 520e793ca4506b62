"""Codes: the order in which people count them, and what an SDG code belongs to."""

import re

GOALS = tuple(str(number) for number in range(1, 18))
"""The codes of the 17 goals."""


def natural(code: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key, 4-2-9 before 4-2-10 and 11.7 before 11.a: digits compare as numbers and come
    before letters.
    """
    parts = re.findall(r"\d+|[^\W\d_]+", code)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def goal_of(sdg: str) -> str:
    """The goal of a goal's, target's or indicator's code: `4` of `4.4.1`."""
    return sdg.partition(".")[0]
