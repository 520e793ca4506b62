"""Japanese in Latin letters, read as kana are, however it is spelt: Hepburn, kunrei or as typed.

Both sides are brought to one spelling: kunrei (ISO 3602), with `-` after a long vowel. In it meet
shi and si, tsu and tu, ou, oo, ō and o-, n' and nn; and the beginnings of what is still being typed
(sh, ts, j). What falls together makes a search more tolerant.
"""

import re
import unicodedata

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "d": "ダヂヅデド",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
_KANA = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
}
_KANA |= {"ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヲ": "o", "ン": "n", "ー": "-"}
_KANA |= {"ヰ": "i", "ヱ": "e", "ヂ": "zi", "ヅ": "zu", "ヴ": "bu"}
_SMALL = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ヮ": "wa"}
_SMALL |= dict(zip("ァィゥェォ", "aiueo", strict=True))
# Before a small vowel these lose their own: ファ hua, ティ ti, ヴァ ba, シェ sye.
_GLIDES = {"シ": "sy", "チ": "ty", "ジ": "zy", "フ": "hu", "ウ": "w", "テ": "t", "デ": "d"}
_GLIDES |= {"ヴ": "b"}

# In this order. A spelling at the end of what is typed may go on (`$`).
_SPELLINGS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"[\u0302\u0304]", "-"),
        (r"[^a-z-]", ""),
        (r"v", "b"),
        (r"l(?=[aiueoy])", "r"),
        (r"wh?o", "o"),
        (r"([td])h(?=[iy])", r"\1"),
        (r"sh", "sy"),
        (r"c(?=ch)", "t"),
        (r"ch?(?=[hyaiueo]|$)", "ty"),
        (r"j", "zy"),
        (r"yy", "y"),
        (r"([stz])y(?=i|$)", r"\1"),
        (r"ts(?=u|$)", "t"),
        (r"f(?=[aieo])", "hu"),
        (r"f", "h"),
        (r"du", "zu"),
        (r"m(?=[bpm])", "n"),
        (r"n+", "n"),
        (r"oh(?=[^aiueoy-])", "o-"),
        (r"o[ou-]+", "o-"),
        (r"([aiue])(\1|-)+", r"\1-"),
    )
)


def from_latin(text: str) -> str:
    """Romaji in any spelling, whole or cut short, in the one spelling; other signs are dropped."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    for pattern, instead in _SPELLINGS:
        plain = pattern.sub(instead, plain)
    return plain


def without_length(spelt: str) -> str:
    """The one spelling as those write it who leave out long vowels: kokyo for kōkyō."""
    return spelt.replace("-", "")


def from_kana(text: str) -> str:
    """Kana, with what Latin letters an unfinished word ends in (わかm), in the one spelling."""
    spelt = ""
    double = False
    katakana = to_katakana(text)
    for place, kana in enumerate(katakana):
        if kana == "ッ":
            double = True
            continue
        if kana in _SMALL:
            before = katakana[place - 1] if place else ""
            spelt = _joined(spelt, before, _SMALL[kana])
            continue
        sound = _KANA.get(kana, kana if kana.isascii() else "")
        spelt += (sound[:1] if double and sound[:1] not in "aiueo" else "") + sound
        double = False
    return from_latin(spelt)


def to_katakana(text: str) -> str:
    """The hiragana of a text as katakana, width unified; all else as it is."""
    return "".join(
        chr(ord(character) + 0x60) if "ぁ" <= character <= "ゖ" else character
        for character in unicodedata.normalize("NFKC", text)
    )


def _joined(spelt: str, before: str, small: str) -> str:
    """A sound with a small kana after it: キ + ャ kya, シ + ェ sye, フ + ァ hua, テ + ィ ti."""
    whole = _KANA.get(before, "")
    if before in _GLIDES and not (before in "シチジ" and small.startswith("y")):
        return spelt.removesuffix(whole) + _GLIDES[before] + small
    if small.startswith("y") and whole:
        return spelt[:-1] + small
    return spelt + small
