"""What an application is handed where a test is about a store alone: no plans, no search."""

from types import SimpleNamespace
from typing import Any, cast

from kg.catalog import Catalog
from kg.store import Store
from search.searcher import Searcher
from web.services import Services


def _nothing(*_: object) -> list[object]:
    return []


def bare_services(graph: Store, store: Store | None = None, **others: Any) -> Services:
    """Services over `graph` for our own queries and `store` (None: the same) for anybody's.

    `others` are further fields of `Services`.
    """
    usual: dict[str, Any] = {"catalog": Catalog({}), "current": lambda: Catalog({})}
    return Services(
        graph=graph,
        store=store or graph,
        searcher=cast(
            Searcher,
            SimpleNamespace(likeness=SimpleNamespace(nearest=_nothing), languages=("en", "ja")),
        ),
        graph_digest="0" * 64,
        model="none",
        **{**usual, **others},
    )
