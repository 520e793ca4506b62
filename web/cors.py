"""Any site's scripts may read what is here: the data is open, no answer depends on who asks."""

from flask import Flask, Response, request

_EXPOSED = "Allow, Content-Disposition, Content-Language, ETag, Link, Retry-After, Shirube-Hint"
_ASKED_WITH = "Accept, Accept-Language, Authorization, Content-Type"
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
