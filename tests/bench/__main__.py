"""`make bench`: every benchmark, each beside a peer or the physical limit in the same run."""

import sys
import tempfile
from pathlib import Path

from tests.bench import answers, cold_start, search_latency
from web.settings import Settings
from web.wiring import Workshop

BENCHMARKS = {
    "search": search_latency.run,
    "start": cold_start.run,
    "answers": answers.run,
}


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Settings(data=Path(folder)), progress=lambda message: None)
        workshop.build()
        for name in names or BENCHMARKS:
            print(f"\n## {name}")
            BENCHMARKS[name](workshop)


main(sys.argv[1:])
