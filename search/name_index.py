"""What texts name: the concepts of the thesaurus and the things of the plans, by all their names.

The names are kept sorted, each a line with what it names, so that opening them costs little however
many they are, and those that begin somewhere in a text are found by narrowing the lines down.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, cast

from search.labels import goes_on
from search.letters import plain, plain_text
from search.marking import Span
from search.rows import Rows
from search.thesaurus import Concept

By = Literal["thesaurus", "label"]
Referent: TypeAlias = tuple[By, int]
"""What a name names: a concept or a thing, by its number."""

_SHORTEST = 2  # characters of a name
_TAB = "\t"  # before every other character of a name, so that a name stands before longer ones


class NameIndex:
    """Finds names in texts, however they are written; made by `build` or `open`."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    @classmethod
    def build(cls, rows: Rows, thesaurus: Iterable[Concept]) -> "NameIndex":
        """Index all that means a concept, and every label."""
        names: list[tuple[str, Referent]] = []
        for number, concept in enumerate(thesaurus):
            names += [(name, ("thesaurus", number)) for name in concept.said]
        for thing, passage in zip(rows.things, rows.passages, strict=True):
            if passage.field == "label":
                names.append((passage.text, ("label", int(thing))))
        keys = ((plain_text(" ".join(name.split())), named) for name, named in names)
        lines = {_line(key, named) for key, named in keys if len(key) >= _SHORTEST}
        return cls(sorted(lines))

    @classmethod
    def open(cls, path: Path) -> "NameIndex":
        """Read what `save` wrote. Raises OSError or ValueError when it is damaged."""
        return cls(path.read_text(encoding="utf-8").split("\n"))

    def save(self, path: Path) -> None:
        """Write the names to a file, one a line."""
        path.write_text("\n".join(self._lines), encoding="utf-8", newline="\n")

    def named(self, text: str) -> dict[Referent, Span]:
        """What a text names in any language, each with where its longest name stands."""
        letters = plain(text)
        found: dict[Referent, Span] = {}
        for start in range(len(letters.text) - _SHORTEST + 1):
            if goes_on(letters.text, start):
                continue
            for name, referent in self._beginning(letters.text, start):
                end = start + len(name)
                if not goes_on(letters.text, end):
                    span = letters.starts[start], letters.ends[end - 1]
                    found[referent] = max(span, found.get(referent, span), key=_length)
        return found

    def _beginning(self, text: str, start: int) -> Iterator[tuple[str, Referent]]:
        """The names that a text has at a place, the shorter first."""
        line = 0
        for end in range(start + _SHORTEST, len(text) + 1):
            prefix = text[start:end]
            line = bisect_left(self._lines, prefix, line)
            while line < len(self._lines) and self._lines[line].startswith(prefix + _TAB):
                name, by, number = self._lines[line].split(_TAB)
                yield name, (cast(By, by), int(number))
                line += 1
            if line == len(self._lines) or not self._lines[line].startswith(prefix):
                return


def _line(name: str, named: Referent) -> str:
    by, number = named
    return f"{name}{_TAB}{by}{_TAB}{number}"


def _length(span: Span) -> int:
    return span[1] - span[0]
