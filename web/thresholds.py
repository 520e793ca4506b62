"""How sure the judge must be of a goal before its judgement is taken for likely: one setting."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.codes import GOALS, goal_of
from kg.message import UserError

USUAL = 0.5


class ThresholdError(UserError):
    """Thresholds that are not written as they should be."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A score (0..1) for each goal, and for its targets; `usual` where the goal has none."""

    usual: float = USUAL
    by_goal: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, source: str) -> "Thresholds":
        """Read `0.5` or `0.5,4=0.6,13=0.4`; raises ThresholdError naming `source` and the part."""
        usual = USUAL
        by_goal: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            goal, equals, number = part.rpartition("=")
            score = _score(number)
            if score is None or (equals and goal.strip() not in GOALS):
                raise ThresholdError(
                    f"{source} の「{part}」は、0から1の数（0.5）か、"
                    "目標の番号と数（4=0.6）にしてください。",
                    f"{source}: {part!r} must be a number from 0 to 1 (0.5), or a goal's number "
                    "with one (4=0.6).",
                )
            if equals:
                by_goal[goal.strip()] = score
            else:
                usual = score
        return cls(usual, by_goal)

    def __str__(self) -> str:
        """As `parse` reads it."""
        return ",".join((f"{self.usual:g}", *(f"{g}={s:g}" for g, s in self.by_goal.items())))

    def of(self, sdg: str) -> float:
        """The threshold of a goal or target."""
        return self.by_goal.get(goal_of(sdg), self.usual)


USUAL_THRESHOLDS = Thresholds()


def _score(text: str) -> float | None:
    try:
        score = float(text)
    except ValueError:
        return None
    return score if 0 <= score <= 1 else None
