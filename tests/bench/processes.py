"""What the system tells of other processes: their children, processor time and memory (Linux)."""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def descendants(pid: int) -> set[int]:
    """Children, and theirs: workers are children of the process that they are forked from."""
    found: set[int] = set()
    with suppress(FileNotFoundError):  # one that has just ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found |= {child, *descendants(child)}
    return found


def processor_seconds(pids: Iterable[int]) -> float:
    """Processor time that processes have used together; nan where one of them has ended."""
    try:
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in pids)
    except OSError:
        return float("nan")


def resident(pid: int) -> float:
    """Resident MiB; 0 for a process that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(found[0]) / 1024 if found else 0.0
