"""Suggestions while a question is typed: as JSON, and as browsers ask for them (OpenSearch)."""

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from search.suggestions import Suggestion
from web.language import page_language
from web.search_request import SUGGESTED, SearchRequest
from web.services import Services
from web.shapes import SuggestedThing, SuggestionsAnswer, SuggestionView
from web.shaping import plain
from web.texts import Texts


def suggestion_view(one: Suggestion) -> SuggestionView:
    """One suggestion as the API shows it."""
    of = one.thing
    thing = SuggestedThing(iri=of.iri, code=of.code, type=of.type) if of is not None else None
    return SuggestionView(text=one.text, language=one.language, said=one.said, thing=thing)


def suggest_blueprint(services: Services) -> Blueprint:
    """`/api/v1/suggestions`, and OpenSearch: its description and `/api/v1/suggest`."""
    suggest = Blueprint("suggest", __name__)
    texts = Texts()

    def complete(typed: str, language: str | None, limit: int) -> list[Suggestion]:
        return services.suggestions.complete(typed, language or page_language(), limit)

    def described(one: Suggestion) -> str:
        if one.thing is None:
            return one.said
        return f"{texts.text(f'type.{one.thing.type}', page_language())} {one.thing.code}"

    @suggest.get("/api/v1/suggestions")
    def suggestions() -> Response:
        given = request.args
        asked = SearchRequest.parse(
            q=given.get("q"), lang=given.get("lang"), limit=given.get("limit", SUGGESTED)
        )
        found = complete(asked.question, asked.lang, asked.limit)
        views = [suggestion_view(one) for one in found]
        return jsonify(plain(SuggestionsAnswer(query=asked.q, suggestions=views)))

    @suggest.get("/api/v1/suggest")
    def opensearch_suggestions() -> Response:
        typed = request.args.get("q", "")
        found = complete(typed, None, SUGGESTED)
        search = [url_for("pages.search", q=one.text, _external=True) for one in found]
        answer = [typed, [one.text for one in found], [described(one) for one in found], search]
        response = jsonify(answer)
        response.mimetype = "application/x-suggestions+json"
        return response

    @suggest.get("/opensearch.xml")
    def opensearch() -> Response:
        page = render_template("opensearch.xml")
        return Response(page, content_type="application/opensearchdescription+xml; charset=utf-8")

    return suggest
