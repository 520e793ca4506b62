"""Who writes: asked before a request's body is even read."""

from flask import request

from kg.sparql_errors import read_only
from kg.writing import Writing
from web.services import Services
from web.sparql_request import ProtocolError


def writer_and_author(services: Services) -> tuple[Writing, str]:
    """The writer, and the name of the token that was sent.

    Raises SparqlError (read_only, 403) where nobody may write, ProtocolError for anybody else: 403
    where no token was sent, 401 for another one.
    """
    if services.writer is None or not services.tokens:
        raise read_only()
    sent = request.headers.get("Authorization")
    author = services.tokens.holder(sent)
    if author is None:
        raise ProtocolError(
            401 if sent else 403,
            "書き込みには、正しいトークンが要ります（Authorization: Bearer …）。",
            "Writing takes a valid token (Authorization: Bearer …).",
        )
    return services.writer, author
