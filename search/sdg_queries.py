"""Keyword queries for SDG targets, in the form of Scopus: read, matched with texts, spelt out.

    ("poverty") W/3 ("eradicat*" OR "reduc*")

A query is quoted phrases, where `*` stands for any end of a word, joined by OR, AND, AND NOT and
`W/n` (both within n words of one another, in any order). The Aurora queries
(https://doi.org/10.5281/zenodo.3817443, CC BY 4.0) are files of such queries, some to a target.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

_TOKEN = re.compile(r'\s*(?:"([^"]*)"|([()])|(AND\s+NOT|AND|OR)\b|W/(\d+))', re.ASCII)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_URI = re.compile(r"/sdg/(\d+\.\w+)$")
_NAMESPACES = {
    "aqd": "http://aurora-network.global/queries/namespace/",
    "dc": "http://dublincore.org/documents/dcmi-namespace/",
}

Places = list[tuple[int, int]]


class QueryTextError(ValueError):
    """A query that is not in the form above."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after another; each a pattern of a whole word."""

    text: str
    words: tuple[re.Pattern[str], ...]

    def places(self, words: list[str]) -> Places:
        """Where it stands in the words of a text: half-open ranges."""
        size = len(self.words)
        return [
            (start, start + size)
            for start in range(len(words) - size + 1)
            if all(one.fullmatch(words[start + i]) for i, one in enumerate(self.words))
        ]

    def spelt(self) -> Iterator[str]:
        """The phrase with its stems as they are written, without the stars."""
        yield self.text.replace("*", "")


@dataclass(frozen=True, slots=True)
class Joined:
    """Two queries joined by `OR`, `AND`, `AND NOT`, or `W` with a distance in words."""

    operator: str
    left: "Query"
    right: "Query"
    distance: int = 0

    def places(self, words: list[str]) -> Places:
        """Where it holds; for AND anywhere in the text, the places of both."""
        left = self.left.places(words)
        if self.operator == "OR":
            return left + self.right.places(words)
        if not left:
            return []
        right = self.right.places(words)
        if self.operator == "AND NOT":
            return [] if right else left
        if self.operator == "AND":
            return left + right if right else []
        return [
            (min(a, c), max(b, d))
            for (a, b), (c, d) in product(left, right)
            if max(c - b, a - d) < self.distance
        ]

    def spelt(self) -> Iterator[str]:
        """Every combination of its phrases, as words in a row."""
        if self.operator == "OR":
            yield from self.left.spelt()
            yield from self.right.spelt()
        elif self.operator == "AND NOT":
            yield from self.left.spelt()
        else:
            yield from (f"{a} {b}" for a, b in product(self.left.spelt(), self.right.spelt()))


Query = Phrase | Joined


def words_of(text: str) -> list[str]:
    """The words of a text as queries see them: casefolded, without hyphens."""
    return _WORD.findall(text.casefold())


def parse_query(text: str) -> Query:
    """Read one query. Raises QueryTextError where it breaks off or holds anything else."""
    tokens = list(_tokens(text))
    query, end = _joined(tokens, 0)
    if end != len(tokens):
        raise QueryTextError(f"unexpected {tokens[end][1]!r} in {text!r}")
    return query


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise QueryTextError(f"cannot read {text[at : at + 30]!r}")
        phrase, bracket, operator, distance = match.groups()
        if phrase is not None:
            yield "phrase", phrase
        elif bracket:
            yield bracket, bracket
        else:
            yield "operator", " ".join(operator.split()) if operator else f"W{distance}"
        at = match.end()


def _joined(tokens: list[tuple[str, str]], at: int) -> tuple[Query, int]:
    """From the left, all operators alike, as the files bracket what they mean."""
    query, at = _operand(tokens, at)
    while at < len(tokens) and tokens[at][0] == "operator":
        operator = tokens[at][1]
        right, at = _operand(tokens, at + 1)
        if operator.startswith("W"):
            query = Joined("W", query, right, int(operator[1:]))
        else:
            query = Joined(operator, query, right)
    return query, at


def _operand(tokens: list[tuple[str, str]], at: int) -> tuple[Query, int]:
    if at >= len(tokens):
        raise QueryTextError("a query that breaks off")
    kind, text = tokens[at]
    if kind == "phrase":
        stems = re.findall(r"[^\W_]+(?:['’][^\W_]+)?\*?", text.casefold())
        words = tuple(re.compile(re.escape(stem).replace(r"\*", r"\w*")) for stem in stems)
        return Phrase(text, words), at + 1
    if kind != "(":
        raise QueryTextError(f"unexpected {text!r}")
    query, at = _joined(tokens, at + 1)
    if at >= len(tokens) or tokens[at][0] != ")":
        raise QueryTextError("a bracket that is not closed")
    return query, at + 1


def read_aurora(folder: Path) -> list[tuple[str, Query]]:
    """(code, query) of every line of the folder's `query_SDG*.xml`, in their order.

    The code is a target's, or a goal's where the file gives the goal as a whole (as `13.0`).
    """
    found = []
    for number in range(1, 18):
        root = ElementTree.parse(folder / f"query_SDG{number}.xml").getroot()
        for definition in root.iterfind(".//aqd:query-definition", _NAMESPACES):
            uri = definition.findtext("dc:identifier[@type='uri']", "", _NAMESPACES)
            code = _URI.search(uri.strip())
            for line in definition.iterfind(".//aqd:query-line", _NAMESPACES):
                if code and (line.text or "").strip():
                    found.append((code[1].removesuffix(".0"), parse_query(line.text or "")))
    return found
