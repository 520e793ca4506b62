"""The JSON API, version 1: search, things, and its own OpenAPI description."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for

from search.facets import FACETS
from web.openapi import openapi_document
from web.search_request import SIMILAR, SearchRequest
from web.services import Services
from web.thing_view import thing_view
from web.view import search_answer, similar_answer


def search_parameters() -> dict[str, str | list[str] | None]:
    """What the address of this request asks for; filters and `ignore` may be repeated."""
    given = request.args
    asked: dict[str, str | list[str] | None] = {"ignore": given.getlist("ignore")}
    asked.update((name, given.get(name)) for name in ("q", "lang", "limit", "cursor"))
    asked.update((facet, ",".join(given.getlist(facet))) for facet in FACETS)
    return asked


def api_blueprint(services: Services) -> Blueprint:
    """`/api/v1/…`."""
    api = Blueprint("api", __name__)

    @api.get("/api/v1/search")
    def search() -> Response:
        asked = SearchRequest.parse(**search_parameters())
        answer = search_answer(services.searcher, asked, services.answering)
        response = jsonify(answer)
        if answer["next"]:
            given = request.args.to_dict(flat=False) | {"cursor": [answer["next"]]}
            response.headers.add("Link", f'<{url_for("api.search", **given)}>; rel="next"')
        return response

    @api.get("/api/v1/things/<plan>/<code>")
    def thing(plan: str, code: str) -> Response:
        catalog = services.current()
        found = catalog.find(plan, code)
        if found is None:
            abort(404)
        return jsonify(thing_view(catalog, found))

    @api.get("/api/v1/things/<plan>/<code>/similar")
    def similar(plan: str, code: str) -> Response:
        found = services.current().find(plan, code)
        if found is None:
            abort(404)
        given = request.args
        types = ",".join(given.getlist("type"))
        asked = SearchRequest.parse(q=code, type=types, limit=given.get("limit", SIMILAR))
        return jsonify(similar_answer(services.searcher, services.current(), found, asked))

    @api.get("/api/v1/openapi.json")
    def openapi() -> Response:
        return jsonify(description())

    @cache
    def description() -> dict[str, Any]:
        return openapi_document(services.searcher.facets)

    return api
