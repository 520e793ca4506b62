"""What the judge reads of the SDGs, kept in a file: the same as read anew, and never another's."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kg.things import SdgConcept
from search.sdg_concepts import ConceptIndex
from search.sdg_kept import concept_index
from search.sdg_reading import terms
from tests.conftest import CharacterEncoder

CONCEPTS = (
    SdgConcept("iri:4", "4", "goal", {"ja": "質の高い教育をみんなに", "en": "Quality education"}),
    SdgConcept("iri:14", "14", "goal", {"ja": "海の豊かさを守ろう", "en": "Life below water"}),
)
QUESTIONS = ["奨学金で学ぶ", "sea and water"]


def asked(index: ConceptIndex) -> list[object]:
    """Everything that an index answers with."""
    vectors = CharacterEncoder().encode_query(QUESTIONS)
    return [
        index.codes,
        index.meaning(vectors).tolist(),
        index.words([terms(text) for text in QUESTIONS]).tolist(),
        [index.wording(row, column) for row in vectors for column in range(len(index.codes))],
    ]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that an index was made anew."""
    found: list[int] = []
    build = ConceptIndex.build

    def counted(said: Sequence[object], *others: object) -> ConceptIndex:
        found.append(len(said))
        return build(said, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(ConceptIndex, "build", counted)
    return found


def test_what_was_kept_answers_as_what_was_made(tmp_path: Path, made: list[int]) -> None:
    file = tmp_path / "sdgs.npz"
    first = concept_index(CONCEPTS, CharacterEncoder(), terms, file)
    again = concept_index(CONCEPTS, CharacterEncoder(), terms, file)
    assert asked(again) == asked(first)
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sdgs.npz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_a_damaged_file_is_replaced(tmp_path: Path, made: list[int], content: bytes) -> None:
    file = tmp_path / "sdgs.npz"
    file.write_bytes(content)
    for _ in range(2):
        assert concept_index(CONCEPTS, CharacterEncoder(), terms, file).codes == ("4", "14")
    assert len(made) == 1


def test_one_changed_byte_is_noticed(tmp_path: Path, made: list[int]) -> None:
    file = tmp_path / "sdgs.npz"
    first = concept_index(CONCEPTS, CharacterEncoder(), terms, file)
    content = bytearray(file.read_bytes())
    content[content.index(np.float32(first.mean[0]).tobytes())] ^= 1
    file.write_bytes(content)
    assert asked(concept_index(CONCEPTS, CharacterEncoder(), terms, file)) == asked(first)
    assert len(made) == 2


def test_another_encoder_or_other_wordings_make_another(
    tmp_path: Path, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sdgs.npz"
    concept_index(CONCEPTS, CharacterEncoder(), terms, file)
    other = CharacterEncoder()
    monkeypatch.setattr(other, "identity", replace(other.identity, digest="f" * 64))
    concept_index(CONCEPTS, other, terms, file)
    reworded = replace(CONCEPTS[1], label={"en": "Life in the sea"})
    concept_index((CONCEPTS[0], reworded), other, terms, file)
    assert len(made) == 3


def test_where_nothing_can_be_written_it_is_made_each_time(tmp_path: Path, made: list[int]) -> None:
    file = tmp_path / "missing" / "sdgs.npz"
    assert concept_index(CONCEPTS, CharacterEncoder(), terms, file).codes == ("4", "14")
    assert concept_index(CONCEPTS, CharacterEncoder(), terms).codes == ("4", "14")
    assert len(made) == 2
