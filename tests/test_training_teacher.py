"""The recipe's steps that learn from a teacher or from an earlier run, on tiny data."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from search.training.corpus import Pair, write_pairs
from tests.training_data import generated_pairs, letters, make_work

torch = pytest.importorskip("torch")
pytest.importorskip("sentencepiece")


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    return make_work(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory) -> Path:
    """An untrained transformer of two layers that knows the letters of the tiny corpus."""
    folder = tmp_path_factory.mktemp("teacher")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, at import
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import Transformer
        from sentence_transformers.sentence_transformer.modules import Pooling
        from transformers import BertConfig, BertModel, BertTokenizerFast

        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters(), "bc", "df"]
        (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
        BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
        )
        BertModel(config).save_pretrained(folder / "bert")
        module = Transformer(str(folder / "bert"), max_seq_length=64)
        model = SentenceTransformer(modules=[module, Pooling(16)], device="cpu")
        model.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


@pytest.fixture(scope="module")
def taught(work: Path, teacher: Path, run_step) -> Path:
    """The work folder once teacher and targets have run."""
    run_step("teacher", str(teacher), "--work", str(work), "--threads", "1")
    run_step("targets", "--work", str(work))
    return work


@pytest.fixture(scope="module")
def run_step():
    """Runs a step's command line in this process."""
    import importlib
    import sys

    def run(name: str, *arguments: str) -> None:
        module = importlib.import_module(f"search.training.{name}")
        before = sys.argv
        sys.argv = [name, *arguments]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the libraries, about tiny models
                module.main()
        finally:
            sys.argv = before

    return run


def test_english_texts_come_in_order_of_use() -> None:
    from search.training.teacher import english_texts

    pairs = [
        Pair("react_docs", "en", "ja", "a hook", "フック", "translation"),
        Pair("cc_cedict", "zh-Hans", "en", "山", "mountain", "synonym"),
        Pair("tatoeba_en_xx", "en", "ja", "We met.", "会った。", "translation"),
        Pair("medquad_qp", "en", "en", "What is flu?", "Flu is …", "question-passage"),
        Pair("tatoeba_en_xx", "en", "de", "mountain", "Berg", "translation"),
    ]
    texts = english_texts(pairs)
    assert set(texts[:2]) == {"We met.", "mountain"}
    assert set(texts[2:4]) == {"What is flu?", "Flu is …"}
    assert texts[4:] == ["a hook"]


def test_a_text_aims_at_its_own_english_or_its_nearest_partner() -> None:
    from search.training.targets import NONE, text_targets

    pairs = [
        Pair("cc_cedict", "en", "ja", "bank", "銀行", "synonym"),
        Pair("tatoeba_en_xx", "en", "ja", "The bank is shut.", "銀行", "translation"),
        Pair("tatoeba_ja_xx_pivot", "ja", "ko", "銀行", "은행", "translation"),
        Pair("jaquad_train_qp", "ja", "en", "題", "A body.", "question-passage"),
    ]
    places = {"bank": 0, "The bank is shut.": 1}
    # Numbered as they appear: bank, 銀行, The bank is shut., 은행, A body., 題
    assert text_targets(pairs, places).tolist() == [0, 1, 1, NONE, NONE, NONE]


def test_the_teacher_goes_on_where_it_was_interrupted(
    taught: Path, teacher: Path, run_step
) -> None:
    from search.training.corpus import read_pairs
    from search.training.teacher import english_texts, teacher_rows

    rows = teacher_rows(taught)
    assert rows.shape == (len(english_texts(read_pairs(taught / "train.tsv"))), 16)
    np.testing.assert_allclose(np.linalg.norm(rows.astype(np.float32), axis=1), 1, atol=1e-2)
    shard = taught / "teacher" / "00000.npy"
    before = shard.stat().st_mtime_ns
    run_step("teacher", str(teacher), "--work", str(taught), "--threads", "1")
    assert shard.stat().st_mtime_ns == before


def test_a_folder_without_shards_is_said(tmp_path: Path) -> None:
    from search.training.teacher import teacher_rows

    with pytest.raises(FileNotFoundError, match=r"run search\.training\.teacher"):
        teacher_rows(tmp_path)


@pytest.mark.parametrize("setting", ["--soft", "--aim"])
def test_static_rows_come_nearer_to_the_teacher(taught: Path, run_step, setting: str) -> None:
    from search.training.export import load_run

    options = ("--work", str(taught), "--dims", "16", "--batch", "64", "--threads", "1")
    run = setting.strip("-")
    run_step("train", *options, "--steps", "40", "--rate", "0.05", "--run", run, setting, "0.5")
    rows, vocabulary = load_run(taught, run)
    assert rows.shape[1] == 16
    assert vocabulary.name == "tokenizer.json"
    assert not rows[0].any()


def test_joined_pieces_change_nothing_until_training_goes_on(taught: Path, run_step) -> None:
    from tokenizers import Tokenizer

    from search.training.export import load_run, mean_encoder

    options = ("--work", str(taught), "--dims", "16", "--batch", "64", "--threads", "1")
    run_step("train", *options, "--steps", "40", "--rate", "0.05", "--run", "base")
    steps = ("--run", "base", "--name", "joined", "--joins", "12", "--batches", "5")
    run_step("joins", "--work", str(taught), *steps, "--threads", "1")
    before, after = load_run(taught, "base"), load_run(taught, "joined")
    assert len(after[0]) == len(before[0]) + 12
    tokenizers = [Tokenizer.from_file(str(path)) for _, path in (before, after)]
    texts = [text for pair in generated_pairs(50) for text in (pair.text1, pair.text2)]
    pieces = [sum(len(t.encode(text).ids) for text in texts) for t in tokenizers]
    assert pieces[1] < pieces[0]
    first, second = (
        mean_encoder(rows, tokenizer)(texts)
        for (rows, _), tokenizer in zip((before, after), tokenizers, strict=True)
    )
    cosines = (first * second).sum(axis=1)
    cosines /= np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    np.testing.assert_allclose(cosines, 1, atol=1e-4)


def test_clusters_hold_like_pairs_and_training_draws_by_them(taught: Path, run_step) -> None:
    pytest.importorskip("faiss")
    options = ("--work", str(taught), "--dims", "16", "--batch", "64", "--threads", "1")
    run_step("train", *options, "--steps", "20", "--rate", "0.05", "--run", "early")
    run_step("clusters", "--work", str(taught), "--run", "early")
    made = np.load(taught / "clusters-early.npy")
    assert len(made) == 300
    run_step("train", *options, "--steps", "20", "--run", "hard", "--hard", "early")
    assert (taught / "hard" / "embeddings.npy").is_file()


def test_a_student_learns_and_loads_as_it_was(taught: Path, teacher: Path, run_step) -> None:
    from search.encoder import load_encoder, unit_rows
    from search.training.export import load_run

    base = taught / "base"
    if not (base / "embeddings.npy").is_file():
        options = ("--work", str(taught), "--dims", "16", "--batch", "64", "--threads", "1")
        run_step("train", *options, "--steps", "40", "--rate", "0.05", "--run", "base")
    options = ("--from", "base", "--work", str(taught), "--batch", "32", "--threads", "1")
    layers = ("--layers", "0", "1", "--rows-rate", "0.01", "--steps", "30")
    # The rate is that of 30 steps from the first: interrupted and resumed is one run.
    run_step("student", str(teacher), *options, *layers, "--until", "10")
    first = load_encoder(str(taught / "student" / "model"))
    run_step("student", str(teacher), *options, *layers)
    last = load_encoder(str(taught / "student" / "model"))
    from search.training.corpus import read_pairs

    pairs = list(read_pairs(taught / "train.tsv"))[:60]
    english = [pair.text1 for pair in pairs]
    japanese = [pair.text2 for pair in pairs]
    near = [
        (model.encode_document(english) * model.encode_document(japanese)).sum(axis=1).mean()
        for model in (first, last)
    ]
    assert near[1] > near[0]
    assert load_run(taught, "base")[0].shape[1] == 16
    rows = last.encode_document(english)
    np.testing.assert_allclose(rows, unit_rows(rows), atol=1e-6)
    state = torch.load(taught / "student" / "student.pt", weights_only=True)
    assert state["step"] == 30
    settings = json.loads((taught / "student" / "model" / "modules.json").read_text())
    assert [module["idx"] for module in settings] == [0, 1, 2]
    polish = ("--start-from", "student", "--run", "polished", "--glossary", "--frozen", "0")
    run_step("student", str(teacher), *options, *polish, "--layers", "0", "1", "--steps", "2")
    polished = torch.load(taught / "polished" / "student.pt", weights_only=True)["model"]
    moved = [float((polished[name] - state["model"][name]).abs().max()) for name in polished]
    assert 0 < max(moved) < 0.1, "it goes on from where the other ended"


def test_runs_stand_side_by_side_on_the_development_slice(taught: Path, run_step, capsys) -> None:
    options = ("--work", str(taught), "--dims", "16", "--batch", "64", "--threads", "1")
    run_step("train", *options, "--steps", "20", "--run", "shown")
    held_out = [pair._replace(text1=pair.text1 + " b") for pair in generated_pairs(40)]
    write_pairs(taught / "dev.tsv", held_out)
    capsys.readouterr()
    run_step("compare", "shown", "--work", str(taught))
    head, rule, row = capsys.readouterr().out.strip().split("\n")
    assert head.startswith("| run | ja en |")
    assert head.count("|") == rule.count("|") == row.count("|")
    assert row.startswith("| shown |")
