"""Servers over one store's folder, each a process of its own: ours, and rdflib-endpoint.

`python -m tests.bench.sparql_servers ours|rdflib FOLDER PORT`
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from tests.sparql_servers import Server, free_port, python_server

SECONDS = 10.0


@contextmanager
def server(kind: str, folder: Path) -> Iterator[Server]:
    """One of the servers of this module, on a free port."""
    with python_server("tests.bench.sparql_servers", free_port(), kind, str(folder)) as running:
        yield running


def ours(folder: Path, port: int) -> None:
    """The production server; only `/sparql` has something to answer with."""
    import waitress

    from kg.oxigraph import OxigraphStore
    from kg.workers import IsolatedStore
    from tests.bare_services import bare_services
    from web import create_app
    from web.server import MAX_BODY, threads_for

    services = bare_services(OxigraphStore(folder), IsolatedStore(folder, timeout=SECONDS))
    waitress.serve(
        create_app(services),
        host="127.0.0.1",
        port=port,
        threads=threads_for(3),
        max_request_body_size=MAX_BODY,
    )


def rdflib(folder: Path, port: int) -> None:
    """rdflib-endpoint over rdflib's own memory."""
    import uvicorn
    from rdflib import Dataset
    from rdflib_endpoint import SparqlEndpoint

    dump = ox.Store.read_only(str(folder)).dump(format=ox.RdfFormat.N_QUADS)
    assert dump is not None
    dataset = Dataset(default_union=True)
    dataset.parse(data=dump, format="nquads")
    app = SparqlEndpoint(graph=dataset, path="/sparql")
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    {"ours": ours, "rdflib": rdflib}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
