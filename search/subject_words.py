"""The words of a subject that tell it from others: people, measures and numbers are of everything.

What a question names in words of its own is told by every one of these: foreign tourists are not
what is foreign, nor is a game development what is developed.
"""

from functools import lru_cache

from search.analysis import analyse, fold, stem
from search.labels import spaced
from search.marking import merged
from search.question_codes import TYPES
from search.question_words import Piece, question_words


def subject_words(text: str) -> list[str]:
    """The telling words of a text as they are written, in order; maybe none."""
    folded = fold(text)
    said = bytearray(len(text) + 1)  # by words that ask, and by those for types of things
    for piece in _pieces(folded.text):
        if piece.kind == "filler" or piece.ideas & TYPES:
            start, end = folded.starts[piece.start], folded.ends[piece.end - 1]
            said[start:end] = b"\x01" * (end - start)
    tokens = [token for token in analyse(text) if token.kind == "word"]
    spans = merged((token.start, token.end) for token in tokens)
    words = (text[start:end] for start, end in spans if not all(said[start:end]))
    return [word for word in words if key_of_words(word) not in question_words().general]


def names_a_type(text: str) -> bool:
    """Whether a word for measures, KPIs and the like stands in it."""
    return any(piece.ideas & TYPES for piece in _pieces(fold(text).text))


def key_of_words(text: str) -> str:
    """What words are compared by: letters alone, in the singular."""
    return " ".join(map(stem, spaced(text).split()))


@lru_cache(maxsize=1_000)
def _pieces(folded: str) -> tuple[Piece, ...]:
    return tuple(question_words().take_apart(folded, {}))
