"""What a graph is made from, as one digest: a graph is stale when it moves."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

import kg
import ontology
from kg.message import UserError


class InputError(UserError):
    """A file of a plan folder that cannot be read."""


def inputs_digest(plans: Sequence[Path]) -> str:
    """SHA-256 (hex) of plan folders (hidden files do not count), vocabularies and our own code.

    Raises InputError where a file cannot be read.
    """
    digest = hashlib.sha256(f"{ox.__version__}\n".encode())
    code = [Path(package.__file__).parent for package in (ontology, kg) if package.__file__]
    for folder, patterns in [(c, ("*.py", "*.ttl")) for c in code] + [(p, ("*",)) for p in plans]:
        for file in sorted({file for pattern in patterns for file in folder.rglob(pattern)}):
            name = file.relative_to(folder)
            if file.is_file() and not any(part.startswith((".", "__pyc")) for part in name.parts):
                digest.update(f"{name.as_posix()}\0{_content(file)}\n".encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _content(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"{file} を読めません（{reason}）。", f"cannot read {file} ({reason})."
        ) from error
