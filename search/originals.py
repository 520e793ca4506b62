"""The plan's own word for one in another language (Aso: 阿蘇), to be found in the original."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from kg.plan import ThingType
from kg.things import Thing
from search.analysis import analyse, fold, script
from search.encoder import Encoder, Vectors, cosines
from search.labels import spaced

ORIGINAL = "ja"  # the language of plans
_TEXTS = ("alternative", "direction", "principle", "sdg_statement", "period")
# The least cosine of a word and its original: in all texts whose translations hold the word, in
# half of them, and anywhere, where it must also lead. Chosen on the bundled plan's places and
# subjects.
_AMONG_FEW = 0.20
_AMONG_SOME = 0.35
_ANYWHERE = 0.45
_LEAD = 0.08


class _Near(NamedTuple):
    """A word with its cosine, and how far that leads before the next."""

    word: str
    cosine: float
    lead: float


class Originals:
    """Finds words in the plans' texts; safe to use from many threads."""

    def __init__(self, things: Mapping[str, Thing], encoder: Encoder) -> None:
        self._things = things
        self._encoder = encoder

    def is_said(self, word: str) -> bool:
        """Whether a text of any language holds the word."""
        wanted = _wanted(word)
        return any(wanted in said for said, _ in self._said)

    def says(self, thing: Thing, words: Iterable[str]) -> bool:
        """Whether a text of the thing holds one of the words."""
        said = self._texts[thing.iri]
        return any(_wanted(word) in said for word in words)

    def named(self, words: Iterable[str], kind: ThingType) -> tuple[Thing, ...]:
        """The things of a type that have one of the words in a label."""
        wanted = [_wanted(word) for word in words]
        return tuple(
            self._things[iri]
            for iri, labels in self._labels.items()
            if self._things[iri].type == kind and any(word in labels for word in wanted)
        )

    def of(self, word: str) -> str | None:
        """The original of a word that is none itself, if one is near enough."""
        wanted = _wanted(word)
        if any(wanted in text for text in self._in_original):
            return None
        if whole := self._translated.get(spaced(word)):
            return whole
        holding = {fold(text).text for said, text in self._said if wanted in said and text}
        few = [one for one in self._words if all(one in text for text in holding)]
        if holding and few:
            near = self._nearest(word, few)
            # A name that the encoder does not know is what these texts have in common.
            common = max(few, key=len) if len(holding) > 1 else None
            return near.word if near.cosine >= _AMONG_FEW else common
        if holding:  # 旅游 for 観光, in the translation of ツーリズム too
            near = self._nearest(word, [one for one in self._words if _is_in_half(one, holding)])
            if near.cosine >= _AMONG_SOME:
                return near.word
        near = self._nearest(word, self._words)
        return near.word if near.cosine >= _ANYWHERE and near.lead >= _LEAD else None

    def _nearest(self, word: str, words: Iterable[str]) -> "_Near":
        """Of some words the one nearest to a word."""
        [query] = self._encoder.encode_query([word])
        near = cosines(self._vectors, query)
        order = sorted(((float(near[self._words[one]]), one) for one in words), reverse=True)
        cosine, nearest = order[0] if order else (0.0, "")
        return _Near(nearest, cosine, cosine - (order[1][0] if len(order) > 1 else 0.0))

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {
            iri: "\n".join(map(_searchable, thing.label.values()))
            for iri, thing in self._things.items()
        }

    @cached_property
    def _said(self) -> list[tuple[str, str]]:
        """Every text, folded and again by its words, with the original that it translates."""
        return [
            (_searchable(text), texts.get(ORIGINAL, ""))
            for thing in self._things.values()
            for texts in _texts(thing)
            for text in texts.values()
        ]

    @cached_property
    def _texts(self) -> dict[str, str]:
        """All that each thing says, by its IRI."""
        return {
            iri: "\n".join(_searchable(text) for texts in _texts(thing) for text in texts.values())
            for iri, thing in self._things.items()
        }

    @cached_property
    def _translated(self) -> dict[str, str]:
        """The original of every label in another language, if all that are so called share it."""
        originals: dict[str, set[str]] = defaultdict(set)
        for thing in self._things.values():
            if original := thing.label.get(ORIGINAL):
                for label in thing.label.values():
                    originals[spaced(label)].add(fold(original).text)
        return {label: next(iter(of)) for label, of in originals.items() if len(of) == 1}

    @cached_property
    def _in_original(self) -> list[str]:
        return sorted({_searchable(original) for _, original in self._said})

    @cached_property
    def _words(self) -> dict[str, int]:
        """The words of the labels in the original, with the place of each in `_vectors`."""
        words = {
            fold(label[token.start : token.end]).text
            for thing in self._things.values()
            if (label := thing.label.get(ORIGINAL))
            for token in analyse(label)
            if token.kind == "word" and token.end - token.start > 1
        }
        return {word: place for place, word in enumerate(sorted(words))}

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encoder.encode_document(list(self._words))


def _texts(thing: Thing) -> list[Mapping[str, str]]:
    return [thing.label, *(thing.texts.get(name, {}) for name in _TEXTS)]


def _is_in_half(word: str, texts: Collection[str]) -> bool:
    return 2 * sum(word in text for text in texts) >= len(texts)


def _searchable(text: str) -> str:
    """A text folded, and again by its words."""
    return f"{fold(text).text}\n {spaced(text)} "


def _wanted(word: str) -> str:
    """What to look for: in a script with spaces whole words only (Aso, but not season)."""
    is_spaced = all(script(one) in ("spaced", "none") for one in word)
    return f" {spaced(word)} " if is_spaced else fold(word).text
