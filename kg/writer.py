"""The one writer: each change is whole and on the disk when it is acknowledged, or was never there.

The change is made in a process that can be killed, to a copy of the live store (`kg.snapshot`);
readers see it with their next query. Graphs that are made from the plans are nobody's to write.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from kg import audit
from kg.changes import apply_update, delete_graph, load_graph
from kg.generation import disk_errors
from kg.killable import KillableProcess
from kg.review_changes import decide, undo
from kg.reviews import Verdict, decision_name
from kg.snapshot import candidate, publish
from kg.sparql_errors import read_only
from kg.writing import Change, Task, Tasks, Writing


class Writer(Writing):
    """Writes to a data folder that has a live generation.

    A change that does not come to its end was never there.
    """

    def __init__(
        self, data: Path, seconds: float = 60.0, process: KillableProcess | None = None
    ) -> None:
        super().__init__(data, seconds, process, Tasks(apply_update, load_graph, delete_graph))

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

    def _change(
        self,
        entry: audit.Entry,
        task: Task,
        args: tuple[object, ...],
        limit: float,
        on_built: bool = False,
    ) -> Change:
        """Run a task on a copy of the live store; it also gets the store as built, if asked for."""
        with self._in_turn() as live:
            if live is None:
                raise read_only()  # nothing has been built to write beside
            with self._told(entry) as done:
                audit.settle(self._data, live)
                with (
                    disk_errors(self._data),
                    candidate(self._data, live.store(self._data)) as folder,
                ):
                    built = (str(self._data / live.generation / "store"),) if on_built else ()
                    counts = self._process.run(task, (str(folder), *built, *args), limit)
                    publish(self._data, folder, live.generation, json.dumps(done(counts)))
            return Change(counts)
