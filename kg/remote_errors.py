"""What another endpoint's errors mean for the query as it was written."""

import json
import re
import time
from bisect import bisect_right
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError

import pyoxigraph as ox

from kg.query import Prepared
from kg.sparql_errors import SparqlError, remote_failure, syntax_error, timed_out
from kg.sparql_rendering import joined

_VIRTUOSO_TIMEOUT = re.compile(r"\bError S1T00\b")


def refusal(
    error: HTTPError,
    prepared: Prepared,
    name: str,
    clock: tuple[float, float] | None = None,
) -> SparqlError:
    """What the endpoint's error means; a problem document of our own kind is taken at its word.

    `name` is the endpoint's; `clock` the query's limit in seconds and when it started.
    """
    with error:
        body = error.read().decode(errors="replace")
    problem = _problem(body)
    if error.headers.get_content_type() == "text/html":
        body = re.sub(r"<[^>]*>", " ", body)
    detail = " ".join(str(problem.get("detail") or body).split())[:500]
    if HTTPStatus.MULTIPLE_CHOICES <= error.code < HTTPStatus.BAD_REQUEST:
        moved = error.headers.get("Location") or "?"
        return remote_failure(name, f"{error.code}: it has moved to {moved}; name that address")
    explained = prepared.explain_failure(RuntimeError(detail))  # Oxigraph's server says it so too
    if isinstance(explained, SparqlError):
        return explained
    if error.code == HTTPStatus.BAD_REQUEST:
        return _syntax(detail, prepared)
    limit, elapsed = problem.get("limit"), problem.get("elapsed")
    if isinstance(limit, int | float) and isinstance(elapsed, int | float):
        return timed_out(limit, elapsed)
    if clock is not None and _VIRTUOSO_TIMEOUT.search(detail):
        return timed_out(clock[0], time.monotonic() - clock[1])
    if problem.get("kind") == "too_large":
        return SparqlError("too_large", detail, detail)
    return remote_failure(name, f"{error.code} {error.reason}: {detail}")


def unfinished_update(name: str, reason: str) -> SparqlError:
    """An update was sent and no answer came."""
    return SparqlError(
        "unavailable",
        f"SPARQL エンドポイント {name} から更新の結果を得られませんでした（{reason}）。"
        "更新は反映されたかもしれません。確かめてから、必要ならもう一度送ってください。",
        f"The SPARQL endpoint {name} did not say what became of the update ({reason}). It may have "
        "been applied: look before you send it again.",
    )


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
        if reading.shape.form == "UPDATE":
            ox.Store().update(text)
        else:
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
