"""The project's own words of public policy as training pairs: its glossary and its thesaurus.

The open corpora hardly know the words of a government plan outside Japanese and English (Korean
청년, a young person, occurs in nine of four million pairs), and those are what users type.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

from search.thesaurus import Concept, read_thesaurus
from search.training.corpus import Pair

GLOSSARY = Path(__file__).with_name("glossary.tsv")
FRAMES = Path(__file__).with_name("frames.tsv")
SOURCE = "policy_glossary"
CONCEPT_SOURCE = "policy_thesaurus"
ROUNDS = 24
# How many of the phrases are asked about in a sentence: its other words say nothing of the concept.
FRAMED = 0.3


def glossary_pairs(path: Path = GLOSSARY) -> Iterator[Pair]:
    """Every two languages (BCP 47, the header's columns) of every row; equal spellings skip."""
    header, *rows = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    languages = header.split("\t")
    for row in rows:
        terms = zip(languages, row.split("\t"), strict=True)
        for (lang1, text1), (lang2, text2) in combinations(terms, 2):
            if text1 != text2:
                yield Pair(SOURCE, lang1, lang2, text1, text2, "synonym")


def concept_pairs(rounds: int = ROUNDS, seed: int = 1) -> Iterator[Pair]:
    """Phrases that mean the same concept of the thesaurus: Japanese or English and any language.

    A round has one pair of each concept in each two languages, drawn at random, and is a group of
    its own: two pairs of one concept in a batch would be one another's negatives. Some phrases
    stand in a question that could be about any concept.
    """
    concepts = [_by_language(concept) for concept in read_thesaurus()]
    frames = read_frames()
    languages = sorted(concepts[0])
    wanted = [("ja", other) for other in languages]
    wanted += [("en", other) for other in languages if other != "ja"]
    for number in range(rounds):
        rng = np.random.default_rng((seed, number))
        for said in concepts:
            for lang1, lang2 in wanted:
                text1, text2 = str(rng.choice(said[lang1])), str(rng.choice(said[lang2]))
                if text1 == text2:
                    continue
                if rng.random() < FRAMED:
                    text2 = str(rng.choice(frames[lang2])).format(text2)
                yield Pair(CONCEPT_SOURCE, lang1, lang2, text1, text2, f"concept {number}")


def read_frames(path: Path = FRAMES) -> dict[str, list[str]]:
    """Questions with a gap `{}` for what they are about, by language (BCP 47)."""
    frames: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        language, frame = line.split("\t")
        frames.setdefault(language, []).append(frame)
    return frames


def _by_language(concept: Concept) -> dict[str, tuple[str, ...]]:
    said = {tag: phrases for tag, phrases in concept.phrases.items() if tag != "plain"}
    return {"ja": (*concept.terms, *concept.phrases["plain"]), **said}
