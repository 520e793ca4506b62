"""The API's OpenAPI 3.1 description, from the same dataclasses that shape its answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter

from kg.codes import GOALS
from kg.coverage import WORDS
from search.facets import SEARCH_TYPES, Facets
from search.understanding import FilterKind
from web import __version__
from web.hit_shapes import SimilarAnswer
from web.search_request import (
    HAS_KPI,
    LANGUAGE_TAG,
    MAX_LIMIT,
    MAX_QUESTION,
    MAX_TAG,
    SIMILAR,
    SUGGESTED,
)
from web.shapes import SearchAnswer, SuggestionsAnswer
from web.thing_shapes import CoverageAnswer, ThingView

_KEY = rf"^({'|'.join(get_args(FilterKind))}):[\s\S]+$"
_VISIBLE = r"[^\s\x00-\x1f\x7f-\x9f]"  # one character at least that can be seen


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong (RFC 9457), in the reader's language."""

    type: str
    title: str
    status: int
    detail: str | None = None


_SHAPES = (CoverageAnswer, SearchAnswer, SimilarAnswer, SuggestionsAnswer, ThingView, Problem)


def openapi_document(facets: Facets) -> dict[str, Any]:
    """The whole description as one JSON object; policies and plans are those that are here."""
    _, schemas = TypeAdapter.json_schemas(
        [(shape.__name__, "serialization", TypeAdapter(shape)) for shape in _SHAPES],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "shirube API",
            "version": __version__,
            "summary": "Search and read a government strategy as data.",
            "description": "Read-only, no registration. Within /api/v1 fields are added, "
            "never renamed, removed or given another meaning.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/v1/search": {"get": _search(facets)},
            "/api/v1/things/{plan}/{code}": {"get": _thing()},
            "/api/v1/things/{plan}/{code}/similar": {"get": _similar()},
            "/api/v1/sdgs": {"get": _sdgs(facets)},
            "/api/v1/suggestions": {"get": _suggestions()},
            "/api/v1/suggest": {"get": _suggest()},
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _search(facets: Facets) -> dict[str, Any]:
    return {
        "operationId": "search",
        "summary": "Things of the plans that answer a question in any language, best first.",
        "parameters": [
            _words("The question: words or a sentence.", "若者の地元定着"),
            _language("The question's language as a BCP 47 tag; left out, it is free."),
            _filter("type", SEARCH_TYPES, "Only these types."),
            _filter("policy", facets.values("policy"), "Only what is part of these policies."),
            _filter("goal", GOALS, "Only what is aligned with these SDG goals."),
            _filter("has_kpi", HAS_KPI, "Only what has KPIs of its own or below it, or none."),
            _filter("plan", facets.values("plan"), "Only what these plans say."),
            _query(
                "ignore",
                {"type": "array", "items": {"type": "string", "pattern": _KEY}},
                "Keys of `understood` that are not meant: their words are topic. Repeated.",
            ),
            _limit(10, "How many hits at most."),
            _query(
                "cursor",
                {"type": "string"},
                "The `next` of an answer to the same question with the same filters.",
            ),
        ],
        "responses": {
            "200": _json("SearchAnswer", "The hits.")
            | {
                "headers": {
                    "Link": {
                        "description": 'The next page: <address>; rel="next".',
                        "schema": {"type": "string"},
                    }
                }
            },
            "400": _problem(),
            "410": _problem(),
        },
    }


def _filter(name: str, values: Iterable[str], description: str) -> dict[str, Any]:
    schema = {"type": "array", "items": {"enum": list(values)}}
    several = f"{description} Several by comma, or repeated."
    return _query(name, schema, several, style="form", explode=False)


def _thing() -> dict[str, Any]:
    return {
        "operationId": "thing",
        "summary": "One policy, measure, initiative, component, KPI or topic with all we know.",
        "parameters": [_path("plan", "kumamoto-2"), _path("code", "4-2")],
        "responses": {"200": _json("ThingView", "The thing."), "404": _problem()},
    }


def _similar() -> dict[str, Any]:
    return {
        "operationId": "similar",
        "summary": "The things most like one, by vectors and words, not those above or below it.",
        "parameters": [
            _path("plan", "kumamoto-2"),
            _path("code", "4-2"),
            _filter("type", SEARCH_TYPES, "Only these types."),
            _limit(SIMILAR, "How many things at most."),
        ],
        "responses": {
            "200": _json("SimilarAnswer", "The things."),
            "400": _problem(),
            "404": _problem(),
        },
    }


def _sdgs(facets: Facets) -> dict[str, Any]:
    return {
        "operationId": "sdgs",
        "summary": "SDG goals and targets by whose word the plans serve them, or nobody's.",
        "parameters": [
            _filter("kind", ("goal", "target"), "Only goals, or only targets."),
            _filter("word", WORDS, "Only what is served by this word at best."),
            _filter("plan", facets.values("plan"), "Only by what these plans say."),
        ],
        "responses": {"200": _json("CoverageAnswer", "The goals and targets."), "400": _problem()},
    }


def _suggestions() -> dict[str, Any]:
    return {
        "operationId": "suggestions",
        "summary": "Labels and words that go on from what was typed, by letters or reading.",
        "parameters": [
            _words("What was typed so far.", "わかも"),
            _language("The reader's language as a BCP 47 tag: its texts come first."),
            _limit(SUGGESTED, "How many suggestions at most."),
        ],
        "responses": {
            "200": _json("SuggestionsAnswer", "The suggestions."),
            "400": _problem(),
        },
    }


def _suggest() -> dict[str, Any]:
    return {
        "operationId": "suggest",
        "summary": "The same as browsers ask for it (OpenSearch suggestions).",
        "parameters": [
            _query("q", {"type": "string"}, "What was typed so far."),
            _query("lang", {"enum": ["ja", "en"]}, "The reader's language."),
        ],
        "responses": {
            "200": {
                "description": "The text typed; then, in lists, what may be meant, what each is, "
                "and the address that searches for it.",
                "content": {"application/x-suggestions+json": {"schema": {"type": "array"}}},
            }
        },
    }


def _words(description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": _VISIBLE, "maxLength": MAX_QUESTION}
    return _query("q", schema, description, required=True, example=example)


def _language(description: str) -> dict[str, Any]:
    pattern = f"^({LANGUAGE_TAG.pattern})?$"
    return _query("lang", {"type": "string", "pattern": pattern, "maxLength": MAX_TAG}, description)


def _limit(usual: int, description: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": usual}
    return _query("limit", schema, description)


def _query(name: str, schema: dict[str, Any], description: str, **more: object) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description, **more}


def _path(name: str, example: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


def _json(model: str, description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problem() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "A problem, saying what is allowed.",
        "content": {"application/problem+json": {"schema": schema}},
    }
