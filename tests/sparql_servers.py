"""SPARQL servers of other people's making, for tests and benchmarks: Oxigraph's and Virtuoso.

Each runs on a free loopback port over a temporary folder, and ends with its context.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kg.remote_client import Credentials

VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 10
NumberOfBuffers = 2000
MaxDirtyBuffers = 1200
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 5
DavRoot = DAV
EnabledDavVSP = 0
[SPARQL]
{limits}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server takes queries and updates, as whom, and its process."""

    query_url: str
    update_url: str
    credentials: Credentials
    pid: int


def oxigraph_binary() -> Path | None:
    """The server of the `oxigraph` package, where it is installed."""
    beside = Path(sys.executable).parent / "oxigraph"
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    return Path(found) if found else None


def virtuoso_binary() -> Path | None:
    """Virtuoso 7, as Debian's `virtuoso-opensource-7-bin` brings it."""
    found = shutil.which("virtuoso-t")
    return Path(found) if found else None


@contextmanager
def oxigraph_server(
    folder: Path | None = None, *options: str, verb: str = "serve"
) -> Iterator[Server]:
    """Oxigraph's own server over a store's folder, or memory; FileNotFoundError without it.

    `verb` may be serve-read-only too.
    """
    binary = oxigraph_binary()
    if binary is None:
        raise FileNotFoundError("the oxigraph package is not installed")
    port = free_port()
    where = ["--location", str(folder)] if folder else []
    url = f"http://127.0.0.1:{port}"
    command = [binary, verb, *where, "--bind", f"127.0.0.1:{port}", *options]
    with _running(command, port) as pid:
        yield Server(f"{url}/query", f"{url}/update", Credentials(), pid)


@contextmanager
def virtuoso_server(folder: Path, limits: str = "") -> Iterator[Server]:
    """Virtuoso with an empty database in `folder`; `limits` are lines of its [SPARQL] section.

    Its first user may update, at an address of its own. FileNotFoundError where it is not there.
    """
    binary = virtuoso_binary()
    if binary is None:
        raise FileNotFoundError("virtuoso-t is not installed")
    http = free_port()
    ini = VIRTUOSO_INI.format(sql=free_port(), http=http, limits=limits)
    (folder / "virtuoso.ini").write_text(ini)
    url = f"http://127.0.0.1:{http}"
    with _running([binary, "+foreground", "+configfile", "virtuoso.ini"], http, folder) as pid:
        dba = Credentials(user="dba", password="dba")
        yield Server(f"{url}/sparql", f"{url}/sparql-auth", dba, pid)


@contextmanager
def python_server(module: str, port: int, *arguments: str) -> Iterator[Server]:
    """A module that serves `/sparql` on the port given as its last argument."""
    url = f"http://127.0.0.1:{port}/sparql"
    command = [sys.executable, "-m", module, *arguments, str(port)]
    with _running(command, port, seconds=600) as pid:
        yield Server(url, url, Credentials(), pid)


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(
    command: list[object], port: int, cwd: Path | None = None, seconds: float = 60
) -> Iterator[int]:
    with subprocess.Popen(
        [os.fspath(part) if isinstance(part, Path) else str(part) for part in command],
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port, process, seconds)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{process.args!r} does not listen on {port} (status {process.poll()})")
