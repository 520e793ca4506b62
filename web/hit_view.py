"""Hits as the API shows them."""

from kg.things import Source
from search.evidence import Evidence, Marks, Step
from search.related import Related
from search.searcher import Hit
from web.hit_shapes import (
    ContributionView,
    EvidenceView,
    HitView,
    MarksView,
    RelatedView,
    SourceView,
    StepView,
)


def _step(step: Step) -> StepView:
    return StepView(iri=step.iri, code=step.code, label=dict(step.label))


def source_view(source: Source | None) -> SourceView | None:
    """Where a text stands in the plan's document, as the API shows it."""
    if source is None:
        return None
    return SourceView(document=source.document, line=source.line, exact=source.exact)


def _evidence(evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        match=evidence.match,
        passage=evidence.passage,
        field=evidence.field,
        language=evidence.language,
        origin=evidence.origin,
        words=list(evidence.words),
        spans=list(evidence.spans),
        related=[_related(one) for one in evidence.related],
        labels={tag: _marks(marks) for tag, marks in evidence.labels.items()},
        # float32 sums may pass 1 by a rounding error.
        similarity=round(min(1.0, max(-1.0, float(evidence.similarity))), 4),
        rank_vector=evidence.rank_vector,
        rank_words=evidence.rank_words,
        path=[_step(step) for step in evidence.path],
        line=evidence.line,
        source=source_view(evidence.source),
        contributions=[
            ContributionView(part=one.part, value=one.value) for one in evidence.contributions
        ],
    )


def _marks(marks: Marks) -> MarksView:
    return MarksView(spans=list(marks.spans), related=[_related(one) for one in marks.related])


def _related(related: Related) -> RelatedView:
    return RelatedView(
        question=related.question, text=related.text, by=related.by, span=related.span
    )


def hit_view(hit: Hit) -> HitView:
    """One hit as the API shows it."""
    return HitView(
        iri=hit.iri,
        code=hit.code,
        type=hit.type,
        label=dict(hit.label),
        score=float(hit.score),
        evidence=_evidence(hit.evidence),
    )
