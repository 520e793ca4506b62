"""The one writer: each change is whole and on the disk when it is acknowledged, or was never there.

The change is made in a process that can be killed, to a copy of the live store (`kg.snapshot`);
readers see it with their next query. Graphs that are made from the plans are nobody's to write.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kg import audit
from kg.changes import Counts, apply_update, delete_graph, load_graph
from kg.generation import disk_errors
from kg.killable import KillableProcess
from kg.message import UserError
from kg.preconditions import UNCONDITIONAL, Precondition
from kg.query import SparqlError
from kg.review_changes import decide, undo
from kg.reviews import Verdict, decision_name
from kg.snapshot import candidate, publish, turn_to_write
from kg.sparql_errors import read_only
from kg.store import WHOLE, Dataset

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a change did: triples in each graph that it could write, before (None: no such graph)
    and after."""

    graphs: Counts


class Writing(Protocol):
    """What writes for those who may: to the graph built here (`Writer`), or to another endpoint."""

    def update(
        self,
        text: str,
        *,
        dataset: Dataset = WHOLE,
        base: str = "",
        timeout: float | None = None,
        author: str = "",
    ) -> Change:
        """Apply one SPARQL update, wholly or not at all."""
        ...

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
        """Add triples to a graph, or `replace` what is in it, if it is as `condition` asks."""
        ...

    def delete(
        self, graph: str, *, author: str = "", condition: Precondition = UNCONDITIONAL
    ) -> Change:
        """Remove a graph with all that is in it, if it is as `condition` asks."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class Writer:
    """Writes to a data folder that has a live generation; several writers take turns.

    `seconds` is the most a change may take, and the most that it waits for its turn. `process` is
    where changes are made.
    """

    def __init__(
        self, data: Path, seconds: float = 60.0, process: KillableProcess | None = None
    ) -> None:
        self._data = data
        self.seconds = seconds
        self._process = process or KillableProcess(apply_update)
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
        return self._change(entry, apply_update, (text, dataset, base), limit)

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
        its turn. Raises what `update` raises; SparqlError: syntax with the place where a document
        is wrong, precondition.
        """
        size = sum(len(rdf) for rdf, _ in parts)
        entry = audit.entry(author, "replace" if replace else "load", graph=graph, bytes=size)
        args = (graph, tuple(parts), base, replace, condition)
        return self._change(entry, load_graph, args, self.seconds)

    def delete(
        self, graph: str, *, author: str = "", condition: Precondition = UNCONDITIONAL
    ) -> Change:
        """Remove a graph with all that is in it.

        Raises SparqlError: missing, protected, precondition.
        """
        entry = audit.entry(author, "delete", graph=graph)
        return self._change(entry, delete_graph, (graph, condition), self.seconds)

    def review(self, plan: str, verdicts: Sequence[Verdict], *, author: str) -> str:
        """One decision of `author` on SDG alignments of a plan; returns its name, for `undo`.

        Raises what `update` raises.
        """
        name, when = decision_name()
        entry = audit.entry(author, "review", plan=plan, decision=name, verdicts=len(verdicts))
        args = (plan, tuple(verdicts), author, when, name)
        self._change(entry, decide, args, self.seconds, on_built=True)
        return name

    def undo(self, plan: str, decision: str, *, author: str) -> None:
        """Take back a decision; it stays in the history. Raises what `update` raises."""
        name, when = decision_name()
        entry = audit.entry(author, "undo", plan=plan, decision=decision)
        args = (plan, decision, author, when, name)
        self._change(entry, undo, args, self.seconds, on_built=True)

    def close(self) -> None:
        """End the process, also in the middle of a change, which then was never there."""
        self._process.close()

    def _change(
        self,
        entry: audit.Entry,
        task: Callable[..., Counts],
        args: tuple[object, ...],
        limit: float,
        on_built: bool = False,
    ) -> Change:
        """Run a task on a copy of the live store; it also gets the store as built, if asked for."""
        with self._turn, turn_to_write(self._data, self.seconds) as live:
            if live is None:
                raise read_only()  # nothing has been built to write beside
            started = time.monotonic()
            try:
                audit.settle(self._data, live)
                with (
                    disk_errors(self._data),
                    candidate(self._data, live.store(self._data)) as folder,
                ):
                    built = (str(self._data / live.generation / "store"),) if on_built else ()
                    counts = self._process.run(task, (str(folder), *built, *args), limit)
                    entry |= {"graphs": counts, "outcome": "done", **_seconds(started)}
                    publish(self._data, folder, live.generation, json.dumps(entry))
            except UserError as error:
                kind = error.kind if isinstance(error, SparqlError) else type(error).__name__
                failed = {"outcome": kind, "error": error.en, **_seconds(started)}
                self._log(entry | failed)
                raise
            self._log(entry)
            return Change(counts)

    def _log(self, entry: audit.Entry) -> None:
        try:
            audit.append(self._data, entry)
        except OSError:  # the snapshot keeps what was done, and the next change writes it down
            logger.exception("the audit log of %s cannot be written", self._data)


def _seconds(started: float) -> dict[str, float]:
    return {"seconds": round(time.monotonic() - started, 3)}
