"""Measure encoders on the public evaluation sets and print one table beside published results.

    python -m search.training.evaluate_encoder CORPORA MODEL [MODEL ...] [--json FILE]

A MODEL is a folder (static ones are read by model2vec, others by sentence-transformers). For
reporting only: choices are made on the development slice (see development.py). Accuracies,
correlations and recalls are in percent.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from search.training import eval_texts
from search.training.development import Encode, matching_accuracy, unit_rows

TATOEBA = ("jpn", "cmn", "kor", "vie", "ind", "tgl", "por", "spa", "fra", "deu", "tha")
NTREX_TARGETS = ("en", "zh-Hans", "zh-Hant", "ko", "vi")
SIMILARITY = {"JSTS valid": "jsts", "STSb-ja dev": "stsb-ja", "STSb-en dev": "stsb-en"}
SIMILARITY |= {"STSb-zh dev": "stsb-zh", "KorSTS dev": "korsts"}
PUBLISHED = {
    "LaBSE": "sentence-transformers__LaBSE",
    "multilingual-e5-small": "intfloat__multilingual-e5-small",
    "paraphrase-multilingual-MiniLM-L12-v2": (
        "sentence-transformers__paraphrase-multilingual-MiniLM-L12-v2"
    ),
    "static-similarity-mrl-multilingual-v1": (
        "sentence-transformers__static-similarity-mrl-multilingual-v1"
    ),
    "potion-multilingual-128M": "minishlab__potion-multilingual-128M",
}
Scores = dict[str, float]


def load(folder: Path) -> Encode:
    """An encoding function for a model folder; texts to float32 rows of any length."""
    config = folder / "config.json"
    if config.is_file() and json.loads(config.read_text()).get("model_type") == "model2vec":
        from model2vec import StaticModel

        static = StaticModel.from_pretrained(folder, quantize_to="float32")
        return lambda texts: np.asarray(
            static.encode(list(texts), use_multiprocessing=False), dtype=np.float32
        )
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), local_files_only=True)
    return lambda texts: np.asarray(model.encode(list(texts)), dtype=np.float32)


def ranking(
    task: eval_texts.Retrieval, encode: Encode, depth: int = 10
) -> tuple[npt.NDArray[np.int64], list[set[int]]]:
    """Row numbers of the best `depth` documents for each query (queries, depth), by cosine."""
    documents = unit_rows(encode(task.documents))
    queries = unit_rows(encode(task.queries))
    return np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :depth], task.relevant


def recall(ranked: npt.NDArray[np.int64], relevant: Sequence[set[int]], depth: int) -> float:
    """Mean share of the relevant documents among the first `depth`; queries without any skip."""
    found = [
        len(best & set(row[:depth].tolist())) / len(best)
        for row, best in zip(ranked, relevant, strict=True)
        if best
    ]
    return float(np.mean(found))


def ndcg(ranked: npt.NDArray[np.int64], relevant: Sequence[set[int]], depth: int = 10) -> float:
    """Mean nDCG at `depth` with binary relevance (Järvelin & Kekäläinen 2002)."""
    discounts = 1.0 / np.log2(np.arange(2, depth + 2))
    values = []
    for row, best in zip(ranked, relevant, strict=True):
        if best:
            gains = np.array([number in best for number in row[:depth].tolist()], dtype=float)
            ideal = discounts[: min(len(best), depth)].sum()
            values.append(float((gains * discounts[: len(gains)]).sum() / ideal))
    return float(np.mean(values))


def spearman(judged: eval_texts.Similarity, encode: Encode) -> float:
    """Rank correlation of cosine similarity with the human scores."""
    first, second = unit_rows(encode(judged.first)), unit_rows(encode(judged.second))
    ranks = _ranks((first * second).sum(axis=1)), _ranks(np.array(judged.scores))
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    # Equal values share the mean of their ranks.
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], dtype=np.float64)


def measure(folder: Path, encode: Encode) -> Scores:
    """Every score of the table, in percent; `folder` is the corpora's `eval/`."""
    scores: Scores = {}
    for code in TATOEBA:
        texts, english = eval_texts.tatoeba(folder, code)
        scores[f"Tatoeba {code}→eng"] = matching_accuracy(encode(texts), encode(english))
    japanese = encode(eval_texts.ntrex(folder, "ja"))
    for target in NTREX_TARGETS:
        other = encode(eval_texts.ntrex(folder, target))
        scores[f"NTREX ja→{target}"] = matching_accuracy(japanese, other)
    for title, name in SIMILARITY.items():
        scores[f"{title} Spearman"] = spearman(eval_texts.similarity(folder, name), encode)
    ranked, relevant = ranking(eval_texts.jsquad(folder), encode)
    scores["JSQuAD valid recall@1"] = recall(ranked, relevant, 1)
    scores["JSQuAD valid recall@10"] = recall(ranked, relevant, 10)
    ranked, relevant = ranking(eval_texts.ja_policy(folder), encode)
    scores["ja_policy dev nDCG@10 (dense)"] = ndcg(ranked, relevant)
    scores["ja_policy dev recall@10 (dense)"] = recall(ranked, relevant, 10)
    return {name: 100 * score for name, score in scores.items()}


def measure_cost(model: Path, texts: Sequence[str]) -> tuple[Scores, Encode]:
    """Load time (s), size of the folder (MB), sentences per second in batches, ms for one query."""
    start = time.perf_counter()
    encode = load(model)
    encode(["準備"])
    loaded = time.perf_counter()
    encode(texts)
    batch = time.perf_counter()
    for text in texts[:200]:
        encode([text])
    single = time.perf_counter()
    size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
    costs = {
        "load s": loaded - start,
        "size MB": size / 1e6,
        "sentences/s": len(texts) / (batch - loaded),
        "ms per query": 1000 * (single - batch) / min(200, len(texts)),
    }
    return costs, encode


def published_rows(path: Path) -> dict[str, Scores]:
    """The published scores that are on exactly our tasks, by model; empty if there is no file."""
    if not path.is_file():
        return {}
    results = json.loads(path.read_text(encoding="utf-8"))
    rows: dict[str, Scores] = {}
    for title, name in PUBLISHED.items():
        found: Mapping[str, Any] = results.get(name, {})
        tatoeba: Mapping[str, Any] = found.get("Tatoeba", {})
        row = {f"Tatoeba {code}→eng": tatoeba[code]["acc"] for code in TATOEBA if code in tatoeba}
        ntrex = found.get("NTREXBitextMining", {}).get("jpn_Jpan-eng_Latn")
        if ntrex:
            row["NTREX ja→en"] = ntrex["acc"]
        jsts = found.get("JSTS", {}).get("default/validation")
        if jsts:
            row["JSTS valid Spearman"] = jsts
        rows[title] = row
    return rows


def markdown(columns: Mapping[str, Scores]) -> str:
    """One row per score, one column per model; a dash where a model has no such score."""
    names = list(dict.fromkeys(name for scores in columns.values() for name in scores))
    lines = [" | ".join(["", "task", *columns, ""]).strip()]
    lines.append("|" + "---|" * (len(columns) + 1))
    for name in names:
        cells = [f"{scores[name]:.1f}" if name in scores else "–" for scores in columns.values()]
        lines.append(" | ".join(["", name, *cells, ""]).strip())
    return "\n".join(lines)


def main() -> None:
    """Command line of this step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpora", type=Path, help="folder with eval/ and the published results")
    parser.add_argument("models", type=Path, nargs="+", help="model folders")
    parser.add_argument("--json", type=Path, help="write the scores here too")
    arguments = parser.parse_args()
    folder = arguments.corpora / "eval"
    columns: dict[str, Scores] = {}
    sample = eval_texts.ntrex(folder, "ja")
    for model in arguments.models:
        costs, encode = measure_cost(model, sample)
        columns[model.name] = measure(folder, encode) | costs
    if arguments.json:
        arguments.json.write_text(json.dumps(columns, indent=2, ensure_ascii=False) + "\n")
    columns |= published_rows(arguments.corpora / "reference_results_mteb.json")
    print(markdown(columns))


if __name__ == "__main__":
    main()
