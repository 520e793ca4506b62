"""The suite of questions that named queries answer, and what counts as a right answer."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search.answer_telling import Answer
from search.answers import Answers, Run

DATA = Path(__file__).parent / "data"
# Written beside the queries, to be told from what they answer: nothing here has an answer.
UNANSWERABLE = (DATA / "answers" / "unanswerable.txt").read_text(encoding="utf-8").splitlines()


# The first was written beside the relevance suite, the second after the queries were, the third by
# somebody else after both, with near misses on purpose.
SUITES = {
    "answers": DATA / "relevance" / "answers.jsonl",
    "phrasings": DATA / "answers" / "phrasings.jsonl",
    "fresh": DATA / "answers" / "fresh.jsonl",
}


def suite(name: str, split: str) -> list[dict[str, Any]]:
    """The rows of one half, `development` or `final`, of one of SUITES."""
    lines = SUITES[name].read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["split"] == split]


def is_right(answer: Answer, row: Mapping[str, Any]) -> bool:
    """Whether the cells that answer are just those of one way to understand the question.

    Where the cells do not tell (a missing value), `about` is the code that must be asked about.
    """
    asked_about = {cell.code for cell in answer.parameters.values()}
    return row.get("about") in {None, *asked_about} and any(
        _agrees(answer, form, expected)
        for way in (row, *row.get("also", ()))
        for form, expected in way["answer"].items()
    )


def _agrees(answer: Answer, form: str, expected: Any) -> bool:
    cells = [row[answer.answer] for row in answer.rows]
    if form == "number":
        return len(cells) == expected
    if form in ("codes", "goals"):
        return [cell.code for cell in cells] == expected
    if form == "text":
        return [expected in (cell.value, *cell.label.values()) for cell in cells] == [True]
    return [cell.value for cell in cells] == ([] if expected is None else [str(expected)])


@dataclass(frozen=True, slots=True)
class Tally:
    """How questions fared: right, wrong, unanswered, and claimed where nothing answers."""

    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def tally(answers: Answers, run: Run, rows: Iterable[Mapping[str, Any]]) -> Tally:
    """Ask every question of some rows."""
    found = Tally()
    for row in rows:
        answer = answers.answer(row["q"], run)
        if row["answer"] is None:
            (found.claimed if answer else found.refused).append(row["q"])
        elif answer is None:
            found.silent.append(row["q"])
        else:
            (found.right if is_right(answer, row) else found.wrong).append(row["q"])
    return found
