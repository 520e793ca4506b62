"""The SDG judge seam: which goals and targets a text serves, with evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judged link: `sdg` is `4` (goal) or `4.4` (target), `score` in 0..1.

    `evidence` is the span of the judged text that spoke for it, `wording` the SDG text it met,
    `accepted` says whether the score passes the judge's threshold.
    """

    sdg: str
    score: float
    evidence: str
    wording: str
    accepted: bool


class Judge(Protocol):
    """Texts in any language to ranked goals and targets."""

    @property
    def method(self) -> str:
        """Name and version, e.g. `retrieval-1`."""
        ...

    def judge(self, texts: Sequence[str]) -> list[list[Judgement]]:
        """For each text its judgements, best first; an empty list means none."""
        ...
