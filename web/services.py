"""What the faces are handed: objects ready to answer, made by `web.wiring`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.catalog import Catalog
from kg.store import Store
from search.searcher import Searcher
from search.suggestions import Suggestions
from web.answers import Answering
from web.thresholds import USUAL_THRESHOLDS, Thresholds
from web.tokens import NO_TOKENS, Tokens

if TYPE_CHECKING:  # killable processes, which a search at the prompt does without
    from limits import RateLimitItem

    from kg.shacl_service import ShapesValidator
    from kg.writing import Writing
    from web.review_desk import ReviewDesk
    from web.trade_off import Estimate


@dataclass(frozen=True, slots=True)
class Services:
    """One live generation: the catalog, the graph twice, and the searcher.

    `graph` answers our own queries in this process; `store` is for anybody's, behind processes that
    can be killed, so that slow ones delay no page. `graph_digest` (SHA-256 hex) names the data,
    `model` the encoder that indexed it. `is_remote` says that `store` is another endpoint, whose
    data are its own, and where `writer` writes; it is for those who hold one of `tokens`.
    `revision` names what is in the graph just now, which writing changes. Catalog and searcher are
    of the plans as they were built; `current` is the catalog with the SDG alignments as they are
    reviewed just now. `desk` takes reviews of them, `thresholds` say from which score one is
    likely, and `estimate` is what the judge says of its own accuracy. `answering` asks `store` what
    named queries answer, `suggestions` complete what is typed. `rate_limit` is how often one client
    may ask as a program does (None: as often as it likes), `validator` checks graphs with anybody's
    shapes.
    """

    catalog: Catalog
    graph: Store
    store: Store
    searcher: Searcher
    graph_digest: str
    model: str
    current: Callable[[], Catalog]
    is_remote: bool = False
    writer: "Writing | None" = None
    tokens: Tokens = NO_TOKENS
    revision: Callable[[], str] = str
    desk: "ReviewDesk | None" = None
    thresholds: Thresholds = USUAL_THRESHOLDS
    answering: Answering | None = None
    estimate: "Estimate | None" = None
    suggestions: Suggestions = field(default_factory=lambda: Suggestions(Catalog({})))
    rate_limit: "RateLimitItem | None" = None
    validator: "ShapesValidator | None" = None

    def close(self) -> None:
        """Give back files and worker processes."""
        self.graph.close()
        self.store.close()
        if self.writer is not None:
            self.writer.close()
        if self.validator is not None:
            self.validator.close()
