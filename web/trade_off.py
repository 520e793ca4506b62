"""What it would cost to accept unread: how often the judge is right above a score, and how often
it says so much. Counted on what people have reviewed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.catalog import Alignment
from kg.codes import GOALS, goal_of
from web.thresholds import Thresholds

TEXTS_FILE = Path(__file__).parent / "trade_off.toml"
"""What is said of it, for who shows it."""

ENOUGH = 20  # reviews below which a share says little
POINTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Point:
    """One score as a threshold: of `judged` alignments `above` reach it, `reviewed` of those were
    read by a person and `right` of them held. `expected` is the judge's own word for the share that
    holds, for want of reviews."""

    score: float
    judged: int
    above: int
    reviewed: int
    right: int
    goal: str = ""
    expected: float | None = None

    @property
    def coverage(self) -> float:
        """The share of judged alignments that reach the score."""
        return self.above / self.judged if self.judged else 0.0

    @property
    def accuracy(self) -> float | None:
        """The share that holds: of the reviewed where they are enough, else the judge's word."""
        return self.right / self.reviewed if self.reviewed >= ENOUGH else self.expected

    @property
    def is_counted(self) -> bool:
        """Whether the accuracy was counted on reviews."""
        return self.reviewed >= ENOUGH


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a judge says of itself: by which `method` it judges, and the share of what it scores
    at least so high that is right (None where it has seen nothing so high)."""

    method: str
    above: Callable[[float], float | None]

    def of(self, alignments: Sequence[Alignment], score: float) -> float | None:
        """Its word on these, all of which reach `score`; None where another judge judged some."""
        own = bool(alignments) and all(one.method == self.method for one in alignments)
        return self.above(score) if own else None


Threshold = Callable[[str], float]
"""The score from which a goal or target, by its code, is likely."""


def _point(
    alignments: Iterable[Alignment], threshold: Threshold, estimate: Estimate | None, goal: str = ""
) -> Point:
    judged = [(one, one.score, threshold(one.sdg)) for one in alignments if one.score is not None]
    above = [one for one, score, least in judged if score >= least]
    read = [one for one in above if one.state in ("accepted", "corrected", "rejected")]
    least = min((least for _, _, least in judged), default=threshold(goal or GOALS[0]))
    return Point(
        score=least,
        judged=len(judged),
        above=len(above),
        reviewed=len(read),
        right=sum(one.state != "rejected" for one in read),
        goal=goal,
        expected=estimate.of(above, least) if estimate else None,
    )


def at_thresholds(
    alignments: Iterable[Alignment], threshold: Threshold, estimate: Estimate | None = None
) -> Point:
    """What accepting everything that reaches its goal's threshold would give."""
    return _point(alignments, threshold, estimate)


def by_score(alignments: Sequence[Alignment], estimate: Estimate | None = None) -> list[Point]:
    """The trade-off at some scores, over all goals."""
    return [_point(alignments, Thresholds(score).of, estimate) for score in POINTS]


def by_goal(
    alignments: Sequence[Alignment],
    threshold: Threshold,
    goals: Iterable[str],
    estimate: Estimate | None = None,
) -> list[Point]:
    """The trade-off at each goal's threshold, its targets included."""
    return [
        _point([one for one in alignments if goal_of(one.sdg) == goal], threshold, estimate, goal)
        for goal in goals
    ]
