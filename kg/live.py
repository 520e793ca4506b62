"""Which store is live: the generation that a build has made, or a snapshot of what was written.

    DATA/current              names the live generation and, where anything was written, a snapshot
    DATA/gen-…/store/         as built, never changed
    DATA/snapshots/snap-…/    the same graphs and those that users wrote, never changed either

`current` is replaced in one step, so that a change is seen at once and as a whole. A reader holds a
lease on the snapshot that it has open (a shared lock on the file `lease` in it), which the system
takes back when its process dies; a snapshot that is neither live nor leased is removed.
"""

import fcntl
import os
import re
import shutil
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kg.store import WHOLE, Dataset, ReadOnly, Result

CURRENT = "current"
SNAPSHOTS = "snapshots"
LEASE = "lease"
_POINTER = re.compile(r"(gen-[0-9a-f]{12})(?: (snap-[0-9a-f]{12}))?")
_TRIES = 100  # a snapshot may be replaced and removed while a reader is on its way to it


class VanishedError(OSError):
    """A snapshot that was replaced and removed before it could be opened."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `current` names: a generation, and a snapshot where anything was written."""

    generation: str
    snapshot: str | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.generation, self.snapshot)))

    @classmethod
    def parse(cls, text: str) -> "Pointer":
        """Read what `str` has written; raises ValueError for anything else."""
        if (found := _POINTER.fullmatch(text.strip())) is None:
            raise ValueError(f"{text!r} names no generation")
        return cls(found[1], found[2])

    def store(self, data: Path) -> Path:
        """The folder of the store to read."""
        if self.snapshot is None:
            return data / self.generation / "store"
        return data / SNAPSHOTS / self.snapshot


def read_pointer(data: Path) -> Pointer | None:
    """What is live; None where nothing is, or where `current` cannot be understood."""
    try:
        return Pointer.parse((data / CURRENT).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def write_pointer(data: Path, pointer: Pointer) -> None:
    """Make something live, in one step; it is on the disk before this returns."""
    write_durably(data / CURRENT, f"{pointer}\n")


def write_durably(file: Path, text: str) -> None:
    """Replace a file in one step, on the disk before it is seen."""
    new = file.with_name(file.name + ".new")
    with new.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    with suppress(OSError):  # not every system opens folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Leased:
    """A store that stays in its place while this lives. Raises VanishedError where it is gone."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        from kg.oxigraph import OxigraphStore  # who asks what is live need not read SPARQL

        self._lease = _lease(folder)
        self.store = OxigraphStore(folder, max_bytes=max_bytes)

    def __del__(self) -> None:
        if (lease := getattr(self, "_lease", None)) is not None:
            os.close(lease)


def _lease(folder: Path) -> int | None:
    """A shared lock on a snapshot; None for a store that has no lease, such as a generation's."""
    file = folder / LEASE
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        if folder.parent.name == SNAPSHOTS:
            raise VanishedError(f"{folder} is gone") from None
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == os.stat(file).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    raise VanishedError(f"{folder} is going")


def remove_unused(data: Path) -> None:
    """Remove what is neither live nor leased; whoever writes calls this, holding the write lock."""
    live = read_pointer(data)
    for folder in (data / SNAPSHOTS).glob("*"):
        if live is None or folder.name == live.snapshot:
            continue
        try:
            descriptor = os.open(folder / LEASE, os.O_RDONLY)
        except OSError:  # it has not come so far as to have one: nobody reads it
            shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # a later change removes it
        finally:
            os.close(descriptor)


class LiveStore(ReadOnly):
    """The live store of a data folder, read in this process; every query sees the newest."""

    def __init__(self, data: Path, max_bytes: int) -> None:
        self._data = data
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._opened: tuple[Path, Leased] | None = None
        self._closed = False

    def query(
        self,
        text: str,
        *,
        media_type: str | None = None,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
    ) -> Result:
        """Answer one query; see `kg.store.Store`."""
        leased = self._reader()
        return leased.store.query(
            text, media_type=media_type, dataset=dataset, base=base, timeout=timeout
        )

    def graphs(self) -> Sequence[str]:
        """The IRIs of the named graphs, sorted."""
        return self._reader().store.graphs()

    def close(self) -> None:
        """Let go of the folder; further calls raise ValueError."""
        with self._lock:
            self._closed, self._opened = True, None

    def _reader(self) -> Leased:
        with self._lock:
            if self._closed:
                raise ValueError("this store is closed")
            for _ in range(_TRIES):
                folder = live_store(self._data)
                if self._opened is not None and self._opened[0] == folder:
                    return self._opened[1]
                with suppress(VanishedError):
                    self._opened = folder, Leased(folder, self._max_bytes)
            raise VanishedError(f"no store of {self._data} stays in its place")


def live_store(data: Path) -> Path:
    """The folder of the live store; FileNotFoundError where there is none."""
    pointer = read_pointer(data)
    if pointer is None:
        raise FileNotFoundError(f"no store in {data}")
    return pointer.store(data)
