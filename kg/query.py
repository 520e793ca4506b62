"""Queries and updates checked before an engine sees them, and engines' syntax errors explained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg.oxigraph_dialect import plainly_joined
from kg.search_arguments import SEARCH
from kg.search_calls import is_called, may_call
from kg.sparql_errors import SparqlError, conflict, no_search, read_only
from kg.sparql_explain import explain, explain_failure
from kg.sparql_reader import QueryShape, Reading, feature, read
from kg.sparql_rendering import joined
from kg.sparql_update import rewritten
from kg.store import Dataset, QueryForm

__all__ = [
    "Prepared",
    "QueryShape",
    "SparqlError",
    "check_query",
    "check_update",
    "inspect",
    "local_update",
    "query_form",
    "read_update",
    "refuse_service",
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text fit to run: `text` is the rendering to hand to an engine, never the original."""

    text: str
    reading: Reading

    @classmethod
    def of(cls, reading: Reading) -> "Prepared":
        """A text as read, rendered."""
        return cls(joined(reading.pieces, reading.apart())[0], reading)

    @property
    def form(self) -> QueryForm:
        """The form of a query; ValueError for an update."""
        form = self.reading.shape.form
        if form == "UPDATE":
            raise ValueError("an update has no query form")
        return form

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the text declares."""
        return self.reading.shape.prefixes

    @property
    def has_dataset(self) -> bool:
        """Whether it names its own dataset by FROM."""
        return "FROM" in self.reading.shape.features

    def explain(self, error: SyntaxError) -> SparqlError:
        """What an engine's complaint about `text` means for the text as it was written."""
        return explain(error, self.reading)

    def explain_failure(self, error: RuntimeError) -> Exception:
        """The reason why a correct query cannot be run, where it is the query's; else `error`."""
        if self.reading.shape.form == "UPDATE" and str(error).startswith("The graph <"):
            return conflict(str(error))
        return explain_failure(error, self.reading) or error


def inspect(text: str) -> QueryShape:
    """The shape of a query or update, whatever it asks for.

    Raises SparqlError: syntax (a stray character, an unmatched bracket, an undeclared prefix, no
    known form) or too_deep (nested or repeated past what the engine's stack bears).
    """
    return read(text).shape


def query_form(text: str) -> QueryForm:
    """The form of a query; an update is refused. Raises SparqlError: as `inspect`, read_only."""
    form = read(text).shape.form
    if form == "UPDATE":
        raise read_only()
    return form


def check_query(text: str, base: str = "") -> Prepared:
    """A query ready for an engine, its relative IRIs to be resolved against `base`.

    Raises SparqlError: read_only for an update, forbidden for SERVICE, unsupported for a search,
    which is no engine's to answer (`kg.searching_store` does).
    """
    reading = read(text)
    if reading.shape.form == "UPDATE":
        raise read_only()
    _refuse(reading, "SERVICE")
    if is_called(reading):
        raise no_search()
    return Prepared.of(reading.against(base) if base else reading)


def check_update(text: str) -> Prepared:
    """An update ready for any engine; refuses queries (syntax), SERVICE and LOAD (forbidden)."""
    return Prepared.of(read_update(text))


def read_update(text: str) -> Reading:
    """An update as read, with the refusals of `check_update`; it may have no operation at all."""
    reading = read(text, "UPDATE")
    if reading.shape.form != "UPDATE":
        raise SparqlError(
            "syntax",
            "これは更新ではなく検索です。検索として送ってください。",
            "This is a query, not an update: send it as a query.",
        )
    _refuse(reading, "SERVICE")
    _refuse(reading, "LOAD")
    if may_call(reading) and any(token.is_word("WHERE") for token in reading.tokens):
        raise _no_search_in_update(reading)  # as a pattern it would match nothing, silently
    return reading


def local_update(
    text: str,
    dataset: Dataset,
    graphs: Sequence[str],
    is_spared: Callable[[str], bool] = lambda graph: False,
    base: str = "",
) -> Prepared:
    """An update ready for an Oxigraph store with these named graphs; see `check_update`.

    Its default graph is `kg.store.DEFAULT_GRAPH` to write, and the union of all graphs to read
    where neither the text nor `dataset` says another. CLEAR ALL leaves what `is_spared`.
    """
    return Prepared.of(
        plainly_joined(rewritten(read_update(text), dataset, graphs, is_spared, base))
    )


def refuse_service(reading: Reading) -> None:
    """Refuse every SERVICE (forbidden) but that of our own search."""
    tokens = reading.tokens
    for n, token in enumerate(tokens):
        name = n + 2 if n + 1 < len(tokens) and tokens[n + 1].is_word("SILENT") else n + 1
        is_search = token.is_word("SERVICE") and name < len(tokens) and reading.iri(name) == SEARCH
        if feature(token) == "SERVICE" and not is_search:
            raise _refusal(reading, n, "SERVICE")


def _no_search_in_update(reading: Reading) -> SparqlError:
    number = next(n for n in range(len(reading.tokens)) if reading.iri(n) == SEARCH)
    token = reading.tokens[number]
    line, column = reading.source.place(token.start)
    return SparqlError(
        "unsupported",
        "更新の中では shirube:search を使えません。",
        "An update cannot call shirube:search.",
        line=line,
        column=column,
        token=token.text,
        hint=(
            "先に問い合わせ（SELECT）で検索し、見つかったものを VALUES に書いてください。",
            "Search with a query (SELECT) first, and put what it finds into VALUES.",
        ),
    )


def _refuse(reading: Reading, name: str) -> None:
    if name not in reading.shape.features:
        return
    number = next(n for n, token in enumerate(reading.tokens) if feature(token) == name)
    raise _refusal(reading, number, name)


def _refusal(reading: Reading, number: int, name: str) -> SparqlError:
    token = reading.tokens[number]
    line, column = reading.source.place(token.start)
    return SparqlError(
        "forbidden",
        f"{name} は使えません。このエンドポイントは他のサーバーやファイルに接続しません。",
        f"{name} is not allowed: this endpoint never contacts another server or opens a file.",
        line=line,
        column=column,
        token=token.text,
    )
