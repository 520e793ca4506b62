"""Words of a question that no list holds, read as the listed word that they are nearest to.

People word what they ask in more ways than lists can hold: 触れて for 言及, "covers" in a language
that has no list. What means something else (a budget, popularity) is near to none of the words.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from search.encoder import Encoder, Vectors, cosines
from search.question_words import Kind, Piece, question_words

# The least cosine at which a word is read as another, and how much less than the nearest of its
# ideas others may be. Chosen on development questions.
_NEAR = 0.6
_LEVEL = 0.03
_REMEMBERED = 256
# Read only where they are said: what turns a question round or asks for another thing, and what
# says so little that any word may come near it.
_SAID_ONLY = frozenset(
    {"without", "other", "most", "least", "success", "gauge"}
    | {"count", "list", "whatis", "be", "name"}
)


class WordsByMeaning:
    """Finds the ideas of words by an encoder; safe to use from many threads."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._ideas = lru_cache(maxsize=_REMEMBERED)(self._find)

    def read(self, pieces: Sequence[Piece]) -> tuple[list[Piece], float] | None:
        """The pieces with all words read that can be, and how surely; None where none can.

        Beside nothing that is said or named for sure, a likeness is too little to go by.
        """
        if not any(piece.kind in ("idea", "slot") for piece in pieces):
            return None
        read: list[Piece] = []
        sure = 1.0
        for piece in pieces:
            ideas, nearness = self._ideas(piece.text) if piece.kind == "other" else (None, 1.0)
            if ideas is not None:
                kind: Kind = "light" if ideas <= question_words().light else "idea"
                piece = replace(piece, kind=kind, ideas=ideas)
                sure *= nearness
            read.append(piece)
        return (read, sure) if sure < 1.0 else None

    def _find(self, text: str) -> tuple[frozenset[str] | None, float]:
        words, vectors = self._words
        [query] = self._encoder.encode_query([text])
        near = cosines(vectors, query)
        best = float(near.max())
        if best < _NEAR:
            return None, 1.0
        ideas: frozenset[str] = frozenset().union(
            *(words[n] for n in np.flatnonzero(near >= best - _LEVEL))
        )
        return (None, 1.0) if ideas & _SAID_ONLY else (ideas, min(best, 0.99))

    @cached_property
    def _words(self) -> tuple[list[frozenset[str]], Vectors]:
        """The ideas of every listed word with its unit row, made when first they are needed."""
        listed = question_words().ideas
        rows = self._encoder.encode_query(list(listed))
        return list(listed.values()), np.ascontiguousarray(rows)
