"""Which named query a question asks for, with what in its parameters, and how surely.

A query's example questions are read like the question itself. One matches when every cue of either
(count, KPI, without…) has its like in the other, and when everything the question names, and all
other text in it, stands for a parameter: a word that nothing accounts for (budget, popular) is a
word that no query answers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.named_queries import NamedQuery, Parameter, named_queries
from search.analysis import fold
from search.question_codes import TYPES
from search.question_reading import Reading
from search.question_words import Piece, question_words

ROLES: Mapping[str, str] = {"baseline": "baseline", "goal-value": "target", "actual": "actual"}
_CUES = {"type": TYPES, "role": frozenset(ROLES)}

# What a light idea costs that only the question has, and that only the example has.
_ADDED = {"serve": 0.55, "belong": 0.1}
_ADDED_OTHER, _MISSING = 0.03, 0.03
_ALONE = 0.5  # where next to nothing else is asked, the light ideas carry the question


@dataclass(frozen=True, slots=True)
class Pattern:
    """An example question: its cues that count, its light ideas, its parameters."""

    query: NamedQuery
    cues: tuple[frozenset[str], ...]
    light: frozenset[str]
    parameters: tuple[Parameter, ...]
    masked: str


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern that a reading fits: cues taken for parameters, `fit` in 0..1."""

    pattern: Pattern
    chosen: Mapping[str, str]
    reading: Reading
    fit: float


@cache
def patterns() -> tuple[Pattern, ...]:
    """The patterns of all named queries, each once."""
    found: dict[tuple[object, ...], Pattern] = {}
    for query in named_queries():
        for asked in (one for several in query.asked.values() for one in several):
            pattern = _pattern(query, asked)
            found.setdefault((query.name, pattern.cues, pattern.light), pattern)
    return tuple(found.values())


def _pattern(query: NamedQuery, asked: str) -> Pattern:
    by_name = {parameter.name: parameter for parameter in query.parameters}
    taken: dict[int, Piece] = {}
    text = ""
    for number, part in enumerate(re.split(r"\{(\w+)\}", asked)):
        if number % 2:
            taken[len(text)] = Piece("slot", len(text), len(text) + 1, part)
            text += "\ue000"
        else:
            text += fold(part).text
    pieces = question_words().take_apart(text, taken)
    unknown = [piece.text for piece in pieces if piece.kind == "other"]
    if unknown:
        raise ValueError(f"{query.name}: {asked!r} has words that question_words.toml lacks")
    cues = {piece.ideas for piece in pieces if piece.kind == "idea" and not _is_plan(piece)}
    return Pattern(
        query=query,
        cues=tuple(sorted(cues, key=sorted)),
        light=frozenset(
            idea
            for piece in pieces
            if piece.kind == "light" or _is_plan(piece)
            for idea in piece.ideas
        ),
        parameters=tuple(by_name[piece.text] for piece in pieces if piece.kind == "slot"),
        masked=" ".join("…" if piece.kind == "slot" else piece.text for piece in pieces),
    )


def _is_plan(piece: Piece) -> bool:
    # "this plan" says no more than that the question is about what we have.
    return piece.ideas == {"plan"}


def matches(reading: Reading) -> Iterator[Match]:
    """The patterns whose cues are those of the reading; parameters that name things stay open."""
    cues = [piece.ideas for piece in reading.cues if piece.kind == "idea" and not _is_plan(piece)]
    light = frozenset(
        idea
        for piece in reading.cues
        if piece.kind == "light" or _is_plan(piece)
        for idea in piece.ideas
    )
    if reading.is_bare:
        return
    for pattern in patterns():
        for chosen, left in _chosen(pattern.parameters, cues):
            if _agree(pattern, left, light):
                yield Match(pattern, chosen, reading, _fit(pattern, chosen, light))


def _chosen(
    parameters: Sequence[Parameter], cues: Sequence[frozenset[str]]
) -> Iterator[tuple[dict[str, str], list[frozenset[str]]]]:
    """The cues that may stand for parameters (施策 for the type), and the cues left."""
    kind = next((k for p in parameters for k in p.kinds if k in _CUES), None)
    if kind is None:
        yield {}, list(cues)
        return
    name = next(p.name for p in parameters if kind in p.kinds)
    for ideas in dict.fromkeys(cues):
        for idea in sorted(ideas & _CUES[kind]):
            # The same word twice (KPI指標) is still one.
            yield {name: idea}, [one for one in cues if one != ideas]


def _agree(pattern: Pattern, cues: Sequence[frozenset[str]], light: frozenset[str]) -> bool:
    # A word may be of two kinds (mention, name): it counts as the one that fits.
    light_ideas = question_words().light
    return all(
        any(cue & other for other in pattern.cues) for cue in cues if not cue & light_ideas
    ) and (all(any(cue & other for other in cues) for cue in pattern.cues))


def _fit(pattern: Pattern, chosen: Mapping[str, str], light: frozenset[str]) -> float:
    cost = sum(_ADDED.get(idea, _ADDED_OTHER) for idea in light - pattern.light - {"plan"})
    cost += _MISSING * len(pattern.light - light - {"plan"})
    weight = len(pattern.cues) + len(pattern.parameters)
    if "whatis" in light - pattern.light and any("type" in p.kinds for p in pattern.parameters):
        cost += _ALONE  # what a KPI is, not which there are
    if weight < 2 and pattern.light and not pattern.light & light:
        cost += _ALONE
    return max(0.0, 1.0 - cost)
