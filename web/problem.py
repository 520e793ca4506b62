"""Problem details (RFC 9457): errors for programs, with a text for their users."""

import json
from collections.abc import Mapping

from flask import Response, request

from kg.message import Language
from kg.query import SparqlError
from kg.sparql_errors import Kind
from web.negotiate import choose
from web.sparql_formats import HTML
from web.sparql_request import ProtocolError

PROBLEM_JSON = "application/problem+json"
_TYPE = "https://w3id.org/shirube/problem/"

# Status and title of each kind of SPARQL error. An answer that would be too large is 422: the
# request is well-formed and of an acceptable size itself (which 413 would be about).
_KINDS: dict[Kind, tuple[int, str, str]] = {
    "syntax": (400, "SPARQL の文法に誤りがあります", "Mistake in the SPARQL"),
    "rdf": (400, "RDF に誤りがあります", "Mistake in the RDF"),
    "shapes": (400, "シェイプに誤りがあります", "Mistake in the shapes"),
    "unsupported": (400, "対応していない機能です", "Not supported here"),
    "too_deep": (400, "問い合わせが複雑すぎます", "Query too complex"),
    "forbidden": (403, "許可されていない機能です", "Not allowed here"),
    "read_only": (403, "読み取り専用です", "Read-only"),
    "protected": (403, "書き込めないグラフです", "Protected graph"),
    "missing": (404, "グラフがありません", "No such graph"),
    "conflict": (409, "グラフの状態と合いません", "Conflict with the graphs there are"),
    "precondition": (412, "グラフが求めた状態ではありません", "The graph is not as asked for"),
    "too_large": (422, "結果が大きすぎます", "Answer too large"),
    "crashed": (500, "検索エンジンの異常終了", "The engine failed"),
    "timeout": (503, "制限時間を超えました", "Time limit exceeded"),
    "out_of_memory": (503, "メモリの上限を超えました", "Memory limit exceeded"),
    "unavailable": (503, "ただいま利用できません", "Unavailable just now"),
}


_REQUEST = {
    400: ("リクエストが正しくありません", "Bad request"),
    401: ("トークンが要ります", "A token is needed"),
    403: ("トークンが要ります", "A token is needed"),
    406: ("その形式では答えられません", "Not available in that format"),
    413: ("本文が長すぎます", "Content too large"),
    414: ("アドレスが長すぎます", "Address too long"),
    415: ("受け付けない種類の本文です", "Unsupported media type"),
    503: ("ただいま利用できません", "Unavailable just now"),
}


def status_of(error: SparqlError | ProtocolError) -> int:
    """The HTTP status that an error of the SPARQL endpoint is answered with."""
    return error.status if isinstance(error, ProtocolError) else _KINDS[error.kind][0]


def title_of(error: SparqlError | ProtocolError, language: Language) -> str:
    """The kind of an error in a few words."""
    known = _REQUEST[error.status] if isinstance(error, ProtocolError) else _KINDS[error.kind][1:]
    return known[0] if language == "ja" else known[1]


def problem(
    status: int,
    title: str,
    detail: str,
    type: str = "about:blank",
    members: Mapping[str, object] | None = None,
) -> Response:
    """A problem document; `about:blank` says that the status tells the kind."""
    document = {"type": type, "title": title, "status": status, "detail": detail}
    body = json.dumps({**document, **(members or {})}, ensure_ascii=False)
    return Response(body, status, mimetype=PROBLEM_JSON)


def for_people() -> bool:
    """Whether the request prefers a page to a problem document: browsers do, `*/*` does not."""
    return choose(request.headers.get("Accept"), (PROBLEM_JSON, HTML)) == HTML


def problem_of(error: SparqlError | ProtocolError, language: Language) -> Response:
    """The problem document of an error; members without a value are left out.

    A SPARQL error has kind and, where they apply, line, column, token, hint, limit and elapsed.
    """
    members: dict[str, object]
    if isinstance(error, ProtocolError):
        kind, members = "request", dict(error.members)
    else:
        kind = error.kind
        members = {
            "kind": error.kind,
            "line": error.line,
            "column": error.column,
            "token": error.token,
            "hint": error.hint.get(language),
            "limit": error.limit,
            "elapsed": None if error.elapsed is None else round(error.elapsed, 3),
        }
    response = problem(
        status_of(error),
        title_of(error, language),
        error.text(language),
        type=_TYPE + kind.replace("_", "-"),
        members={name: value for name, value in members.items() if value is not None},
    )
    if kind == "unavailable" or (kind == "request" and response.status_code == 503):
        response.headers["Retry-After"] = "5"
    return response
