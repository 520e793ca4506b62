"""Changes, wherever they are made: one after the other, each told in the audit log.

A writer has one process for its changes, which can be killed; several writers of the same data
folder, in whichever process, take turns by the folder's write lock.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from kg import audit
from kg.changes import Counts
from kg.killable import KillableProcess
from kg.live import Pointer
from kg.message import UserError
from kg.preconditions import UNCONDITIONAL, Precondition
from kg.query import SparqlError
from kg.snapshot import turn_to_write
from kg.store import WHOLE, Dataset

logger = logging.getLogger(__name__)

Task: TypeAlias = Callable[..., Counts]
Done: TypeAlias = Callable[[Counts], audit.Entry]


@dataclass(frozen=True, slots=True)
class Change:
    """What a change did: triples in each graph that it could write, before (None: no such graph)
    and after."""

    graphs: Counts


@dataclass(frozen=True, slots=True)
class Tasks:
    """How changes are made: functions for the process, each after what says where with
    (text, dataset, base), (graph, parts, base, replace, condition) or (graph, condition)."""

    update: Task
    load: Task
    delete: Task


class Writing(ABC):
    """What writes for those who may: to the graph built here, or to another endpoint.

    `data` is the folder of the audit log. `seconds` is the most a change may take, and the most
    that it waits for its turn.
    """

    def __init__(
        self, data: Path, seconds: float, process: KillableProcess | None, tasks: Tasks
    ) -> None:
        self.seconds = seconds
        self._data = data
        self._process = process or KillableProcess(tasks.update)
        self._tasks = tasks
        self._turn = threading.Lock()

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
        author: str = "",
    ) -> Change:
        """Apply one SPARQL update; see `kg.store.Store`. `author` is for the audit log.

        Raises SparqlError: syntax, forbidden, protected, conflict, timeout, out_of_memory, crashed;
        WriteBusyError when its turn does not come. Nothing has changed then.
        """
        limit = self.seconds if timeout is None else min(timeout, self.seconds)
        entry = audit.entry(author, "update", **audit.said(text))
        return self._change(entry, self._tasks.update, (text, dataset, base), limit)

    def load(
        self,
        graph: str,
        parts: Sequence[tuple[bytes, str]],
        *,
        replace: bool,
        base: str = "",
        author: str = "",
        condition: Precondition = UNCONDITIONAL,
    ) -> Change:
        """Add triples to a graph, or `replace` what is in it; it is made where it is not there.

        `parts` are documents with their media types. `condition` is looked at when the change has
        its turn. Raises what `update` raises; SparqlError: rdf with the place where a document is
        wrong, precondition.
        """
        size = sum(len(rdf) for rdf, _ in parts)
        entry = audit.entry(author, "replace" if replace else "load", graph=graph, bytes=size)
        args = (graph, tuple(parts), base, replace, condition)
        return self._change(entry, self._tasks.load, args, self.seconds)

    def delete(
        self, graph: str, *, author: str = "", condition: Precondition = UNCONDITIONAL
    ) -> Change:
        """Remove a graph with all that is in it.

        Raises SparqlError: missing, protected, precondition.
        """
        entry = audit.entry(author, "delete", graph=graph)
        return self._change(entry, self._tasks.delete, (graph, condition), self.seconds)

    def close(self) -> None:
        """End the process, also in the middle of a change."""
        self._process.close()

    @abstractmethod
    def _change(
        self, entry: audit.Entry, task: Task, args: tuple[object, ...], limit: float
    ) -> Change:
        """Make one change, in its turn (`_in_turn`) and told (`_told`)."""

    @contextmanager
    def _in_turn(self) -> Iterator[Pointer | None]:
        """Nobody else changes anything meanwhile; gives what is live. Raises WriteBusyError."""
        with self._turn, turn_to_write(self._data, self.seconds) as live:
            yield live

    @contextmanager
    def _told(self, entry: audit.Entry) -> Iterator[Done]:
        """Write an entry into the log when it has ended: by what it gives, or by a UserError."""
        started = time.monotonic()

        def ended(outcome: str, **members: object) -> audit.Entry:
            seconds = round(time.monotonic() - started, 3)
            entry.update(outcome=outcome, **members, seconds=seconds)
            return entry

        try:
            yield lambda graphs: ended("done", graphs=graphs)
        except UserError as error:
            kind = error.kind if isinstance(error, SparqlError) else type(error).__name__
            self._log(ended(kind, error=error.en))
            raise
        self._log(entry)

    def _log(self, entry: audit.Entry) -> None:
        try:
            audit.append(self._data, entry)
        except OSError:  # a snapshot keeps what was done, and the next change writes it down
            logger.exception("the audit log of %s cannot be written", self._data)
