"""The encoder's recipe on tiny data, and the model it has shipped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "search" / "models" / "static"
CORPORA = ROOT.parent / "shared" / "corpora"

SENTENCES = {
    "ja": "若者の県内定着を促進し、ＵＩＪターンによる移住・定住を支援します。",
    "en": "Which measures help young people stay in the prefecture?",
    "zh-Hans": "促进青年人在本县定居,支持移居者。",
    "zh-Hant": "促進青年在本縣定居，支援移居者。",
    "ko": "청년의 지역 정착을 촉진하고 이주를 지원합니다.",
    "vi": "Giữ chân thanh niên ở lại tỉnh và hỗ trợ di cư.",
    "th": "ส่งเสริมให้คนหนุ่มสาวตั้งถิ่นฐานในจังหวัด",
    "es": "¿Qué medidas ayudan a los jóvenes a quedarse en la región?",
}


@pytest.fixture(scope="session")
def sentencepiece_model() -> bytes:
    pytest.importorskip("sentencepiece")
    from search.training.tokenizer import train_sentencepiece

    return train_sentencepiece([*SENTENCES.values()] * 20, pieces=400, threads=1)


# --- corpus ---------------------------------------------------------------------------------


def _pair(text1: str, text2: str, source: str = "tatoeba_en_xx", kind: str = "translation"):
    from search.training.corpus import Pair

    return Pair(source, "en", "ja", text1, text2, kind)


def test_planted_evaluation_texts_are_dropped_however_they_are_written() -> None:
    from search.training.corpus import clean, comparison_key

    banned = {comparison_key("Where is the ＢＵＳ stop?"), comparison_key("高齢者の見守り。")}
    planted = [
        _pair("where is the bus stop", "停留所はどこですか。"),
        _pair("  Where is THE bus-stop ?!", "バス停はどこ"),
        _pair("Watching over the elderly", "「高齢者の 見守り」"),
    ]
    kept, reasons = clean([_pair("Where is the station?", "駅はどこですか。"), *planted], banned)
    assert [pair.text1 for pair in kept] == ["Where is the station?"]
    assert reasons["in the evaluation or development texts"] == len(planted) == 3


def test_clean_drops_repeats_copies_and_texts_without_letters() -> None:
    from search.training.corpus import clean

    kept, reasons = clean(
        [
            _pair("Good morning", "おはよう"),
            _pair("Good morning!", "おはよう。"),
            _pair("print(x)", "print(x)"),
            _pair("---", "***"),
        ],
        set(),
    )
    assert len(kept) == 1
    assert reasons == {"duplicate": 1, "both texts the same": 1, "no letters": 1}


@given(st.text(max_size=30))
def test_comparison_key_is_idempotent(text: str) -> None:
    from search.training.corpus import comparison_key

    key = comparison_key(text)
    # Casefolding may undo NFKC once; after a second pass nothing moves.
    assert comparison_key(comparison_key(key)) == comparison_key(key)


def test_a_bundle_reads_the_same_plain_and_compressed(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    from search.training.corpus import CorpusError, find_bundle, read_pairs, write_pairs

    # U+2028 inside a text is no line end.
    pairs = [_pair("one\u2028two", "一\u2028二"), _pair("three", "三")]
    plain = tmp_path / "plain.tsv"
    write_pairs(plain, pairs)
    (tmp_path / "train_bundle.tsv.zst").write_bytes(zstandard.compress(plain.read_bytes()))
    assert list(read_pairs(plain)) == pairs
    assert list(read_pairs(find_bundle(tmp_path))) == pairs
    plain.write_text("only\tthree\tcolumns\n")
    with pytest.raises(CorpusError, match=r"plain\.tsv, line 1: 6 columns expected, 3 found"):
        list(read_pairs(plain))
    with pytest.raises(CorpusError, match="train_bundle"):
        find_bundle(tmp_path / "nowhere")


def test_pivot_pairs_meet_in_an_english_sentence_of_one_source() -> None:
    from search.training.corpus import Pair, pivoted

    english = "Support for families with children"
    pairs = [
        _pair(english, "子育て家庭への支援"),
        Pair("tatoeba_en_xx", "ko", "en", "육아 가정 지원", english.upper() + ".", "translation"),
        Pair("udhr", "en", "vi", english, "Hỗ trợ gia đình", "translation"),
        Pair("tatoeba_en_xx", "en", "ko", "bank", "은행", "synonym"),
    ]
    assert list(pivoted(pairs)) == [
        Pair(
            "tatoeba_en_xx+pivot", "ja", "ko", "子育て家庭への支援", "육아 가정 지원", "translation"
        )
    ]


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora folder is not beside the repository")
def test_evaluation_texts_are_all_read() -> None:
    from search.training.eval_texts import evaluation_texts, ja_policy, tatoeba

    folder = CORPORA / "eval"
    assert sum(1 for _ in evaluation_texts(folder)) > 60_000
    assert len(tatoeba(folder, "jpn")[0]) == len(tatoeba(folder, "jpn")[1]) == 1000
    assert all(ja_policy(folder).relevant)


def test_the_glossary_is_whole_and_distinct() -> None:
    from search.training.glossary import GLOSSARY, glossary_pairs

    rows = GLOSSARY.read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert len(rows) == 132
    assert all(len(row.split("\t")) == 6 and all(row.split("\t")) for row in rows)
    pairs = list(glossary_pairs())
    assert len(pairs) > 1800
    assert all(pair.text1 != pair.text2 for pair in pairs)


def test_a_round_pairs_each_concept_once_in_each_two_languages() -> None:
    from collections import Counter

    from search.thesaurus import read_thesaurus
    from search.training.batches import group_name
    from search.training.glossary import concept_pairs, read_frames

    concepts = read_thesaurus()
    pairs = list(concept_pairs(rounds=2))
    groups = Counter(group_name(pair) for pair in pairs)
    assert len(groups) == 2 * (12 + 11)
    assert max(groups.values()) <= len(concepts)
    assert min(groups.values()) > 0.6 * len(concepts)
    assert pairs == list(concept_pairs(rounds=2))
    means = {phrase: concept for concept in concepts for phrase in concept.said}
    assert all(pair.text1 in means for pair in pairs)
    framed = [pair for pair in pairs if pair.text2 not in means]
    assert 0.25 < len(framed) / len(pairs) < 0.35
    frames = read_frames()
    assert set(frames) == {pair.lang2 for pair in pairs}
    assert all(frame.count("{}") == 1 for said in frames.values() for frame in said)


def test_two_runs_are_averaged(tmp_path: Path) -> None:
    from search.training import export

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name, value in (("a", 1.0), ("b", 3.0)):
        np.save(tmp_path / name / "embeddings.npy", np.full((4, 2), value, dtype=np.float32))
        (tmp_path / name / "arguments.json").write_text('{"vocabulary": "v.json"}')
    rows, vocabulary = export.mixed_runs(tmp_path, "a", "b", 0.75)
    assert vocabulary == tmp_path / "v.json"
    assert rows.dtype == np.float32
    assert np.allclose(rows, 1.5)
    assert np.allclose(export.mixed_runs(tmp_path, "a", None, 0.75)[0], 1.0)


# --- tokeniser ------------------------------------------------------------------------------


def _assert_same_pieces(model: bytes, text: str) -> None:
    import sentencepiece

    from search.training.tokenizer import convert, make_normalizer

    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    expected = processor.encode(make_normalizer().normalize_str(text))
    assert convert(model).encode(text).ids == expected


@pytest.mark.parametrize("language", SENTENCES)
def test_conversion_gives_sentencepiece_s_pieces(sentencepiece_model: bytes, language: str) -> None:
    _assert_same_pieces(sentencepiece_model, SENTENCES[language])
    _assert_same_pieces(sentencepiece_model, f"  {SENTENCES[language]}　\t{language}\n絵文字🦄 ")


WORDS = sorted({word for text in SENTENCES.values() for word in text.split()})


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(st.sampled_from(WORDS) | st.sampled_from(["①", "Ａ", "🦄", "ｶﾞ"]), min_size=1))
def test_conversion_holds_for_any_mixture(sentencepiece_model: bytes, words: list[str]) -> None:
    _assert_same_pieces(sentencepiece_model, " ".join(words))


def test_tokenizer_lines_follow_the_language_shares() -> None:
    from search.training.tokenizer import balanced_lines

    pairs = [_pair(f"english {n}", f"日本語{n}") for n in range(200)]
    lines = list(balanced_lines(pairs, 100, {"ja": 0.7, "en": 0.3}, seed=1))
    assert sum("日" in line for line in lines) == 70
    assert len(set(lines)) == len(lines) == 100
    assert lines == list(balanced_lines(pairs, 100, {"ja": 0.7, "en": 0.3}, seed=1))


# --- training -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def tiny(sentencepiece_model: bytes):
    """Three hundred pairs of two generated languages that correspond letter by letter."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # two threads on busy cores wait for each other
    from search.training.batches import encode_pairs
    from search.training.tokenizer import convert, train_sentencepiece

    rng = np.random.default_rng(7)
    english = [" ".join(rng.choice(list("bcdfghjklm"), 4)) for _ in range(300)]
    japanese = [
        text.translate(str.maketrans("bcdfghjklm", "あいうえおかきくけこ")) for text in english
    ]
    tokenizer = convert(train_sentencepiece([*english, *japanese], pieces=60, threads=1))
    pairs = [_pair(first, second) for first, second in zip(english, japanese, strict=True)]
    return tokenizer, encode_pairs(pairs, tokenizer), pairs


def _trainer(tiny, seed: int = 3, steps: int = 60):
    from search.training.train import Settings, Trainer

    tokenizer, encoded, _ = tiny
    chosen = Settings(dims=16, batch=64, steps=steps, rate=0.05, seed=seed, nested=(8,))
    return Trainer(encoded, tokenizer.get_vocab_size(), chosen)


def test_training_lowers_the_loss_and_repeats_by_seed(tiny) -> None:
    first, second, other = _trainer(tiny), _trainer(tiny), _trainer(tiny, seed=4)
    losses = [first.advance() for _ in range(60)]
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:5])
    assert losses == [second.advance() for _ in range(60)]
    assert np.array_equal(first.embeddings(), second.embeddings())
    assert losses[0] != other.advance()


def test_a_resumed_run_ends_where_an_unbroken_one_does(tiny, tmp_path: Path) -> None:
    from search.training.train import CheckpointError

    unbroken, broken, resumed = _trainer(tiny), _trainer(tiny), _trainer(tiny)
    for _ in range(20):
        broken.advance()
    broken.save(tmp_path / "checkpoint.pt")
    resumed.resume(tmp_path / "checkpoint.pt")
    assert resumed.step == 20
    while resumed.step < 60:
        resumed.advance()
    while unbroken.step < 60:
        unbroken.advance()
    assert np.array_equal(unbroken.embeddings(), resumed.embeddings())
    with pytest.raises(CheckpointError, match="made with"):
        _trainer(tiny, seed=9).resume(tmp_path / "checkpoint.pt")


def test_a_run_started_from_another_begins_with_its_embeddings(tiny) -> None:
    first, second = _trainer(tiny), _trainer(tiny, seed=8)
    first.advance()
    second.start_from(first.embeddings())
    np.testing.assert_allclose(first.embeddings(), second.embeddings(), atol=1e-6)


def test_joined_pairs_keep_their_texts_and_groups(tiny) -> None:
    from search.training.batches import encode_pairs

    tokenizer, encoded, pairs = tiny
    other = encode_pairs(pairs[:20], tokenizer)
    both = encoded.joined(other)
    assert both.groups == [*encoded.groups, *other.groups]
    assert both.group_bounds[-1] == len(both.pairs) == len(encoded.pairs) + 20
    last, expected = both.bags(both.pairs[-1]), other.bags(other.pairs[-1])
    assert np.array_equal(last.tokens, expected.tokens)


def test_a_repeated_text_is_no_negative_of_itself() -> None:
    torch = pytest.importorskip("torch")
    from search.training.losses import contrastive_loss, similarities

    first = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    logits = similarities(first, first, temperature=0.05)
    loss = contrastive_loss(logits, torch.tensor([[0, 1], [0, 2]]))
    assert float(loss) == pytest.approx(0.0, abs=1e-6)


def test_batches_are_of_one_group_and_depend_on_seed_and_step_only(tiny) -> None:
    from search.training.batches import BatchSampler

    sampler = BatchSampler(tiny[1], 64, seed=1)
    assert np.array_equal(sampler.draw(5), BatchSampler(tiny[1], 64, seed=1).draw(5))
    assert not np.array_equal(sampler.draw(5), sampler.draw(6))
    assert 50 < len(sampler.draw(5)) <= 64


def test_factors_lift_lower_and_leave_out_registers() -> None:
    from search.training.batches import EncodedPairs, group_shares
    from search.training.train import read_factors

    none = np.zeros(0, dtype=np.int64)
    bounds, groups = np.array([0, 2, 4, 6]), ["sentence en ja", "synonym en ja", "technical en ja"]
    encoded = EncodedPairs(none, none, none, bounds, np.ones(6), groups)  # type: ignore[arg-type]
    shares = group_shares(encoded, 1.0, read_factors("synonym=0.5 technical=0"))
    np.testing.assert_allclose(shares, [2 / 3, 1 / 3, 0])
    with pytest.raises(ValueError, match="could not convert"):
        read_factors("synonym=half")


def test_half_of_a_hard_batch_is_of_a_few_clusters(tiny) -> None:
    from search.training.batches import BatchSampler

    encoded = tiny[1]
    clusters = (np.arange(len(encoded.pairs)) % 30).astype(np.int32)
    of_pair = {tuple(pair): cluster for pair, cluster in zip(encoded.pairs, clusters, strict=True)}
    sampler = BatchSampler(encoded, 64, seed=1, clusters=clusters)
    repeats = []
    for step in range(20):
        batch = sampler.draw(step)
        assert 30 < len(batch) <= 64
        found = np.bincount([of_pair[tuple(pair)] for pair in batch], minlength=30)
        repeats.append(np.sort(found)[-8:].sum() / len(batch))
    assert np.mean(repeats) > 0.5  # eight of thirty clusters by chance: about a quarter
    assert np.array_equal(
        sampler.draw(3), BatchSampler(encoded, 64, seed=1, clusters=clusters).draw(3)
    )


def test_token_probabilities_are_a_distribution(tiny) -> None:
    probability = tiny[1].token_probabilities(tiny[0].get_vocab_size())
    assert probability.sum() == pytest.approx(1.0)
    assert probability[0] == 0.0


# --- export ---------------------------------------------------------------------------------

ODD_TEXTS = [*SENTENCES.values(), "", " 　", "🦄🦄", "若者の定着" * 300, "a" * 3000, "🦄 住民"]


def _assert_both_libraries_agree(folder: Path) -> None:
    pytest.importorskip("torch")
    sentence_transformers = pytest.importorskip("sentence_transformers")
    model2vec = pytest.importorskip("model2vec")
    torch_model = sentence_transformers.SentenceTransformer(str(folder), device="cpu").float()
    plain_model = model2vec.StaticModel.from_pretrained(folder, quantize_to="float32")
    by_torch = torch_model.encode(ODD_TEXTS, show_progress_bar=False)
    by_numpy = plain_model.encode(ODD_TEXTS)
    assert by_torch.shape == by_numpy.shape
    assert by_torch.dtype == by_numpy.dtype == np.float32
    np.testing.assert_allclose(by_torch, by_numpy, rtol=0, atol=1e-5)
    known = np.linalg.norm(by_numpy, axis=1) > 0
    np.testing.assert_allclose(np.linalg.norm(by_numpy[known], axis=1), 1.0, atol=1e-5)


def test_an_export_loads_alike_in_both_libraries(
    sentencepiece_model: bytes, tmp_path: Path
) -> None:
    from search.training.export import normalised_scale, write_model
    from search.training.tokenizer import convert

    tokenizer = convert(sentencepiece_model)
    rows = np.random.default_rng(1).normal(size=(tokenizer.get_vocab_size(), 32))
    rows[0] = 0.0
    write_model(tmp_path, normalised_scale(rows.astype(np.float32)), tokenizer)
    _assert_both_libraries_agree(tmp_path)
    with pytest.raises(ValueError, match="rows for"):
        write_model(tmp_path, np.zeros((3, 2), dtype=np.float32), tokenizer)


# --- the measures ---------------------------------------------------------------------------


def test_ranking_measures_on_a_known_case() -> None:
    from search.training.evaluate_encoder import ndcg, recall

    ranked = np.array([[3, 1, 2], [0, 1, 2]])
    relevant = [{1}, {0, 2}]
    assert recall(ranked, relevant, 1) == pytest.approx((0 + 0.5) / 2)
    assert recall(ranked, relevant, 3) == pytest.approx(1.0)
    ideal = 1 + 1 / np.log2(3)
    assert ndcg(ranked, relevant, 3) == pytest.approx((1 / np.log2(3) + 1.5 / ideal) / 2)


def test_spearman_shares_ranks_among_equal_scores() -> None:
    from search.training.eval_texts import Similarity
    from search.training.evaluate_encoder import spearman

    angles = {"a": 0.0, "b": 0.2, "c": 0.5, "d": 1.2}

    def encode(texts) -> np.ndarray:
        return np.array([[np.cos(angles[t]), np.sin(angles[t])] for t in texts], dtype=np.float32)

    judged = Similarity(["a", "a", "a"], ["b", "c", "d"], [5.0, 2.0, 2.0])
    assert spearman(judged, encode) == pytest.approx(3**0.5 / 2, abs=1e-6)


# --- the shipped model ----------------------------------------------------------------------

shipped = pytest.mark.skipif(
    not (SHIPPED / "model.safetensors").is_file(), reason="no model under search/models/static"
)


@shipped
def test_the_shipped_model_loads_alike_in_both_libraries() -> None:
    _assert_both_libraries_agree(SHIPPED)


@shipped
def test_the_shipped_model_is_small_and_says_what_it_is() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 60_000_000
    assert json.loads((SHIPPED / "config.json").read_text())["normalize"] is True
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for heading in ("Data and licences", "Recipe", "Results", "Limits"):
        assert heading in card


@shipped
@pytest.mark.parametrize(
    ("query", "best"),
    [
        # Its words are in the glossary of the recipe: this one guards the polish step, and says
        # nothing about words that training has not seen.
        ("청년의 취업 지원", "若者の就職支援"),
        ("health of elderly people", "高齢者の健康"),
        ("保护环境", "環境の保護"),
        ("環境保護", "環境の保護"),
        ("phát triển du lịch", "観光の振興"),
        ("agricultura y pesca", "農業と水産業"),
        ("เกษตรกรรม", "農業と水産業"),
        ("育児をする家庭を助ける", "子育て世帯への支援"),
        ("earthquake disaster prevention", "地震への備えと防災"),
    ],
)
def test_the_shipped_model_finds_obvious_pairs(query: str, best: str) -> None:
    model2vec = pytest.importorskip("model2vec")
    texts = ["高齢者の健康", "若者の就職支援", "環境の保護", "観光の振興", "農業と水産業"]
    texts += ["子育て世帯への支援", "地震への備えと防災"]
    model = model2vec.StaticModel.from_pretrained(SHIPPED, quantize_to="float32")
    scores = model.encode(texts) @ model.encode([query])[0]
    assert texts[int(scores.argmax())] == best
