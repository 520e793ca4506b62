"""Servers over one store's folder, each a process of its own: ours, and rdflib-endpoint.

`python -m tests.bench.sparql_servers ours|rdflib FOLDER SECONDS PORT`
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from tests.sparql_servers import Server, free_port, python_server

SECONDS = 10.0  # that a query gets of our server
PATIENCE = 300.0  # the same where its time is measured, whatever it is


@contextmanager
def server(kind: str, folder: Path, seconds: float = SECONDS) -> Iterator[Server]:
    """One of the servers of this module, on a free port; ours gives a query so many seconds."""
    arguments = kind, str(folder), str(seconds)
    with python_server("tests.bench.sparql_servers", free_port(), *arguments) as running:
        yield running


def ours(folder: Path, seconds: float, port: int) -> None:
    """The production server; only `/sparql` has something to answer with."""
    import waitress

    from kg.oxigraph import OxigraphStore
    from kg.workers import IsolatedStore
    from tests.bare_services import bare_services
    from web import create_app
    from web.server import MAX_BODY, threads_for

    services = bare_services(OxigraphStore(folder), IsolatedStore(folder, timeout=seconds))
    waitress.serve(
        create_app(services),
        host="127.0.0.1",
        port=port,
        threads=threads_for(3),
        max_request_body_size=MAX_BODY,
    )


def rdflib(folder: Path, _: float, port: int) -> None:
    """rdflib-endpoint over rdflib's own memory."""
    import uvicorn
    from rdflib import Dataset
    from rdflib_endpoint import SparqlEndpoint

    dump = ox.Store.read_only(str(folder)).dump(format=ox.RdfFormat.N_QUADS)
    assert dump is not None
    dataset = Dataset(default_union=True)
    dataset.parse(data=dump, format="nquads")
    app = SparqlEndpoint(graph=dataset, path="/sparql")
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", timeout_keep_alive=600)


if __name__ == "__main__":
    kind, folder, seconds, port = sys.argv[1:]
    {"ours": ours, "rdflib": rdflib}[kind](Path(folder), float(seconds), int(port))
