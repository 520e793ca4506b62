"""The SDGs that a plan states itself: a table (.csv, .xlsx) with the columns code, sdg and words.

`sdg` is one goal or target or several (`4, 8.5`), `words` those of the document that say so; it
may be empty or missing where the document shows the goals as pictures.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from kg.alignments import goals_and_targets
from kg.plan import Plan, Quoted, StatedSDG
from kg.readers.source import SourceText, quote
from kg.spreadsheet import Record, load_bytes, read_table

_BETWEEN = re.compile(r"[\s,、，;；・]+")


def read_stated(file: Path, plan: Plan, source: SourceText) -> tuple[StatedSDG, ...]:
    """What `file` says that the document `source` states, in its order.

    Raises SpreadsheetError, naming the cell, for a code that the plan does not have, for what is no
    goal or target, for words that are not in the document, and for what is said twice.
    """
    codes = {place.code for place in plan.places()}
    found: dict[tuple[str, str], StatedSDG] = {}
    for record in read_table(file.name, load_bytes(file), ("code", "sdg")):
        if (code := record.cells["code"]) not in codes:
            raise record.error(
                "code",
                f"計画に「{code}」というコードはありません。",
                f"the plan has no code {code!r}.",
            )
        words = _words(record, source)
        for sdg in _sdgs(record):
            if (code, sdg) in found:
                raise record.error(
                    "sdg",
                    f"{code} と {sdg} の組は前の行にもあります。",
                    f"{code} with {sdg} is in a row before this one too.",
                )
            found[code, sdg] = StatedSDG(code, sdg, words)
    return tuple(found.values())


def _sdgs(record: Record) -> Iterator[str]:
    names = [name for name in _BETWEEN.split(record.cells["sdg"]) if name]
    if not names:
        raise record.error("sdg", "空です。", "is empty.")
    for name in names:
        if name not in goals_and_targets():
            raise record.error(
                "sdg",
                f"「{name}」はSDGsのゴール（4）でもターゲット（4.4）でもありません。",
                f"{name!r} is neither a goal (4) nor a target (4.4) of the SDGs.",
            )
        if "sdg" in record.numeric and f"{name}0" in goals_and_targets():
            raise record.error(
                "sdg",
                f"数値のセルでは {name} と {name}0 を区別できません。"
                "書式を「文字列」にしてください。",
                f"in a cell of numbers {name} and {name}0 are the same; format it as text.",
            )
        yield name


def _words(record: Record, source: SourceText) -> Quoted | None:
    words = record.cells.get("words", "")
    if not words:
        return None
    for number, line in enumerate(source.lines, 1):
        if words in line:
            return quote(number, words)
    raise record.error(
        "words",
        f"{source.file} に「{words}」という語句はありません。原文のまま写してください。",
        f"{source.file} has no words {words!r}; copy them as they stand there.",
    )
