"""Any SPARQL 1.1 endpoint by its URL: Virtuoso, Oxigraph, Fuseki, QLever, another of ours.

What it answers is read as a whole and written again, so that a format is ours whatever the
endpoint makes of it, and an answer that breaks off is noticed. The default graph of a query without
a dataset is the endpoint's own choice; ours is the union.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import HTTPError

import pyoxigraph as ox

from kg.oxigraph import (
    GRAPH_FORMATS,
    MAX_BYTES,
    SOLUTION_FORMATS,
    BoundedOutput,
    format_of,
    graph_name,
)
from kg.query import Prepared, check_query, check_update
from kg.remote_client import (
    ANONYMOUS,
    Answer,
    Credentials,
    CutShortError,
    EndpointClient,
    OversizeError,
)
from kg.remote_errors import refusal, unfinished_update
from kg.sparql_dataset import lifted
from kg.sparql_errors import read_only, remote_failure, timed_out, too_large
from kg.store import N_TRIPLES, RESULTS_JSON, WHOLE, Dataset, Result

_TRIES = 3
_PASSING = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_ACCEPT_SOLUTIONS = f"{RESULTS_JSON}, application/sparql-results+xml;q=0.8"
_ACCEPT_TRIPLES = f"{N_TRIPLES}, text/turtle;q=0.8, application/rdf+xml;q=0.6"
_SAME = {"application/json": RESULTS_JSON, "text/plain": N_TRIPLES}  # as some endpoints say
_YES_OR_NO = {answer: b'{"head":{},"boolean":%s}' % answer for answer in (b"true", b"false")}
# Virtuoso answers 200 to what it cuts short, and says so in these headers only.
_ROWS_CUT = "X-SPARQL-MaxRows"
_TIME_CUT = ("X-SQL-State", "S1TAT")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where another endpoint takes queries and, perhaps, updates, and who we are to it."""

    url: str
    update_url: str | None = None
    credentials: Credentials = ANONYMOUS

    def open(self, timeout: float = 30.0, max_bytes: int = MAX_BYTES) -> "RemoteStore":
        """A client of it; raises ValueError as `RemoteStore` does."""
        return RemoteStore(self.url, timeout, max_bytes, self.credentials, self.update_url)


class RemoteStore:
    """A SPARQL 1.1 endpoint; updates go to `update_url`, where it has one.

    `timeout` (seconds) is both the default and the most a query gets, connecting, repeating and
    reading included; `max_bytes` bounds an answer. A query that fails in passing is sent again, an
    update never. Raises ValueError for a URL that is not http(s) or has a password in it.
    """

    def __init__(
        self,
        url: str,
        timeout: float = 30.0,
        max_bytes: int = MAX_BYTES,
        credentials: Credentials = ANONYMOUS,
        update_url: str | None = None,
    ) -> None:
        self.timeout = timeout
        self.max_bytes = max_bytes
        self._queries = EndpointClient(url, credentials)
        self._updates = EndpointClient(update_url, credentials) if update_url else None

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`.

        Also raises SparqlError (unavailable) where the endpoint cannot be reached or fails.
        """
        prepared = check_query(text, base)
        is_graph = prepared.form in ("CONSTRUCT", "DESCRIBE")
        asked = media_type or (N_TRIPLES if is_graph else RESULTS_JSON)
        format_of(GRAPH_FORMATS if is_graph else SOLUTION_FORMATS, asked)
        for iri in (*dataset.default, *dataset.named):
            graph_name(iri)
        sent, dataset = lifted(prepared, dataset)
        form = [("query", sent)]
        form += [("default-graph-uri", iri) for iri in dataset.default]
        form += [("named-graph-uri", iri) for iri in dataset.named]
        limit = self.timeout if timeout is None else min(timeout, self.timeout)
        started = time.monotonic()
        answer = self._ask(form, limit, started, prepared)
        output = BoundedOutput(self.max_bytes, started, limit)
        try:
            _rewrite(answer, prepared, asked, output)
        except (SyntaxError, ValueError, EOFError) as error:
            raise remote_failure(self._queries.name, f"its answer is damaged: {error}") from None
        return Result(prepared.form, asked, output.getvalue())

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Send one update, once: where no answer comes, nobody knows whether it was applied.

        SERVICE and LOAD are refused. Raises SparqlError: read_only without an `update_url`.
        """
        if self._updates is None:
            raise read_only()
        prepared = check_update(text)
        form = [("update", f"BASE <{base}> {prepared.text}" if base else prepared.text)]
        form += [("using-graph-uri", iri) for iri in dataset.default]
        form += [("using-named-graph-uri", iri) for iri in dataset.named]
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        name = self._updates.name
        try:
            self._updates.post(form, "*/*", deadline, self.max_bytes)
        except HTTPError as error:
            raise refusal(error, prepared, name) from None
        except (TimeoutError, OversizeError, CutShortError) as error:
            raise unfinished_update(name, type(error).__name__) from None
        except (HTTPException, OSError, ValueError) as error:
            raise unfinished_update(name, str(error)) from error

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        rows = self.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").rows()
        return sorted(str(row["g"].value) for row in rows if isinstance(row["g"], ox.NamedNode))

    def close(self) -> None:
        """Nothing is held between queries."""

    def _ask(
        self, form: list[tuple[str, str]], limit: float, started: float, prepared: Prepared
    ) -> Answer:
        """Send a query, again after a passing failure while time is left: reads may repeat."""
        is_graph = prepared.form in ("CONSTRUCT", "DESCRIBE")
        accept = _ACCEPT_TRIPLES if is_graph else _ACCEPT_SOLUTIONS
        deadline = started + limit
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._queries.post(form, accept, deadline, self.max_bytes)
                self._refuse_parts(answer, limit, started)
                return answer
            except HTTPError as error:
                refused = refusal(error, prepared, self._queries.name, (limit, started))
                passes = refused.kind == "unavailable" and error.code in _PASSING
                if attempt == _TRIES or not passes:
                    raise refused from None
            except TimeoutError:
                raise timed_out(limit, time.monotonic() - started) from None
            except OversizeError:
                raise too_large(self.max_bytes) from None
            except (CutShortError, HTTPException, OSError, ValueError) as error:
                if attempt == _TRIES:
                    raise remote_failure(self._queries.name, str(error)) from error
            time.sleep(max(0.0, min(0.1 * 2**attempt, deadline - time.monotonic())))
        raise AssertionError("the last attempt returns or raises")

    def _refuse_parts(self, answer: Answer, limit: float, started: float) -> None:
        if rows := answer.headers.get(_ROWS_CUT):
            raise remote_failure(self._queries.name, f"it gives no more than {rows} rows")
        if answer.headers.get(_TIME_CUT[0]) == _TIME_CUT[1]:
            raise timed_out(limit, time.monotonic() - started)


def _rewrite(answer: Answer, prepared: Prepared, asked: str, output: BoundedOutput) -> None:
    """Write an answer in the format `asked`; SyntaxError or ValueError where it is broken."""
    came = _SAME.get(answer.media_type, answer.media_type)
    if prepared.form in ("CONSTRUCT", "DESCRIBE"):
        quads = ox.parse(answer.body, format=format_of(GRAPH_FORMATS, came))
        triples = (quad.triple for quad in quads)
        ox.serialize(triples, output, GRAPH_FORMATS[asked], prefixes=prepared.prefixes)
        return
    results = ox.parse_query_results(answer.body, format=format_of(SOLUTION_FORMATS, came))
    if prepared.form == "ASK" and isinstance(results, ox.QuerySolutions):
        # So Virtuoso 7 answers an ASK: with a row, or without one.
        any_row = next(results, None) is not None
        results = ox.parse_query_results(
            _YES_OR_NO[b"true" if any_row else b"false"], format=ox.QueryResultsFormat.JSON
        )
    if isinstance(results, ox.QueryBoolean) != (prepared.form == "ASK"):
        raise ValueError(f"no answer to {prepared.form}")
    results.serialize(output, SOLUTION_FORMATS[asked])
