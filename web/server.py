"""The production server: waitress around the Flask site."""

import signal
import socket
import sys
from collections.abc import Callable

import waitress
from werkzeug.middleware.proxy_fix import ProxyFix

from kg.message import UserError
from kg.turns import PLACES, RESERVE
from web import create_app
from web.wiring import Workshop

SPARE_THREADS = 8  # for pages and searches, whatever /sparql has to do
MAX_BODY = 4 * 1024 * 1024  # bytes; a query may have a quarter of it
MAX_WRITE = 65 * 1024 * 1024  # where anybody may write: a graph of 64 MiB


def threads_for(workers: int) -> int:
    """How many threads a server needs so that waiting queries leave some for everything else."""
    # A query is run by a worker, or waits for its turn, or for a place among the slow ones.
    return PLACES + RESERVE + 2 * workers + SPARE_THREADS


def serve_forever(
    workshop: Workshop, host: str, port: int, announce: Callable[[str], None]
) -> None:
    """Serve until interrupted or told to end (SIGTERM).

    `announce` gets the address once the port is ours; `port` 0 lets the system choose. Raises
    `UserError` where the address is taken or not ours.
    """
    listening = _listen(host, port)
    # As at an interrupt: requests under way are answered, worker processes end with us.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    services = workshop.services()
    try:
        bound = listening.getsockname()[1]
        app = create_app(services)
        server = waitress.create_server(
            # X-Forwarded-* of so many proxies are believed; without any, nobody's are.
            ProxyFix(app, *(workshop.settings.proxies,) * 3, x_port=0, x_prefix=0),
            sockets=[listening],
            threads=threads_for(workshop.settings.query_workers),
            max_request_body_size=MAX_WRITE if services.writer else MAX_BODY,
        )
        announce(f"http://{'[' + host + ']' if ':' in host else host}:{bound}/")
        server.run()
    finally:
        services.close()
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            ja=f"{host}:{port} で待ち受けできません({reason})。"
            "別の PORT(例: PORT=8080)か HOST を指定してください。",
            en=f"Cannot listen on {host}:{port} ({reason}). "
            "Choose another port, e.g. PORT=8080, or HOST.",
        ) from error
    return listening
