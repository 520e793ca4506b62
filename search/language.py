"""Which language a question is in, by its script first: short questions give nothing else away."""

from search.analysis import fold, script
from search.cues import cues

EASY_JAPANESE = "ja-simple"
"""What reworded texts of a plan are in; who reads or asks in it speaks Japanese."""

_VIETNAMESE = frozenset("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")


def language_of(text: str, reader: str | None = None) -> str | None:
    """The language tag of a question, None where nothing tells.

    Kana is Japanese, Hangul Korean, Devanagari Nepali (or the `reader`'s Hindi). Han alone is the
    reader's language if that is written so; else simplified or traditional Chinese by characters
    that Japanese does not use, else Japanese. Latin letters: Vietnamese by its marks, else the
    language with most of its small words, else the reader's.
    """
    reader = reader.casefold() if reader else None
    if reader == EASY_JAPANESE:
        reader = "ja"
    scripts = {script(character) for character in text}
    if "hiragana" in scripts or _katakana(text):
        return "ja"
    if "hangul" in scripts:
        return "ko"
    if "kanji" in scripts:
        return _of_han(text, reader)
    folded = fold(text).text
    if any("\u0900" <= character <= "\u097f" for character in folded):
        return reader if reader in ("hi", "mr") else "ne"
    if _VIETNAMESE & set(folded):
        return "vi"
    return _of_latin(folded, reader)


def _katakana(text: str) -> bool:
    return any("\u30a1" <= character <= "\u30fa" for character in text)


def _of_han(text: str, reader: str | None) -> str:
    if any(_only(character, "gb2312") for character in text):
        return "zh-Hans"
    traditional = any(_only(character, "big5") for character in text)
    if reader and reader.startswith("zh"):
        return "zh-Hant" if traditional or reader in ("zh-hant", "zh-tw", "zh-hk") else "zh-Hans"
    if reader and reader.startswith("ja"):
        return "ja"
    if traditional:
        return "zh-Hant"
    han = (character for character in text if script(character) == "kanji")
    return "ja" if all(_encoded(character, "shift_jis") for character in han) else "zh-Hans"


def _only(character: str, encoding: str) -> bool:
    """Whether an everyday character of one Chinese standard is none of the other, nor Japanese.

    Japanese everyday kanji are the first level of JIS X 0208: lead bytes 0x88 to 0x97.
    """
    other = "big5" if encoding == "gb2312" else "gb2312"
    return (
        script(character) == "kanji"
        and bool(_encoded(character, encoding))
        and not _encoded(character, other)
        and not 0x88 <= (_encoded(character, "shift_jis") or b"\0")[0] <= 0x97
    )


def _encoded(character: str, encoding: str) -> bytes:
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return b""


def _of_latin(folded: str, reader: str | None) -> str | None:
    words = folded.replace("?", " ").replace(",", " ").split()
    if not any(word[0].isalpha() for word in words):
        return reader
    counts = {tag: sum(w in listed for w in words) for tag, listed in cues()["language"].items()}
    if reader in counts:
        counts[reader] += 1  # of languages that say it equally well, the reader's
    best = max(counts, key=lambda tag: counts[tag])
    return best if counts[best] else reader
