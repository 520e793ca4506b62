"""How to mix what the judge's models and retrieval say, and from which score on to accept.

Chosen on texts that the models have not seen; a step of `search.sdg_training`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from kg.codes import GOALS, goal_of
from search.regression import regress
from search.sdg_classifier import Acceptance, Weights
from search.sdg_sources import Labelled
from search.sdg_trained import GOAL_SIGNALS, TARGET_SIGNALS, TrainedJudge, mixed, odds

# These three were chosen by nested folds (from where to accept: by four fifths, measured on the
# last). Sentences at 0.3, a share of 0.3 and no slack gave programme texts a macro F1 of .70 and a
# recall of .72, these .73 and .78; research texts kept their micro F1 of .69 (recall .65, now .67).
MIXED = {"gold": 2.0, "research": 1.0, "sentence": 1.0}
"""The texts that teach how to mix, and how much each counts."""
SHARE = 1.0
"""How much of all goals' texts stands beside a goal's own when its threshold is chosen."""
SLACK = 0.01
"""How much F1 is given for a lower threshold: to reject is easier than to find what is missing."""
STEPS = [round(0.01 * step, 2) for step in range(5, 95)]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What texts show to models that have not seen them; `goals`, `targets`: signals to mix.

    Shapes (texts, 17, signals), (texts, targets, signals); the wanted ones (texts, 17) and
    (texts, targets) of 0 and 1; `counts` (texts,).
    """

    goals: Floats
    wanted: Floats
    targets: Floats
    wanted_targets: Floats
    counts: Floats
    sources: NDArray[np.str_]

    def of(self, rows: NDArray[np.bool_]) -> "Unseen":
        """The texts of these rows."""
        return Unseen(*(getattr(self, field.name)[rows] for field in fields(self)))


def show(judge: TrainedJudge, labelled: Sequence[Labelled]) -> Unseen:
    """The signals of texts, weighed as the judge now weighs them."""
    mets = judge.retrieval.meet([one.text for one in labelled])
    goals, targets = [], []
    for clues in judge.clues(mets):
        if clues is None:
            raise ValueError("a text without words")
        goals.append(judge.goal_signals(clues))
        chances = mixed(judge.weights.goal_mix, goals[-1])
        targets.append(judge.target_signals(clues, chances))
    return Unseen(
        np.stack(goals),
        np.array([[float(goal in one.goals) for goal in GOALS] for one in labelled]),
        np.stack(targets),
        np.array([[float(code in one.targets) for code in judge.targets] for one in labelled]),
        np.array([MIXED[one.source] for one in labelled]),
        np.array([one.source for one in labelled]),
    )


def join(parts: Sequence[Unseen]) -> Unseen:
    """The texts of all parts as one."""
    return Unseen(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Unseen))
    )


def mix(unseen: Unseen, judge: TrainedJudge) -> Weights:
    """The weights with how to mix, from where to accept, and how right that was."""
    counts = np.repeat(unseen.counts, 17)
    goal_mix = regress(unseen.goals.reshape(-1, GOAL_SIGNALS), unseen.wanted.reshape(-1), counts)
    scores = mixed(tuple(goal_mix), unseen.goals)
    # What research serves is known of goals alone.
    asked = unseen.sources != "research"
    goal_of_target = [GOALS.index(goal_of(code)) for code in judge.targets]
    targets = unseen.targets.copy()
    targets[:, :, -1] = odds(scores)[:, goal_of_target]
    target_mix = regress(
        targets[asked].reshape(-1, TARGET_SIGNALS),
        unseen.wanted_targets[asked].reshape(-1),
        np.repeat(unseen.counts[asked], len(judge.targets)),
    )
    target_scores = mixed(tuple(target_mix), targets[asked])
    thresholds = goal_thresholds(scores, unseen.wanted, unseen.counts)
    policies = unseen.sources == "gold"
    return replace(
        judge.weights,
        goal_mix=tuple(np.round(goal_mix, 4).tolist()),
        target_mix=tuple(np.round(target_mix, 4).tolist()),
        thresholds=thresholds,
        target=best_threshold(
            target_scores, unseen.wanted_targets[asked], unseen.counts[asked][:, None]
        ),
        accuracy=accuracy(scores[policies], unseen.wanted[policies]),
    )


def best_threshold(scores: Floats, wanted: Floats, counts: Floats) -> float:
    """The lowest threshold whose F1 over all decisions is the best or nearly (`SLACK`).

    Each decision counts as often as `counts` says.
    """

    def f1(at: float) -> float:
        said = (scores >= at) * counts
        return 2 * float((said * wanted).sum()) / float(said.sum() + (wanted * counts).sum())

    found = {at: f1(at) for at in STEPS}
    return min(at for at in STEPS if found[at] >= max(found.values()) - SLACK)


def goal_thresholds(scores: Floats, wanted: Floats, counts: Floats) -> dict[str, float]:
    """Goal -> the score from which its F1 is best, held near what is best for all goals.

    A goal with few texts would follow their chance: its counts are added to a share of all's.
    """
    found = {}
    for column, goal in enumerate(GOALS):
        weights = np.full(scores.shape, SHARE / len(GOALS)) * counts[:, None]
        weights[:, column] += counts
        found[goal] = best_threshold(scores, wanted, weights)
    return found


def accuracy(scores: Floats, wanted: Floats) -> tuple[Acceptance, ...]:
    """What accepting from each score on gives, in steps of 0.05 while something is accepted."""
    found = []
    for at in np.arange(0.05, 1, 0.05).round(2).tolist():
        said = scores >= at
        if said.any():
            right = float((said * wanted).sum())
            found.append(
                Acceptance(at, round(right / int(said.sum()), 3), round(right / wanted.sum(), 3))
            )
    return tuple(found)
