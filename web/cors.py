"""Any site's scripts may read what is here: the data is open, no answer depends on who asks.

Writing takes a token in a header, which no browser sends of itself, so scripts may also write.
"""

from flask import Flask, Response, request

_EXPOSED = (
    "Allow, Content-Disposition, Content-Language, ETag, Link, Location, Retry-After, "
    "Shirube-Hint, WWW-Authenticate"
)
_ASKED_WITH = "Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match"
_DAY = "86400"  # seconds


def install(app: Flask) -> None:
    """Open every answer, errors too, to readers from any origin, and answer their preflights."""

    @app.after_request
    def open_to_readers(response: Response) -> Response:
        headers = response.headers
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = _EXPOSED
        response.vary.add("Origin")
        if request.method == "OPTIONS" and response.status_code == 200:
            headers["Access-Control-Allow-Methods"] = headers["Allow"]
            headers["Access-Control-Allow-Headers"] = _ASKED_WITH
            headers["Access-Control-Max-Age"] = _DAY
            headers.pop("Content-Type", None)
            response.status_code = 204
        return response
