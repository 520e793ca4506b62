"""Why things are hits: the evidence for each, gathered for those that are shown."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from kg.things import Thing
from search.calibration import Calibration
from search.contributions import contributions
from search.encoder import Encoder
from search.evidence import Evidence, Marks, Step
from search.labels import Named
from search.marking import Marker
from search.passage import Passage
from search.ranking import Indexes, OwnTexts, Ranker
from search.related import RelatedTo, Relations
from search.thesaurus import read_thesaurus

if TYPE_CHECKING:
    from search.searcher import Ranked

_SHOWN = frozenset(("ja", "en"))  # what the site speaks
_NEAR = Named("near")


class Paths(Protocol):
    """The part of a catalog that leads to a thing."""

    def path(self, iri: str) -> Sequence[Thing]:
        """From the strategy down to the thing, both included."""
        ...


class _Reader(NamedTuple):
    """What is the same for all hits of one question, and of one who reads in `language`."""

    ranked: "Ranked"
    language: str | None
    spoken: frozenset[str]
    marker: Marker
    related: RelatedTo

    def marks(self, text: str, language: str) -> Marks:
        spans = self.marker.spans(text)
        return Marks(spans, self.related.words(text, language, spans))


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
        self._vectors = indexes.vectors
        self._words = indexes.words
        self._ranker = ranker
        self._calibration = calibration
        self._encoder = encoder

    def explain(
        self, ranked: "Ranked", numbers: Sequence[int], language: str | None
    ) -> Iterable[Evidence]:
        """The evidence for some ranked things, in their order, for a reader of `language`."""
        spoken = {(tag or "").casefold() for tag in (language, ranked.understood.language)}
        asked = ranked.asked.text
        related = self._relations.asked(asked, ranked.understood.language)
        reader = _Reader(ranked, language, _SHOWN | spoken, Marker(asked), related)
        places = {n: place for place, n in enumerate(ranked.order)}
        own = self._own_texts(ranked, numbers)
        return [self._evidence(n, places[n], own.get(n), reader) for n in numbers]

    @cached_property
    def _relations(self) -> Relations:
        return Relations(self._rows, self._words, read_thesaurus(), self._encoder)

    def _own_texts(self, ranked: "Ranked", numbers: Sequence[int]) -> Mapping[int, OwnTexts]:
        """Nothing where the filters are all that is asked for: no text speaks for a hit then."""
        if ranked.understood.filters and not ranked.asked.core:
            return {}
        return self._ranker.own_texts(numbers, ranked.asked, ranked.query)

    def _evidence(self, n: int, place: int, own: OwnTexts | None, reader: _Reader) -> Evidence:
        thing, ranked = self._things[n], reader.ranked
        passage, similarity = self._loudest(n, reader)
        marks = reader.marks(passage.text, passage.language)
        labels = {tag: text for tag, text in thing.label.items() if tag.casefold() in reader.spoken}
        return Evidence(
            match=ranked.named.get(n, _NEAR).match,
            passage=passage.text,
            field=passage.field,
            language=passage.language,
            origin=passage.origin,
            words=tuple(passage.text[start:end] for start, end in marks.spans),
            similarity=round(similarity, 4),
            rank_vector=int(ranked.ranking.by_vector[n]) or None,
            rank_words=int(ranked.ranking.by_words[n]) or None,
            path=tuple(Step(t.iri, t.code, t.label) for t in self._paths.path(thing.iri)),
            source=thing.source,
            spans=marks.spans,
            related=marks.related,
            labels={tag: reader.marks(text, tag.casefold()) for tag, text in labels.items()},
            contributions=contributions(
                self._calibration, ranked.signals[place], own, ranked.scores[place]
            ),
        )

    def _loudest(self, n: int, reader: _Reader) -> tuple[Passage, float]:
        """The passage of a thing that speaks loudest, and its cosine with the question."""
        ranked, how = reader.ranked, reader.ranked.named.get(n, _NEAR)
        own = self._rows.passages_of_thing(n)
        rows = self._rows.row_of[own]
        cosines = self._vectors.rows(rows) @ ranked.query[0]
        words = self._words.scores_of(ranked.asked.tokens, rows)
        loudness = self._ranker.weights[own] * (cosines + words / (float(words.max()) or 1.0))
        if how.match != "near" or not ranked.query.any():  # then a label spoke, or its place
            loudness += [4 * (self._rows.passages[p].field == "label") for p in own]
        languages = [self._rows.passages[p].language for p in own]
        theirs = np.array([one == reader.language for one in languages])
        # A text in a language that neither asked nor is read is the last to be shown.
        loudness -= [0.0 if one in reader.spoken else 2.0 for one in languages]
        best = int(np.argmax(np.round(loudness, 3) + (1 if how.by_code else 1e-4) * theirs))
        return self._rows.passages[own[best]], float(cosines[best])
