"""`/api/v1/sdgs`: by whose word each goal and target is served, or by nobody's."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request

from kg.catalog import Catalog
from kg.coverage import WORDS, Coverage, coverage
from web.search_request import RequestError
from web.services import Services
from web.shaping import plain
from web.thing_shapes import CoverageAnswer, CoverageView


def coverage_view(one: Coverage) -> CoverageView:
    """One goal or target as the API shows it."""
    concept, things = one.concept, one.things
    return CoverageView(
        sdg=concept.code,
        iri=concept.iri,
        kind="target" if concept.parent else "goal",
        label=dict(concept.label),
        word=one.word,
        stated=list(things["stated"]),
        reviewed=list(things["reviewed"]),
        judged=list(things["judged"]),
        rejected=list(things["none"]),
    )


def coverage_answer(catalog: Catalog, kinds: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    """What `CoverageAnswer` promises, JSON types only; an empty filter lets all through."""
    views = map(coverage_view, coverage(catalog).values())
    wanted = [
        view
        for view in views
        if (not kinds or view.kind in kinds) and (not words or view.word in words)
    ]
    return plain(CoverageAnswer(sdgs=wanted))


def sdg_api_blueprint(services: Services) -> Blueprint:
    """The one address."""
    api = Blueprint("sdg_api", __name__)

    @api.get("/api/v1/sdgs")
    def sdgs() -> Response:
        current = services.current()
        kinds = _asked("kind", ("goal", "target"))
        words = _asked("word", WORDS)
        plans = _asked("plan", [strategy.plan for strategy in current.strategies])
        return jsonify(coverage_answer(current.of_plans(plans) if plans else current, kinds, words))

    return api


def _asked(name: str, allowed: Sequence[str]) -> list[str]:
    """The values of a filter, by comma or repeated. Raises RequestError."""
    given = ",".join(request.args.getlist(name))
    values = [value for value in given.split(",") if value]
    for value in values:
        if value not in allowed:
            choices = ", ".join(allowed)
            raise RequestError(
                ja=f"{name} は {choices} のどれかです（{value!r} とありました）。",
                en=f"{name} must be one of {choices}; found {value!r}.",
            )
    return values
