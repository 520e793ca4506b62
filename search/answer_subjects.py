"""KPIs that measure a subject: those whose label says it, word for word, in any language.

A likeness in meaning is not enough to claim that something is measured: foreign workers are near
foreign tourists. Each telling word of a subject must be in a KPI's label, as such, by the plan's
own word for it, by a concept of the thesaurus, or as what statistics of it count.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from kg.things import Thing
from search.analysis import analyse, fold, script
from search.labels import spaced
from search.language import EASY_JAPANESE
from search.originals import Originals
from search.question_words import question_words
from search.subject_words import key_of_words, names_a_type, subject_words
from search.thesaurus import read_thesaurus

_MIN_RUN = 2  # characters of a script without spaces: 水 is not in 農林水産


class Subjects:
    """Finds the KPIs of one catalog by what they measure; safe to use from many threads."""

    def __init__(self, things: Mapping[str, Thing], originals: Originals) -> None:
        self._kpis = [thing for thing in things.values() if thing.type == "kpi"]
        self._originals = originals

    def measured(self, text: str) -> tuple[Thing, ...]:
        """The KPIs whose labels say all that the text says, in their order; maybe none."""
        words = subject_words(text)
        if not words or names_a_type(text):
            return ()
        whole = self._saying(text)
        found = whole or set.intersection(*map(self._saying, words))
        return tuple(kpi for kpi in self._kpis if kpi.iri in found)

    def _saying(self, text: str) -> set[str]:
        """The KPIs with a label that has the text, or another word for it."""
        wanted = [_Wanted(form) for form in self._forms(text)]
        return {
            iri
            for iri, labels in self._labels.items()
            if any(form.is_in(label) for form in wanted for label in labels)
        }

    def _forms(self, text: str) -> Iterator[str]:
        """The words for it: its own, the plan's, the thesaurus's, and what is counted of it."""
        own = [text]
        if self._originals.is_said(text) and (original := self._originals.of(text)):
            own.append(original)
        yield from own
        yield from (one.term for one in analyse(text) if one.end - one.start == len(text))
        key = spaced(text)
        for concept in read_thesaurus():
            # Not what else it goes by: foreign tourists are a part of what 観光振興 is about.
            if any(spaced(one) == key for one in (concept.terms[0], *concept.usual)):
                yield from concept.names
        for one in own:
            yield from question_words().indicators.get(key_of_words(one), ())

    @cached_property
    def _labels(self) -> dict[str, list[str]]:
        return {
            # An easy rewording explains what a label only names: it says more than is measured.
            kpi.iri: [
                _searchable(label)
                for label in dict.fromkeys(
                    text for tag, text in kpi.label.items() if tag != EASY_JAPANESE
                )
            ]
            for kpi in self._kpis
        }


class _Wanted:
    """A word as it is looked for: whole in scripts with spaces and in katakana."""

    def __init__(self, word: str) -> None:
        self._run = fold(word).text.strip()
        self._is_spaced = all(script(one) in ("spaced", "none") for one in word)
        self._whole = f" {key_of_words(word)} "

    def is_in(self, label: str) -> bool:
        if self._is_spaced:
            return self._whole in label
        place = label.find(self._run) if len(self._run) >= _MIN_RUN else -1
        while place >= 0:
            end = place + len(self._run)
            if not _both_katakana(label, place) and not _both_katakana(label, end):
                return True
            place = label.find(self._run, place + 1)
        return False


def _both_katakana(text: str, place: int) -> bool:
    """Whether a place is within a word of katakana: ワーク is no word in ネットワーク."""
    return 0 < place < len(text) and all("ァ" <= one <= "ー" for one in text[place - 1 : place + 1])


def _searchable(label: str) -> str:
    """A label folded, and again by its words."""
    return f"{fold(label).text}\n {key_of_words(label)} "
