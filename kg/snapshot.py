"""Snapshots: how the live store is changed without being touched.

A change is made to a copy of the live store (hard links: RocksDB never changes its tables), which
goes live when it is whole. Whatever happens before, to whichever process, the live store is as it
was. One change is made at a time, by whichever process holds the folder's write lock.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pyoxigraph as ox

from kg.live import (
    LEASE,
    SNAPSHOTS,
    Pointer,
    read_pointer,
    remove_unused,
    sync_folder,
    write_durably,
    write_pointer,
)
from kg.message import UserError
from kg.review_changes import asking, carry_reviews
from kg.reviews import read_reviews
from kg.store import is_built

CHANGE = "change.json"
_GROWS = re.compile(r"CURRENT|IDENTITY|MANIFEST-\d+|OPTIONS-\d+|\d+\.log")
_WRITE_LOCK = ".write-lock"


class WriteBusyError(UserError):
    """Another change takes longer than one wants to wait."""


@contextmanager
def turn_to_write(data: Path, wait: float) -> Iterator[Pointer | None]:
    """Hold the write lock, which the system takes back from the dead; gives what is live.

    Raises WriteBusyError after `wait` seconds.
    """
    lock = filelock.FileLock(data / _WRITE_LOCK, thread_local=False)
    try:
        lock.acquire(timeout=wait)
    except filelock.Timeout:
        raise WriteBusyError(
            "ほかの書き込みが終わりません。しばらくしてからもう一度お試しください。",
            "Another change is taking long: please try again in a moment.",
        ) from None
    try:
        yield read_pointer(data)
    finally:
        lock.release()


@contextmanager
def candidate(data: Path, source: Path) -> Iterator[Path]:
    """A copy of a store to change; what is not published (`publish`) is removed again."""
    folder = data / SNAPSHOTS / f"unfinished-{secrets.token_hex(6)}"
    try:
        link_store(source, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(data: Path, folder: Path, generation: str, change: str) -> Pointer:
    """Make a candidate, its store closed, the live snapshot; `change` (JSON) says what it is."""
    pointer = Pointer(generation, f"snap-{secrets.token_hex(6)}")
    for file in folder.glob("LOG*"):
        file.unlink()
    (folder / LEASE).touch()
    write_durably(folder / CHANGE, change)
    for file in folder.iterdir():
        if file.stat().st_nlink == 1:  # the others were on the disk before
            _sync(file)
    sync_folder(folder)
    folder.rename(pointer.store(data))
    sync_folder(folder.parent)
    write_pointer(data, pointer)
    remove_unused(data)
    return pointer


def carry_over(data: Path, before: Path, built: Path, generation: str) -> Pointer | None:
    """What users wrote in one store, put beside what is in another, as a snapshot that is not live.

    Their reviews go into the graphs that the build has made. None where they wrote nothing. `built`
    is the store of the generation of that name.
    """
    old = ox.Store.read_only(str(before))
    graphs = [g for g in old.named_graphs() if not is_built(g.value)]
    if not graphs and not read_reviews(asking(old)):
        return None
    pointer = Pointer(generation, f"snap-{secrets.token_hex(6)}")
    with candidate(data, built) as folder:
        new = ox.Store(str(folder))
        for graph in graphs:
            new.add_graph(graph)
            new.bulk_extend(old.quads_for_pattern(None, None, None, graph))
        carry_reviews(old, new, ox.Store.read_only(str(built)))
        new.flush()
        del new
        change = before / CHANGE
        write_durably(folder / CHANGE, change.read_text("utf-8") if change.exists() else "{}")
        (folder / LEASE).touch()
        for file in folder.iterdir():
            _sync(file)
        folder.rename(pointer.store(data))
        sync_folder(folder.parent)
    return pointer


def link_store(source: Path, target: Path) -> None:
    """A copy of a closed or read-only store: tables are linked, what RocksDB appends to is copied.

    Where the file system has no hard links, tables are copied too.
    """
    target.mkdir(parents=True)
    for file in source.iterdir():
        if file.suffix == ".sst":
            link(file, target / file.name)
        elif _GROWS.fullmatch(file.name):
            shutil.copyfile(file, target / file.name)


def link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where there are no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
