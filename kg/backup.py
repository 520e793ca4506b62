"""Backups: the live generation, what users wrote and the audit log, in one .tar.gz file.

    manifest.json      first: format, date, what was live, and SHA-256 and size of every file
    generation/…       the generation as built, with its search index
    snapshot/…         the store with what users wrote, where they wrote anything
    audit.jsonl

Both ways the files are on the disk, whole and checked, before anything gets its name.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyoxigraph as ox

from kg import audit
from kg.generation import GenerationError, current, disk_errors, is_sound
from kg.live import (
    LEASE,
    SNAPSHOTS,
    Pointer,
    remove_unused,
    sync_folder,
    write_pointer,
)
from kg.message import UserError
from kg.snapshot import CHANGE, link, turn_to_write

FORMAT = 1
WAIT = 120.0  # seconds for a change that is under way
_MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_LEVEL = 1  # RocksDB has compressed its tables already


class BackupError(UserError):
    """A backup that cannot be made, or that is not whole."""


def back_up(data: Path, destination: Path) -> Path:
    """Write a backup of what is live at this moment; readers and writers go on meanwhile.

    `destination` is a file that is not there yet, or a folder, where the file gets a name with
    the date (UTC). Raises BackupError; GenerationError where there is nothing to back up.
    """
    now = datetime.now(UTC)
    if destination.is_dir():
        destination /= f"shirube-{now:%Y%m%d-%H%M%S}.tar.gz"
    if destination.exists():
        raise BackupError(
            f"{destination} はすでにあります。上書きはしません。別の名前を指定してください。",
            f"{destination} is there already and is not overwritten: choose another name.",
        )
    unfinished = destination.with_name(f".{destination.name}.{secrets.token_hex(4)}.unfinished")
    with _told(destination), _frozen(data) as (folder, pointer):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LEASE)
        manifest = {
            "format": FORMAT,
            "made": now.isoformat(timespec="seconds"),
            "generation": pointer.generation,
            "snapshot": pointer.snapshot,
            "files": {
                path.relative_to(folder).as_posix(): {
                    "sha256": _digest(path),
                    "bytes": path.stat().st_size,
                }
                for path in files
            },
        }
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        try:
            with unfinished.open("xb") as stream:
                with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=_LEVEL) as archive:
                    for path in (folder / _MANIFEST, *files):
                        archive.add(path, path.relative_to(folder).as_posix(), recursive=False)
                stream.flush()
                os.fsync(stream.fileno())
            _give_name(unfinished, destination)
            sync_folder(destination.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    return destination


def _give_name(unfinished: Path, destination: Path) -> None:
    """Not over another file, where the file system has links, which a memory stick may not."""
    try:
        os.link(unfinished, destination)
    except FileExistsError:
        raise
    except OSError:
        unfinished.rename(destination)


def restore(data: Path, source: Path, author: str = "") -> Pointer:
    """Make a backup live, once all of it is here and its digests are right.

    Readers switch to it with their next query. What users wrote since is gone; the audit log stays,
    and says that this was done. Raises BackupError where the file is damaged: nothing has changed
    then.
    """
    with disk_errors(data):
        data.mkdir(parents=True, exist_ok=True)
        with _scratch(data, "restoring") as folder:
            manifest = _unpack(source, folder)
            _open_stores(source, folder)
            with turn_to_write(data, WAIT) as live:
                audit.settle(data, live)
                pointer = _put_in_place(data, folder, manifest)
                if not (data / audit.LOG).exists() and (folder / audit.LOG).exists():
                    shutil.copyfile(folder / audit.LOG, data / audit.LOG)
                write_pointer(data, pointer)
                what = {"source": str(source), "made": manifest["made"], "live": str(pointer)}
                audit.append(data, audit.entry(author, "restore", outcome="done", **what))
                remove_unused(data)
    return pointer


def _put_in_place(data: Path, folder: Path, manifest: dict[str, Any]) -> Pointer:
    """Give the checked files their names; nothing reads them before `current` says so."""
    generation = data / manifest["generation"]
    if not is_sound(generation):  # else it is the same, and perhaps live
        if generation.exists():
            generation.rename(folder / "damaged")
        (folder / "generation").rename(generation)
    sync_folder(data)
    if manifest["snapshot"] is None:
        return Pointer(manifest["generation"])
    pointer = Pointer(manifest["generation"], f"snap-{secrets.token_hex(6)}")
    snapshot = folder / "snapshot"
    (snapshot / LEASE).touch()
    (snapshot / CHANGE).unlink(missing_ok=True)  # it is in the log that was kept with it
    (data / SNAPSHOTS).mkdir(exist_ok=True)
    snapshot.rename(pointer.store(data))
    sync_folder(data / SNAPSHOTS)
    return pointer


@contextmanager
def _frozen(data: Path) -> Iterator[tuple[Path, Pointer]]:
    """A folder with what is live now, by hard links: nobody changes or removes those files."""
    if current(data) is None:
        raise GenerationError(
            f"{data} にはまだデータがありません（shirube build）。",
            f"There is no data in {data} yet (shirube build).",
        )
    with _scratch(data, "backing-up") as folder:
        with turn_to_write(data, WAIT) as pointer:
            assert pointer is not None
            audit.settle(data, pointer)
            _link_tree(data / pointer.generation, folder / "generation")
            if pointer.snapshot is not None:
                _link_tree(pointer.store(data), folder / "snapshot")
            if (data / audit.LOG).exists():
                shutil.copyfile(data / audit.LOG, folder / audit.LOG)
        yield folder, pointer


@contextmanager
def _scratch(data: Path, purpose: str) -> Iterator[Path]:
    """A folder of our own in the data folder; those that dead processes left are removed."""
    folder = data / f"{purpose}-{secrets.token_hex(6)}"
    with _locked(data):  # so that a folder without a held lease is nobody's
        for left in data.glob(f"{purpose}-*"):
            if _is_free(left / LEASE):
                shutil.rmtree(left, ignore_errors=True)
        folder.mkdir()
        lease = os.open(folder / LEASE, os.O_RDWR | os.O_CREAT)
        fcntl.flock(lease, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lease)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_free(lease: Path) -> bool:
    """Whether no living process holds a lease, which its process may not have come to make."""
    try:
        descriptor = os.open(lease, os.O_RDWR)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _link_tree(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and path.name not in ("LOCK", LEASE) and not path.name.startswith("LOG"):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            link(path, copy)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose every file is in `folder`, on the disk, as it was."""
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            manifest = _manifest(archive)
            wanted: dict[str, dict[str, Any]] = dict(manifest["files"])
            written: dict[str, str] = {}
            while (member := archive.next()) is not None:
                name = member.name
                if name not in wanted:
                    raise ValueError(f"{name} is not in the manifest")
                if member.islnk() and member.linkname in written:
                    # The same table in both stores: it is in the archive once.
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    link(folder / member.linkname, folder / name)
                    written[name] = written[member.linkname]
                elif member.isreg() and (content := archive.extractfile(member)) is not None:
                    written[name] = _write(content, folder / name)
                else:
                    raise ValueError(f"{name} is no file")
                if written[name] != wanted.pop(name)["sha256"]:
                    raise ValueError(f"{name} is not what it was")
            if wanted:
                raise ValueError(f"{min(wanted)} is missing")
            while archive.fileobj is not None and archive.fileobj.read(_CHUNK):
                pass  # to the end, where the compression's own checksum stands
            return manifest
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise _damaged(source, str(error)) from error
    except OSError as error:
        if error.filename is not None and Path(error.filename) != source:
            raise  # the data folder's, not the backup's
        raise _damaged(source, error.strerror or str(error)) from error


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """The first member; every path in it stays inside. Raises ValueError, KeyError, TypeError."""
    member = archive.next()
    content = archive.extractfile(member) if member is not None else None
    if member is None or member.name != _MANIFEST or content is None:
        raise ValueError("it does not begin with a manifest")
    manifest: dict[str, Any] = json.loads(content.read())
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, not {FORMAT}")
    Pointer.parse(f"{manifest['generation']} {manifest['snapshot'] or ''}")
    roots = {"generation", *(["snapshot"] if manifest["snapshot"] else [])}
    for name in manifest["files"]:
        path = PurePosixPath(name)
        if ".." in path.parts or (path.parts[0] not in roots and name != audit.LOG):
            raise ValueError(f"{name} has no place here")
    if "generation/manifest.json" not in manifest["files"]:
        raise ValueError("there is no generation in it")
    return manifest


def _write(content: IO[bytes], file: Path) -> str:
    """Write a file durably; returns the digest of what was written."""
    digest = hashlib.sha256()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _open_stores(source: Path, folder: Path) -> None:
    for store in (folder / "generation" / "store", folder / "snapshot"):
        if store.name == "store" or store.exists():
            try:
                ox.Store.read_only(str(store))
            except (OSError, RuntimeError) as error:
                raise _damaged(source, str(error)) from error


def _damaged(source: Path, reason: str) -> BackupError:
    return BackupError(
        f"{source} は壊れているか、バックアップではありません（{reason}）。何も変更していません。",
        f"{source} is damaged, or no backup ({reason}). Nothing has been changed.",
    )


@contextmanager
def _told(destination: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise BackupError(
            f"{destination} にバックアップを書けません（{reason}）。",
            f"The backup {destination} cannot be written ({reason}).",
        ) from error


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
