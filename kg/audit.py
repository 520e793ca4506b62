"""Who changed what: one JSON object a line in DATA/audit.jsonl, only ever appended to.

A change is in the log before it is acknowledged. Should the process die in between, the snapshot
itself knows its change, and whoever comes next writes it down (`settle`).
"""

import getpass
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from kg.live import Pointer
from kg.snapshot import CHANGE

LOG = "audit.jsonl"
_SHOWN = 4_000  # characters of an update that the log keeps; its digest is of all of it
_TAIL = 64 * 1024

Entry: TypeAlias = dict[str, Any]


def entry(author: str, operation: str, **members: object) -> Entry:
    """An entry of this moment.

    `operation` is update, load, replace, delete, review, undo, restore or build.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"time": now, "id": os.urandom(8).hex(), "author": author, "operation": operation} | {
        name: value for name, value in members.items() if value is not None
    }


def at_the_prompt(command: str) -> str:
    """The author of what somebody did with a command: its name, and theirs on this system."""
    try:
        person = getpass.getuser()
    except (KeyError, OSError):  # a container may know no name for its user
        person = str(os.getuid())
    return f"shirube {command} ({person})"


def said(text: str) -> dict[str, str]:
    """What an entry keeps of an update: its digest (SHA-256, hex), and its text or the start."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"sha256": digest, "text": text if len(text) <= _SHOWN else text[:_SHOWN] + "…"}


def append(data: Path, one: Mapping[str, Any]) -> None:
    """Write one entry; it is on the disk before this returns. The caller holds the write lock."""
    line = json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    descriptor = os.open(data / LOG, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line  # who wrote before has died in the middle of a line
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle(data: Path, live: Pointer | None) -> None:
    """Write down the live snapshot's change where a crash came between. Under the write lock."""
    if live is None or live.snapshot is None:
        return
    try:
        change = json.loads((live.store(data) / CHANGE).read_text("utf-8"))
    except (OSError, ValueError):
        return
    if "id" in change and not _is_written(data / LOG, change["id"]):
        append(data, change)


def entries(data: Path) -> Iterator[Entry]:
    """All entries, oldest first; of a line that a crash has torn, what is left, as `torn`."""
    try:
        stream = (data / LOG).open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    with stream:
        for line in stream:
            try:
                yield json.loads(line)
            except ValueError:
                if line.strip():
                    yield {"torn": line.strip()}


def _is_written(log: Path, id: str) -> bool:
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL))
            if id.encode() in stream.read():
                return True
            stream.seek(0)
            return any(id.encode() in line for line in stream)
    except FileNotFoundError:
        return False
