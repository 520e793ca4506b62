"""`/graph-store`: the SPARQL 1.1 Graph Store HTTP Protocol (W3C, 2013).

A graph is named indirectly, by `?graph=IRI` or `?default`, or directly (section 4.1): it is the one
whose IRI the address under `/graph-store/` is. Everybody may read, whoever has a token may write.
"""

import re
from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.urls import iri_to_uri, uri_to_iri

from kg.message import UserError
from kg.preconditions import Precondition, Tags, entity_tag, representation
from kg.query import SparqlError
from kg.sparql_errors import bad_graph, graph_changed, missing_graph
from kg.store import DEFAULT_GRAPH
from web.language import page_language
from web.problem import problem_of
from web.services import Services
from web.sparql_formats import GRAPHS, content_type
from web.sparql_request import ProtocolError, choose_format
from web.write_access import writer_and_author

MAX_GRAPH = 64 * 1024 * 1024  # bytes of a body
# As a body may be called: what only some clients mean by text/plain or application/json (an empty
# graph is JSON-LD's `{}`) is no reason to replace a graph.
_MEDIA_TYPES = {
    name: one.media_type
    for one in GRAPHS
    for name in one.media_types
    if name == one.media_type or name.endswith("turtle")
}
_ACCEPTED = ", ".join(one.media_type for one in GRAPHS)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")


def graph_store_blueprint(services: Services) -> Blueprint:
    """`/graph-store?default`, `/graph-store?graph=IRI` and `/graph-store/…`."""
    graph_store = Blueprint("graph_store", __name__)
    known = services.store if services.is_remote else services.graph

    @graph_store.get("/graph-store")
    @graph_store.get("/graph-store/<path:name>")
    def read(name: str | None = None) -> Response:
        graph = asked_graph(name)
        chosen, media_type = choose_format(request.args.get("format"), GRAPHS)
        if graph != DEFAULT_GRAPH and graph not in known.graphs():
            raise missing_graph(graph)
        contents = representation(services.store, graph, chosen.media_type)
        tag, asked = entity_tag(contents), _precondition()
        if asked.match is not None and not asked.match.lists(tag):
            raise graph_changed(graph, is_there=True)
        response = Response(contents.body, content_type=content_type(media_type))
        response.set_etag(tag)
        if asked.none_match is not None and asked.none_match.lists(tag):
            response.status_code = 304
        return response

    @graph_store.put("/graph-store")
    @graph_store.put("/graph-store/<path:name>")
    def replace(name: str | None = None) -> Response:
        writer, author = writer_and_author(services)
        graph = asked_graph(name)
        change = writer.load(
            graph,
            _body(),
            replace=True,
            base=_base(graph),
            author=author,
            condition=_precondition(),
        )
        return _written(change.graphs[graph][0] is None and graph != DEFAULT_GRAPH)

    @graph_store.post("/graph-store")
    @graph_store.post("/graph-store/<path:name>")
    def add(name: str | None = None) -> Response:
        writer, author = writer_and_author(services)
        is_new = name is None and not request.args.keys() & {"default", "graph"}
        graph = direct(str(uuid4())) if is_new else asked_graph(name)
        change = writer.load(
            graph,
            _body(),
            replace=False,
            base=_base(graph),
            author=author,
            condition=_precondition(),
        )
        response = _written(change.graphs[graph][0] is None and graph != DEFAULT_GRAPH)
        if is_new:
            response.headers["Location"] = iri_to_uri(graph)
        return response

    @graph_store.delete("/graph-store")
    @graph_store.delete("/graph-store/<path:name>")
    def remove(name: str | None = None) -> Response:
        writer, author = writer_and_author(services)
        writer.delete(asked_graph(name), author=author, condition=_precondition())
        return _written(is_new=False)

    @graph_store.errorhandler(UserError)
    def failed(error: UserError) -> Response:
        if not isinstance(error, ProtocolError | SparqlError):
            error = ProtocolError(503, error.ja, error.en)
        return problem_of(error, page_language())

    @graph_store.after_request
    def say_what_decides(response: Response) -> Response:
        response.vary.update(("Accept", "Accept-Language"))
        response.headers["Accept-Post"] = _ACCEPTED
        return response

    return graph_store


def asked_graph(name: str | None = None) -> str:
    """The IRI of the graph that a request is about, `name` what its address has after ours.

    Raises ProtocolError (400), SparqlError.
    """
    named = request.args.getlist("graph")
    if len(named) + len(request.args.getlist("default")) + (name is not None) != 1:
        raise ProtocolError(
            400,
            "?default、?graph=IRI、/graph-store/… のどれか一つでグラフを指定してください。",
            "Name one graph, by ?default, by ?graph=IRI or by its own address.",
        )
    if name is not None:
        return absolute(direct(name))
    return absolute(named[0]) if named else DEFAULT_GRAPH


def direct(name: str) -> str:
    """The graph whose IRI is an address of ours."""
    return f"{url_for('graph_store.read', _external=True)}/{uri_to_iri(quote(name))}"


def absolute(graph: str) -> str:
    """A graph's name, if it is an absolute IRI; SparqlError else."""
    if not _ABSOLUTE.fullmatch(graph):
        raise bad_graph(graph)
    return graph


def _precondition() -> Precondition:
    """What the request asks of the graph; If-Match compares strongly (RFC 9110, section 13.1.1)."""
    sent = request.headers
    if_match, if_none_match = request.if_match, request.if_none_match
    strong, weak = if_match.as_set(), if_none_match.as_set(include_weak=True)
    return Precondition(
        Tags(frozenset(strong), if_match.star_tag) if "If-Match" in sent else None,
        Tags(frozenset(weak), if_none_match.star_tag) if "If-None-Match" in sent else None,
    )


def _base(graph: str) -> str:
    """A graph's own IRI is what relative ones in it are resolved against (section 4.1)."""
    return graph if "/" in graph else ""


def _body() -> list[tuple[bytes, str]]:
    """The RDF that was sent, with its media type; several files of a form are several parts."""
    request.max_content_length = MAX_GRAPH
    try:
        if request.mimetype == "multipart/form-data":
            files = [file for files in request.files.listvalues() for file in files]
            return [(file.read(), media_type_of(file.mimetype)) for file in files]
        media_type = media_type_of(request.mimetype)
        if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise ProtocolError(
                415, "文字コードは UTF-8 にしてください。", "The character encoding must be UTF-8."
            )
        return [(request.get_data(cache=False), media_type)]
    except RequestEntityTooLarge:
        raise ProtocolError(
            413,
            f"本文が大きすぎます（上限は {MAX_GRAPH // 2**20} MiB）。分けて POST してください。",
            f"The body is larger than {MAX_GRAPH // 2**20} MiB: POST it in parts.",
        ) from None


def media_type_of(given: str) -> str:
    """The format of RDF that a body is in; ProtocolError (415) for anything else."""
    known = _MEDIA_TYPES.get(given)
    if known is None:
        raise ProtocolError(
            415,
            f"本文の種類「{given}」は受け付けません（{_ACCEPTED} のどれか）。",
            f"The body's type “{given}” is not taken: use one of {_ACCEPTED}.",
        )
    return known


def _written(is_new: bool) -> Response:
    response = Response(status=201 if is_new else 204)
    response.headers.pop("Content-Type", None)
    return response
