"""`/sparql`: the SPARQL 1.1 Protocol, the editor page, and the endpoint's own description."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import lru_cache

from flask import Blueprint, Response, jsonify, request, url_for
from rdflib import Graph

from kg.query import SparqlError, inspect
from kg.sparql_errors import read_only
from kg.store import RESULTS_JSON
from web.language import page_language
from web.negotiate import choose
from web.problem import for_people, problem_of, status_of
from web.rdf import serialised
from web.service_description import Describer, example_queries
from web.services import Services
from web.sparql_formats import GRAPHS, HTML, SOLUTIONS, Format, by_name, content_type, format_names
from web.sparql_hints import HINT_HEADER, header_of, hints_on
from web.sparql_page import answer_of, page
from web.sparql_request import FORM, QUERY, ProtocolError, ProtocolRequest, read_request
from web.sparql_terms import completion

logger = logging.getLogger(__name__)
DESCRIPTIONS = 32  # texts kept: a few formats of each, for every address we are asked by
_PAGE = Format("html", HTML)
_PAGE_NAMES = (_PAGE.name, HTML)
_NOTHING = ProtocolRequest("none", "")


def sparql_blueprint(services: Services) -> Blueprint:
    """`/sparql`, `/.well-known/void` and `/.well-known/sparql-examples`."""
    sparql = Blueprint("sparql", __name__)
    describer = Describer(None if services.is_remote else services.graph)

    @lru_cache(maxsize=DESCRIPTIONS)
    def written(describe: Callable[[str], Graph], address: str, extension: str) -> str:
        return serialised(describe(address), extension)

    def description(describe: Callable[[str], Graph], chosen: Format) -> Response:
        body = written(describe, url_for("sparql.endpoint", _external=True), chosen.name)
        return Response(body, content_type=content_type(chosen.media_type))

    @sparql.route("/sparql", methods=["GET", "POST"])
    def endpoint() -> Response:
        asked = _NOTHING
        try:
            asked = read_request(request)
            if asked.operation == "update":
                raise read_only()
            return answer(asked) if asked.operation == "query" else front(asked)
        except (ProtocolError, SparqlError) as error:
            return _failed(error, asked)

    def front(asked: ProtocolRequest) -> Response:
        """No query: the editor for people, the service description for programs."""
        chosen, _ = _chosen(asked, [*GRAPHS, _PAGE])
        if chosen is _PAGE:
            return Response(page(asked), mimetype=HTML)
        return description(describer.service, chosen)

    def answer(asked: ProtocolRequest) -> Response:
        is_table = inspect(asked.text).form in ("SELECT", "ASK")
        chosen, media_type = _chosen(asked, [*(SOLUTIONS if is_table else GRAPHS), _PAGE])
        engine_type = chosen.media_type
        if chosen is _PAGE:
            engine_type = RESULTS_JSON if is_table else GRAPHS[0].media_type
        started = time.monotonic()
        result = services.store.query(
            asked.text, media_type=engine_type, dataset=asked.dataset, timeout=asked.timeout
        )
        seconds = time.monotonic() - started
        hints = hints_on(services.store, asked.text, asked.dataset, result, seconds)
        if chosen is _PAGE:
            shown = page(asked, answer_of(result, services.catalog), hints=hints)
            response = Response(shown, mimetype=HTML)
        else:
            response = Response(result.body, content_type=content_type(media_type))
        if hints:
            response.headers[HINT_HEADER] = header_of(hints, page_language())
        if asked.format and chosen is not _PAGE:
            name = f"shirube.{chosen.name}"
            response.headers["Content-Disposition"] = f'inline; filename="{name}"'
        return response

    @sparql.get("/sparql/terms")
    def terms() -> Response:
        """What the editor completes; the data's, so it is read again when the data has changed."""
        response = jsonify(completion(describer.statistics(), services.catalog))
        response.add_etag()
        response.make_conditional(request)
        return response

    @sparql.get("/.well-known/void")
    def void() -> Response:
        return described(describer.void)

    @sparql.get("/.well-known/sparql-examples", endpoint="examples")
    def example_descriptions() -> Response:
        return described(example_queries)

    def described(describe: Callable[[str], Graph]) -> Response:
        asked = _NOTHING
        try:
            asked = read_request(request)
            return description(describe, _chosen(asked, GRAPHS)[0])
        except (ProtocolError, SparqlError) as error:
            return _failed(error, asked)

    @sparql.after_request
    def say_what_decides(response: Response) -> Response:
        response.vary.update(("Accept", "Accept-Language"))
        if request.path.startswith("/sparql"):
            response.headers["Accept-Post"] = f"{FORM}, {QUERY}"
        return response

    return sparql


def _chosen(asked: ProtocolRequest, offered: Sequence[Format]) -> tuple[Format, str]:
    """The format that the request wants, and the name it has there; 400 or 406 otherwise."""
    names = [one.name for one in offered]
    if asked.format:
        wanted = by_name(asked.format)
        if wanted is None:
            raise ProtocolError(
                400,
                f"format={asked.format} という形式はありません（{', '.join(format_names())}）。",
                f"There is no format={asked.format}: {', '.join(format_names())}.",
            )
        for one in offered:
            if one.name == wanted.name or asked.format in one.media_types:
                return one, one.media_type
    else:
        by_type = {media_type: one for one in reversed(offered) for media_type in one.media_types}
        order = [media_type for one in offered for media_type in one.media_types]
        media_type = choose(request.headers.get("Accept"), order)
        if media_type is not None:
            return by_type[media_type], media_type
    available = [one.media_type for one in offered]
    raise ProtocolError(
        406,
        f"この形式では答えられません。使える形式: {', '.join(names)}（{', '.join(available)}）。",
        f"Not available in that format. Available: {', '.join(names)} ({', '.join(available)}).",
        {"available": available},
    )


def _failed(error: ProtocolError | SparqlError, asked: ProtocolRequest) -> Response:
    """The error as the page with the query still in it, or as a problem document."""
    if isinstance(error, SparqlError) and error.kind == "crashed":
        logger.error("the engine failed on %r", asked.text, exc_info=error)
    as_page = asked.format in _PAGE_NAMES if asked.format else for_people()
    if as_page:
        return Response(page(asked, error=error), status_of(error), mimetype=HTML)
    return problem_of(error, page_language())
