"""Errors as a page for people and as problem+json for programs, in the reader's language."""

import logging

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from kg.message import UserError
from kg.query import SparqlError
from web.language import page_language
from web.problem import for_people, problem, status_of
from web.search_request import RequestError
from web.texts import Texts

logger = logging.getLogger(__name__)


def _page(status: int, key: str, detail: str | None) -> Response:
    page = render_template("problem.html", status=status, key=key, detail=detail)
    return Response(page, status, mimetype="text/html")


def install(app: Flask) -> None:
    """Answer every error of the application; our own faults are logged and not shown."""
    texts = Texts()

    def answer(status: int, error: UserError | None = None) -> Response:
        """A status as page or problem; `error` tells more than the status itself."""
        key = str(status)
        if f"error.{key}.title" not in texts.by_key:
            key = "500" if status >= 500 else "400"
        detail = error.text(page_language()) if error else None
        if for_people() and not request.path.startswith("/api/"):
            response = _page(status, key, detail)
        else:
            title, text = (
                texts.text(f"error.{key}.{part}", page_language()) for part in ("title", "text")
            )
            response = problem(status, title, detail or text)
        response.vary.update(("Accept", "Accept-Language"))
        return response

    @app.errorhandler(RequestError)
    def on_bad_request(error: RequestError) -> Response:
        return answer(error.status, error)

    @app.errorhandler(SparqlError)
    def on_store_error(error: SparqlError) -> Response:
        # Our own query has failed: what the engine says of it is of no use to a reader.
        logger.error("%s %s: the store failed", request.method, request.path, exc_info=error)
        return answer(status_of(error) if status_of(error) >= 500 else 500)

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:  # a redirect that routing has raised
            return make_response(error.get_response())
        response = answer(error.code)
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        return answer(500)
