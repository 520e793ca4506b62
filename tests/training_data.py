"""A tiny corpus of two made-up languages that correspond letter by letter, as a work folder."""

from pathlib import Path

import numpy as np

from search.training.corpus import Pair, write_pairs

_ENGLISH = "bcdfghjklm"
_JAPANESE = "あいうえおかきくけこ"


def letters() -> list[str]:
    """The letters of the first language."""
    return list(_ENGLISH)


def generated_pairs(count: int = 300) -> list[Pair]:
    """Distinct four-letter sentences with their translations, the same at every call."""
    rng = np.random.default_rng(7)
    english: dict[str, None] = {}
    while len(english) < count:
        english[" ".join(rng.choice(letters(), 4))] = None
    table = str.maketrans(_ENGLISH, _JAPANESE)
    return [
        Pair("tatoeba_en_xx", "en", "ja", text, text.translate(table), "translation")
        for text in english
    ]


def make_work(folder: Path) -> Path:
    """A work folder as the steps `corpus` and `tokenizer` leave it."""
    from search.training.tokenizer import convert, train_sentencepiece

    pairs = generated_pairs()
    write_pairs(folder / "train.tsv", pairs)
    texts = [text for pair in pairs for text in (pair.text1, pair.text2)]
    convert(train_sentencepiece(texts, pieces=60, threads=1)).save(str(folder / "tokenizer.json"))
    return folder
