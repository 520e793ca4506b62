"""What the faces are handed: objects ready to answer, made by `web.wiring`."""

from dataclasses import dataclass

from kg.catalog import Catalog
from kg.store import Store
from search.searcher import Searcher


@dataclass(frozen=True, slots=True)
class Services:
    """One live generation: the catalog, the store users may query, and the searcher.

    `graph_digest` (SHA-256 hex) names the data, `model` the encoder that indexed it.
    """

    catalog: Catalog
    store: Store
    searcher: Searcher
    graph_digest: str
    model: str

    def close(self) -> None:
        """Give back the store's files and worker processes."""
        self.store.close()
