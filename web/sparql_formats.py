"""The formats of answers: what a client may ask for by name or Accept header, and what it gets."""

from dataclasses import dataclass

from kg.message import UserError
from kg.store import N_TRIPLES, RESULTS_JSON, QueryForm

HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its `?format=` name, the engine's media type, other names clients use for it.

    The content type of an answer is the name that the client asked for.
    """

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()

    @property
    def media_types(self) -> tuple[str, ...]:
        return (self.media_type, *self.aliases)


SOLUTIONS = (
    Format("json", RESULTS_JSON, ("application/json",)),
    Format("xml", "application/sparql-results+xml", ("application/xml", "text/xml")),
    Format("csv", "text/csv"),
    Format("tsv", "text/tab-separated-values"),
)
GRAPHS = (
    Format("ttl", "text/turtle", ("application/x-turtle", "application/turtle")),
    Format("nt", N_TRIPLES, ("text/plain",)),
    Format("rdf", "application/rdf+xml", ("application/xml", "text/xml")),
    Format("jsonld", "application/ld+json", ("application/json",)),
)
_SYNONYMS = {
    "turtle": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "rdfxml": "rdf",
    "rdf+xml": "rdf",
    "json-ld": "jsonld",
}


def format_names() -> list[str]:
    """Every name that `?format=` knows, synonyms aside."""
    return ["html", *(one.name for one in (*SOLUTIONS, *GRAPHS))]


def by_name(name: str) -> Format | None:
    """The format called `name`, or by a media type; `html` too. None for an unknown one."""
    wanted = _SYNONYMS.get(name.lower(), name.lower())
    for one in (*SOLUTIONS, *GRAPHS, Format("html", HTML)):
        if wanted == one.name or wanted in one.media_types:
            return one
    return None


def media_type_for(form: QueryForm, name: str) -> str:
    """The engine's media type for a format's name; raises `UserError` where the form has none."""
    offered = SOLUTIONS if form in ("SELECT", "ASK") else GRAPHS
    chosen = by_name(name)
    if chosen is None or chosen not in offered:
        names = ", ".join(one.name for one in offered)
        raise UserError(
            ja=f"{form} の答えは {name} にできません。使えるのは {names} です。",
            en=f"An answer to {form} cannot be {name}; choose one of {names}.",
        )
    return chosen.media_type


def content_type(media_type: str) -> str:
    """The Content-Type header: textual formats say that they are in UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
