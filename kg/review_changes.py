"""The changes that reviews make to the judged graph of a store that nobody else has open.

They run where the writer's other changes do (`kg.killable`), and import little.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pyoxigraph as ox

from kg.changes import Counts
from kg.iris import graph_of, iri_of, is_indicator, parse_judged_iri
from kg.prefixes import PREFIXES
from kg.reviews import (
    ADDED,
    HOLDING,
    Ask,
    Review,
    Verdict,
    moment,
    notes_of,
    quads_of,
    read_reviews,
    term,
)
from kg.store import Row


def decide(
    folder: str, built: str, plan: str, verdicts: Sequence[Verdict], who: str, when: str, name: str
) -> Counts:
    """One person's decision, `name`, on alignments of a plan; `built` is the store as built."""
    store, base = ox.Store(folder), ox.Store.read_only(built)
    reviews = [
        Review(plan, verdict, who, when, name, number)
        for number, verdict in enumerate(verdicts, start=1)
    ]
    return _changed(store, base, plan, [_last(store, base, review) for review in reviews])


def undo(
    folder: str, built: str, plan: str, decision: str, who: str, when: str, name: str
) -> Counts:
    """Take back a decision that stands, in another, `name`; nothing happens where none does."""
    store, base = ox.Store(folder), ox.Store.read_only(built)
    undone = [
        replace(review, undone=when, undone_in=name, undone_by=who)
        for review in read_reviews(asking(store))
        if (review.plan, review.decision, review.undone) == (plan, decision, "")
    ]
    return _changed(store, base, plan, undone)


def carry_reviews(old: ox.Store, new: ox.Store, built: ox.Store) -> None:
    """Put the reviews of one store into the judged graphs of another, just built."""
    reviews = read_reviews(asking(old))
    new.extend(quad for review in reviews for quad in quads_of(review))
    for alignment in dict.fromkeys(review.alignment for review in reviews):
        settle(new, built, alignment)


def asking(store: ox.Store) -> Ask:
    """A store of pyoxigraph, all its graphs together, as something that answers with rows."""

    def ask(text: str) -> Iterator[Row]:
        solutions = store.query(text, use_default_graph_as_union=True)
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for one in solutions:
            yield {name: value for name in names if (value := one[name]) is not None}

    return ask


def _changed(store: ox.Store, base: ox.Store, plan: str, reviews: Sequence[Review]) -> Counts:
    graph = ox.NamedNode(graph_of(plan, "judged"))
    before = _size(store, graph)
    store.extend(quad for review in reviews for quad in quads_of(review))
    for alignment in dict.fromkeys(review.alignment for review in reviews):
        settle(store, base, alignment)
    store.flush()
    return {graph.value: (before, _size(store, graph))}


def _size(store: ox.Store, graph: ox.NamedNode) -> int:
    return sum(1 for _ in store.quads_for_pattern(None, None, None, graph))


def _last(store: ox.Store, base: ox.Store, review: Review) -> Review:
    """The review, later than any of its alignment: clocks differ, and what is said last holds."""
    latest = max(
        [one.created for one in read_reviews(asking(store), review.alignment)]
        + [_built_moment(base, review)]
    )
    if review.created > latest:
        return review
    after = datetime.fromisoformat(latest) + timedelta(milliseconds=1)
    return replace(review, created=moment(after.isoformat()))


def settle(store: ox.Store, built: ox.Store, alignment: str) -> None:
    """Bring an alignment to what was built, and then to its latest review that stands.

    Likewise a comparison of a KPI with an indicator.
    """
    place = parse_judged_iri(alignment)
    assert place is not None, alignment
    plan, code, sdg_code = place
    graph, node = ox.NamedNode(graph_of(plan, "judged")), ox.NamedNode(alignment)
    thing = _thing(store, plan, code)
    for quad in list(store.quads_for_pattern(node, None, None, graph)):
        store.remove(quad)
    store.extend(built.quads_for_pattern(node, None, None, graph))
    if thing is None:  # the plan has no such thing any more: its reviews wait for its return
        return
    name, sdg = "alignedWith", ox.NamedNode(PREFIXES["sdg"] + sdg_code)
    if is_indicator(sdg_code):
        judged = next(store.quads_for_pattern(node, term("oa", "hasTarget"), None, graph), None)
        if judged is None:  # nor is there what nobody compares any more
            return
        name = "comparableWith"
        bodies = store.quads_for_pattern(node, term("oa", "hasBody"), None, graph)
        sdg = next((q.object for q in bodies if isinstance(q.object, ox.NamedNode)), sdg)
    link = ox.Quad(thing, term("shirube", name), sdg, graph)
    store.remove(link)
    standing = [one for one in read_reviews(asking(store), alignment) if not one.undone]
    if standing and standing[-1].created > _built_moment(built, standing[-1]):
        _write_state(store, graph, node, standing[-1], thing, sdg)
    state = next(store.quads_for_pattern(node, term("shirube", "reviewState"), None, graph), None)
    if sdg_code and state and state.object in [term("shirube", one) for one in HOLDING]:
        store.add(link)


def _write_state(
    store: ox.Store,
    graph: ox.NamedNode,
    node: ox.NamedNode,
    review: Review,
    thing: ox.NamedNode,
    sdg: ox.NamedNode,
) -> None:
    """What the alignment is by a review; where no machine has judged it, the review has made it."""
    verdict = review.verdict

    def put(predicate: ox.NamedNode, *values: ox.NamedNode | ox.Literal) -> None:
        for quad in list(store.quads_for_pattern(node, predicate, None, graph)):
            store.remove(quad)
        store.extend(ox.Quad(node, predicate, value, graph) for value in values)

    if next(store.quads_for_pattern(node, term("oa", "hasTarget"), None, graph), None) is None:
        [made] = [
            q.object for q in quads_of(review) if q.predicate == term("prov", "wasGeneratedBy")
        ]
        put(term("rdf", "type"), term("shirube", "SDGAlignment"))
        put(term("oa", "motivatedBy"), term("oa", "classifying"))
        put(term("oa", "hasTarget"), thing)
        put(term("oa", "hasBody"), sdg)
        put(term("shirube", "method"), ox.Literal(ADDED))
        put(term("prov", "wasGeneratedBy"), made)  # type: ignore[arg-type]
    put(term("shirube", "reviewState"), term("shirube", verdict.state))
    put(term("shirube", "reviewNote"), *notes_of(verdict))
    put(term("shirube", "currentReview"), review.iri)
    if verdict.evidence:
        put(term("shirube", "evidence"), ox.Literal(verdict.evidence, language="ja"))
        said_by = [ox.NamedNode(verdict.evidence_in)] if verdict.evidence_in else []
        put(term("shirube", "evidenceIn"), *said_by)


def _thing(store: ox.Store, plan: str, code: str) -> ox.NamedNode | None:
    """The thing of a plan that has a code."""
    said = ox.NamedNode(graph_of(plan, "said"))
    found = store.quads_for_pattern(None, term("skos", "notation"), ox.Literal(code), said)
    return next((q.subject for q in found if isinstance(q.subject, ox.NamedNode)), None)


def _built_moment(built: ox.Store, review: Review) -> str:
    """When the review that `sdg.csv` tells of was made; empty where it tells of none."""
    signed = ox.NamedNode(
        iri_of(review.plan, "review", f"{review.verdict.code}-{review.verdict.sdg or 'none'}")
    )
    graph = ox.NamedNode(graph_of(review.plan, "judged"))
    found = built.quads_for_pattern(signed, term("dcterms", "created"), None, graph)
    return next((moment(q.object.value) for q in found if isinstance(q.object, ox.Literal)), "")
