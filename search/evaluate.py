"""How good a ranking is: nDCG, MRR, hit@1 and recall over judged questions.

Judged questions (qrels) are lines of JSON: `q`, `lang`, `kind` (plain, misspelt, exact, ...),
optionally `type` (asked with this filter), `relevant` (code -> grade 1..3; none for `off-topic`),
`why`, and `split`: `development` ones may be tuned on, `final` ones may not.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kg.message import UserError

Run = Callable[["JudgedQuestion"], Sequence[str]]
"""Answers a judged question with codes, best first."""


class QrelsError(UserError):
    """A line of judged questions that cannot be read."""


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with the codes that answer it: 3 answers it, 2 a good part of it, 1 touches it.

    Nothing answers one of the kind `off-topic`.
    """

    q: str
    lang: str
    relevant: Mapping[str, int]
    why: str
    split: str
    kind: str = "plain"
    type: str | None = None

    @property
    def off_topic(self) -> bool:
        """True where the right answer is that nothing here answers."""
        return self.kind == "off-topic"


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over some questions, each in 0..1."""

    questions: int
    ndcg10: float
    mrr: float
    hit1: float
    recall10: float


def read_questions(path: Path) -> list[JudgedQuestion]:
    """Read a file of judged questions. Raises QrelsError naming the line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            question = JudgedQuestion(**json.loads(line))
            if not all(g in (1, 2, 3) for g in question.relevant.values()):
                raise ValueError("relevant: grades 1, 2 or 3 by code")
            if question.off_topic == bool(question.relevant):
                raise ValueError("relevant: none if the kind is off-topic, else some")
        except (ValueError, TypeError, AttributeError) as error:
            raise QrelsError(
                ja=f"{path.name} の {number} 行目を読めません（{error}）。",
                en=f"Line {number} of {path.name} cannot be read ({error}).",
            ) from error
        found.append(question)
    return found


def evaluate(questions: Iterable[JudgedQuestion], run: Run) -> Measures:
    """The mean of every measure over the questions, answered by `run`; none may be off-topic."""
    each = [measure(run(question), question.relevant) for question in questions]
    names = [field.name for field in fields(Measures)][1:]
    means = {name: sum(one[name] for one in each) / max(1, len(each)) for name in names}
    return Measures(questions=len(each), **means)


def measure(ranked: Sequence[str], relevant: Mapping[str, int]) -> dict[str, Any]:
    """The measures of one ranking of codes against graded ones.

    nDCG@10 with gains 2^grade - 1 (Burges et al. 2005), MRR and hit@1 of the first relevant code,
    recall of the relevant codes in the first ten. Raises ValueError where nothing is relevant:
    what is to be measured there is silence, and no ranking shows it.
    """
    if not relevant:
        raise ValueError("no ranking can be right where nothing is relevant")
    top = ranked[:10]
    gains = [2 ** relevant.get(code, 0) - 1 for code in top]
    ideal = sorted((2**grade - 1 for grade in relevant.values()), reverse=True)[:10]
    first = next((n for n, code in enumerate(ranked, 1) if code in relevant), None)
    return {
        "ndcg10": _discounted(gains) / _discounted(ideal),
        "mrr": 1 / first if first else 0.0,
        "hit1": float(first == 1),
        "recall10": sum(code in relevant for code in top) / len(relevant),
    }


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
