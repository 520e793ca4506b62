"""A query through our endpoint's killable workers, beside bare pyoxigraph and rdflib."""

import pyoxigraph as ox
import rdflib

from kg.store import RESULTS_JSON
from tests.bench.timing import median_ms, show
from web import create_app
from web.wiring import Workshop

QUERY = """
PREFIX shirube: <https://w3id.org/shirube/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?code ?label (COUNT(?kpi) AS ?kpis) WHERE {
  ?measure a shirube:Measure ; skos:notation ?code ; skos:prefLabel ?label .
  OPTIONAL { ?measure shirube:hasKPI ?kpi }
} GROUP BY ?code ?label ORDER BY ?code
"""


def run(workshop: Workshop) -> None:
    """Print the median time of one query with a join and a grouping, in four engines."""
    bare = ox.Store.read_only(str(workshop.generation().store_folder))
    peer = rdflib.Dataset(default_union=True)
    dump = bare.dump(format=ox.RdfFormat.N_QUADS)
    assert dump is not None
    peer.parse(data=dump, format="nquads")
    services = workshop.services()
    client = create_app(services).test_client()
    headers = {"Accept": RESULTS_JSON}

    def bare_query() -> None:
        answer = bare.query(QUERY, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QuerySolutions)
        answer.serialize(format=ox.QueryResultsFormat.JSON)

    try:
        show(
            {
                "bare pyoxigraph": median_ms(bare_query),
                "isolated worker": median_ms(lambda: services.store.query(QUERY)),
                "GET /sparql": median_ms(
                    lambda: client.get("/sparql", query_string={"query": QUERY}, headers=headers)
                ),
                "rdflib": median_ms(lambda: list(peer.query(QUERY)), repeat=10),
            },
            base="bare pyoxigraph",
        )
    finally:
        services.close()
