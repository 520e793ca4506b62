"""What a change may ask of the graph it is about (RFC 9110, sections 8.8.3 and 13.1).

A graph has an entity tag in each format: the digest of the very bytes that a reader gets. A tag
names its format, so that whoever writes compares it with what a reader would get just then.
"""

from dataclasses import dataclass
from hashlib import sha256

from kg.oxigraph import GRAPH_FORMATS
from kg.sparql_errors import SparqlError, graph_changed, graph_there
from kg.store import Dataset, Result, Store

_CONTENTS = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def representation(store: Store, graph: str, media_type: str) -> Result:
    """All of a graph, in one of `GRAPH_FORMATS`; of one that is not there, nothing."""
    return store.query(_CONTENTS, media_type=media_type, dataset=Dataset(default=(graph,)))


def entity_tag(contents: Result) -> str:
    """The tag of what `representation` gives, without its quotation marks."""
    return f"{_prefix(contents.media_type)}{sha256(contents.body).hexdigest()[:32]}"


def _prefix(media_type: str) -> str:
    return f"{GRAPH_FORMATS[media_type].file_extension}-"


@dataclass(frozen=True, slots=True)
class Tags:
    """What a header lists: entity tags, or by an asterisk (`any`) whatever is there."""

    tags: frozenset[str] = frozenset()
    any: bool = False

    def lists(self, tag: str) -> bool:
        """Whether a tag of what is there is among them."""
        return self.any or tag in self.tags

    def have(self, store: Store, graph: str) -> bool:
        """Whether one of them is of the graph as it is, which is there."""
        return self.any or any(
            self._has(store, graph, media_type)
            for media_type in GRAPH_FORMATS
            if any(tag.startswith(_prefix(media_type)) for tag in self.tags)
        )

    def _has(self, store: Store, graph: str, media_type: str) -> bool:
        try:
            return entity_tag(representation(store, graph, media_type)) in self.tags
        except SparqlError as error:
            if error.kind == "too_large":  # nobody has got it, nor its tag
                return False
            raise


@dataclass(frozen=True, slots=True)
class Precondition:
    """If-Match and If-None-Match, None where they were not sent."""

    match: Tags | None = None
    none_match: Tags | None = None

    def require(self, store: Store, graph: str, is_there: bool) -> None:
        """Raises SparqlError (precondition) where the graph in `store` is not as asked."""
        if self.match is not None and not (is_there and self.match.have(store, graph)):
            raise graph_changed(graph, is_there)
        if self.none_match is not None and is_there and self.none_match.have(store, graph):
            raise graph_there(graph)


UNCONDITIONAL = Precondition()
