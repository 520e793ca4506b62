"""Judge embeddings on the held-out development slice: the only table choices may be made by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from search.encoder import Vectors, unit_rows
from search.training.corpus import Pair

Encode = Callable[[Sequence[str]], Vectors]

# What a user of a Japanese plan does: asks in another language, or asks in Japanese.
FOCUS = ("ja en", "ja ko", "ja vi", "ja zh-Hans", "ja zh-Hant", "en ko", "en vi", "en zh-Hans")
FOCUS_JAPANESE = ("ja title-body", "ja question-passage")


def matching_accuracy(first: Vectors, second: Vectors) -> float:
    """Share of rows of `first` (n, d) whose nearest row of `second` (n, d) is their own, 0 to 1."""
    if not len(first):
        return 0.0
    scores = unit_rows(first) @ unit_rows(second).T
    return float(np.mean(scores.argmax(axis=1) == np.arange(len(first))))


def development_table(pairs: Iterable[Pair], encode: Encode) -> dict[str, float]:
    """Matching accuracy per language pair, both directions averaged, and the mean of each kind.

    Translations are named "ja ko"; Japanese titles and questions "ja title-body" and so on. `focus`
    is the mean of the pairs that matter most, `all` the mean of every group.
    """
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs:
        swap = pair.kind == "translation" and (
            pair.lang2 == "ja" or (pair.lang2 == "en" and pair.lang1 != "ja")
        )
        texts = (pair.text2, pair.text1) if swap else (pair.text1, pair.text2)
        if pair.kind == "translation":
            langs = (pair.lang2, pair.lang1) if swap else (pair.lang1, pair.lang2)
            groups[" ".join(langs)].append(texts)
        else:
            groups[f"{pair.lang1} {pair.kind}"].append(texts)
    table: dict[str, float] = {}
    for name, texts_of in sorted(groups.items()):
        if len(texts_of) < 20:
            continue
        # A text that occurs twice would make one of its partners unfindable.
        unique = list({first: (first, second) for first, second in texts_of}.values())
        first = encode([pair[0] for pair in unique])
        second = encode([pair[1] for pair in unique])
        table[name] = (matching_accuracy(first, second) + matching_accuracy(second, first)) / 2
    focus = [table[name] for name in (*FOCUS, *FOCUS_JAPANESE) if name in table]
    if table:
        table["all"] = float(np.mean(list(table.values())))
    if focus:
        table["focus"] = float(np.mean(focus))
    return table
