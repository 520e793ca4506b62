"""`sdg.csv` written back: what was reviewed, in the plan's own file, to be kept with it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from kg.alignments import COLUMNS, OPTIONAL, AlignmentRow
from kg.reviews import ADDED
from kg.things import Alignment, Thing


def alignments_text(rows: Sequence[AlignmentRow]) -> str:
    """The file that says `rows`, as `read_alignments` reads it; columns nobody needs are left out.

    The same rows give the same text: a version control shows what was reviewed, and nothing else.
    """
    cells = [
        [
            *(row.code, row.sdg, _spelt(row.score), row.method),
            *(row.evidence, row.state, row.note.get("ja", ""), row.note.get("en", "")),
            *(row.created.isoformat() if row.created else "", row.wording),
            *(row.reviewer, row.reviewed),
        ]
        for row in rows
    ]
    names = (*COLUMNS, *OPTIONAL)
    kept = [n for n, name in enumerate(names) if name in COLUMNS or any(c[n] for c in cells)]
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\n")
    writer.writerows([line[n] for n in kept] for line in [list(names), *cells])
    return output.getvalue()


def _spelt(score: Decimal | None) -> str:
    """With four decimals, as judges give them, or as many as it takes."""
    if score is None:
        return ""
    usual = f"{score:.4f}"
    return usual if Decimal(usual) == score else str(score)


def reviewed_rows(rows: Sequence[AlignmentRow], things: Iterable[Thing]) -> list[AlignmentRow]:
    """The rows of a plan's file with what people have decided since, in the same order.

    `things` are the plan's with their alignments of this moment. What a person has added comes
    after the other rows of its thing.
    """
    now = {(thing.code, one.sdg): one for thing in things for one in thing.alignments if one.state}
    known = {(row.code, row.sdg) for row in rows}
    added: dict[str, list[AlignmentRow]] = {}
    for (code, sdg), one in now.items():
        if (code, sdg) not in known:
            row = AlignmentRow(code, sdg, None, ADDED, one.evidence, one.state)
            row = AlignmentRow(code, sdg, None, ADDED, one.evidence, one.state)
            added.setdefault(code, []).append(_signed(row, one))
    found: list[AlignmentRow] = []
    for at, row in enumerate(rows):
        one_now = now.get((row.code, row.sdg))
        found.append(row if one_now is None else _signed(row, one_now))
        if at + 1 == len(rows) or rows[at + 1].code != row.code:
            found += added.pop(row.code, [])
    return found + [row for others in added.values() for row in others]


def _signed(row: AlignmentRow, one: Alignment) -> AlignmentRow:
    return replace(
        row,
        state=one.state,
        evidence=one.evidence,
        note=dict(one.note),
        reviewer=one.reviewer,
        reviewed=one.reviewed,
    )
