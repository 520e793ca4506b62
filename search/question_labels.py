"""Things that a question names by their labels, and words that it quotes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kg.things import Thing
from search.analysis import QUOTED, script
from search.asked import Asked
from search.labels import spaced, stands_at
from search.question_words import Piece

_MIN_LABEL = 3  # characters; in a script with spaces one more

How = Literal["code", "label", "goal", "quote", "words"]


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named: `text` as it was typed, the `things` it may be, or a goal's number."""

    how: How
    text: str
    things: tuple[Thing, ...] = ()
    goal: str | None = None


Named: TypeAlias = Mapping[int, tuple[Piece, Mention]]
"""What is named, with the piece of the question that names it, by its place."""


class Labels:
    """The labels of some things; safe to use from many threads."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self._things: dict[str, list[Thing]] = defaultdict(list)
        for thing in things:
            for names in (thing.label, thing.texts.get("alternative", {})):
                for key in {spaced(label) for label in names.values()}:
                    if len(key) >= _MIN_LABEL + (script(key[0]) == "spaced"):
                        self._things[key].append(thing)
        self._lengths = sorted({len(key) for key in self._things}, reverse=True)

    def quoted(self, asked: Asked) -> Iterator[tuple[int, tuple[Piece, Mention]]]:
        """The quoted phrases, those that are a label as such."""
        for found in QUOTED.finditer(asked.text):
            inside = next(group for group in found.groups() if group)
            things = tuple(self._things.get(spaced(inside), ()))
            start, end = found.span()
            text = asked.typed(start + 1, end - 1)
            mention = Mention("label" if things else "quote", text, things)
            yield start, (Piece("slot", start, end, "…"), mention)

    def named(self, asked: Asked, taken: Named) -> Iterator[tuple[int, tuple[Piece, Mention]]]:
        """The labels that stand in it, the longest first where they overlap."""
        free = bytearray(b"\x01" * (len(asked.text) + 1))
        for piece, _ in taken.values():
            free[piece.start : piece.end] = bytes(piece.end - piece.start)
        letters, places = asked.letters
        for length in self._lengths:
            for first in range(len(letters) - length + 1):
                label = letters[first : first + length]
                things = self._things.get(label)
                if not things or not stands_at(letters, first, label):
                    continue
                start, end = places[first], places[first + length - 1] + 1
                if all(free[start:end]):
                    free[start:end] = bytes(end - start)
                    mention = Mention("label", asked.typed(start, end), tuple(things))
                    yield start, (Piece("slot", start, end, "…"), mention)
