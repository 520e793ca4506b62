"""Generations of data: a whole store in a folder of its own, switched to at once or not at all.

    DATA/current                    the name of the live generation (see `kg.live`)
    DATA/gen-0123456789ab/          store/ (Oxigraph), graph.nq, manifest.json, the catalog as
                                    files (`kg.catalog_file`), search indexes
    DATA/unfinished-0123456789ab/   what a build is working on, or a crash has left

A build works in a folder of its own and renames it when it is whole; `current` is replaced in one
step. Whatever happens before, the last good generation stays live. One process builds at a time.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.catalog_file import write_catalog
from kg.inputs import inputs_digest
from kg.live import CURRENT, Pointer, read_pointer, remove_unused, write_durably, write_pointer
from kg.message import Language, UserError

__all__ = [
    "BusyError",
    "Generation",
    "GenerationError",
    "build_generation",
    "current",
    "disk_errors",
    "inputs_digest",
]

FORMAT = 1
WAIT_TO_WRITE = 600.0  # seconds; a change under way ends within its own limit

Progress = Callable[[str], None]


class GenerationError(UserError):
    """A generation that could not be built or kept."""


class BusyError(GenerationError):
    """Another process is building in the same folder."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A whole generation. Digests are SHA-256 (hex): of the sorted N-Quads, and of the inputs."""

    folder: Path
    graph_digest: str
    inputs_digest: str

    @property
    def store_folder(self) -> Path:
        """The Oxigraph folder; open it read-only."""
        return self.folder / "store"

    @property
    def dump(self) -> Path:
        """The same graphs as sorted N-Quads."""
        return self.folder / "graph.nq"


def current(data: Path) -> Generation | None:
    """The live generation, or None where there is none that is whole.

    Raises GenerationError where what users wrote is named but gone.
    """
    pointer = read_pointer(data)
    if pointer is None:
        return None
    _require_snapshot(data, pointer)
    return _whole(data / pointer.generation)


def build_generation(
    data: Path,
    plans: Sequence[Path],
    progress: Progress,
    *,
    extend: Callable[[Path], None] | None = None,
    language: Language = "en",
    wait: float = 600,
    author: str = "",
) -> Generation:
    """Build the plans' graph, and make it live; nothing is done where the live one is theirs.

    `extend` gets the folder of a new generation before it goes live, its store closed, to put a
    search index there. `progress` gets one line for each step, in `language`. While another
    process builds, this one waits up to `wait` seconds. The generation that was live before is
    kept, older ones are removed. The audit log gets `author`.

    Raises BusyError after `wait`, GenerationError where the disk is full or the folder cannot be
    written, and what `kg.assembly.assemble` and `extend` raise; the live generation then stays.
    """

    def tell(ja: str, en: str) -> None:
        progress(ja if language == "ja" else en)

    with disk_errors(data):
        data.mkdir(parents=True, exist_ok=True)
        with _only_builder(data, wait, tell):
            digest = inputs_digest(plans)
            folder = data / f"gen-{digest[:12]}"
            generation = _whole(folder)
            if generation is None or generation.inputs_digest != digest or not _sound(generation):
                generation = _build(folder, digest, plans, tell, extend)
            _publish(data, generation, plans, author)
            tell("できました", "Ready")
            return generation


def _build(
    folder: Path,
    digest: str,
    plans: Sequence[Path],
    tell: Callable[[str, str], None],
    extend: Callable[[Path], None] | None,
) -> Generation:
    """A new generation at `folder`, whole or not there at all."""
    unfinished = folder.with_name(f"unfinished-{digest[:12]}")
    shutil.rmtree(unfinished, ignore_errors=True)
    from kg.assembly import assemble  # rdflib, the readers: only who builds waits for them

    lines = assemble(plans, tell)
    try:
        unfinished.mkdir()
        tell(f"{len(lines)} 個のトリプルを書いています", f"Writing {len(lines)} triples")
        graph_digest = _write_store(unfinished, lines)
        manifest = {
            "format": FORMAT,
            "graph_digest": graph_digest,
            "inputs_digest": digest,
            "quads": len(lines),
            "store": {name: _digest(file) for name, file in _tables(unfinished).items()},
            "sizes": {name: file.stat().st_size for name, file in _tables(unfinished).items()},
            "graphs": dict(sorted(Counter(line.split()[-2][1:-1] for line in lines).items())),
        }
        write_catalog(unfinished)
        if extend is not None:
            tell("検索の索引を作っています", "Building the search index")
            extend(unfinished)
        write_durably(unfinished / "manifest.json", json.dumps(manifest, indent=2) + "\n")
        if folder.exists():  # damaged, or we would not be here
            shutil.rmtree(folder)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Generation(folder, graph_digest, digest)


def _write_store(folder: Path, lines: Sequence[str]) -> str:
    """Dump and store of the quads; returns the digest of the dump."""
    dump = folder / "graph.nq"
    text = "".join(line + "\n" for line in lines)
    dump.write_text(text, encoding="utf-8", newline="\n")
    store = ox.Store(str(folder / "store"))
    store.bulk_load(path=str(dump), format=ox.RdfFormat.N_QUADS)
    store.flush()
    store.optimize()
    del store  # closes it, so that others can open it
    return hashlib.sha256(text.encode()).hexdigest()


def _publish(data: Path, generation: Generation, plans: Sequence[Path], author: str) -> None:
    """Switch to the generation, then remove what neither it nor the one before needs.

    What users wrote goes along. Where the generation is live already, so is what they wrote.
    """
    from kg import audit
    from kg.snapshot import carry_over, turn_to_write

    name = generation.folder.name
    with turn_to_write(data, WAIT_TO_WRITE) as before:
        if before is None or before.generation != name:
            carried = None
            if before is not None and before.snapshot is not None:
                _require_snapshot(data, before)
                store = before.store(data)
                carried = carry_over(data, store, generation.store_folder, name)
            audit.settle(data, before)
            write_pointer(data, carried or Pointer(name))
            built = {"plans": [str(plan) for plan in plans], "live": str(carried or name)}
            audit.append(data, audit.entry(author, "build", outcome="done", **built))
            for folder in data.glob("gen-*"):
                if folder.name not in (name, before.generation if before else None):
                    shutil.rmtree(folder, ignore_errors=True)
        remove_unused(data)
    for folder in data.glob("unfinished-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _require_snapshot(data: Path, pointer: Pointer) -> None:
    """No build may pass over what users wrote as if nothing had been there."""
    if not pointer.store(data).is_dir() and pointer.snapshot is not None:
        raise GenerationError(
            f"{data} に書き込まれたデータ {pointer.store(data)} がありません。バックアップを戻すか"
            f"（shirube restore）、あきらめるなら {data / CURRENT} を消してください。",
            f"{pointer.store(data)}, what was written in {data}, is gone. Restore a backup "
            f"(shirube restore), or remove {data / CURRENT} to go on without it.",
        )


def _whole(folder: Path) -> Generation | None:
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        sizes = {name: file.stat().st_size for name, file in _tables(folder).items()}
        store = (folder / "store" / "CURRENT").is_file() and manifest["sizes"] == sizes
        if manifest["format"] != FORMAT or not store:
            return None
        return Generation(folder, manifest["graph_digest"], manifest["inputs_digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_sound(folder: Path) -> bool:
    """Whether a folder holds a whole generation with nothing changed in it."""
    generation = _whole(folder)
    return generation is not None and _sound(generation)


def _sound(generation: Generation) -> bool:
    """True when the store opens and its tables are what was written: who builds pays for that."""
    folder = generation.folder
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        if manifest["store"] != {name: _digest(file) for name, file in _tables(folder).items()}:
            return False
        store = ox.Store.read_only(str(generation.store_folder))
        return next(iter(store.named_graphs()), None) is not None
    except (OSError, RuntimeError, KeyError):  # RuntimeError: RocksDB's checksums
        return False


def _tables(folder: Path) -> dict[str, Path]:
    """RocksDB's sorted tables, which hold the quads and are never changed once written."""
    return {file.name: file for file in sorted((folder / "store").glob("*.sst"))}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _only_builder(data: Path, wait: float, tell: Callable[[str, str], None]) -> Iterator[None]:
    """Hold the folder's lock, which the system gives back when a process dies."""
    import filelock  # who reads what is there takes no lock

    lock = filelock.FileLock(data / ".lock")
    try:
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            if wait > 0:
                tell("他のプロセスの作成を待っています", "Waiting for another build to finish")
            lock.acquire(timeout=wait)
    except filelock.Timeout:
        raise BusyError(
            f"他のプロセスが {data} にデータを作成中です。終わってからもう一度お試しください。",
            f"another process is building in {data}; try again when it has finished.",
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def disk_errors(data: Path) -> Iterator[None]:
    """Tells what the system refuses to write in the data folder as a GenerationError."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and data.is_dir():
            raise  # something of ours is missing: not for the user to mend
        reason = error.strerror or str(error)
        raise GenerationError(
            f"{data} にデータを書けません（{reason}）。空き容量と書き込みの権限を確かめるか、"
            "SHIRUBE_DATA で別の場所を指定してください。",
            f"cannot write data to {data} ({reason}); check free space and permissions, or name "
            "another folder in SHIRUBE_DATA.",
        ) from error
