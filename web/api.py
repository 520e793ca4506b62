"""The JSON API, version 1: search, things, suggestions, and its own OpenAPI description."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for

from kg.catalog import Catalog, Thing
from search.facets import FACETS
from web.language import page_language, shown
from web.openapi import openapi_document
from web.search_request import SearchRequest
from web.services import Services
from web.view import search_answer, thing_view

SUGGESTIONS = 8


def suggestions(catalog: Catalog, typed: str, language: str) -> list[Thing]:
    """Things whose label holds what was typed, those that begin with it first."""
    wanted = " ".join(typed.split()).casefold()
    if not wanted:
        return []
    places = [
        (place, number, thing)
        for number, thing in enumerate(catalog.things.values())
        if (place := shown(thing.label, language).text.casefold().find(wanted)) >= 0
    ]
    return [thing for _, _, thing in sorted(places, key=lambda found: found[:2])][:SUGGESTIONS]


def search_parameters() -> dict[str, str | list[str] | None]:
    """What the address of this request asks for; filters and `ignore` may be repeated."""
    given = request.args
    asked: dict[str, str | list[str] | None] = {"ignore": given.getlist("ignore")}
    asked.update((name, given.get(name)) for name in ("q", "lang", "limit", "cursor"))
    asked.update((facet, ",".join(given.getlist(facet))) for facet in FACETS)
    return asked


def api_blueprint(services: Services) -> Blueprint:
    """`/api/v1/…` and the OpenSearch description."""
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
        found = services.current().find(plan, code)
        if found is None:
            abort(404)
        return jsonify(thing_view(found))

    @api.get("/api/v1/suggest")
    def suggest() -> Response:
        typed, language = request.args.get("q", ""), page_language()
        labels = [shown(it.label, language).text for it in suggestions(catalog, typed, language)]
        response = jsonify([typed, labels])
        response.mimetype = "application/x-suggestions+json"
        return response

    @api.get("/api/v1/openapi.json")
    def openapi() -> Response:
        return jsonify(description())

    @api.get("/opensearch.xml")
    def opensearch() -> Response:
        page = render_template("opensearch.xml")
        return Response(page, content_type="application/opensearchdescription+xml; charset=utf-8")

    @cache
    def description() -> dict[str, Any]:
        return openapi_document(services.searcher.facets)

    catalog = services.catalog
    return api
