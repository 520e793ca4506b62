"""`indicators.csv` written back: what was reviewed of the KPIs, in the plan's own file."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kg.indicators import COLUMNS, ComparisonRow
from kg.things import Thing

_OPTIONAL = ("method", "created", "state", "reviewer", "reviewed", "note_ja", "note_en")


def comparisons_text(rows: Sequence[ComparisonRow]) -> str:
    """The file that says `rows`, as `read_comparisons` reads it, without columns nobody needs."""
    cells = [
        [
            *(row.code, row.indicator, row.match),
            *(row.reason.get(tag, "") for tag in ("ja", "en")),
            *(row.method, row.created.isoformat() if row.created else ""),
            *(row.state, row.reviewer, row.reviewed),
            *(row.note.get(tag, "") for tag in ("ja", "en")),
        ]
        for row in rows
    ]
    names = (*COLUMNS, *_OPTIONAL)
    kept = [n for n, name in enumerate(names) if name in COLUMNS or any(c[n] for c in cells)]
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\n")
    writer.writerows([line[n] for n in kept] for line in [list(names), *cells])
    return output.getvalue()


def reviewed_comparisons(
    rows: Sequence[ComparisonRow], things: Iterable[Thing]
) -> list[ComparisonRow]:
    """The rows of a plan's file with what people have decided since, in the same order.

    `things` are the plan's with their comparisons of this moment.
    """
    now = {(thing.code, one.indicator): one for thing in things for one in thing.comparisons}
    return [
        replace(
            row,
            state=one.state,
            reviewer=one.reviewer,
            reviewed=one.reviewed,
            note=dict(one.note),
        )
        if (one := now.get((row.code, row.indicator)))
        else row
        for row in rows
    ]
