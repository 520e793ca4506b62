"""Measure encoders on the public evaluation sets and print one table beside published results.

    python -m search.training.evaluate_encoder CORPORA MODEL [MODEL ...] [--json FILE]

A MODEL is a folder or a hub name that the encoder seam takes; with --json, what was measured before
is kept and only other models are measured. For reporting only: choices are made on the development
slice (see compare.py). Accuracies, correlations and recalls are in percent. The policy queries are
answered by the vectors, by BM25 (the product's own), and by both, fused by reciprocal rank.
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

from search.analysis import analyse
from search.encoder import Encoder, Vectors, load_encoder, unit_rows
from search.fusion import ranks, reciprocal_rank_fusion
from search.lexical import LexicalIndex
from search.training import eval_texts
from search.training.development import Encode, matching_accuracy

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

FUSED_DEPTH = 200  # of the vectors' ranking, which has no end of its own; BM25's ends at 0
QUERIES_TIMED = 200


def ranking(queries: Vectors, documents: Vectors, depth: int = 10) -> npt.NDArray[np.int64]:
    """Row numbers of the best `depth` documents for each query (queries, depth), by cosine."""
    scores = unit_rows(queries) @ unit_rows(documents).T
    return np.argsort(-scores, axis=1, kind="stable")[:, :depth]


def policy_rankings(
    task: eval_texts.Retrieval, encoder: Encoder, depth: int = 10
) -> dict[str, npt.NDArray[np.int64]]:
    """The best documents for each policy query by the vectors, by BM25, and by both fused."""
    dense = encoder.encode_query(task.queries) @ encoder.encode_document(task.documents).T
    words = LexicalIndex.build(task.documents)
    found: dict[str, list[npt.NDArray[np.int64]]] = {"dense": [], "BM25": [], "fused": []}
    for query, by_vector in zip(task.queries, dense, strict=True):
        by_words = words.scores(analyse(query))
        near = _listed(by_vector, FUSED_DEPTH)
        lists = (ranks(by_vector, near), 1.0), (ranks(by_words, by_words > 0), 1.0)
        fused = reciprocal_rank_fusion(lists)
        for name, scores in (("dense", by_vector), ("BM25", by_words), ("fused", fused)):
            found[name].append(np.argsort(-scores, kind="stable")[:depth])
    return {name: np.array(rows) for name, rows in found.items()}


def _listed(scores: Vectors, depth: int) -> npt.NDArray[np.bool_]:
    listed = np.zeros(len(scores), dtype=np.bool_)
    listed[np.argsort(-scores, kind="stable")[:depth]] = True
    return listed


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


def measure(folder: Path, encoder: Encoder) -> Scores:
    """Every score of the table, in percent; `folder` is the corpora's `eval/`."""
    scores: Scores = {}
    encode = encoder.encode_document
    for code in TATOEBA:
        texts, english = eval_texts.tatoeba(folder, code)
        scores[f"Tatoeba {code}→eng"] = matching_accuracy(encode(texts), encode(english))
    japanese = encode(eval_texts.ntrex(folder, "ja"))
    for target in NTREX_TARGETS:
        other = encode(eval_texts.ntrex(folder, target))
        scores[f"NTREX ja→{target}"] = matching_accuracy(japanese, other)
    for title, name in SIMILARITY.items():
        scores[f"{title} Spearman"] = spearman(eval_texts.similarity(folder, name), encode)
    task = eval_texts.jsquad(folder)
    ranked = ranking(encoder.encode_query(task.queries), encode(task.documents))
    for depth in (1, 10):
        scores[f"JSQuAD valid recall@{depth}"] = recall(ranked, task.relevant, depth)
    task = eval_texts.ja_policy(folder)
    for name, ranked in policy_rankings(task, encoder).items():
        scores[f"ja_policy dev nDCG@10 ({name})"] = ndcg(ranked, task.relevant)
        scores[f"ja_policy dev recall@10 ({name})"] = recall(ranked, task.relevant, 10)
    return {name: 100 * score for name, score in scores.items()}


def measure_cost(model: str, texts: Sequence[str]) -> tuple[Scores, Encoder]:
    """Load time (s), size of the folder (MB), sentences per second in batches, ms for one query."""
    start = time.perf_counter()
    encoder = load_encoder(model)
    encoder.encode_query(["準備"])
    loaded = time.perf_counter()
    encoder.encode_document(texts)
    batch = time.perf_counter()
    for text in texts[:QUERIES_TIMED]:
        encoder.encode_query([text])
    single = time.perf_counter()
    costs = {
        "load s": loaded - start,
        "sentences/s": len(texts) / (batch - loaded),
        "ms per query": 1000 * (single - batch) / min(QUERIES_TIMED, len(texts)),
    }
    if Path(model).is_dir():
        files = (path for path in Path(model).rglob("*") if path.is_file())
        costs["size MB"] = sum(path.stat().st_size for path in files) / 1e6
    return costs, encoder


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
    parser.add_argument("models", nargs="+", help="model folders or hub names")
    parser.add_argument("--json", type=Path, help="keep the scores here, and go on from them")
    arguments = parser.parse_args()
    folder = arguments.corpora / "eval"
    columns: dict[str, Scores] = {}
    if arguments.json and arguments.json.is_file():
        columns = json.loads(arguments.json.read_text(encoding="utf-8"))
    sample = eval_texts.ntrex(folder, "ja")
    for model in arguments.models:
        name = Path(model).resolve().name if Path(model).is_dir() else model
        if name in columns:
            continue
        costs, encoder = measure_cost(model, sample)
        columns[name] = measure(folder, encoder) | costs
        if arguments.json:
            text = json.dumps(columns, indent=2, ensure_ascii=False) + "\n"
            arguments.json.write_text(text, encoding="utf-8")
    columns |= published_rows(arguments.corpora / "reference_results_mteb.json")
    print(markdown(columns))


if __name__ == "__main__":
    main()
