"""The form of the thesaurus: cells filled, phrases once, nothing that NFKC would change."""

import csv
from pathlib import Path
from unicodedata import normalize

import pytest

import search

FILE = Path(search.__file__).parent / "thesaurus.csv"
LANGUAGES = ["en", "zh-Hans", "zh-Hant", "ko", "vi", "es", "pt", "id", "fr", "tl", "ne"]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, list[str]]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return [{column: cell.split(";") for column, cell in row.items()} for row in reader]


def test_there_are_many_concepts_each_once_in_every_language(
    rows: list[dict[str, list[str]]],
) -> None:
    assert list(rows[0]) == ["concept", "also", "plain", *LANGUAGES]
    concepts = [row["concept"] for row in rows]
    assert len(concepts) > 100
    assert all(len(concept) == 1 for concept in concepts)
    assert len({*map(tuple, concepts)}) == len(concepts)


def test_no_phrase_is_empty_repeated_or_not_in_its_plain_form(
    rows: list[dict[str, list[str]]],
) -> None:
    for row in rows:
        japanese = row["concept"] + row["also"] + row["plain"]
        for phrases in (japanese, *(row[language] for language in LANGUAGES)):
            assert all(phrases), row["concept"]
            assert len({phrase.casefold() for phrase in phrases}) == len(phrases), phrases
            assert phrases == [normalize("NFKC", phrase).strip() for phrase in phrases]


def test_a_japanese_term_names_one_concept(rows: list[dict[str, list[str]]]) -> None:
    terms = [term for row in rows for term in row["concept"] + row["also"]]
    assert len(terms) == len(set(terms))


def test_plain_words_are_not_the_official_term_again(rows: list[dict[str, list[str]]]) -> None:
    for row in rows:
        (concept,) = row["concept"]
        assert not [phrase for phrase in row["plain"] if concept in phrase], concept
