"""Is it alive, is it ready, which version is it, how does it fare: for whoever runs it."""

import logging
import time
from collections.abc import Callable
from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

from kg.message import UserError
from web import __version__
from web.services import Services

logger = logging.getLogger(__name__)
METRICS = "shirube.metrics"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Metrics:
    """Request counts and latency of one application, in its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "shirube_requests",
            "Answers sent.",
            ("endpoint", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "shirube_request_seconds",
            "Seconds from request to answer.",
            ("endpoint",),
            registry=self.registry,
        )

    def observe(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(endpoint, method, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)


def install(app: Flask) -> None:
    """Measure every request; whatever addresses and methods are made up, labels stay few."""
    metrics = app.extensions[METRICS] = Metrics()

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        method = request.method if request.method in _METHODS else "_OTHER"
        metrics.observe(request.endpoint or "none", method, response.status_code, seconds)
        return response


def _failing(services: Services) -> list[str]:
    """Which parts do not answer; what they said goes to the log, not to the world."""
    checks: dict[str, Callable[[], bool]] = {
        "graph": lambda: services.graph.query("ASK { ?s ?p ?o }").boolean(),
        "searcher": lambda: bool(services.searcher.search("施策", limit=1)),
    }
    failing = []
    for part, check in checks.items():
        try:
            answered = check()
        except (UserError, OSError, RuntimeError):
            logger.exception("%s does not answer", part)
            answered = False
        if not answered:
            failing.append(part)
    return failing


def health_blueprint(services: Services) -> Blueprint:
    """`/healthz` (alive), `/readyz` (store and searcher answer), `/version`, `/metrics`."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def alive() -> Response:
        return jsonify(status="ok")

    @health.get("/readyz")
    def ready() -> tuple[Response, int]:
        failing = _failing(services)
        if failing:
            return jsonify(status="unavailable", failing=failing), 503
        return jsonify(status="ok", graph=services.graph_digest, model=services.model), 200

    @health.get("/version")
    def which() -> Response:
        return jsonify(
            name="shirube",
            version=__version__,
            graph=services.graph_digest,
            model=services.model,
        )

    @health.get("/metrics")
    def measured() -> Response:
        metrics = cast(Metrics, current_app.extensions[METRICS])
        return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)

    return health
