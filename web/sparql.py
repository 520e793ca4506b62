"""`/sparql`: the SPARQL 1.1 Protocol, the editor page, and the endpoint's own description."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

from flask import Blueprint, Response, jsonify, request, url_for
from rdflib import Graph

from kg.query import SparqlError, inspect, query_form
from kg.snapshot import WriteBusyError
from kg.store import RESULTS_JSON
from web.language import page_language
from web.problem import for_people, problem_of, status_of
from web.rdf import serialised
from web.service_description import Describer, example_queries
from web.services import Services
from web.sparql_cells import cells_of, iris_in
from web.sparql_formats import GRAPHS, HTML, SOLUTIONS, Format, content_type
from web.sparql_hints import HINT_HEADER, header_of, hints_on
from web.sparql_page import answer_of, page
from web.sparql_request import (
    FORM,
    QUERY,
    UPDATE,
    ProtocolError,
    ProtocolRequest,
    choose_format,
    read_request,
)
from web.sparql_terms import completion
from web.write_access import writer_and_author

logger = logging.getLogger(__name__)
DESCRIPTIONS = 32  # texts kept: a few formats of each, for every address we are asked by
_PAGE = Format("html", HTML)
_PAGE_NAMES = (_PAGE.name, HTML)
_NOTHING = ProtocolRequest("none", "")


def sparql_blueprint(services: Services) -> Blueprint:
    """`/sparql`, `/.well-known/void` and `/.well-known/sparql-examples`."""
    sparql = Blueprint("sparql", __name__)
    is_writable = services.writer is not None and bool(services.tokens)
    described_store = None if services.is_remote else services.graph
    describer = Describer(described_store, services.revision, is_writable)

    @lru_cache(maxsize=DESCRIPTIONS)
    def written(
        describe: Callable[[str], Graph], address: str, extension: str, revision: str
    ) -> str:
        return serialised(describe(address), extension)

    def description(describe: Callable[[str], Graph], chosen: Format) -> Response:
        address = url_for("sparql.endpoint", _external=True)
        body = written(describe, address, chosen.name, services.revision())
        return Response(body, content_type=content_type(chosen.media_type))

    @sparql.route("/sparql", methods=["GET", "POST"])
    def endpoint() -> Response:
        asked = _NOTHING
        try:
            asked = read_request(request)
            if asked.operation == "update":
                return update(asked)
            return answer(asked) if asked.operation == "query" else front(asked)
        except (ProtocolError, SparqlError) as error:
            return _failed(error, asked)
        except WriteBusyError as error:
            return _failed(ProtocolError(503, error.ja, error.en), asked)

    def update(asked: ProtocolRequest) -> Response:
        writer, author = writer_and_author(services)
        if not asked.in_body:
            raise ProtocolError(
                400,
                "更新は POST の本文で送ってください（URL には入れません）。",
                "Send an update in the body of a POST, not in the address.",
            )
        writer.update(
            asked.text,
            dataset=asked.dataset,
            base=url_for(".endpoint", _external=True),
            timeout=asked.timeout,
            author=author,
        )
        response = Response(status=204)
        response.headers.pop("Content-Type", None)
        return response

    def front(asked: ProtocolRequest) -> Response:
        """No query: the editor for people, the service description for programs."""
        chosen, _ = choose_format(asked.format, [*GRAPHS, _PAGE])
        if chosen is _PAGE:
            return Response(page(asked), mimetype=HTML)
        return description(describer.service, chosen)

    def answer(asked: ProtocolRequest) -> Response:
        if is_writable and inspect(asked.text).form == "UPDATE":
            raise ProtocolError(
                400,
                "これは更新です。query= ではなく update= か、application/sparql-update の本文で"
                "送ってください。",
                "This is an update: send it as update=, or as a body of application/sparql-update, "
                "not as query=.",
            )
        is_table = query_form(asked.text) in ("SELECT", "ASK")
        chosen, media_type = choose_format(
            asked.format, [*(SOLUTIONS if is_table else GRAPHS), _PAGE]
        )
        engine_type = chosen.media_type
        if chosen is _PAGE:
            engine_type = RESULTS_JSON if is_table else GRAPHS[0].media_type
        started = time.monotonic()
        result = services.store.query(
            asked.text,
            media_type=engine_type,
            dataset=asked.dataset,
            base=url_for(".endpoint", _external=True),
            timeout=asked.timeout,
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

    @sparql.post("/sparql/names")
    def names() -> Response:
        """How the page shows IRIs, a JSON array of which is posted: each short, linked, named."""
        try:
            return jsonify(cells_of(iris_in(request), services.catalog))
        except ProtocolError as error:
            return problem_of(error, page_language())

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
            return description(describe, choose_format(asked.format, GRAPHS)[0])
        except (ProtocolError, SparqlError) as error:
            return _failed(error, asked)

    @sparql.after_request
    def say_what_decides(response: Response) -> Response:
        response.vary.update(("Accept", "Accept-Language"))
        if request.path.startswith("/sparql"):
            types = (FORM, QUERY, UPDATE) if is_writable else (FORM, QUERY)
            response.headers["Accept-Post"] = ", ".join(types)
        return response

    return sparql


def _failed(error: ProtocolError | SparqlError, asked: ProtocolRequest) -> Response:
    """The error as the page with the query still in it, or as a problem document."""
    if isinstance(error, SparqlError) and error.kind == "crashed":
        logger.error("the engine failed on %r", asked.text, exc_info=error)
    as_page = asked.format in _PAGE_NAMES if asked.format else for_people()
    if as_page:
        return Response(page(asked, error=error), status_of(error), mimetype=HTML)
    return problem_of(error, page_language())
