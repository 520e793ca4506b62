"""Who writes: asked before a request's body is even read."""

from flask import request

from kg.sparql_errors import read_only
from kg.writer import Writer
from web.services import Services
from web.sparql_request import ProtocolError


def writer_and_author(services: Services) -> tuple[Writer, str]:
    """The writer, and the name of the token that was sent.

    Raises SparqlError (read_only) where nobody may write, ProtocolError (401) for anybody else.
    """
    if services.writer is None or not services.tokens:
        raise read_only()
    author = services.tokens.holder(request.headers.get("Authorization"))
    if author is None:
        raise ProtocolError(
            401,
            "書き込みには、正しいトークンが要ります（Authorization: Bearer …）。",
            "Writing takes a valid token (Authorization: Bearer …).",
        )
    return services.writer, author
