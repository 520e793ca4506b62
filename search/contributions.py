"""How the score of a hit came about: what each part of the ranking added to it."""

import math
from dataclasses import dataclass
from typing import Literal

from search.calibration import Calibration, Signals
from search.ranking import WORDS_WEIGHT, OwnTexts

Part = Literal["base", "meaning", "words", "thesaurus", "context", "name", "filters", "order"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part adds to a score, in log-odds: the score is 1 / (1 + e^-sum).

    `base` is what a hit has that nothing speaks for; `meaning`, `words` and `thesaurus` come of
    the thing's own texts (vectors, BM25, concepts that they name), `context` of what is above and
    below it, `name` of a label or code that the question names, `filters` of what the question
    asks for by type, place and the like. `order` is what was taken off so as not to outrank a
    better match.
    """

    part: Part
    value: float


def contributions(
    calibration: Calibration, signals: Signals, own: OwnTexts | None, score: float
) -> tuple[Contribution, ...]:
    """The parts of a score, which their sum gives; those that add nothing are left out.

    `own` is None where the filters are all that is asked for: then all is of the topic.
    """
    fused, exact, substring, filtered, fit = calibration.parts(signals)
    values: dict[Part, float] = {"base": calibration.intercept}
    if own is None:
        values["filters"] = fused
    else:
        values["meaning"] = calibration.fused * own.meaning
        values["words"] = calibration.fused * WORDS_WEIGHT * own.words
        values["thesaurus"] = calibration.fused * own.thesaurus
        values["context"] = fused - sum(values[part] for part in ("meaning", "words", "thesaurus"))
    values["name"] = exact + substring
    values["filters"] = values.get("filters", 0.0) + filtered + fit
    values["order"] = math.log(score / (1 - score)) - sum(values.values())
    return tuple(
        Contribution(part, round(value, 4))
        for part, value in values.items()
        if round(value, 4) or part == "base"
    )
