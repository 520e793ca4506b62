"""HTTP exchanges that end at a moment, whatever the other side does.

A socket's timeout is for each read anew: a server that sends a byte now and then holds a client
for ever, in the headers already. At the deadline the connection itself is shut down.
"""

import socket
import threading
import time
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from types import TracebackType
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPHandler, HTTPSHandler, Request


class Deadline:
    """A context whose connections are shut down at `moment` (of `time.monotonic`).

    Raises TimeoutError for whatever becomes of an exchange that has come so far, but for an HTTP
    error, whose status is known.
    """

    def __init__(self, moment: float) -> None:
        self._timer = threading.Timer(max(0.0, moment - time.monotonic()), self._end)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._has_passed = False

    def watch(self, connected: socket.socket) -> None:
        """Shut a connection down at the deadline."""
        with self._lock:
            self._sockets.append(connected)
            if self._has_passed:
                raise TimeoutError

    def handlers(self) -> list[Any]:
        """What opens watched connections for `urllib.request.build_opener`."""
        return [_Handler(self), _SecureHandler(self)]

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            is_cut = isinstance(error, Exception) and not isinstance(error, HTTPError)
            if self._has_passed and is_cut:
                raise TimeoutError from None

    def _end(self) -> None:
        with self._lock:
            self._has_passed = True
            for one in self._sockets:
                with suppress(OSError, ValueError):
                    one.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    def __init__(self, deadline: Deadline, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        self._deadline.watch(self.sock)


class _SecureConnection(HTTPSConnection):
    def __init__(self, deadline: Deadline, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline

    def connect(self) -> None:
        super().connect()
        self._deadline.watch(self.sock)


class _Handler(HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(partial(_Connection, self._deadline), request)


class _SecureHandler(HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(partial(_SecureConnection, self._deadline), request)
