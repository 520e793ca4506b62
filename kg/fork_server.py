"""Imported by nothing but the server that processes are forked from (`kg.killable`).

It holds what their tasks need. And it keeps multiprocessing from running the program that started
us once more in each of them, as it would for the sake of functions defined there: ours are in
modules, and a process then starts in 15 ms, whatever that program is.
"""

import multiprocessing.spawn

from kg import changes, workers

__all__ = ["changes", "workers"]


def _leave_out(_: str) -> None:
    """In place of running the program again."""


for _name in ("_fixup_main_from_path", "_fixup_main_from_name"):
    setattr(multiprocessing.spawn, _name, _leave_out)
