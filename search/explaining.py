"""Why things are hits: the evidence for each, gathered for those that are shown."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from kg.things import Thing
from search.calibration import Calibration
from search.contributions import contributions
from search.encoder import Encoder
from search.evidence import Evidence, Marks, Step
from search.index import Mask, Scores
from search.labels import NEAR, Named
from search.language import EASY_JAPANESE
from search.marking import Marker
from search.originals import ORIGINAL
from search.passage import Passage
from search.ranking import Indexes, OwnTexts, Ranker, Texts
from search.related import RelatedTo, Relations

if TYPE_CHECKING:
    from search.searcher import Ranked

_SHOWN = frozenset(("ja", "en"))  # what the site speaks


class Paths(Protocol):
    """The part of a catalog that leads to a thing."""

    def path(self, iri: str) -> Sequence[Thing]:
        """From the strategy down to the thing, both included."""
        ...


class _Reader(NamedTuple):
    """What is the same for all hits of one question, and of one who reads in `language`.

    `words` is what each row has of the question's words, as `typed` too where the question is a
    respelling. `reads` and `speaks` say of each language of `Explainer` whether the reader is
    shown texts in it first, or at all before others. `known` are the marks of texts by language:
    a label is context to many things.
    """

    ranked: "Ranked"
    words: Scores
    typed: Scores | None
    language: str | None
    spoken: frozenset[str]
    reads: Mask
    speaks: Mask
    marker: Marker
    related: RelatedTo
    known: dict[tuple[str, str], Marks]

    def marks(self, text: str, language: str) -> Marks:
        if (text, language) not in self.known:
            spans = self.marker.spans(text)
            marks = Marks(spans, self.related.words(text, language, spans))
            self.known[text, language] = marks
        return self.known[text, language]

    def met(self, text: str) -> set[str]:
        """The characters of a text that the question has too."""
        return {one for start, end in self.marker.spans(text) for one in text[start:end]} - {" "}


class Explainer:
    """Gathers evidence for ranked things; safe to use from many threads."""

    def __init__(
        self,
        paths: Paths,
        things: Sequence[Thing],
        indexes: Indexes,
        ranker: Ranker,
        calibration: Calibration,
        encoder: Encoder,
    ) -> None:
        self._paths = paths
        self._things = things
        self._rows = indexes.rows
        passages = indexes.rows.passages
        self._is_label = np.array([one.field == "label" for one in passages], dtype=np.bool_)
        self._languages = list(dict.fromkeys(one.language for one in passages))
        numbers = {language: n for n, language in enumerate(self._languages)}
        self._language_of = np.array([numbers[one.language] for one in passages], dtype=np.intp)
        self._words = indexes.words
        self._names = indexes.names
        self._ranker = ranker
        self._calibration = calibration
        self._encoder = encoder

    def explain(
        self, ranked: "Ranked", numbers: Sequence[int], language: str | None
    ) -> Iterable[Evidence]:
        """The evidence for some ranked things, in their order, for a reader of `language`."""
        spoken = {(tag or "").casefold() for tag in (language, ranked.understood.language)}
        if ranked.understood.language == "ja":  # maybe in easy words, which only rewordings have
            spoken.add(EASY_JAPANESE)
        asked = ranked.asked.text
        related = self._relations.asked(asked, ranked.understood.language)
        spoken |= _SHOWN
        reader = _Reader(
            ranked,
            self._ranker.words(ranked.asked),
            self._ranker.words(ranked.as_typed[0]) if ranked.as_typed else None,
            language,
            frozenset(spoken),
            np.array([one == language for one in self._languages], dtype=np.bool_),
            np.array([one in spoken for one in self._languages], dtype=np.bool_),
            Marker(asked),
            related,
            {},
        )
        places = {n: place for place, n in enumerate(ranked.order)}
        return [self._evidence(n, places[n], reader) for n in numbers]

    @cached_property
    def _relations(self) -> Relations:
        return Relations(self._rows, self._words, self._names, self._encoder)

    def _evidence(self, n: int, place: int, reader: _Reader) -> Evidence:
        thing, ranked = self._things[n], reader.ranked
        texts = self._ranker.texts(n, ranked.query, reader.words, ranked.ranking)
        loudest = self._loudest(texts, ranked.named.get(n, NEAR), reader)
        passage = self._rows.passages[texts.passages[loudest]]
        marks = reader.marks(passage.text, passage.language)
        labels = {tag: text for tag, text in thing.label.items() if tag.casefold() in reader.spoken}
        return Evidence(
            match=ranked.named.get(n, NEAR).match,
            passage=passage.text,
            field=passage.field,
            language=passage.language,
            origin=passage.origin,
            words=tuple(passage.text[start:end] for start, end in marks.spans),
            similarity=round(float(texts.cosines[loudest]), 4),
            rank_vector=int(ranked.ranking.by_vector[n]) or None,
            rank_words=int(ranked.ranking.by_words[n]) or None,
            path=tuple(Step(t.iri, t.code, t.label) for t in self._paths.path(thing.iri)),
            source=thing.source,
            spans=marks.spans,
            related=marks.related,
            labels={tag: reader.marks(text, tag.casefold()) for tag, text in labels.items()},
            contributions=contributions(
                self._calibration,
                ranked.signals[place],
                self._own_texts(n, texts, reader),
                ranked.scores[place],
            ),
        )

    def _own_texts(self, n: int, texts: Texts, reader: _Reader) -> OwnTexts | None:
        """None where the filters are all that is asked for: no text speaks for a hit then."""
        ranked = reader.ranked
        if ranked.understood.narrows and not ranked.asked.core:
            return None
        own = self._ranker.own_texts(texts, ranked.asked)
        if ranked.as_typed is None or reader.typed is None:
            return own
        asked, query = ranked.as_typed
        typed = self._ranker.texts(n, query, reader.typed, ranked.ranking)
        return own.or_by(self._ranker.own_texts(typed, asked))

    def _loudest(self, texts: Texts, how: Named, reader: _Reader) -> int:
        """The place among a thing's texts of the one to show."""
        words = texts.words / (float(texts.words.max()) or 1.0)
        loudness = self._ranker.weights[texts.passages] * (texts.cosines + words)
        if how.match != "near" or not reader.ranked.query.any():  # a label spoke, or its place
            loudness += 4 * self._is_label[texts.passages]
        languages = self._language_of[texts.passages]
        # A text in a language that neither asked nor is read is the last to be shown.
        loudness -= 2.0 * ~reader.speaks[languages]
        shown = np.round(loudness, 3) + (1 if how.by_code else 1e-4) * reader.reads[languages]
        place = int(np.argmax(shown))
        loudest = self._rows.passages[texts.passages[place]]
        if loudest.language != EASY_JAPANESE or reader.language == EASY_JAPANESE:
            return place
        passages = [self._rows.passages[n] for n in texts.passages]
        return _or_official(place, passages, shown, reader)


def _or_official(
    place: int, passages: Sequence[Passage], shown: np.ndarray[Any, Any], reader: _Reader
) -> int:
    """The place of a rewording, or of the official text if that says all that was asked of it."""
    rewording = passages[place]
    official = [
        n
        for n, one in enumerate(passages)
        if (one.language, one.origin, one.field) == (ORIGINAL, rewording.origin, rewording.field)
    ]
    if not official:
        return place
    best = max(official, key=lambda n: shown[n])
    return place if reader.met(rewording.text) - reader.met(passages[best].text) else best
