"""`POST /shacl?graph=`: a graph checked with SHACL shapes that are sent along, or with our own."""

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from kg.prefixes import PREFIXES
from kg.query import SparqlError
from kg.shacl_service import ShapesValidator
from kg.sparql_errors import missing_graph
from kg.store import N_TRIPLES, Dataset
from web.graph_store import absolute, media_type_of
from web.language import page_language
from web.problem import problem_of
from web.services import Services
from web.sparql_formats import GRAPHS, content_type
from web.sparql_request import ProtocolError, choose_format

MAX_SHAPES = 1024 * 1024  # bytes
_ALL = ("default", "union")  # as Fuseki calls them; our default graph is the union
_REFERENCE = {PREFIXES["graph"] + name for name in ("ontology", "sdg")}
_CONTENTS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def shacl_blueprint(services: Services, validator: ShapesValidator) -> Blueprint:
    """`POST /shacl`, for everybody: it reads, and writes nothing."""
    shacl = Blueprint("shacl", __name__)
    known = services.store if services.is_remote else services.graph

    @shacl.post("/shacl")
    def validate() -> Response:
        chosen, media_type = choose_format(request.args.get("format"), GRAPHS)
        shapes = _shapes()
        dataset = asked_dataset()
        data = services.store.query(_CONTENTS, media_type=N_TRIPLES, dataset=dataset)
        report = validator.report(data.body, shapes, chosen.media_type, page_language())
        return Response(report, content_type=content_type(media_type))

    def asked_dataset() -> Dataset:
        """Without a name all graphs but vocabulary and SDGs, which are no plan's to be checked."""
        named = request.args.getlist("graph")
        if len(named) > 1:
            raise ProtocolError(
                400, "?graph= は一つだけ指定してください。", "Name one graph by ?graph=."
            )
        graphs = known.graphs()
        if not named or named[0] in _ALL:
            return Dataset(default=tuple(one for one in graphs if one not in _REFERENCE))
        graph = absolute(named[0])
        if graph not in graphs:
            raise missing_graph(graph)
        return Dataset(default=(graph,))

    @shacl.errorhandler(ProtocolError)
    @shacl.errorhandler(SparqlError)
    def failed(error: ProtocolError | SparqlError) -> Response:
        return problem_of(error, page_language())

    @shacl.after_request
    def say_what_decides(response: Response) -> Response:
        response.vary.update(("Accept", "Accept-Language"))
        response.headers["Accept-Post"] = ", ".join(one.media_type for one in GRAPHS)
        return response

    return shacl


def _shapes() -> tuple[bytes, str] | None:
    """The shapes that were sent, with their media type; None for an empty body."""
    request.max_content_length = MAX_SHAPES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = b" " * (MAX_SHAPES + 1)
    if len(body) > MAX_SHAPES:
        raise ProtocolError(
            413,
            f"シェイプが大きすぎます（上限は {MAX_SHAPES // 2**20} MiB）。",
            f"The shapes are larger than {MAX_SHAPES // 2**20} MiB.",
        )
    return (body, media_type_of(request.mimetype)) if body.strip() else None
