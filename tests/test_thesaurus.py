"""The thesaurus: its form, and how texts that name a concept answer questions that mean it."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest

import search
from search.encoder import ModelIdentity, Vectors
from search.labels import spaced
from search.thesaurus import (
    LEAST,
    WEIGHT,
    Concept,
    Concepts,
    read_thesaurus,
    thesaurus_digest,
)

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
    assert len(concepts) >= 300
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


def test_a_phrase_means_one_concept_in_its_language(rows: list[dict[str, list[str]]]) -> None:
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for column, phrases in row.items():
            language = "ja" if column in ("concept", "also", "plain") else column
            for phrase in phrases:
                meant[language, spaced(phrase)].add(row["concept"][0])
    assert len(meant) > 12 * len(rows)
    assert {key: concepts for key, concepts in meant.items() if len(concepts) > 1} == {}


def test_every_phrase_has_letters_of_its_own_script(rows: list[dict[str, list[str]]]) -> None:
    scripts = {"ko": ("가", "힣"), "ne": ("\u0900", "\u097f"), "zh-Hans": ("一", "鿿")}
    scripts["zh-Hant"] = scripts["zh-Hans"]
    for row in rows:
        for language in LANGUAGES:
            first, last = scripts.get(language, ("A", "ỹ"))
            for phrase in row[language]:
                assert any(first <= letter <= last for letter in phrase), phrase


# Reading it, and what it does to texts


class WordEncoder:
    """One dimension a word: texts without a common word are at right angles."""

    identity = ModelIdentity(name="words", digest="w" * 64, dimensions=8)
    words = ("refuge", "flee", "避難所", "bus", "バス", "to", "place", "other")

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        has = [word in text for text in texts for word in self.words]
        rows = np.array(has, dtype=np.float32).reshape(len(texts), len(self.words))
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)

    encode_document = encode_query


ENCODER = WordEncoder()
SHELTER = Concept(("避難所",), {"plain": ("にげる ところ",), "en": ("refuge", "place to flee to")})
TRANSIT = Concept(("路線バス", "バス"), {"plain": ("みんなの くるま",), "en": ("bus",)})
OTHER = Concept(("港湾",), {"plain": ("みなと",), "en": ("other",)})
TEXTS = ["避難所の確保", "A bus for all", "A refuge, quickly", "refugees", "路線バスの維持"]


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts.build(TEXTS, ENCODER, [SHELTER, TRANSIT, OTHER])


def scores(concepts: Concepts, question: str) -> list[float]:
    return concepts.scores(ENCODER.encode_query([question]), len(TEXTS)).tolist()


def test_the_file_is_read_as_it_stands(rows: list[dict[str, list[str]]]) -> None:
    concepts = read_thesaurus()
    assert len(concepts) == len(rows)
    for concept, row in zip(concepts, rows, strict=True):
        assert concept.terms == (*row["concept"], *row["also"])
        assert {tag: list(said) for tag, said in concept.phrases.items()} == {
            column: row[column] for column in ("plain", *LANGUAGES)
        }


def test_terms_and_usual_words_name_a_concept_and_everyday_words_only_mean_it() -> None:
    assert SHELTER.names == ("避難所", "refuge")
    assert SHELTER.said == ("避難所", "にげる ところ", "refuge", "place to flee to")


def test_a_text_that_names_a_concept_answers_what_means_it(concepts: Concepts) -> None:
    found = scores(concepts, "place to flee to")
    assert found == pytest.approx([WEIGHT, 0, WEIGHT, 0, 0]), "refugees name no refuge"
    assert scores(concepts, "バス") == pytest.approx([0, WEIGHT, 0, 0, WEIGHT])


def test_concepts_that_no_text_names_are_left_out(concepts: Concepts) -> None:
    assert concepts.size == 2
    assert scores(concepts, "other") == [0.0] * len(TEXTS)


def test_a_question_that_hardly_means_a_concept_does_not_mean_it(concepts: Concepts) -> None:
    query = np.zeros((1, 8), dtype=np.float32)
    query[0, ENCODER.words.index("bus")] = LEAST - 0.01
    assert not concepts.scores(query, len(TEXTS)).any()
    query[0, ENCODER.words.index("bus")] = LEAST + 0.01
    assert concepts.scores(query, len(TEXTS))[1] == pytest.approx(WEIGHT * (LEAST + 0.01))


def test_concepts_come_back_from_their_file(concepts: Concepts, tmp_path: Path) -> None:
    concepts.save(tmp_path / "concepts")
    again = Concepts.open(tmp_path / "concepts")
    for question in ("place to flee to", "バス", "other"):
        assert scores(again, question) == pytest.approx(scores(concepts, question), abs=1e-3)
    (tmp_path / "concepts" / "vectors.npy").write_bytes(b"no array")
    with pytest.raises(ValueError, match="pickle"):
        Concepts.open(tmp_path / "concepts")


def test_nothing_named_and_nothing_asked_give_nothing(tmp_path: Path) -> None:
    none = Concepts.build(["nothing here"], ENCODER, [SHELTER])
    assert none.size == 0
    none.save(tmp_path / "none")
    opened = Concepts.open(tmp_path / "none")
    assert opened.scores(ENCODER.encode_query(["bus"]), 1).tolist() == [0.0]


def test_another_file_has_another_digest(tmp_path: Path) -> None:
    path = tmp_path / "thesaurus.csv"
    path.write_text("concept,also,plain,en\n港, ;みなと,うみ,port; harbour \n", encoding="utf-8")
    assert thesaurus_digest(path) != thesaurus_digest()
    (one,) = read_thesaurus(path)
    assert one.terms == ("港", "みなと")
    assert one.phrases == {"plain": ("うみ",), "en": ("port", "harbour")}
    assert one.names == ("港", "みなと", "port")
