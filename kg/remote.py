"""Any SPARQL 1.1 endpoint by its URL: Virtuoso, Fuseki, QLever, another of ours.

The default graph of a query without a dataset is the endpoint's own choice; ours is the union.
"""

import json
import re
import time
from bisect import bisect_right
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pyoxigraph as ox

from kg.oxigraph import MAX_BYTES
from kg.query import Prepared, SparqlError, check_query
from kg.sparql_errors import read_only, remote_failure, syntax_error, timed_out, too_large
from kg.sparql_rendering import joined
from kg.store import N_TRIPLES, RESULTS_JSON, WHOLE, Dataset, Result

_CHUNK = 64 * 1024
_TRIES = 3
_PASSING = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


class RemoteStore:
    """A SPARQL 1.1 query endpoint, read-only.

    `timeout` (seconds) is both the default and the most a query gets, connecting, repeating and
    reading included; `max_bytes` bounds an answer. `authorization` is the value of that header,
    e.g. `Bearer …`, and never follows a redirect. Raises ValueError for a URL that is not http(s).
    """

    def __init__(
        self,
        url: str,
        timeout: float = 30.0,
        max_bytes: int = MAX_BYTES,
        authorization: str | None = None,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url} is not an http or https URL")
        self.url = url
        self.timeout = timeout
        self.max_bytes = max_bytes
        self._authorization = authorization

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`.

        Also raises SparqlError (unavailable) where the endpoint cannot be reached or fails.
        """
        prepared = check_query(text)
        is_graph = prepared.form in ("CONSTRUCT", "DESCRIBE")
        asked = media_type or (N_TRIPLES if is_graph else RESULTS_JSON)
        form = [("query", prepared.text)]
        form += [("default-graph-uri", iri) for iri in dataset.default]
        form += [("named-graph-uri", iri) for iri in dataset.named]
        limit = self.timeout if timeout is None else min(timeout, self.timeout)
        return Result(prepared.form, asked, self._post(form, asked, limit, prepared))

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> None:
        """Always raises SparqlError (read_only)."""
        raise read_only()

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        rows = self.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").rows()
        return sorted(str(row["g"].value) for row in rows if hasattr(row["g"], "value"))

    def close(self) -> None:
        """Nothing is held between queries."""

    def _post(
        self, form: list[tuple[str, str]], media_type: str, limit: float, prepared: Prepared
    ) -> bytes:
        """Send a query, again after a passing failure while time is left: reads may repeat."""
        started = time.monotonic()
        for attempt in range(1, _TRIES + 1):
            left = limit - (time.monotonic() - started)
            if left <= 0:
                raise timed_out(limit, limit - left)
            request = Request(self.url, urlencode(form).encode(), {"Accept": media_type})
            if self._authorization:
                request.add_unredirected_header("Authorization", self._authorization)
            try:
                with urlopen(request, timeout=left) as response:
                    return self._read(response, media_type, started, limit)
            except HTTPError as error:
                with error:
                    refusal = _refusal(error, prepared)
                if attempt == _TRIES or refusal.kind != "unavailable" or error.code not in _PASSING:
                    raise refusal from None
            except TimeoutError:
                raise timed_out(limit, time.monotonic() - started) from None
            except (URLError, HTTPException, OSError) as error:
                if isinstance(getattr(error, "reason", None), TimeoutError):
                    raise timed_out(limit, time.monotonic() - started) from None
                if attempt == _TRIES:
                    raise remote_failure(self.url, str(error)) from error
            time.sleep(min(0.1 * 2**attempt, max(0.0, limit - (time.monotonic() - started))))
        raise AssertionError("the last attempt returns or raises")

    def _read(self, response: HTTPResponse, media_type: str, started: float, limit: float) -> bytes:
        answered = response.headers.get_content_type()
        if answered != media_type:
            raise remote_failure(self.url, f"{answered} instead of {media_type}")
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > self.max_bytes:
                raise too_large(self.max_bytes)
            if time.monotonic() - started > limit:
                raise timed_out(limit, time.monotonic() - started)
        expected = response.headers.get("Content-Length")
        if expected is not None and int(expected) != len(body):
            raise remote_failure(self.url, f"{len(body)} of {expected} bytes")
        return bytes(body)


def _refusal(error: HTTPError, prepared: Prepared) -> SparqlError:
    """What the endpoint's error means; a problem document of our own kind is taken at its word."""
    body = _words(error)
    problem = _problem(body)
    detail = " ".join(str(problem.get("detail") or re.sub(r"<[^>]*>", " ", body)).split())[:500]
    if error.code == HTTPStatus.BAD_REQUEST:
        return _syntax(detail, prepared)
    limit, elapsed = problem.get("limit"), problem.get("elapsed")
    if isinstance(limit, int | float) and isinstance(elapsed, int | float):
        return timed_out(limit, elapsed)
    if problem.get("kind") == "too_large":
        return SparqlError("too_large", detail, detail)
    return remote_failure(error.url or "", f"{error.code} {error.reason}: {detail}")


def _words(error: HTTPError) -> str:
    """What the endpoint says of its error; nothing where even that does not arrive."""
    try:
        return error.read(_CHUNK).decode(errors="replace")
    except (HTTPException, OSError):
        return ""


def _problem(body: str) -> dict[str, Any]:
    """The members of a problem document; none of anything else."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _syntax(detail: str, prepared: Prepared) -> SparqlError:
    """Our own explanation of the mistake where we see it too, else the endpoint's words.

    It read our rendering, one long line, so that its column leads to one of our tokens.
    """
    reading = prepared.reading
    text, starts = joined(reading.pieces, reading.apart())
    try:
        ox.Store().query(text)
    except SyntaxError as error:
        return prepared.explain(error)
    except RuntimeError:
        pass  # it is right as far as the grammar goes
    place, token = None, None
    if column := re.search(r"col(?:umn)?\W{0,3}(\d+)", detail, re.IGNORECASE):
        number = max(0, bisect_right(starts, int(column[1]) - 1) - 1)
        place = reading.source.place(reading.tokens[number].start)
        token = reading.tokens[number].text
    return syntax_error(
        "接続先が受け付けませんでした", f"the endpoint says: {detail}", place, token
    )
