"""Read the evaluation sets: for judging a finished encoder, and for keeping them out of training.

The layout is that of the corpora folder's `eval/`: `tatoeba/X-eng.{X,eng}` and `ntrex/*.txt` line
by line, `jsquad_valid.json`, `jsts_valid.jsonl`, `stsb-*-dev.csv`, `korsts-dev.tsv`,
`ja_policy_docs.jsonl` and `ja_policy_queries_dev.jsonl`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Retrieval(NamedTuple):
    """Queries, documents and, per query, the row numbers of the relevant documents."""

    queries: list[str]
    documents: list[str]
    relevant: list[set[int]]


class Similarity(NamedTuple):
    """Sentence pairs with a human similarity score (0 to 5)."""

    first: list[str]
    second: list[str]
    scores: list[float]


def _text_lines(path: Path) -> list[str]:
    # Not splitlines(): U+2028 and the like occur inside sentences and would break the alignment.
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text_lines(path) if line.strip()]


def tatoeba(folder: Path, code: str) -> tuple[list[str], list[str]]:
    """Aligned sentences of a language (ISO 639-3) and English (LASER v1 test sets)."""
    stem = folder / "tatoeba" / f"{code}-eng"
    return _text_lines(stem.with_suffix(f".{code}")), _text_lines(stem.with_suffix(".eng"))


def ntrex(folder: Path, language: str) -> list[str]:
    """The 1997 news sentences of NTREX-128 in one language (BCP 47)."""
    return _text_lines(folder / "ntrex" / f"{language}.txt")


def similarity(folder: Path, name: str) -> Similarity:
    """One of `jsts`, `stsb-ja`, `stsb-en`, `stsb-zh`, `korsts`."""
    rows: list[tuple[str, str, float]]
    if name == "jsts":
        found = _json_lines(folder / "jsts_valid.jsonl")
        rows = [(row["sentence1"], row["sentence2"], float(row["label"])) for row in found]
    elif name == "korsts":
        cells = [line.split("\t") for line in _text_lines(folder / "korsts-dev.tsv")[1:]]
        rows = [(cell[5], cell[6], float(cell[4])) for cell in cells]
    else:
        with (folder / f"{name}-dev.csv").open(encoding="utf-8", newline="") as file:
            rows = [(row[0], row[1], float(row[2])) for row in csv.reader(file) if row]
    return Similarity([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def jsquad(folder: Path) -> Retrieval:
    """Japanese questions over the distinct Wikipedia passages of JSQuAD's validation part."""
    data = json.loads((folder / "jsquad_valid.json").read_text(encoding="utf-8"))
    passages = [p if isinstance(p, str) else p["text"] for p in data["passages"]]
    ids = [n if isinstance(p, str) else p.get("pid", n) for n, p in enumerate(data["passages"])]
    rows = {pid: row for row, pid in enumerate(ids)}
    questions = [question["question"] for question in data["questions"]]
    return Retrieval(questions, passages, [{rows[q["pid"]]} for q in data["questions"]])


def ja_policy(folder: Path) -> Retrieval:
    """Japanese policy questions over descriptions of national and municipal programmes."""
    documents = _json_lines(folder / "ja_policy_docs.jsonl")
    rows = {document["id"]: row for row, document in enumerate(documents)}
    queries = _json_lines(folder / "ja_policy_queries_dev.jsonl")
    relevant = [{rows[i] for i in query["relevant"] if i in rows} for query in queries]
    return Retrieval(
        [query["query"] for query in queries], [doc["text"] for doc in documents], relevant
    )


def evaluation_texts(folder: Path) -> Iterator[str]:
    """Every text of the evaluation sets, with repeats; nothing if the folder is absent."""
    if not folder.is_dir():
        return
    for part in ("tatoeba", "ntrex"):
        for path in sorted((folder / part).glob("*")):
            yield from _text_lines(path)
    for name in ("jsts", "korsts", "stsb-ja", "stsb-en", "stsb-zh"):
        judged = similarity(folder, name)
        yield from judged.first
        yield from judged.second
    for task in (jsquad(folder), ja_policy(folder)):
        yield from task.queries
        yield from task.documents
    for document in _json_lines(folder / "ja_policy_docs.jsonl"):
        yield document["title"]
