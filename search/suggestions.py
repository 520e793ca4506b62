"""What a reader may be about to ask: names and words of the plans, by their letters or reading.

わかもの, ワカモノ, wakamono, 若もの and 若者 all find 若者, whole or cut short. A name in another
language is found by its own letters, with or without their marks.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from kg.plan import ThingType
from kg.things import Thing
from search.analysis import script
from search.cues import cues
from search.labels import spaced
from search.language import EASY_JAPANESE
from search.passage import Passage, Things, passages
from search.prefixes import Begun, Prefixes
from search.question import clean
from search.readings import nouns, reading
from search.romaji import from_kana, from_latin, to_katakana, without_length
from search.stopwords import STOPWORDS
from search.thesaurus import Concept

LONGEST = 40  # characters; who has typed more needs no suggestion

# What a label counts beside a word, which counts the more the more texts have it.
_LABELS: Mapping[ThingType, float] = {
    "strategy": 0.4,
    "policy": 0.7,
    "measure": 0.7,
    "initiative": 0.6,
    "topic": 0.6,
    "component": 0.5,
    "kpi": 0.4,
}
_MANY = 8  # texts
_CONCEPT = 0.6
_EVERYDAY = 0.1
# What comes before any weight: the reader's language, then the beginning of a text before a word in
# it, then what has been typed to its end.
_THEIRS, _BEGINNING, _MET = 4.0, 2.0, 1.0
_SHORT = 0.1  # for each doubling of its length a text comes so much later
_LOOKED_AT = 200

_WORD = re.compile(r"[^\W\d_]+")
_LEAST_LETTERS = {"hangul": 2, "spaced": 4}
_ROMAJI = re.compile(r"[a-zāīūēōâîûêô'’ -]{2,}", re.IGNORECASE)
# Letters at the end: what an input method has not made kana yet.
_KANA = re.compile(r"[ぁ-ゖァ-ヺー・\s]+[a-z]{0,3}", re.IGNORECASE)
_ALIKE = str.maketrans("ヂヅヲ", "ジズオ")
_WITHIN = re.compile(r"[ \u1160-\u11ff]")  # a space, the vowel or end of a syllable of Hangul
_KATAKANA = re.compile(r"[ァ-ヺー]{2}")
_SPACES = re.compile(r"[\s・]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that can be asked: a `text` in a language, the label of `thing` if it is one.

    `said` is an everyday phrase that means it and was typed in its place, else empty.
    """

    text: str
    language: str
    thing: Thing | None = None
    said: str = ""


class Suggestions:
    """Completes what is typed: labels and words of some things, and a thesaurus' names of what
    they speak of. Safe to use from many threads.
    """

    def __init__(self, catalog: Things, thesaurus: Sequence[Concept] = ()) -> None:
        weighed: dict[tuple[str, str, str], tuple[Suggestion, float]] = {}
        for one, weight in _all(catalog, thesaurus):
            weighed.setdefault((spaced(one.text), one.language, one.said), (one, weight))
        self._keys = [key for key, _, _ in weighed]
        self._listed = [one for one, _ in weighed.values()]
        self._weights = np.array(
            [weight - _SHORT * log2(len(one.text)) for one, weight in weighed.values()]
        )
        self._languages = np.array([one.language for one in self._listed], dtype=np.str_)
        self._written = Prefixes(_beginnings(self._listed))
        read = [(kana, n, at) for n, one in enumerate(self._listed) for kana, at in _read(one)]
        spelt = [(from_kana(kana), n, at) for kana, n, at in read]
        self._read = Prefixes(read)
        self._spelt = Prefixes(spelt)
        self._shortly = Prefixes((without_length(roman), n, at) for roman, n, at in spelt)

    def complete(self, typed: str, language: str, limit: int = 8) -> list[Suggestion]:
        """The best `limit` completions of what is typed, the reader's `language` first.

        Where nothing begins so, the last word is completed.
        """
        text = unicodedata.normalize("NFKC", clean(typed))
        if len(text) > LONGEST:
            return []
        found = self._best(text, language)
        before, _, last = text.rpartition(" ")
        if before and not found:
            words = (one for one in self._best(last, language) if one.thing is None)
            found = [Suggestion(f"{before} {one.text}", one.language) for one in words]
        return _mixed(found, limit)

    def _best(self, text: str, language: str) -> list[Suggestion]:
        """What begins with a text, best first: each thing and word once, not what is typed."""
        begun = self._begun(text)
        theirs = self._languages[begun.owners] == language
        scores = (
            self._weights[begun.owners]
            + _THEIRS * theirs
            + _BEGINNING * begun.whole
            + _MET * (begun.whole & begun.met)
        )
        # A word within a text of another language is too little a likeness.
        kept = np.flatnonzero(begun.whole | theirs)
        ordered = kept[np.argsort(-scores[kept], kind="stable")][:_LOOKED_AT]
        best: list[Suggestion] = []
        seen = {spaced(text)}
        for n in begun.owners[ordered]:
            one = self._listed[n]
            names = {self._keys[n], one.thing.iri if one.thing else self._keys[n]}
            if not names & seen:
                best.append(one)
                seen |= names
        return best

    def _begun(self, text: str) -> Begun:
        found = [self._written.find(_key(text))]
        if _KANA.fullmatch(text):
            found.append(self._read.find(_sound(text)))
            if text[-1].isascii():
                found.append(self._romaji(from_kana(text)))
        elif _ROMAJI.fullmatch(text):
            found.append(self._romaji(from_latin(text)))
        elif not found[0].owners.size and any(script(one) == "kanji" for one in text):
            found.append(self._read.find(_sound(reading(text).kana)))  # 若もの, 子供
        return Begun(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _romaji(self, spelt: str) -> Begun:
        found = self._spelt.find(spelt)
        return found if found.owners.size else self._shortly.find(without_length(spelt))


def _all(catalog: Things, thesaurus: Iterable[Concept]) -> Iterator[tuple[Suggestion, float]]:
    """Everything that is suggested, with its weight: labels, words, concepts."""
    own = [one for one in passages(catalog) if one.thing == one.origin]
    for passage in own:
        if passage.field == "label":
            thing = catalog.things[passage.thing]
            yield Suggestion(passage.text, passage.language, thing), _LABELS[thing.type]
    for (word, language), texts in Counter(_words(own)).items():
        yield Suggestion(word, language), 0.5 + 0.5 * min(1.0, texts / _MANY)
    spoken = "\n".join(spaced(one.text) for one in own)
    for concept in thesaurus:
        if any(spaced(name) in spoken for name in concept.names):
            yield from _of_concept(concept)


def _words(own: Iterable[Passage]) -> Iterator[tuple[str, str]]:
    """The words of texts with their language, as often as there are texts that have them.

    Chinese, which has neither spaces nor a dictionary here, has labels alone.
    """
    for passage in own:
        if passage.language == "ja":
            yield from ((word, "ja") for word in set(nouns(passage.text)))
            continue
        small = STOPWORDS.union(cues()["language"].get(passage.language, ()))
        for word in set(_WORD.findall(passage.text)):
            least = _LEAST_LETTERS.get(script(word[0]))
            if least and len(word) >= least and word.casefold() not in small:
                yield word, passage.language


def _of_concept(concept: Concept) -> Iterator[tuple[Suggestion, float]]:
    for term in concept.terms:
        yield Suggestion(term, "ja"), _CONCEPT
    for tag, phrases in concept.phrases.items():
        if tag == "plain":
            usual, language, everyday = concept.terms[0], "ja", phrases
        else:
            usual, language, everyday = phrases[0], tag.lower(), phrases[1:]
            yield Suggestion(usual, language), _CONCEPT
        for phrase in everyday:
            yield Suggestion(usual, language, said=phrase), _EVERYDAY


def _mixed(found: Sequence[Suggestion], limit: int) -> list[Suggestion]:
    """The first `limit`, at most half of them words while there are labels to fill the rest."""
    words = [one for one in found if one.thing is None]
    labels = len(found) - len(words)
    kept = {id(one) for one in words[: max(limit - labels, limit // 2)]}
    return [one for one in found if one.thing is not None or id(one) in kept][:limit]


def _key(text: str) -> str:
    """Letters and digits without case and marks; Hangul in its parts, as it is typed."""
    plain = unicodedata.normalize("NFKD", spaced(text)).replace("đ", "d")
    bare = "".join(one for one in plain if not "\u0300" <= one <= "\u036f")
    return (
        bare if any(script(one) == "hangul" for one in bare) else unicodedata.normalize("NFC", bare)
    )


def _beginnings(listed: Iterable[Suggestion]) -> Iterator[tuple[str, int, bool]]:
    """How each is written, from each of its words on, and the codes of things."""
    for n, one in enumerate(listed):
        if one.thing is not None and any(sign.isdigit() for sign in one.thing.code):
            yield _key(one.thing.code), n, True
        key = _key(one.said or one.text)
        for start in _starts(key):
            if start == 0 or not one.said:  # a word within an everyday phrase names nothing
                yield key[start:], n, start == 0


def _read(one: Suggestion) -> Iterator[tuple[str, bool]]:
    """How one is read, from each of its words on."""
    if one.language in ("ja", EASY_JAPANESE):
        kana, starts = reading(one.said or one.text)
        for start in starts[:1] if one.said else starts:
            yield _sound(kana[start:]), start == 0


def _starts(key: str) -> Iterator[int]:
    """Where words begin; every character where they run on, every syllable of Hangul."""
    for place in range(len(key)):
        if _WITHIN.match(key[place]):
            continue
        two = key[place - 1 : place + 1] if place else ""
        if not (_KATAKANA.fullmatch(two) or (" " not in two and _spaced(two))):
            yield place


def _spaced(two: str) -> bool:
    return len(two) == 2 and all(script(one) == "spaced" for one in two)


def _sound(kana: str) -> str:
    return _SPACES.sub("", to_katakana(kana)).translate(_ALIKE)
