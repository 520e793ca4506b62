"""The words of a text, in the scripts whose slips are mended, and what they are compared as."""

import re
import unicodedata
from typing import NamedTuple

from search.cues import cues
from search.stopwords import STOPWORDS

_WORD = re.compile(
    r"(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+)|(?P<hangul>[가-힣]+)"
    r"|(?P<devanagari>[\u0900-\u097f]+)|(?P<katakana>[ァ-ヺー]+)"
)
_CODE = re.compile(r"[A-Z]{2,6}|\S*\d\S*")
_MARKS = re.compile(r"[\u0300-\u036f]")
_KANA = (
    ("ヴァ", "バ"),
    ("ヴィ", "ビ"),
    ("ヴェ", "ベ"),
    ("ヴォ", "ボ"),
    ("ヴ", "ブ"),
    ("ティ", "チ"),
)
_SMALL = str.maketrans("ァィゥェォャュョッヂヅ", "アイウエオヤユヨツジズ", "ー")
_DEVANAGARI = str.maketrans("ीूशषव", "िुससब")
_NASAL = re.compile("[ङञणनम]्(?=[क-ह])|ँ")


class Word(NamedTuple):
    """A word at a half-open range of a text; its script is a group of `_WORD`."""

    start: int
    end: int
    text: str
    script: str


def words_of(text: str) -> list[Word]:
    """The words of a text, in order; Han and hiragana have none here."""
    return [
        Word(one.start(), one.end(), one.group(), str(one.lastgroup))
        for one in _WORD.finditer(text)
    ]


def is_code(text: str, word: Word) -> bool:
    """Whether a word is a code or part of one between spaces: KPI, the K of 4-2-K1."""
    start = text.rfind(" ", 0, word.start) + 1
    end = text.find(" ", word.end)
    around = text[start : end if end >= 0 else len(text)]
    return bool(_CODE.fullmatch(word.text) or _CODE.fullmatch(around))


def is_small(word: str) -> bool:
    """Whether a word is grammar, in any language."""
    small = word.casefold()
    return small in STOPWORDS or any(small in words for words in cues()["language"].values())


def inflects(one: str, other: str) -> bool:
    """Whether two words differ in their ending alone: forms of one word, not a slip."""
    alike = one[:-1] == other[:-1] and len(one) > 2
    return alike or one.startswith(other) or other.startswith(one)


def key_of(word: str, script: str) -> str:
    """What words are compared as."""
    if script == "latin":
        return bare(word)
    if script == "hangul":
        return unicodedata.normalize("NFD", word)
    if script == "devanagari":
        return _NASAL.sub("ं", word).translate(_DEVANAGARI)
    for sound, plain in _KANA:
        word = word.replace(sound, plain)
    return word.translate(_SMALL)


def bare(word: str) -> str:
    """Latin letters without their marks."""
    return _MARKS.sub("", unicodedata.normalize("NFD", word.casefold())).replace("đ", "d")
