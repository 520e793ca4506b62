"""Answers by named queries: right, wrong, silent and falsely claimed, and how long they take.

The final half is reported here and nowhere else; its questions are not shown.
"""

import time
from statistics import median

from tests.answer_suite import UNANSWERABLE, suite, tally
from web.wiring import Workshop


def run(workshop: Workshop) -> None:
    """Print one line per half of the suite, then times."""
    answers, store = workshop.answers(), workshop.store()
    ask = lambda query: store.query(query).rows()  # noqa: E731
    for split in ("development", "final"):
        found = tally(answers, ask, suite(split))
        asked = len(found.right) + len(found.wrong) + len(found.silent)
        false = len(found.claimed) + len(found.refused)
        print(
            f"{split:12} right {len(found.right)}/{asked} ({len(found.right) / asked:.1%})  "
            f"wrong {len(found.wrong)}  silent {len(found.silent)}  "
            f"claimed where nothing answers {len(found.claimed)}/{false}"
        )
    claimed = sum(answers.choose(question) is not None for question in UNANSWERABLE)
    print(f"{'unanswerable':12} claimed {claimed}/{len(UNANSWERABLE)}")
    taken = []
    for row in suite("development"):
        start = time.perf_counter()
        answers.answer(row["q"], ask)
        taken.append(time.perf_counter() - start)
    print(f"p50 {median(taken) * 1000:.1f} ms with the query, {len(taken)} questions")
    store.close()
