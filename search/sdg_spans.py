"""Texts to the spans that can speak for an SDG: sentences and clauses, without names of places."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAX_CHARACTERS = 400

# A full stop ends a sentence only before a space, so that 4.4 and Society5.0 stay whole.
_SENTENCE_END = re.compile(r"[。！？!?\n\r\t]+|\.(?=\s)")
# A Japanese list has a clause for each item (生活への支援、子供の居場所の確保); an English comma
# ends nothing.
_CLAUSE_END = re.compile(r"[、；;:（）()【】]+")
_EDGES = " \u3000・•*-,，.。"
_MIN_LETTERS = 2

# Streets, blocks, stations and bridges are named after anything (水道町, 水産町通り, Fisher Road):
# such a name says where something is, never what is done.
_PLACE = re.compile(
    r"[一-龠々ヶ]{1,6}?(?:町通り?|通り(?!に)|丁目|番地|番町|町駅|駅前?)"
    r"|\d+(?:丁目|番地|番)|[一-龠々ヶ]{2,4}?町(?!並|内|民|家|村)"
    r"|\b(?:[A-Z][\w'-]+ ){1,4}(?:Street|Avenue|Road|Station|Bridge|Square)\b"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: `exact` as it stands, `plain` as it is compared (NFKC, no places)."""

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
    words, or with nothing but the name of a place, has no spans. A repeated span counts once.
    """
    found: dict[str, Span] = {}
    for piece in _pieces(text):
        for start in range(0, len(piece), MAX_CHARACTERS):
            exact = piece[start : start + MAX_CHARACTERS].strip(_EDGES)
            plain = _PLACE.sub(" ", _readable(exact)).strip()
            if len(list(islice(filter(str.isalpha, plain), _MIN_LETTERS))) == _MIN_LETTERS:
                found.setdefault(exact, Span(exact, plain))
    return list(found.values())
