"""A SPARQL 1.1 Protocol request, read strictly: what is ambiguous or damaged is refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl

from flask import Request, request
from werkzeug.exceptions import RequestEntityTooLarge

from kg.message import UserError
from kg.sparql_errors import excerpt, shortened
from kg.store import WHOLE, Dataset
from web.negotiate import choose
from web.sparql_formats import Format, by_name, format_names

MAX_QUERY = 256 * 1024  # characters
MAX_BODY = 1024 * 1024  # bytes; percent-encoding makes nine of a kanji
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

Operation: TypeAlias = Literal["query", "update", "none"]
_Pairs: TypeAlias = list[tuple[str, str]]


class ProtocolError(UserError):
    """A request that is not a proper SPARQL protocol request.

    `status` is the HTTP status; `members` are more members for the problem document.
    """

    def __init__(
        self, status: int, ja: str, en: str, members: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(shortened(ja), shortened(en))
        self.status = status
        self.members = members or {}


@dataclass(frozen=True, slots=True)
class ProtocolRequest:
    """What a request asks for. `operation` none: it names neither a query nor an update.

    `dataset` is the query's, or by using-graph-uri and using-named-graph-uri the update's.
    `in_body` says whether the text came in the body, where alone an update may be. `format` and
    `timeout` (seconds) are our own parameters, None where absent.
    """

    operation: Operation
    text: str
    dataset: Dataset = WHOLE
    format: str | None = None
    timeout: float | None = None
    in_body: bool = False


def read_request(request: Request) -> ProtocolRequest:
    """Read a GET, HEAD or POST. Raises ProtocolError: 400, 413, 414 or 415."""
    address = _pairs(request.query_string, 414)
    body: _Pairs = []
    if request.method == "POST":
        body = _body(request)
    texts = [(n, v) for n, v in (*address, *body) if n in ("query", "update")]
    if len(texts) > 1:
        raise ProtocolError(
            400,
            "query（または update）は一つだけ、URL か本文のどちらかで送ってください。",
            "Send exactly one query (or update), either in the URL or in the body.",
        )
    if not texts and request.method == "POST":
        raise ProtocolError(400, "query がありません。", "The query is missing.")
    name, text = texts[0] if texts else ("none", "")
    if len(text) > MAX_QUERY:
        raise _too_long(413 if body else 414)
    # Clients differ in where they put these for a posted query, so both places count.
    values = [*address, *body]
    graphs = ("using-graph-uri", "using-named-graph-uri")
    if name != "update":
        graphs = ("default-graph-uri", "named-graph-uri")
    return ProtocolRequest(
        "query" if name == "query" else "update" if name == "update" else "none",
        text,
        Dataset(_all(values, graphs[0]), _all(values, graphs[1])),
        next(iter(_all(values, "format")), None) or None,
        _timeout(values),
        in_body=any(one in ("query", "update") for one, _ in body),
    )


def choose_format(name: str | None, offered: Sequence[Format]) -> tuple[Format, str]:
    """The format that the request wants, by `name` (?format=) or Accept, and how it calls it.

    Raises ProtocolError: 400 for a name that no format has, 406 where none of `offered` will do.
    """
    names = [one.name for one in offered]
    if name:
        wanted = by_name(name)
        if wanted is None:
            raise ProtocolError(
                400,
                f"format={excerpt(name)} という形式はありません（{', '.join(format_names())}）。",
                f"There is no format={excerpt(name)}: {', '.join(format_names())}.",
            )
        for one in offered:
            # Every form of query has its own XML and JSON.
            if one.name == wanted.name or {name, f"application/{name}"} & {*one.media_types}:
                return one, one.media_type
    else:
        by_type = {media_type: one for one in reversed(offered) for media_type in one.media_types}
        order = [media_type for one in offered for media_type in one.media_types]
        media_type = choose(request.headers.get("Accept"), order)
        if media_type is not None:
            return by_type[media_type], media_type
    available = [one.media_type for one in offered]
    raise ProtocolError(
        406,
        f"この形式では答えられません。使える形式: {', '.join(names)}（{', '.join(available)}）。",
        f"Not available in that format. Available: {', '.join(names)} ({', '.join(available)}).",
        {"available": available},
    )


def _body(request: Request) -> _Pairs:
    if request.mimetype not in (FORM, QUERY, UPDATE):
        raise ProtocolError(
            415,
            f"本文の種類「{request.mimetype}」は受け付けません（{FORM} か {QUERY}）。",
            f"The body's type “{request.mimetype}” is not taken: use {FORM} or {QUERY}.",
        )
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise ProtocolError(
            415, "文字コードは UTF-8 にしてください。", "The character encoding must be UTF-8."
        )
    request.max_content_length = MAX_BODY
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise _too_long(413) from None
    if len(data) > MAX_BODY:
        raise _too_long(413)
    if request.mimetype == FORM:
        return _pairs(data, 413)
    try:
        return [("query" if request.mimetype == QUERY else "update", data.decode())]
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _pairs(encoded: bytes, status: int) -> _Pairs:
    """Name and value pairs, percent-decoded once."""
    if len(encoded) > MAX_BODY:
        raise _too_long(status)
    try:
        return parse_qsl(
            encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000
        )
    except UnicodeDecodeError:
        raise _not_utf8() from None
    except ValueError:
        raise ProtocolError(
            400, "パラメーターが多すぎます。", "There are too many parameters."
        ) from None


def _all(pairs: Iterable[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in pairs if key == name)


def _timeout(pairs: _Pairs) -> float | None:
    text = next((value for value in _all(pairs, "timeout") if value), None)
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ProtocolError(
            400,
            f"timeout={excerpt(text)} は正の秒数にしてください（例: 5）。",
            f"timeout={excerpt(text)} must be a positive number of seconds, e.g. 5.",
        )
    return seconds


def _too_long(status: int) -> ProtocolError:
    return ProtocolError(
        status,
        f"問い合わせが長すぎます（上限は {MAX_QUERY:,} 文字です）。",
        f"The query is too long: the limit is {MAX_QUERY:,} characters.",
    )


def _not_utf8() -> ProtocolError:
    return ProtocolError(400, "UTF-8 として読めません。", "This is not valid UTF-8.")
