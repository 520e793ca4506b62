"""How Japanese is read aloud, in kana, and what of it is a word."""

from collections.abc import Iterator
from typing import NamedTuple

from search.analysis import script, sudachi
from search.romaji import to_katakana
from search.stopwords import STOPWORDS

_SIGNS = ("補助記号", "空白")
_LONGEST = 4  # units in a compound that is a word of its own


class Reading(NamedTuple):
    """A reading in katakana, and the places in it where a word begins."""

    kana: str
    starts: tuple[int, ...]


def reading(text: str) -> Reading:
    """A text's reading; signs have none, and what no dictionary has is read as it is written."""
    long, short = sudachi()
    kana = ""
    starts: list[int] = []
    for unit in long(text):
        if unit.part_of_speech()[0] in _SIGNS:
            continue
        whole = _kana(unit)
        starts.append(len(kana))
        parts = [_kana(part) for part in unit.split(short)]
        if "".join(parts) == whole:  # not where the whole is read otherwise than its parts
            starts += [len(kana) + sum(map(len, parts[:n])) for n in range(1, len(parts))]
        kana += whole
    return Reading(kana, tuple(starts))


def nouns(text: str) -> Iterator[str]:
    """The nouns of a Japanese text as they stand in it, and the compounds that they make."""
    run: list[tuple[str, bool]] = []  # surface, and whether it is a word by itself
    for unit in (*sudachi()[0](text), None):
        kind = unit.part_of_speech() if unit else ("", "")
        if unit and kind[0] in ("名詞", "接頭辞", "接尾辞") and kind[1] != "数詞":
            alone = kind[0] == "名詞" and unit.normalized_form() not in STOPWORDS
            run.append((unit.surface(), alone))
            continue
        yield from (word for word, alone in run if alone and _tells(word))
        whole = "".join(word for word, _ in run)
        if 1 < len(run) <= _LONGEST and any(alone for _, alone in run) and _tells(whole):
            yield whole
        run = []


def _kana(unit: object) -> str:
    kana = unit.reading_form()  # type: ignore[attr-defined]
    return to_katakana(kana or unit.surface())  # type: ignore[attr-defined]


def _tells(word: str) -> bool:
    return len(word) > 1 and any(script(character) == "kanji" for character in word)
