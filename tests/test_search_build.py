"""The index folder: made, opened, and refused when it is not the right one."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from search import build
from search.build import DamagedIndexError, StaleIndexError, build_index, open_searcher
from search.encoder import ModelIdentity
from search.passage import passages


@pytest.fixture(scope="module")
def built(catalog, fake_encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index") / "new" / "index"
    build_index(catalog, fake_encoder, folder)
    return folder


@pytest.fixture
def folder(built, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(built, tmp_path / "index"))


def other(encoder, **changes):
    """The same encoder under another identity."""
    return SimpleNamespace(
        identity=replace(encoder.identity, **changes),
        encode_query=encoder.encode_query,
        encode_document=encoder.encode_document,
    )


def test_an_index_answers_and_holds_no_pickle(catalog, fake_encoder, folder):
    assert open_searcher(catalog, fake_encoder, folder).search("熊本城")[0].code == "3-2-2-C1"
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    assert files == [
        "centre.npy",
        "concepts/phrases.npy",
        "concepts/rows.npy",
        "concepts/starts.npy",
        "concepts/vectors.npy",
        "manifest.json",
        "names.tsv",
        "vectors.npy",
        "words/rows.npy",
        "words/scores.npy",
        "words/starts.npy",
        "words/vocabulary.json",
    ]


def test_the_manifest_says_what_it_is_of(catalog, fake_encoder, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["catalog"] == catalog.digest
    assert manifest["model"]["name"] == fake_encoder.identity.name
    assert manifest["model"]["digest"] == fake_encoder.identity.digest
    assert manifest["format"] == build.FORMAT
    assert len(manifest["files"]) == 11


def test_building_twice_gives_the_same_files(catalog, fake_encoder, built, tmp_path):
    build_index(catalog, fake_encoder, tmp_path)
    manifests = [json.loads((f / "manifest.json").read_text()) for f in (built, tmp_path)]
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize(
    "changes",
    [{"name": "other"}, {"digest": "f" * 64}, {"dimensions": 7}, {"prompts": (("query", "q: "),)}],
)
def test_another_model_is_refused(catalog, fake_encoder, folder, changes):
    with pytest.raises(StaleIndexError) as caught:
        open_searcher(catalog, other(fake_encoder, **changes), folder)
    assert "another model" in caught.value.text("en")
    assert "モデル" in caught.value.text("ja")
    assert "shirube build" in caught.value.text("ja")


def test_other_data_is_refused(catalog, fake_encoder, folder):
    moved = SimpleNamespace(things=catalog.things, digest="0" * 64, path=catalog.path)
    with pytest.raises(StaleIndexError, match="another data"):
        open_searcher(moved, fake_encoder, folder)


def test_an_older_format_is_refused(catalog, fake_encoder, folder, monkeypatch):
    monkeypatch.setattr(build, "FORMAT", build.FORMAT + 1)
    with pytest.raises(StaleIndexError, match="version of shirube"):
        open_searcher(catalog, fake_encoder, folder)


def test_many_rows_are_kept_by_faiss_with_the_same_answers(
    catalog, fake_encoder, folder, monkeypatch
):
    few = [hit.code for hit in open_searcher(catalog, fake_encoder, folder).search("熊本城")]
    monkeypatch.setattr(build, "FEW", 0)
    build_index(catalog, fake_encoder, folder)
    assert (folder / "vectors.faiss").exists()
    assert not (folder / "vectors.npy").exists()
    many = [hit.code for hit in open_searcher(catalog, fake_encoder, folder).search("熊本城")]
    assert many[0] == few[0] == "3-2-2-C1"
    assert set(many) == set(few)


def test_it_is_made_again_in_the_same_folder(catalog, fake_encoder, folder):
    newer = other(fake_encoder, digest="f" * 64)
    build_index(catalog, newer, folder)
    assert open_searcher(catalog, newer, folder).search("熊本城")


FILES = [
    "vectors.npy",
    "centre.npy",
    "concepts/vectors.npy",
    "names.tsv",
    "words/rows.npy",
    "words/scores.npy",
    "words/vocabulary.json",
]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(catalog, fake_encoder, folder, name):
    (folder / name).unlink()
    with pytest.raises(DamagedIndexError) as caught:
        open_searcher(catalog, fake_encoder, folder)
    assert name in caught.value.text("ja")
    assert "shirube build" in caught.value.text("en")


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_noticed(catalog, fake_encoder, folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(DamagedIndexError, match=name):
        open_searcher(catalog, fake_encoder, folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"files": null}'])
def test_a_damaged_manifest_is_said(catalog, fake_encoder, folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises((DamagedIndexError, StaleIndexError)):
        open_searcher(catalog, fake_encoder, folder)


def test_no_index_at_all_is_said(catalog, fake_encoder, tmp_path):
    with pytest.raises(DamagedIndexError, match=r"manifest\.json"):
        open_searcher(catalog, fake_encoder, tmp_path / "nowhere")


def test_a_build_cut_short_leaves_no_manifest(catalog, fake_encoder, folder):
    def fails(texts):
        raise MemoryError

    broken = SimpleNamespace(
        identity=ModelIdentity("broken", "0" * 64, 4), encode_document=fails, encode_query=fails
    )
    with pytest.raises(MemoryError):
        build_index(catalog, broken, folder)
    with pytest.raises(DamagedIndexError, match="manifest"):
        open_searcher(catalog, fake_encoder, folder)


def test_every_thing_has_its_own_label_and_its_place_as_passages(catalog):
    made = list(passages(catalog))
    assert {p.thing for p in made if p.field == "label"} == set(catalog.things)
    iri = {thing.code: thing.iri for thing in catalog.things.values()}

    def texts(code, field):
        return [
            (p.text, p.distance)
            for p in made
            if p.thing == iri[code] and p.field == field and p.language == "ja"
        ]

    assert texts("4-2-1", "label") == [("若者の地元定着", 0)]
    assert texts("4-2-1", "parent") == [
        ("若者の地元定着と人材育成", 1),
        ("将来に向けた地方創生の取組み", 2),
    ]
    assert texts("4-2-1", "component") == [("ブライト企業", 1), ("奨学金返還等サポート", 1)]
    assert ("新規学卒者県内就職率", 1) in texts("4-2", "kpi")
    assert ("ブライト企業", 2) in texts("4-2", "component")
    assert ("若者の地元定着", 2) in texts("4", "child")
    assert texts("4-2-K1", "parent")[0] == ("若者の地元定着と人材育成", 1)
    assert [d for _, d in texts("1", "text")] == [0]
    assert ("新しいくまもと創造に向けた基本方針", 0) in texts("S", "label")
    assert {p.field for p in made if p.thing == iri["S"]} == {"label", "text"}
    assert {"ja", "en", "ko", "vi"} < {p.language for p in made}


def test_searching_imports_nothing_heavy():
    code = (
        "import sys, search.build;"
        "print(sorted({'torch', 'scipy', 'sklearn', 'bm25s', 'transformers', 'rdflib',"
        "'sentence_transformers', 'model2vec'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"
