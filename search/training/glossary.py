"""The project's own glossary of public-policy terms in six languages, as training pairs.

The open corpora hardly know the words of a government plan outside Japanese and English (Korean
청년, a young person, occurs in nine of four million pairs), and those are what users type.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from search.training.corpus import Pair

GLOSSARY = Path(__file__).with_name("glossary.tsv")
SOURCE = "policy_glossary"


def glossary_pairs(path: Path = GLOSSARY) -> Iterator[Pair]:
    """Every two languages (BCP 47, the header's columns) of every row; equal spellings skip."""
    header, *rows = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    languages = header.split("\t")
    for row in rows:
        terms = zip(languages, row.split("\t"), strict=True)
        for (lang1, text1), (lang2, text2) in combinations(terms, 2):
            if text1 != text2:
                yield Pair(SOURCE, lang1, lang2, text1, text2, "synonym")
