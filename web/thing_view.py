"""Anything of a plan as the API shows it, with all that is known of it."""

from typing import Any

from kg.alignment_context import said_by
from kg.catalog import Alignment, Catalog, Comparison, Thing
from web.hit_view import source_view
from web.shaping import plain
from web.thing_shapes import AlignmentView, ComparisonView, PartView, ThingView


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
        source=source_view(thing.source),
        texts={field: dict(texts) for field, texts in thing.texts.items()},
        alignments=[_alignment(catalog, thing, one) for one in thing.alignments],
        comparisons=[_comparison(one) for one in thing.comparisons],
    )
    return plain(shaped)
