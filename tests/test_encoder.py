"""The encoder seam: what every encoder must do, and what each does of its own."""

import json
import shutil
import socket
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.encoder import BUNDLED_MODEL, Encoder, EncoderError, load_encoder
from search.onnx_encoder import OnnxEncoder, is_onnx
from search.prompts import Prompts, find_prompts
from search.static_encoder import StaticEncoder, is_static

TEXTS = ["若者の地元定着", "youth retention", "청년 정착", "", "熊本城 Kumamoto Castle", "若者"]
CHARACTERS = sorted(set("".join(TEXTS)) | set("abcdefghijklmnopqrstuvwxyz 観光教育query:pasge"))


def tokenizer():
    from tokenizers import Tokenizer, models, normalizers

    pieces = [("<unk>", 0.0), *((c, -2.0) for c in CHARACTERS), ("若者", -1.0), ("youth", -1.0)]
    made = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    return made


def table(dimensions=16):
    random = np.random.default_rng(7)
    return random.standard_normal((tokenizer().get_vocab_size(), dimensions)).astype(np.float32)


@pytest.fixture(scope="module")
def model2vec_folder(tmp_path_factory):
    from model2vec import StaticModel

    folder = tmp_path_factory.mktemp("models") / "by-model2vec"
    StaticModel(table(), tokenizer(), normalize=True).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def sentence_transformers_folder(tmp_path_factory):
    """A StaticEmbedding model with prompts, as sentence-transformers writes it."""
    folder = tmp_path_factory.mktemp("models") / "by-sentence-transformers"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, at import
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding

        weights = table()
        weights[0] = 0  # the unknown piece says nothing in either library
        module = StaticEmbedding(tokenizer(), embedding_weights=weights)
        prompts = {"query": "query: ", "document": "passage: "}
        model = SentenceTransformer(modules=[module], prompts=prompts, device="cpu")
        model.save_pretrained(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="module")
def transformer_folder(tmp_path_factory):
    """A transformer of one layer, untrained."""
    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from transformers import BertConfig, BertModel, BertTokenizerFast

        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *CHARACTERS]
        words += [f"##{character}" for character in CHARACTERS]
        source = folder.parent / "source"
        source.mkdir()
        (source / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
        BertTokenizerFast(vocab=str(source / "vocab.txt")).save_pretrained(source)
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=64,
        )
        BertModel(config).save_pretrained(source)
        module = Transformer(str(source), max_seq_length=64)
        model = SentenceTransformer(modules=[module, Pooling(16)], device="cpu")
        model.save_pretrained(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="module")
def onnx_folder(transformer_folder, tmp_path_factory):
    """The same transformer as an 8-bit graph, as the recipe writes it."""
    folder = tmp_path_factory.mktemp("models") / "tiny-onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's exporter
        from transformers import AutoModel

        from search.training.export_student import write_folder

        model = AutoModel.from_pretrained(transformer_folder, add_pooling_layer=False)
        write_folder(model.eval(), transformer_folder, folder)
    return folder


@pytest.fixture(
    params=[
        *("model2vec folder", "static folder", "sentence-transformers", "transformer", "onnx"),
        "bundled",
    ]
)
def encoder(
    request, model2vec_folder, sentence_transformers_folder, transformer_folder, onnx_folder
) -> Encoder:
    if request.param == "onnx":
        return load_encoder(str(onnx_folder))
    if request.param == "model2vec folder":
        return StaticEncoder(model2vec_folder)
    if request.param == "static folder":
        return StaticEncoder(sentence_transformers_folder)
    if request.param == "bundled":
        return load_encoder()
    from search.transformer_encoder import SentenceTransformerEncoder

    if request.param == "transformer":
        return SentenceTransformerEncoder(str(transformer_folder))
    return SentenceTransformerEncoder(str(sentence_transformers_folder))


@pytest.mark.parametrize("task", ["encode_query", "encode_document"])
def test_every_encoder_gives_unit_rows(encoder, task):
    rows = getattr(encoder, task)(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.identity.dimensions)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    lengths = np.linalg.norm(rows, axis=1)
    known = [n for n, text in enumerate(TEXTS) if text]
    np.testing.assert_allclose(lengths[known], 1, atol=1e-5)
    assert all(abs(length) < 1e-6 or abs(length - 1) < 1e-5 for length in lengths)


def test_every_encoder_answers_for_no_texts(encoder):
    assert encoder.encode_query([]).shape == (0, encoder.identity.dimensions)
    assert encoder.encode_document([]).dtype == np.float32


def test_a_row_does_not_depend_on_its_batch(encoder):
    together = encoder.encode_document(TEXTS)
    turned = encoder.encode_document(TEXTS[::-1])[::-1]
    alone = np.concatenate([encoder.encode_document([text]) for text in TEXTS])
    np.testing.assert_allclose(together, turned, atol=1e-6)
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_encoding_is_deterministic_and_tells_texts_apart(encoder):
    first, second = encoder.encode_query(TEXTS), encoder.encode_query(TEXTS)
    np.testing.assert_array_equal(first, second)
    assert first[0] @ first[1] < 0.99


def test_strange_texts_are_encoded(encoder):
    rows = encoder.encode_query(["😀\x00", "a" * 20_000, "\n\t", "𠮷野家"])
    assert np.isfinite(rows).all()


def test_identity_is_stable_and_complete(encoder):
    identity = encoder.identity
    assert identity == encoder.identity
    assert len(identity.digest) == 64
    assert int(identity.digest, 16) >= 0
    assert identity.name


def test_static_rows_equal_model2vec(model2vec_folder):
    from model2vec import StaticModel

    theirs = StaticModel.from_pretrained(model2vec_folder).encode(TEXTS)
    np.testing.assert_allclose(
        StaticEncoder(model2vec_folder).encode_query(TEXTS), theirs, atol=1e-5
    )


def test_static_rows_equal_sentence_transformers(sentence_transformers_folder):
    from search.transformer_encoder import SentenceTransformerEncoder

    ours = StaticEncoder(sentence_transformers_folder)
    theirs = SentenceTransformerEncoder(str(sentence_transformers_folder))
    np.testing.assert_allclose(ours.encode_query(TEXTS), theirs.encode_query(TEXTS), atol=1e-5)
    np.testing.assert_allclose(
        ours.encode_document(TEXTS), theirs.encode_document(TEXTS), atol=1e-5
    )
    assert ours.identity == theirs.identity


@pytest.fixture(scope="module")
def bundled():
    from model2vec import StaticModel

    return load_encoder(), StaticModel.from_pretrained(BUNDLED_MODEL, quantize_to="float32")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=5))
def test_bundled_rows_equal_model2vec(bundled, texts):
    ours, theirs = bundled
    for row, text in zip(ours.encode_query(texts), texts, strict=True):
        np.testing.assert_allclose(row, theirs.encode([text], normalize=True)[0], atol=1e-5)


def test_bundled_rows_equal_sentence_transformers():
    from search.transformer_encoder import SentenceTransformerEncoder

    theirs = SentenceTransformerEncoder(str(BUNDLED_MODEL))
    known = [text for text in TEXTS if text]
    np.testing.assert_allclose(
        load_encoder().encode_query(known), theirs.encode_query(known), atol=1e-5
    )


def test_weights_and_mapping_of_a_quantised_model_are_used(tmp_path):
    from model2vec import StaticModel

    vocabulary = tokenizer().get_vocab_size()
    model = StaticModel(
        table()[:20],
        tokenizer(),
        normalize=True,
        weights=np.linspace(0.5, 2, vocabulary).astype(np.float32),
        token_mapping=np.arange(vocabulary) % 20,
    )
    model.save_pretrained(tmp_path / "quantised")
    ours = StaticEncoder(tmp_path / "quantised").encode_query(TEXTS)
    np.testing.assert_allclose(ours, model.encode(TEXTS), atol=1e-5)


def test_the_models_own_prompts_are_used(sentence_transformers_folder, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(sentence_transformers_folder, plain)
    path = plain / "config_sentence_transformers.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"prompts": {}}))
    prompted, bare = StaticEncoder(sentence_transformers_folder), StaticEncoder(plain)
    np.testing.assert_array_equal(
        prompted.encode_query(["若者"]), bare.encode_query(["query: 若者"])
    )
    np.testing.assert_array_equal(
        prompted.encode_document(["若者"]), bare.encode_document(["passage: 若者"])
    )
    assert prompted.identity.prompts == (("document", "passage: "), ("query", "query: "))
    assert prompted.identity.digest != bare.identity.digest


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("multilingual-e5-large", "query: ", "passage: "),
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("sentence-transformers/LaBSE", "", ""),
        ("someone/not-e5", "", ""),
    ],
)
def test_families_that_were_trained_with_prompts_get_them(name, query, passage):
    assert find_prompts(name, {}, None) == Prompts(query, passage)


def test_the_users_prompts_go_before_the_models_and_the_models_before_its_familys():
    own = {"query": "Q: ", "passage": "P: "}
    assert find_prompts("multilingual-e5-small", own, None) == Prompts("Q: ", "P: ")
    assert find_prompts("multilingual-e5-small", own, Prompts()) == Prompts()


def test_every_kind_of_model_takes_the_users_prompts(
    sentence_transformers_folder, transformer_folder
):
    for folder in (sentence_transformers_folder, transformer_folder):
        bare = load_encoder(str(folder), prompts=Prompts())
        chosen = load_encoder(str(folder), prompts=Prompts("query: ", "abc "))
        same = bare.encode_query(["query: 若者", "abc 若者"])
        np.testing.assert_allclose(chosen.encode_query(["若者"])[0], same[0], atol=1e-6)
        np.testing.assert_allclose(chosen.encode_document(["若者"])[0], same[1], atol=1e-6)
        assert chosen.identity.prompts == (("document", "abc "), ("query", "query: "))
        assert chosen.identity.digest != bare.identity.digest


def test_identity_follows_the_files_and_not_their_place(model2vec_folder, tmp_path):
    moved = tmp_path / "elsewhere" / model2vec_folder.name
    shutil.copytree(model2vec_folder, moved)
    (moved / "README.md").write_text("another card")
    (moved / ".cache").mkdir()
    (moved / ".cache" / "seen").write_text("hidden")
    assert StaticEncoder(moved).identity == StaticEncoder(model2vec_folder).identity
    from model2vec import StaticModel

    StaticModel(table() + 1, tokenizer(), normalize=True).save_pretrained(moved)
    assert StaticEncoder(moved).identity.digest != StaticEncoder(model2vec_folder).identity.digest


def test_load_encoder_knows_static_folders(
    model2vec_folder, sentence_transformers_folder, tmp_path
):
    assert is_static(model2vec_folder)
    assert isinstance(load_encoder(str(model2vec_folder)), StaticEncoder)
    assert isinstance(load_encoder(str(sentence_transformers_folder)), StaticEncoder)
    assert not is_static(tmp_path)


@pytest.mark.parametrize("name", ["./no/such/folder", "/no/such/folder", "a/b/c"])
def test_a_missing_folder_is_said_in_both_languages(name):
    with pytest.raises(EncoderError) as caught:
        load_encoder(name)
    assert name in caught.value.text("ja")
    assert "There is no model folder" in caught.value.text("en")


def test_a_hub_model_is_not_looked_up_without_network(monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: asked.append(args) or [])
    with pytest.raises(EncoderError) as caught:
        load_encoder("nobody/no-such-model")
    assert asked == []
    assert "allow network access" in caught.value.text("en")
    assert "nobody/no-such-model" in caught.value.text("ja")


def test_a_folder_is_loaded_without_a_request(monkeypatch, transformer_folder):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: asked.append(args) or [])
    assert load_encoder(str(transformer_folder)).encode_query(["若者"]).shape == (1, 16)
    assert asked == []


def test_a_cached_hub_model_is_known_by_its_revision(monkeypatch, transformer_folder, tmp_path):
    revision = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--owner--tiny"
    shutil.copytree(transformer_folder, repository / "snapshots" / revision)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    identity = load_encoder("owner/tiny").identity
    assert (identity.name, identity.revision) == ("owner/tiny", revision)
    (repository / "refs" / "main").write_text(revision[::-1])
    (repository / "snapshots" / revision).rename(repository / "snapshots" / revision[::-1])
    assert load_encoder("owner/tiny").identity.digest != identity.digest


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 100])
def test_damaged_files_are_said(model2vec_folder, tmp_path, file, content):
    folder = tmp_path / "damaged"
    shutil.copytree(model2vec_folder, folder)
    (folder / file).write_bytes(content)
    with pytest.raises(EncoderError) as caught:
        StaticEncoder(folder)
    assert str(folder) in caught.value.text("en")


def test_a_folder_without_weights_is_said(model2vec_folder, tmp_path):
    folder = tmp_path / "empty"
    shutil.copytree(model2vec_folder, folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        StaticEncoder(folder)


def test_a_folder_that_is_no_model_is_said(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(tmp_path))


def test_the_static_encoder_imports_nothing_heavy():
    code = (
        "import sys; from search.encoder import load_encoder; load_encoder().encode_query(['a']);"
        "print(sorted({'torch', 'sentence_transformers', 'transformers', 'scipy', 'sklearn',"
        "'model2vec', 'huggingface_hub'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


def test_a_graph_says_nearly_what_the_full_weights_say(onnx_folder, transformer_folder):
    from search.transformer_encoder import SentenceTransformerEncoder

    ours, theirs = (
        load_encoder(str(onnx_folder)),
        SentenceTransformerEncoder(str(transformer_folder)),
    )
    assert isinstance(ours, OnnxEncoder)
    texts = [*TEXTS, "観光" * 200]  # also where a text is cut
    cosines = (ours.encode_query(texts) * theirs.encode_query(texts)).sum(axis=1)
    assert cosines.min() > 0.98


def test_a_graph_beside_full_weights_is_left_alone(onnx_folder, transformer_folder, tmp_path):
    folder = tmp_path / "both"
    shutil.copytree(transformer_folder, folder)
    assert not is_onnx(folder)
    shutil.copytree(onnx_folder / "onnx", folder / "onnx")
    assert not is_onnx(folder)
    assert is_onnx(onnx_folder)


@pytest.mark.parametrize("file", ["onnx/model.onnx", "tokenizer.json", "1_Pooling/config.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]"])
def test_a_damaged_graph_folder_is_said(onnx_folder, tmp_path, file, content):
    folder = tmp_path / "damaged"
    shutil.copytree(onnx_folder, folder)
    (folder / file).write_bytes(content)
    with pytest.raises(EncoderError, match="cannot be read") as caught:
        load_encoder(str(folder))
    assert str(folder) in caught.value.text("ja")


def test_another_pooling_than_the_mean_is_refused(onnx_folder, tmp_path):
    folder = tmp_path / "first-token"
    shutil.copytree(onnx_folder, folder)
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    with pytest.raises(EncoderError, match="only the mean"):
        load_encoder(str(folder))


def test_a_graph_without_its_library_is_told_what_to_install(onnx_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderError, match=r"shirube\[onnx\]"):
        load_encoder(str(onnx_folder))


@pytest.mark.parametrize("content", ["x", '{"a": 1}', "[1]"])
def test_a_damaged_list_of_modules_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "modules.json").write_text(content, "utf-8")
    with pytest.raises(EncoderError, match="cannot be read"):
        load_encoder(str(tmp_path))
