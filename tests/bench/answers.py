"""Answers by named queries: right, wrong, silent and falsely claimed, and how long they take.

The final halves are reported here and nowhere else; of the development halves, what was not
answered rightly is shown.
"""

import time
from itertools import product
from statistics import median

from tests.answer_suite import SUITES, UNANSWERABLE, suite, tally
from web.wiring import Workshop


def run(workshop: Workshop) -> None:
    """Print one line per half of the suite, then times."""
    answers, store = workshop.answers(), workshop.store()
    ask = lambda query: store.query(query).rows()  # noqa: E731
    for name, split in product(SUITES, ("development", "final")):
        found = tally(answers, ask, suite(name, split))
        asked = len(found.right) + len(found.wrong) + len(found.silent)
        false = len(found.claimed) + len(found.refused)
        print(
            f"{name:9} {split:11} right {len(found.right)}/{asked} "
            f"({len(found.right) / asked:.1%})  "
            f"wrong {len(found.wrong)}  silent {len(found.silent)}  "
            f"claimed where nothing answers {len(found.claimed)}/{false}"
        )
        if split == "development":
            for fate in ("wrong", "claimed", "silent"):
                for question in getattr(found, fate):
                    print(f"    {fate}: {question}")
    claimed = sum(answers.choose(question) is not None for question in UNANSWERABLE)
    print(f"{'unanswerable':21} claimed {claimed}/{len(UNANSWERABLE)}")
    taken = []
    for row in suite("answers", "development"):
        start = time.perf_counter()
        answers.answer(row["q"], ask)
        taken.append(time.perf_counter() - start)
    print(f"p50 {median(taken) * 1000:.1f} ms with the query, {len(taken)} questions")
    store.close()
