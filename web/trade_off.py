"""What it would cost to accept unread: how often the judge is right above a score, and how often
it says so much. Counted on what people have reviewed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kg.catalog import Alignment
from kg.codes import goal_of

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


AccuracyAbove = Callable[[float], float | None]


def _point(
    alignments: Sequence[Alignment], score: float, goal: str, expected: AccuracyAbove | None
) -> Point:
    above = [one for one in alignments if one.score is not None and one.score >= score]
    read = [one for one in above if one.state in ("accepted", "corrected", "rejected")]
    return Point(
        score=score,
        judged=len(alignments),
        above=len(above),
        reviewed=len(read),
        right=sum(one.state != "rejected" for one in read),
        goal=goal,
        expected=expected(score) if expected else None,
    )


def by_score(alignments: Iterable[Alignment], expected: AccuracyAbove | None = None) -> list[Point]:
    """The trade-off at some scores, over all goals."""
    judged = [one for one in alignments if one.score is not None]
    return [_point(judged, score, "", expected) for score in POINTS]


def by_goal(
    alignments: Iterable[Alignment],
    threshold: Callable[[str], float],
    goals: Iterable[str],
    expected: AccuracyAbove | None = None,
) -> list[Point]:
    """The trade-off at each goal's threshold, its targets included."""
    judged = [one for one in alignments if one.score is not None]
    return [
        _point([one for one in judged if goal_of(one.sdg) == goal], threshold(goal), goal, expected)
        for goal in goals
    ]
