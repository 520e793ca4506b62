"""The production server: waitress around the Flask site."""

import signal
import socket
import sys
from collections.abc import Callable

import waitress

from kg.message import UserError
from web import create_app
from web.wiring import Workshop

THREADS = 8
MAX_BODY = 4 * 1024 * 1024  # bytes; a query may have a quarter of it
MAX_WRITE = 65 * 1024 * 1024  # where anybody may write: a graph of 64 MiB


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
        server = waitress.create_server(
            create_app(services),
            sockets=[listening],
            threads=THREADS,
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
