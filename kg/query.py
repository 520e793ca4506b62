"""Queries and updates checked before an engine sees them, and engines' syntax errors explained."""

from dataclasses import dataclass

from kg.sparql_errors import SparqlError, read_only
from kg.sparql_explain import explain, explain_failure
from kg.sparql_reader import QueryShape, Reading, feature, read
from kg.sparql_rendering import joined
from kg.store import QueryForm

__all__ = ["Prepared", "QueryShape", "SparqlError", "check_query", "check_update", "inspect"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text fit to run: `text` is the rendering to hand to an engine, never the original."""

    text: str
    reading: Reading

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
        return explain_failure(error, self.reading) or error


def inspect(text: str) -> QueryShape:
    """The shape of a query or update, whatever it asks for.

    Raises SparqlError: syntax (a stray character, an unmatched bracket, an undeclared prefix, no
    known form) or too_deep (nested or repeated past what the engine's stack bears).
    """
    return read(text).shape


def check_query(text: str) -> Prepared:
    """A query ready for an engine; an update is refused (read_only), and SERVICE (forbidden)."""
    reading = read(text)
    if reading.shape.form == "UPDATE":
        raise read_only()
    _refuse(reading, "SERVICE")
    return _prepared(reading)


def check_update(text: str) -> Prepared:
    """An update ready for an engine; refuses queries (syntax), SERVICE and LOAD (forbidden)."""
    reading = read(text)
    if reading.shape.form != "UPDATE":
        raise SparqlError(
            "syntax",
            "これは更新ではなく検索です。検索として送ってください。",
            "This is a query, not an update: send it as a query.",
        )
    _refuse(reading, "SERVICE")
    _refuse(reading, "LOAD")
    return _prepared(reading)


def _prepared(reading: Reading) -> Prepared:
    return Prepared(joined(reading.pieces, reading.apart())[0], reading)


def _refuse(reading: Reading, name: str) -> None:
    if name not in reading.shape.features:
        return
    token = next(token for token in reading.tokens if feature(token) == name)
    line, column = reading.source.place(token.start)
    raise SparqlError(
        "forbidden",
        f"{name} は使えません。このエンドポイントは他のサーバーやファイルに接続しません。",
        f"{name} is not allowed: this endpoint never contacts another server or opens a file.",
        line=line,
        column=column,
        token=token.text,
    )
