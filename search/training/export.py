"""Write a trained run as a folder that sentence-transformers and model2vec both load.

    python -m search.training.export --work .shirube-training --run run --out search/models/static

Prints the development table of what it wrote. `--reweight` multiplies every row once more by
a / (a + p); `auto` takes the a that the development slice likes best (or none). `--mix` averages
the rows with those of another run, as model soups do (Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from search.encoder import Vectors
from search.training.batches import load_encoded
from search.training.corpus import DEFAULT_WORK, Pair, read_pairs
from search.training.development import Encode, development_table

REWEIGHTS = (0.1, 0.03, 0.01, 0.003)
MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.models.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.models.Normalize",
    },
]


def normalised_scale(rows: Vectors) -> Vectors:
    """Scale all rows together so that the mean row length is 1 (cosines do not change)."""
    lengths = np.linalg.norm(rows, axis=1)
    return np.asarray(rows / lengths[lengths > 0].mean(), dtype=np.float32)


def write_model(folder: Path, rows: Vectors, tokenizer: Tokenizer) -> None:
    """Write weights (pieces, dims), tokeniser and the configuration of both libraries.

    The weights are float16; a reader widens them before it computes (`.float()`, `quantize_to`), or
    the libraries agree to 1e-3 only.
    """
    from safetensors.numpy import save_file

    if len(rows) != tokenizer.get_vocab_size():
        raise ValueError(f"{len(rows)} rows for {tokenizer.get_vocab_size()} pieces")
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    # "embeddings" is model2vec's name for them; sentence-transformers reads it as well.
    weights = np.ascontiguousarray(rows.astype(np.float16))
    save_file({"embeddings": weights}, folder / "model.safetensors")
    # safetensors makes the file readable by its owner only, which an installed package cannot use.
    (folder / "model.safetensors").chmod(0o644)
    (folder / "1_Normalize").mkdir(exist_ok=True)
    texts = {
        "modules.json": MODULES,
        "1_Normalize/config.json": {},
        # max_length null: model2vec would otherwise cut at 512 pieces, which the other does not.
        "config.json": {
            "model_type": "model2vec",
            "architectures": ["StaticModel"],
            "normalize": True,
            "max_length": None,
            "hidden_dim": rows.shape[1],
            "embedding_dtype": "float16",
        },
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
    for name, content in texts.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def mean_encoder(rows: Vectors, tokenizer: Tokenizer) -> Encode:
    """An encoding function by the mean of `rows`, without either library."""

    def encode(texts: Sequence[str]) -> Vectors:
        found = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]
        means = [rows[ids].mean(axis=0) if ids else np.zeros(rows.shape[1]) for ids in found]
        return np.array(means, dtype=np.float32)

    return encode


def load_run(work: Path, run: str) -> tuple[Vectors, Path]:
    """The rows (pieces, dims) of a finished run, and its tokeniser's file."""
    arguments = json.loads((work / run / "arguments.json").read_text(encoding="utf-8"))
    return np.load(work / run / "embeddings.npy"), work / arguments["vocabulary"]


def mixed_runs(work: Path, run: str, mix: str | None, share: float) -> tuple[Vectors, Path]:
    """The rows of a run, averaged with those of `mix` (which get 1 - share), and its tokeniser."""
    rows, vocabulary = load_run(work, run)
    if mix is None:
        return rows, vocabulary
    others, _ = load_run(work, mix)
    return np.asarray(share * rows + (1 - share) * others, dtype=np.float32), vocabulary


def choose_reweight(
    rows: Vectors, probability: npt.NDArray[np.float64], tokenizer: Tokenizer, dev: list[Pair]
) -> tuple[float | None, dict[float | None, float]]:
    """The a of a / (a + p) best for the development slice's focus, and the score of each tried."""
    scores: dict[float | None, float] = {}
    for a in (None, *REWEIGHTS):
        weighted = reweighted(rows, probability, a)
        scores[a] = development_table(dev, mean_encoder(weighted, tokenizer))["focus"]
    return max(scores, key=lambda a: scores[a]), scores


def reweighted(rows: Vectors, probability: npt.NDArray[np.float64], a: float | None) -> Vectors:
    """Each row times a / (a + p) of its piece; unchanged when `a` is None."""
    if a is None:
        return rows
    return np.asarray(rows * (a / (a + probability))[:, None], dtype=np.float32)


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="intermediate results")
    parser.add_argument("--run", default="run", help="the run's subfolder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the finished model")
    parser.add_argument("--reweight", default="auto", help="auto, none, or the a of a / (a + p)")
    parser.add_argument("--mix", help="another run, of the same pieces, to average the rows with")
    parser.add_argument("--share", type=float, default=0.6, help="of --run, the rest of --mix")
    arguments = parser.parse_args()
    rows, vocabulary = mixed_runs(arguments.work, arguments.run, arguments.mix, arguments.share)
    tokenizer = Tokenizer.from_file(str(vocabulary))
    dev = list(read_pairs(arguments.work / "dev.tsv"))
    encoded = load_encoded(arguments.work, vocabulary)
    probability = encoded.token_probabilities(len(rows))
    if arguments.reweight == "auto":
        chosen, scores = choose_reweight(rows, probability, tokenizer, dev)
        print("reweighting, development focus:", scores)
    else:
        chosen = None if arguments.reweight == "none" else float(arguments.reweight)
    rows = normalised_scale(reweighted(rows, probability, chosen))
    write_model(arguments.out, rows, tokenizer)
    rows = rows.astype(np.float16).astype(np.float32)
    for name, score in development_table(dev, mean_encoder(rows, tokenizer)).items():
        print(f"{100 * score:6.1f}  {name}")


if __name__ == "__main__":
    main()
