"""Linked data: an IRI leads to its description, as a page or as RDF."""

from hashlib import sha256

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from rdflib import Graph

from kg.build import thing_iri
from kg.catalog import Catalog, Thing
from kg.prefixes import PREFIXES, declaration
from ontology import GRAPH
from web.language import chosen_language, link
from web.negotiate import choose
from web.rdf import (
    DOWNLOADS,
    EXTENSIONS,
    FORMATS,
    description,
    facts_of,
    owner_of,
    serialised,
)
from web.services import Services
from web.vocabulary import NAMESPACE, terms_by_kind, vocabulary_graph

_CONTENTS = "\n".join(map(declaration, PREFIXES)) + (
    "\n\nCONSTRUCT {{ ?s ?p ?o }}\nWHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
)


def siblings(catalog: Catalog, thing: Thing) -> tuple[Thing | None, Thing | None]:
    """The things before and after this one in the same list of the same parent."""
    if thing.parent is None:
        return None, None
    parent = catalog.things[thing.parent]
    row = parent.kpis if thing.type == "kpi" else parent.children
    at = row.index(thing.iri)
    before = catalog.things[row[at - 1]] if at > 0 else None
    after = catalog.things[row[at + 1]] if at + 1 < len(row) else None
    return before, after


def _negotiated() -> str:
    """The extension of the format that the reader wants best; 406 where we have none."""
    media_type = choose(request.headers.get("Accept"), list(FORMATS.values()))
    if media_type is None:
        abort(406)
    return EXTENSIONS[media_type]


def _see_other(address: str) -> Response:
    response = make_response(redirect(address, 303))
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _answer(body: str, extension: str, alternates: dict[str, str]) -> Response:
    """A description with links to its other formats; RDF is cached by its digest."""
    response = make_response(body)
    response.headers["Content-Type"] = f"{FORMATS[extension]}; charset=utf-8"
    for other, address in alternates.items():
        if other != extension:
            response.headers.add("Link", f'<{address}>; rel="alternate"; type="{FORMATS[other]}"')
    if extension != "html":
        response.headers["Cache-Control"] = "no-cache"
        response.set_etag(sha256(body.encode("utf-8")).hexdigest()[:32])
        response.make_conditional(request)
    return response


def linked_data_blueprint(services: Services) -> Blueprint:
    """`/id/…` and `/graph/…` (303), `/doc/….html|.ttl|.jsonld|.nt`, and the vocabulary at `/ns`."""
    linked = Blueprint("linked_data", __name__)
    catalog = services.catalog
    terms = terms_by_kind(vocabulary_graph())

    @linked.get("/id/<plan>/<kind>/<code>")
    def identifier(plan: str, kind: str, code: str) -> Response:
        iri = str(thing_iri(plan, kind, code))
        fragment = None
        if iri not in catalog.things:
            owner = catalog.things.get(owner_of(services.graph, iri) or "")
            if owner is not None:
                fragment = f"{kind}-{code}"
                plan, kind, code = owner.plan, owner.type, owner.code
            elif not description(services.graph, iri):
                abort(404)
        extension = _negotiated()
        # RDF carries every language, so its address has none.
        address = url_for(
            ".document",
            plan=plan,
            kind=kind,
            code=code,
            extension=extension,
            _anchor=fragment if extension == "html" else None,
            lang=chosen_language() if extension == "html" else None,
        )
        return _see_other(address)

    @linked.get("/doc/<plan>/<kind>/<code>.<any(html,ttl,jsonld,nt):extension>")
    def document(plan: str, kind: str, code: str, extension: str) -> Response:
        iri = str(thing_iri(plan, kind, code))
        addresses = {
            other: url_for(".document", plan=plan, kind=kind, code=code, extension=other)
            for other in FORMATS
        }
        thing = catalog.things.get(iri)
        if thing is not None and extension == "html":
            return _answer(thing_page(services.current().things[iri]), extension, addresses)
        graph = description(services.graph, iri)
        if not graph:
            abort(404)
        if extension == "html":
            body = render_template(
                "resource.html",
                iri=iri,
                facts=facts_of(graph),
                downloads=DOWNLOADS,
                addresses=addresses,
            )
        else:
            body = serialised(graph, extension)
        return _answer(body, extension, addresses)

    def thing_page(thing: Thing) -> str:
        before, after = siblings(catalog, thing)
        return render_template(
            "thing.html",
            thing=thing,
            path=catalog.path(thing.iri),
            before=before,
            after=after,
            downloads=DOWNLOADS,
        )

    @linked.get("/graph/<path:name>")
    def named_graph(name: str) -> Response:
        if GRAPH + name not in services.graph.graphs():
            abort(404)
        return _see_other(link("sparql.endpoint", query=_CONTENTS.format(iri=GRAPH + name)))

    @linked.get("/ns")
    def vocabulary() -> Response:
        extension = _negotiated()
        if extension != "html":
            return _see_other(url_for(".vocabulary_file", extension=extension))
        body = render_template(
            "vocabulary.html", kinds=terms, namespace=NAMESPACE, downloads=DOWNLOADS
        )
        response = _answer(body, extension, _vocabulary_addresses())
        response.vary.add("Accept")
        return response

    @linked.get("/ns.<any(html,ttl,jsonld,nt):extension>")
    def vocabulary_file(extension: str) -> Response:
        if extension == "html":
            return _see_other(link(".vocabulary"))
        body = serialised(Graph() + vocabulary_graph(), extension)
        return _answer(body, extension, _vocabulary_addresses())

    def _vocabulary_addresses() -> dict[str, str]:
        files = {other: url_for(".vocabulary_file", extension=other) for other, _ in DOWNLOADS}
        return {"html": url_for(".vocabulary"), **files}

    return linked
