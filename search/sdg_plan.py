"""A whole plan judged: the rows of its `sdg.csv`; what people have decided stays in place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kg.alignments import AlignmentRow
from kg.codes import natural
from kg.plan import Plan
from kg.reviews import ADDED
from kg.things import SdgConcept
from search.sdg import Judge, Judgement
from search.sdg_texts import judged_texts

_UNREVIEWED = "unreviewed"


@dataclass(frozen=True, slots=True)
class Rejudged:
    """The rows of a plan judged again, and how many are `new`, `removed` or `kept` as reviewed."""

    rows: list[AlignmentRow]
    new: int
    removed: int
    kept: int


def judge_plan(
    plan: Plan,
    rows: Sequence[AlignmentRow],
    judge: Judge,
    concepts: Mapping[str, SdgConcept],
) -> Rejudged:
    """Judge all measures, initiatives and topics of a plan in their context (`judged_texts`).

    What the judge accepts becomes an unreviewed row. A row that somebody has reviewed keeps its
    state, evidence, notes, reviewer and date, and gets the judge's score and method beside them,
    also where the judge would not accept it: so the judge should report every score. A row that a
    person has added, or whose thing is not judged, stays as it is. An unreviewed row that the judge
    no longer accepts goes. `concepts` are by code; the SDGs' wording is given in the plan's
    language where there is one. The order is the plan's, then the UN's.
    """
    texts = judged_texts(plan)
    found = {
        (code, one.sdg): one
        for code, judgements in zip(texts, judge.judge(list(texts.values())), strict=True)
        for one in judgements
    }
    official = _official(concepts.values())
    reviewed = {
        (row.code, row.sdg): _scored(row, found.get((row.code, row.sdg)), judge.method)
        for row in rows
        if row.state != _UNREVIEWED or row.code not in texts
    }
    machine = {
        (code, sdg): AlignmentRow(
            code,
            sdg,
            _score(one),
            judge.method,
            one.evidence,
            _UNREVIEWED,
            wording=official.get(one.wording, one.wording),
        )
        for (code, sdg), one in found.items()
        if one.accepted and (code, sdg) not in reviewed
    }
    before = {(row.code, row.sdg) for row in rows}
    places = {code: place for place, (code, _, _) in enumerate(plan.texts())}
    every = [*reviewed.values(), *machine.values()]
    return Rejudged(
        sorted(every, key=lambda row: (places[row.code], natural(row.sdg))),
        new=len(machine.keys() - before),
        removed=len(before - reviewed.keys() - machine.keys()),
        kept=len(reviewed),
    )


def _scored(row: AlignmentRow, judgement: Judgement | None, method: str) -> AlignmentRow:
    if judgement is None or row.method == ADDED:
        return row
    return replace(row, score=_score(judgement), method=method)


def _score(judgement: Judgement) -> Decimal:
    """With the decimals that a judgement has, in one spelling (`kg.alignments`)."""
    return Decimal(format(Decimal(f"{judgement.score:.4f}").normalize(), "f"))


def _official(concepts: Iterable[SdgConcept], language: str = "ja") -> dict[str, str]:
    """Each wording in any language -> the same in the plans' language."""
    return {
        text: texts[language]
        for one in concepts
        for texts in (one.label, one.short)
        if language in texts
        for text in texts.values()
    }
