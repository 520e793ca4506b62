"""Answers to questions that a named query answers exactly, without any language model.

A question is read for what it asks and names (`question_reading`), met by an example question of
one query (`answer_choice`), whose parameters what it names fills (`answer_parameters`). Where two
queries fit alike, the encoder tells whose examples are nearer. Nothing is claimed below THRESHOLD.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from kg.store import Row as Solution
from search.answer_bound import Bound
from search.answer_choice import Match, matches, patterns
from search.answer_parameters import Binder
from search.answer_telling import Answer, AnswerableCatalog, Chosen, Teller
from search.encoder import Encoder, Vectors
from search.question import clean
from search.question_reading import Reader, Reading
from search.words_by_meaning import WordsByMeaning

# From here on an answer is claimed. On development questions no wrong one comes near it.
THRESHOLD = 0.6
# From here on next to nothing of it is a guess, and what answers may stand before what is ranked.
SURE = 0.85
_TWISTED = 0.97  # each way to read a question other than the first is so much less likely
_TIE = 0.05

Run = Callable[[str], Sequence[Solution]]


class Answers:
    """Answers questions about one catalog; safe to use from many threads."""

    def __init__(self, catalog: AnswerableCatalog, encoder: Encoder) -> None:
        self._encoder = encoder
        self._reader = Reader(catalog.things.values(), WordsByMeaning(encoder))
        self._binder = Binder(catalog, encoder)
        self._teller = Teller(catalog, self._binder)

    def choose(self, question: str) -> Chosen | None:
        """The named query that answers a question in any language, None where none surely does."""
        asked = unicodedata.normalize("NFKC", clean(question))
        found = self._found(self._reader.read(asked))
        if not found:
            found = self._found(self._reader.read(asked, by_meaning=True))
        if not found:
            return None
        best = max(score for score, *_ in found)
        level = [one for one in found if one[0] >= best - _TIE]
        if len({text for *_, text in level}) > 1:
            level.sort(key=lambda one: -(one[0] + _TIE * self._likeness(one[1])))
        score, match, bound, text = level[0]
        return Chosen(match.pattern.query, bound, text, round(score, 4))

    def _found(
        self, readings: Sequence[Reading]
    ) -> list[tuple[float, Match, dict[str, Bound], str]]:
        """What surely enough fits some readings: its probability, and the query bound."""
        found: list[tuple[float, Match, dict[str, Bound], str]] = []
        for number, reading in enumerate(readings):
            for match in matches(reading):
                for bound in self._binder.bind(match):
                    sure = min((one.sure for one in bound.values()), default=1.0)
                    score = match.fit * reading.sure * sure * (_TWISTED if number else 1.0)
                    if score >= THRESHOLD:
                        text = match.pattern.query.bind({k: b.rows for k, b in bound.items()})
                        found.append((score, match, bound, text))
        return found

    def answer(self, question: str, run: Run) -> Answer | None:
        """The answer to a question, by a query that `run` asks; raises what that raises."""
        chosen = self.choose(question)
        return self._teller.tell(chosen, run(chosen.text)) if chosen else None

    def _likeness(self, match: Match) -> float:
        """The cosine of the question and the example, what they name left out."""
        [row] = self._encoder.encode_query([match.reading.masked])
        place = next(n for n, pattern in enumerate(patterns()) if pattern is match.pattern)
        return float(self._examples[place] @ row)

    @cached_property
    def _examples(self) -> Vectors:
        return np.asarray(self._encoder.encode_query([one.masked for one in patterns()]))
