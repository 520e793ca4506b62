"""`/sparql`: the SPARQL 1.1 Protocol, the editor page, and the endpoint's own description."""

import logging
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request, url_for
from rdflib import Graph

from kg.query import SparqlError, inspect
from kg.sparql_errors import read_only
from kg.store import RESULTS_JSON
from web.language import page_language
from web.negotiate import choose
from web.problem import PROBLEM_JSON, problem_of, status_of
from web.service_description import Describer, example_queries
from web.services import Services
from web.sparql_formats import GRAPHS, HTML, SOLUTIONS, Format, by_name, content_type, format_names
from web.sparql_page import answer_of, page
from web.sparql_request import FORM, QUERY, ProtocolError, ProtocolRequest, read_request

logger = logging.getLogger(__name__)
_METHODS = "GET, HEAD, POST, OPTIONS"
_PAGE = Format("html", HTML)
_RDFLIB = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}
_NOTHING = ProtocolRequest("none", "")


def sparql_blueprint(services: Services) -> Blueprint:
    """`/sparql`, `/.well-known/void` and `/.well-known/sparql-examples`."""
    sparql = Blueprint("sparql", __name__)
    describer = Describer(services.graph)

    @sparql.route(
        "/sparql", methods=["GET", "POST"], strict_slashes=False, provide_automatic_options=False
    )
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
        return _rdf(describer.service(_address()), chosen)

    def answer(asked: ProtocolRequest) -> Response:
        is_table = inspect(asked.text).form in ("SELECT", "ASK")
        chosen, media_type = _chosen(asked, [*(SOLUTIONS if is_table else GRAPHS), _PAGE])
        engine_type = chosen.media_type
        if chosen is _PAGE:
            engine_type = RESULTS_JSON if is_table else GRAPHS[0].media_type
        result = services.store.query(
            asked.text, media_type=engine_type, dataset=asked.dataset, timeout=asked.timeout
        )
        if chosen is _PAGE:
            return Response(page(asked, answer_of(result, services.catalog)), mimetype=HTML)
        response = Response(result.body, content_type=content_type(media_type))
        if asked.format:
            name = f"shirube.{chosen.name}"
            response.headers["Content-Disposition"] = f'inline; filename="{name}"'
        return response

    @sparql.route("/sparql", methods=["OPTIONS"], strict_slashes=False)
    def options() -> Response:
        response = Response(status=204)
        response.headers["Allow"] = _METHODS
        response.headers["Accept-Post"] = f"{FORM}, {QUERY}"
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Accept-Language, Authorization, Content-Type"
        )
        response.headers["Access-Control-Max-Age"] = "86400"
        return response

    @sparql.route("/sparql", methods=["PUT", "PATCH", "DELETE"], strict_slashes=False)
    def not_allowed() -> Response:
        ja, en = f"使えるのは {_METHODS} だけです。", f"Only {_METHODS} are allowed here."
        response = _failed(ProtocolError(405, ja, en), _NOTHING)
        response.headers["Allow"] = _METHODS
        return response

    @sparql.get("/.well-known/void")
    def void() -> Response:
        return described(lambda: describer.void(_address()))

    @sparql.get("/.well-known/sparql-examples", endpoint="examples")
    def example_descriptions() -> Response:
        return described(lambda: example_queries(_address()))

    def described(describe: Callable[[], Graph]) -> Response:
        asked = _NOTHING
        try:
            asked = read_request(request)
            return _rdf(describe(), _chosen(asked, GRAPHS)[0])
        except (ProtocolError, SparqlError) as error:
            return _failed(error, asked)

    @sparql.after_request
    def open_to_all(response: Response) -> Response:
        """Anybody's page may read what is here; the answer depends on these headers."""
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = (
            "Allow, Content-Disposition, Content-Language, Link, Retry-After"
        )
        response.vary.update(("Accept", "Accept-Language", "Origin"))
        return response

    return sparql


def _address() -> str:
    return url_for("sparql.endpoint", _external=True)


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


def _rdf(graph: Graph, chosen: Format) -> Response:
    body = graph.serialize(format=_RDFLIB[chosen.name])
    return Response(body, content_type=content_type(chosen.media_type))


def _failed(error: ProtocolError | SparqlError, asked: ProtocolRequest) -> Response:
    """The error as the page with the query still in it, or as a problem document."""
    if isinstance(error, SparqlError) and error.kind == "crashed":
        logger.error("the engine failed on %r", asked.text, exc_info=error)
    problem = problem_of(error, page_language())
    offered = [PROBLEM_JSON, HTML]
    wanted = asked.format or choose(request.headers.get("Accept"), offered)
    if wanted in ("html", HTML):
        return Response(page(asked, error=error), status_of(error), mimetype=HTML)
    return problem
