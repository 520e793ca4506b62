"""Answers to questions as plain data, one shape for the API, the command line and `--batch`."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from kg.catalog import Catalog, Thing
from search.facets import Choice, Facet
from search.finding import Found, find
from search.searcher import Searcher
from search.understanding import Understanding
from web import __version__
from web.answers import Answering, answer_for, answer_view
from web.cursors import cursor_at, place_of
from web.hit_shapes import SimilarAnswer, SimilarView, StepView
from web.hit_view import hit_view
from web.search_request import SearchRequest
from web.shapes import ChoiceView, FacetsView, FilterView, SearchAnswer, UnderstoodView
from web.shaping import plain
from web.texts import Texts


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
