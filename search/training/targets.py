"""Which of the teacher's English rows each training text should mean.

    python -m search.training.targets --work .shirube-training

An English text has its own row; a text in another language has the row of an English partner
(Reimers & Gurevych 2020). Writes `targets.npy`: for each text, numbered as in `batches.numbered`,
the row of `teacher_rows`, or -1.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from search.training.batches import numbered
from search.training.corpus import DEFAULT_WORK, Pair, read_pairs
from search.training.sources import PIVOT
from search.training.teacher import english_texts, teacher_rows

NONE = -1
_TAUGHT = ("translation", "synonym")  # a title is no translation of its body


def text_targets(pairs: Iterable[Pair], places: dict[str, int]) -> npt.NDArray[np.int32]:
    """The row of each text, shape (texts,); `places` are the rows of the English texts.

    Of several English partners a sentence's translation goes before a dictionary's gloss, then the
    first in the corpus.
    """
    numbers: dict[str, int] = {}
    found: dict[int, tuple[int, int]] = {}  # text -> (how far its English is from it, row)
    for pair, first, second in numbered(pairs, numbers):
        texts = ((first, pair.lang1, pair.text1), (second, pair.lang2, pair.text2))
        for (number, lang, _), (_, other_lang, other) in (texts, texts[::-1]):
            if other_lang != PIVOT or lang == PIVOT or pair.kind not in _TAUGHT:
                continue
            row, distance = places.get(other, NONE), 1 + _TAUGHT.index(pair.kind)
            if row != NONE and found.get(number, (9, 0))[0] > distance:
                found[number] = (distance, row)
        for number, lang, text in texts:
            if lang == PIVOT and text in places:
                found[number] = (0, places[text])
    rows = np.full(len(numbers), NONE, dtype=np.int32)
    for number, (_, row) in found.items():
        rows[number] = row
    return rows


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    arguments = parser.parse_args()
    train = arguments.work / "train.tsv"
    embedded = english_texts(read_pairs(train))[: len(teacher_rows(arguments.work))]
    places = {text: row for row, text in enumerate(embedded)}
    rows = text_targets(read_pairs(train), places)
    np.save(arguments.work / "targets.npy", rows)
    print(f"{np.mean(rows != NONE):.0%} of {len(rows):,} texts have one of {len(places):,} rows")


if __name__ == "__main__":
    main()
