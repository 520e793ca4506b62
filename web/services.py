"""What the faces are handed: objects ready to answer, made by `web.wiring`."""

from dataclasses import dataclass

from kg.catalog import Catalog
from kg.store import Store
from search.searcher import Searcher


@dataclass(frozen=True, slots=True)
class Services:
    """One live generation: the catalog, the graph twice, and the searcher.

    `graph` answers our own queries in this process; `store` is for anybody's, behind processes
    that can be killed, so that slow ones delay no page.
    `graph_digest` (SHA-256 hex) names the data, `model` the encoder that indexed it. `is_remote`
    says that `store` is another endpoint, whose data are its own.
    """

    catalog: Catalog
    graph: Store
    store: Store
    searcher: Searcher
    graph_digest: str
    model: str
    is_remote: bool = False

    def close(self) -> None:
        """Give back files and worker processes."""
        self.graph.close()
        self.store.close()
