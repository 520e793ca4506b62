"""FROM clauses as the protocol's parameters: some engines read the one rightly and not the other.

Virtuoso adds `default-graph-uri` to FROM where the protocol lets it win; Oxigraph's server, told to
take the union as default graph, ignores FROM.
"""

import pyoxigraph as ox

from kg.query import Prepared
from kg.sparql_rendering import joined
from kg.store import WHOLE, Dataset


def lifted(prepared: Prepared, dataset: Dataset) -> tuple[str, Dataset]:
    """A query's text without FROM, and its dataset: `dataset`, else what FROM named.

    Both unchanged where there is no FROM, or a relative one, or where the text is no proper query:
    then the engine shall see it as it is.
    """
    if not prepared.has_dataset or not _parses(prepared.text):
        return prepared.text, dataset
    tokens, pieces = prepared.reading.tokens, list(prepared.reading.pieces)
    default: list[str] = []
    named: list[str] = []
    for number, token in enumerate(tokens):
        if not token.is_word("FROM"):
            continue
        is_named = tokens[number + 1].is_word("NAMED")
        last = number + 1 + is_named
        iri = ox.parse(f"<a:a> <a:a> {pieces[last]} .", format=ox.RdfFormat.TURTLE)
        try:
            graph = next(iter(iri)).object
        except SyntaxError:
            return prepared.text, dataset
        (named if is_named else default).append(str(getattr(graph, "value", "")))
        pieces[number : last + 1] = [""] * (last + 1 - number)
    text = joined(pieces, prepared.reading.apart())[0]
    return text, Dataset(tuple(default), tuple(named)) if dataset == WHOLE else dataset


def _parses(text: str) -> bool:
    try:
        ox.Store().query(text)
    except SyntaxError:
        return False
    except RuntimeError:  # a function that is not there: nothing that the grammar is about
        pass
    return True
