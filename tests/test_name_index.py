"""Which concepts and things a text names, and where."""

from pathlib import Path

import pytest

from search.name_index import NameIndex, Referent
from search.passage import Passage
from search.rows import Rows
from search.thesaurus import Concept

SHELTER = Concept(("避難所",), {"en": ("Refuge", "place  to flee to")})
PLACE = Concept(("場所", "場"), {"en": ("place",)})
CAFE: Referent = ("thesaurus", 2)
CASTLE: Referent = ("label", 1)


def label(thing: str, text: str) -> Passage:
    return Passage(thing, thing, "label", "ja", text)


@pytest.fixture(scope="module")
def index() -> NameIndex:
    passages = [
        label("other", "広場"),
        label("castle", "熊本城"),
        label("castle", "Kumamoto Castle"),
        Passage("other", "castle", "child", "ja", "若者"),
    ]
    rows = Rows(passages, {"other": 0, "castle": 1})
    return NameIndex.build(rows, [SHELTER, PLACE, Concept(("カフェ",), {"fr": ("café",)})])


def test_a_concept_and_a_thing_are_named_by_all_their_names(index: NameIndex) -> None:
    text = "熊本城の避難所"
    assert index.named(text) == {CASTLE: (0, 3), ("thesaurus", 0): (4, 7)}
    assert index.named("a REFUGE in Kumamoto  Castle") == {("thesaurus", 0): (2, 8)}
    assert index.named("kumamoto castle") == {CASTLE: (0, 15)}


def test_names_are_met_however_they_are_written(index: NameIndex) -> None:
    assert index.named("CAFÉ") == index.named("cafe") == {CAFE: (0, 4)}
    assert index.named("ｶﾌｪ") == {CAFE: (0, 3)}


def test_within_a_word_nothing_is_named(index: NameIndex) -> None:
    assert index.named("refugees displaced") == {}


def test_the_longest_of_several_names_and_each_of_nested_ones_is_found(index: NameIndex) -> None:
    assert index.named("a place to flee to") == {
        ("thesaurus", 0): (2, 18),
        ("thesaurus", 1): (2, 7),
    }
    assert index.named("広場の場所") == {("label", 0): (0, 2), ("thesaurus", 1): (3, 5)}


def test_one_character_and_what_only_relatives_are_called_name_nothing(index: NameIndex) -> None:
    assert index.named("場") == index.named("") == index.named("若者") == {}


def test_names_come_back_from_their_file(index: NameIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "names.tsv")
    text = "熊本城, place to flee to, café"
    assert NameIndex.open(tmp_path / "names.tsv").named(text) == index.named(text)
    assert len(index.named(text)) == 4


def test_an_index_without_names_finds_none(tmp_path: Path) -> None:
    NameIndex.build(Rows([], {}), []).save(tmp_path / "none.tsv")
    assert NameIndex.open(tmp_path / "none.tsv").named("熊本城\t") == {}
