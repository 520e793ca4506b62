"""The SDG judge beside keywords and BM25, on texts that it was neither trained nor tuned on.

    python -m tests.bench.sdg [SOURCES]

Japanese: the final half of `tests/data/sdg/gold.jsonl`. English, where SOURCES (with `oro_gold/`
and `aurora_queries/`) is given: the odd rows of oro_gold, whose targets nobody labelled. And the
speed of `shirube sdg judge --batch` with its start: on our own examples, or with SOURCES on titles
and abstracts of `aurora_survey/`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from kg.catalog_queries import read_sdgs
from kg.codes import GOALS, goal_of
from kg.oxigraph import OxigraphStore
from ontology import SDG_CONCEPTS
from search.encoder import load_encoder
from search.sdg import Judge, RetrievalJudge
from search.sdg_concepts import wordings
from search.sdg_queries import read_aurora, words_of
from search.sdg_reading import terms
from search.sdg_sources import MEASURED, RESEARCH, Labelled, examples, gold, research
from search.sdg_trained import TrainedJudge

GOLD = Path(__file__).parents[1] / "data" / "sdg" / "gold.jsonl"
BATCH = 3000  # texts
Floats = NDArray[np.float64]
Answers = list[dict[str, tuple[float, bool]]]
"""For each text: code -> score and whether it is accepted."""


def judged(judge: Judge, texts: Sequence[str]) -> Answers:
    """What a judge says."""
    return [{one.sdg: (one.score, one.accepted) for one in found} for found in judge.judge(texts)]


def bm25(texts: Sequence[str]) -> Answers:
    """Goals and targets by BM25 over all wordings; accepted is the first goal alone."""
    store = OxigraphStore()
    store.load(SDG_CONCEPTS.read_bytes(), "text/turtle")
    documents: dict[str, list[str]] = {}
    for one in wordings(tuple(read_sdgs(store).values())):
        documents.setdefault(one.sdg, []).extend(terms(one.text))
    codes = list(documents)
    index = bm25s.BM25()
    index.index(list(documents.values()), show_progress=False)
    found: Answers = []
    for text in texts:
        scores = index.get_scores(terms(text)) if terms(text) else np.zeros(len(codes))
        best: dict[str, float] = {}
        for code, score in zip(codes, scores.tolist(), strict=True):
            if score > 0:
                best[goal_of(code)] = max(best.get(goal_of(code), 0.0), score)
                if "." in code:
                    best[code] = score
        first = max((code for code in best if "." not in code), key=best.__getitem__, default="")
        found.append({code: (score, code == first) for code, score in best.items()})
    return found


def keywords(queries: Path) -> Callable[[Sequence[str]], Answers]:
    """Goals by the Aurora queries: accepted where one holds."""
    known = read_aurora(queries)

    def answer(texts: Sequence[str]) -> Answers:
        found: Answers = []
        for text in texts:
            words = words_of(text)
            codes = [code for code, query in known if query.places(words)]
            found.append({goal_of(code): (1.0, True) for code in codes})
        return found

    return answer


def measures(labelled: Sequence[Labelled], answers: Answers) -> dict[str, float]:
    """The numbers of the card; a goal that no text has is left out of the macro mean."""
    wanted = np.array([[goal in one.goals for goal in GOALS] for one in labelled])
    scores = np.array([[said.get(g, (0.0, False))[0] for g in GOALS] for said in answers])
    accepted = np.array([[said.get(g, (0.0, False))[1] for g in GOALS] for said in answers])
    right = (accepted & wanted).sum(axis=0)
    f1 = 2 * right / np.maximum(accepted.sum(axis=0) + wanted.sum(axis=0), 1)
    none = ~wanted.any(axis=1)
    found = {
        "macro F1": float(f1[wanted.any(axis=0)].mean()),
        "micro F1": 2 * float(right.sum()) / float(accepted.sum() + wanted.sum()),
        "none kept none": float((~accepted.any(axis=1))[none].mean()) if none.any() else np.nan,
        "coverage at 95 %": coverage(scores.ravel(), wanted.ravel()),
    }
    if scores.max() <= 1:  # BM25's are no chances
        found["calibration error"] = calibration_error(scores.ravel(), wanted.ravel())
    asked = [
        (one.targets, said) for one, said in zip(labelled, answers, strict=True) if one.targets
    ]
    if asked:
        found["target recall@5"] = float(np.mean([_recall(*one) for one in asked]))
    return found


def _recall(wanted: frozenset[str], said: dict[str, tuple[float, bool]]) -> float:
    best = sorted((code for code in said if "." in code), key=lambda code: -said[code][0])[:5]
    return len(wanted & set(best)) / len(wanted)


def calibration_error(scores: Floats, wanted: NDArray[np.bool_]) -> float:
    """ECE over ten bins of equal width (Guo et al. 2017), every text and goal a decision."""
    bins = np.minimum((scores * 10).astype(int), 9)
    parts = [bins == number for number in range(10)]
    gaps = [abs(scores[p].mean() - wanted[p].mean()) * p.mean() for p in parts if p.any()]
    return float(sum(gaps))


def coverage(scores: Floats, wanted: NDArray[np.bool_], precision: float = 0.95) -> float:
    """The most of the right goals that one threshold accepts with at least this precision."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(wanted[order])
    whole = np.append(np.diff(scores[order]) != 0, True)  # a threshold takes equals together
    holds = whole & (right / np.arange(1, len(right) + 1) >= precision)
    return float(right[holds].max() / wanted.sum()) if holds.any() else 0.0


def command_speed(texts: Sequence[str]) -> float:
    """Texts a second of the command as it is typed, from its start to its last answer."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.jsonl"
        lines = (json.dumps({"text": text}, ensure_ascii=False) for text in texts)
        file.write_text("\n".join(lines), "utf-8")
        command = [sys.executable, "-m", "web", "sdg", "judge", "--batch"]
        subprocess.run([*command, "-"], input="", text=True, check=True)  # the graph is built now
        started = time.perf_counter()
        done = subprocess.run([*command, str(file)], capture_output=True, check=True)
        seconds = time.perf_counter() - started
    assert done.stdout.count(b"\n") == len(texts)
    return len(texts) / seconds


def main() -> None:
    """Print a table for Japanese and, where there are sources, for English."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sources", nargs="?", type=Path)
    sources = parser.parse_args().sources
    store = OxigraphStore()
    store.load(SDG_CONCEPTS.read_bytes(), "text/turtle")
    retrieval = RetrievalJudge(tuple(read_sdgs(store).values()), load_encoder())
    trained = TrainedJudge(retrieval)
    systems: dict[str, Callable[[Sequence[str]], Answers]] = {
        trained.method: lambda texts: judged(trained, texts),
        retrieval.method: lambda texts: judged(retrieval, texts),
        "BM25 over the wordings": bm25,
    }
    tables = {"ja: final half of the gold set": gold(GOLD, "final")}
    english = None
    if sources and (sources / MEASURED).is_file() and (sources / "aurora_queries").is_dir():
        english = "en: held-out rows of oro_gold"
        tables[english] = research(sources / MEASURED)[1::2]
    else:
        print("English is left out: SOURCES=… with oro_gold/ and aurora_queries/ is not given.")
    for name, labelled in tables.items():
        print(f"\n{name}, {len(labelled)} texts")
        texts = [one.text for one in labelled]
        here = dict(systems)
        if name == english:
            here["Aurora queries"] = keywords(sources / "aurora_queries")
        for system, answer in here.items():
            started = time.perf_counter()
            answers = answer(texts)
            speed = len(texts) / (time.perf_counter() - started)
            numbers = ", ".join(
                f"{key} {value:.3f}" for key, value in measures(labelled, answers).items()
            )
            print(f"  {system}: {numbers}, {speed:.0f} texts/s")
    many = [one.text for one in examples()]
    if sources and (sources / RESEARCH[0]).is_file():
        many = [one.text for one in research(sources / RESEARCH[0])][:BATCH]
    speed = command_speed(many)
    print(f"\nshirube sdg judge --batch, {len(many)} texts with its start: {speed:.0f} texts/s")


if __name__ == "__main__":
    main()
