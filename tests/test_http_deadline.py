"""Servers that send a byte now and then: whoever asks them is free again at the deadline."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from kg.query import SparqlError
from kg.remote import RemoteStore

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
BEGINNINGS = {
    "status line": b"HTTP/1.1 2",
    "headers": HEAD + b"X-Slow: ",
    "body": HEAD + b"Connection: close\r\n\r\n{",
    "body of a length": HEAD + b"Content-Length: 1000000\r\n\r\n{",
    "body of chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
}


@pytest.fixture(params=BEGINNINGS)
def trickling(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that begins an answer and then takes for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def trickle(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(BEGINNINGS[request.param])
            while not ended.wait(0.02):
                connection.sendall(b"1")

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=trickle, args=[listener.accept()[0]], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
    ended.set()
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_query_ends_at_its_deadline(trickling: str) -> None:
    started = time.monotonic()
    with pytest.raises(SparqlError) as caught:
        RemoteStore(trickling).query("ASK {}", timeout=0.5)
    assert caught.value.kind == "timeout"
    assert time.monotonic() - started < 20  # without the deadline: never


def test_of_an_update_it_is_told_that_nobody_knows(trickling: str) -> None:
    with pytest.raises(SparqlError) as caught:
        RemoteStore(trickling, update_url=trickling).update("CLEAR ALL", timeout=0.5)
    assert caught.value.kind == "unavailable"
    assert "may have been applied" in caught.value.en
