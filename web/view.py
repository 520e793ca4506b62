"""Answers as plain data, one shape for the API, the command line and `--batch`; knows no HTTP."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kg.alignment_context import said_by
from kg.catalog import Alignment, Catalog, Comparison, Thing
from kg.codes import goal_of
from kg.plan import ThingType
from kg.things import Source
from search.evidence import Marks
from search.facets import Choice, Facet
from search.finding import Found, find
from search.related import Related
from search.searcher import Evidence, Hit, Searcher, Step
from search.understanding import Understanding
from web import __version__
from web.answers import Answering, answer_for, answer_view
from web.cursors import cursor_at, place_of
from web.goals import short_label
from web.hit_shapes import (
    ContributionView,
    EvidenceView,
    HitView,
    MarksView,
    RelatedView,
    SimilarAnswer,
    SimilarView,
    SourceView,
    StepView,
)
from web.search_request import SearchRequest
from web.shapes import ChoiceView, FacetsView, FilterView, SearchAnswer, UnderstoodView
from web.shaping import plain
from web.texts import Texts
from web.thing_shapes import AlignmentView, ComparisonView, PartView, ThingView

if TYPE_CHECKING:  # the judge is not for who searches
    from search.sdg import Judgement


def _step(step: Step) -> StepView:
    return StepView(iri=step.iri, code=step.code, label=dict(step.label))


def _source(source: Source | None) -> SourceView | None:
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
        source=_source(evidence.source),
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


def understood_view(understood: Understanding) -> UnderstoodView:
    """How a question was read, as the API shows it."""
    return UnderstoodView(
        language=understood.language,
        filters=[
            FilterView(key=one.key, kind=one.kind, value=one.value, text=one.text)
            for one in understood.filters
        ],
        topic=understood.topic,
        respelt=understood.respelt,
    )


_CHOICE_TEXTS: Mapping[Facet, str] = {
    "type": "type.{}",
    "goal": "sdg.goal",
    "has_kpi": "facet.has_kpi_{}",
}


def facets_view(facets: Mapping[Facet, Sequence[Choice]]) -> FacetsView:
    """What hits can be narrowed by, every choice with a label in Japanese and English."""
    return FacetsView(
        **{facet: [_choice(facet, choice) for choice in facets.get(facet, ())] for facet in facets}
    )


def _choice(facet: Facet, choice: Choice) -> ChoiceView:
    label = dict(choice.label)
    if facet in _CHOICE_TEXTS:
        texts = _texts().by_key[_CHOICE_TEXTS[facet].format(choice.value)]
        label = {tag: text.format(code=choice.value) for tag, text in texts.items()}
    return ChoiceView(value=choice.value, label=label, count=choice.count, selected=choice.selected)


@lru_cache(maxsize=1)
def _texts() -> Texts:
    return Texts()


def find_for(searcher: Searcher, request: SearchRequest) -> tuple[Found, str | None]:
    """What a request asks for, with the cursor of the page after it; raises `RequestError`."""
    request.check(searcher.facets)
    index = f"{searcher.digest} {__version__}"
    found = find(
        searcher,
        request.question,
        request.filters,
        language=request.lang,
        limit=request.limit,
        offset=place_of(request, index),
        ignore=request.ignore,
    )
    place = found.following
    return found, None if place is None else cursor_at(place, request, index)


def search_answer(
    searcher: Searcher, request: SearchRequest, answering: Answering | None = None
) -> dict[str, Any]:
    """Ask and shape the answer, JSON types only; raises `RequestError`."""
    found, following = find_for(searcher, request)
    answer = answer_for(answering, request, found.understood)
    shaped = SearchAnswer(
        query=request.q,
        understood=understood_view(found.understood),
        answer=answer_view(answer) if answer else None,
        likely=found.likely,
        hits=[hit_view(hit) for hit in found.hits],
        total=found.total,
        facets=facets_view(found.facets),
        next=following,
    )
    return plain(shaped)


def _alignment(catalog: Catalog, thing: Thing, alignment: Alignment) -> AlignmentView:
    part = said_by(catalog, thing, alignment)
    return AlignmentView(
        iri=alignment.iri,
        thing=alignment.thing,
        sdg=alignment.sdg,
        score=alignment.score,
        method=alignment.method,
        state=alignment.state,
        evidence=alignment.evidence,
        part=(
            PartView(iri=part.thing.iri, code=part.thing.code, relation=part.relation)
            if part
            else None
        ),
        note=dict(alignment.note),
        wording=alignment.wording,
        reviewer=alignment.reviewer,
        reviewed=alignment.reviewed,
        stated=alignment.stated,
    )


def _comparison(one: Comparison) -> ComparisonView:
    return ComparisonView(
        iri=one.iri,
        indicator=one.indicator,
        match=one.match,
        reason=dict(one.reason),
        method=one.method,
        created=one.created,
        state=one.state,
        note=dict(one.note),
        reviewer=one.reviewer,
        reviewed=one.reviewed,
    )


def thing_view(catalog: Catalog, thing: Thing) -> dict[str, Any]:
    """One thing with everything we know of it, JSON types only."""
    shaped = ThingView(
        iri=thing.iri,
        plan=thing.plan,
        code=thing.code,
        type=thing.type,
        label=dict(thing.label),
        parent=thing.parent,
        children=list(thing.children),
        kpis=list(thing.kpis),
        source=_source(thing.source),
        texts={field: dict(texts) for field, texts in thing.texts.items()},
        alignments=[_alignment(catalog, thing, one) for one in thing.alignments],
        comparisons=[_comparison(one) for one in thing.comparisons],
    )
    return plain(shaped)


def similar_answer(
    searcher: Searcher, catalog: Catalog, thing: Thing, request: SearchRequest
) -> dict[str, Any]:
    """The things most like one, of the types and as many as asked for, JSON types only."""
    types: list[Any] = list(request.type)  # checked by the request
    similar = searcher.likeness.nearest(thing.iri, request.lang or "ja", request.limit, types)
    shaped = SimilarAnswer(
        thing=thing.iri,
        similar=[
            SimilarView(
                iri=one.thing.iri,
                code=one.thing.code,
                type=one.thing.type,
                label=dict(one.thing.label),
                similarity=one.similarity,
                path=[
                    StepView(iri=step.iri, code=step.code, label=dict(step.label))
                    for step in catalog.path(one.thing.iri)
                ],
            )
            for one in similar
        ],
    )
    return plain(shaped)


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
