"""Texts to the spans that can speak for an SDG: sentences and clauses, without names."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from search.sdg_names import without_names

MAX_CHARACTERS = 400

# A full stop ends a sentence only before a space, so that 4.4 and Society5.0 stay whole, and not
# in Dr. Brown.
_SENTENCE_END = re.compile(
    r"[。！？!?\n\r\t]+|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bProf)\.(?=\s)"
)
# A Japanese list has a clause for each item (生活への支援、子供の居場所の確保); an English comma
# ends nothing.
_CLAUSE_END = re.compile(r"[、；;:（）()【】]+")
_EDGES = " \u3000・•*-,，.。"
_MIN_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: `exact` as it stands, `plain` as it is compared (NFKC, no names)."""

    exact: str
    plain: str


def _pieces(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        clauses = [clause for clause in _CLAUSE_END.split(sentence) if clause.strip(_EDGES)]
        yield sentence
        if len(clauses) > 1:
            yield from clauses


def _readable(text: str) -> str:
    # Half a surrogate pair (from a broken JSON escape) is no character: a tokeniser refuses it.
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8"))


def split(text: str) -> list[Span]:
    """The sentences of `text` in order, each followed by its clauses where it has several.

    Each `exact` is a substring of `text` of at most 400 characters (longer ones are cut: the
    tokeniser refuses very long texts, and one vector for a page says nothing). A text without
    words, or with nothing but names, has no spans. A repeated span counts once.
    """
    found: dict[str, Span] = {}
    for piece in _pieces(text):
        for start in range(0, len(piece), MAX_CHARACTERS):
            exact = piece[start : start + MAX_CHARACTERS].strip(_EDGES)
            plain = without_names(_readable(exact))
            if len(list(islice(filter(str.isalpha, plain), _MIN_LETTERS))) == _MIN_LETTERS:
                found.setdefault(exact, Span(exact, plain))
    return list(found.values())
