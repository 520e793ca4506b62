"""What serves the SDGs, and what a judge says of a text, as plain data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kg.catalog import Catalog
from kg.codes import goal_of
from kg.plan import ThingType
from web.goals import short_label

if TYPE_CHECKING:  # the judge is not for who asks how the plan serves them
    from search.sdg import Judgement


def sdg_overview(catalog: Catalog) -> dict[str, Any]:
    """Each goal with the codes of the measures and initiatives that a reviewer let stand for it."""
    serving = [
        (goal_of(alignment.sdg), thing)
        for thing in catalog.things.values()
        for alignment in thing.alignments
        if alignment.holds
    ]

    def codes(goal: str, kind: ThingType) -> list[str]:
        return list(dict.fromkeys(t.code for g, t in serving if g == goal and t.type == kind))

    return {
        "goals": [
            {
                "goal": goal.code,
                "iri": goal.iri,
                "label": short_label(goal),
                "measures": codes(goal.code, "measure"),
                "initiatives": codes(goal.code, "initiative"),
            }
            for goal in catalog.goals
        ]
    }


def judgement_answer(judgements: "Sequence[Judgement]", method: str) -> dict[str, Any]:
    """What a judge says of one text: goals and targets, each best first, JSON types only."""

    def said(judgement: "Judgement") -> dict[str, Any]:
        return {
            "score": round(float(judgement.score), 4),
            "accepted": judgement.accepted,
            "evidence": judgement.evidence,
            "wording": judgement.wording,
        }

    return {
        "goals": [{"goal": int(one.sdg)} | said(one) for one in judgements if "." not in one.sdg],
        "targets": [{"target": one.sdg} | said(one) for one in judgements if "." in one.sdg],
        "method": method,
    }
