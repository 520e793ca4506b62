"""`shirube sdg review`: how far the review is, and reviews by spreadsheet and as the plan's CSV."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.terminal import as_json, print_json, workshop, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.plan import Plan
    from kg.things import Thing
    from web.wiring import Workshop


@click.command()
@click.option(
    "--export",
    "export",
    type=click.Path(dir_okay=False, path_type=Path),
    help="表に書き出す(.xlsx か .csv) / Write the table to edit.",
)
@click.option(
    "--import",
    "import_",
    type=click.Path(dir_okay=False, path_type=Path),
    help="直した表を取り込む / Take in the edited table.",
)
@click.option("--reviewer", help="確認した人の名前 / Whose reviews they are.")
@click.option(
    "--write-back",
    is_flag=True,
    help="確認を計画の sdg.csv に書く / Write the reviews into the plan's sdg.csv.",
)
@click.option("--lang", "language", type=click.Choice(["ja", "en"]), help="表の言語 / Language.")
@as_json
def review(
    export: Path | None,
    import_: Path | None,
    reviewer: str | None,
    write_back: bool,
    language: str | None,
    as_json: bool,
) -> None:
    """SDGs との対応を人が確認する / Review the SDG alignments."""
    if sum((export is not None, import_ is not None, write_back)) > 1:
        raise click.UsageError("--export、--import、--write-back のどれか一つ / Give one of them.")
    work = workshop(language=language)
    if export is not None:
        _export(work, export)
        answer: dict[str, object] = {"file": str(export)}
    elif import_ is not None:
        if not (reviewer or "").strip():
            raise click.UsageError("--reviewer に名前を / Name the --reviewer.")
        answer = {"reviewed": _import(work, import_, str(reviewer).strip())}
    elif write_back:
        answer = {"files": [str(file) for file in _write_back(work)]}
    else:
        answer = _progress(work)
    if as_json:
        print_json(answer)
        return
    for name, value in answer.items():
        for one in value if isinstance(value, list) else [value]:
            click.echo(f"{name}: {one}")


def _export(work: "Workshop", file: Path) -> None:
    from kg.alignment_table import csv_text, workbook

    catalog, language = work.current(), work.settings.language
    if file.suffix.lower() == ".csv":
        content = csv_text(catalog, language).encode("utf-8-sig")  # the mark is for Excel
    else:
        content = workbook(catalog, language)
    write_whole(file, content)


def _import(work: "Workshop", file: Path, reviewer: str) -> int:
    from kg.spreadsheet import load_bytes

    desk = work.review_desk()
    try:
        return desk.take_table(file.name, load_bytes(file), reviewer)
    finally:
        desk.close()


def _write_back(work: "Workshop") -> list[Path]:
    """Each plan's sdg.csv and indicators.csv with the reviews; returns those that have changed."""
    from kg.alignment_writing import alignments_text, reviewed_rows
    from kg.alignments import read_alignments
    from kg.assembly import ALIGNMENTS
    from kg.readers import read_plan

    things = list(work.current().things.values())
    written = []
    for folder in work.settings.plans:
        plan, file = read_plan(folder), folder / ALIGNMENTS
        rows = read_alignments(file, plan) if file.exists() else []
        own = [thing for thing in things if thing.plan == plan.id]
        if (now := reviewed_rows(rows, own)) != rows:
            write_whole(file, alignments_text(now).encode())
            written.append(file)
        if (compared := _write_comparisons(folder, plan, own)) is not None:
            written.append(compared)
    return written


def _write_comparisons(folder: Path, plan: "Plan", things: "Sequence[Thing]") -> Path | None:
    """The plan's indicators.csv (in place of an .xlsx) where reviews have changed it."""
    from kg.comparison_writing import comparisons_text, reviewed_comparisons
    from kg.indicators import FILES, file_of, read_comparisons

    if (file := file_of(folder)) is None:
        return None
    rows = list(read_comparisons(file, plan))
    if (now := reviewed_comparisons(rows, things)) == rows:
        return None
    written = folder / FILES[0]
    write_whole(written, comparisons_text(now).encode())
    if file != written:
        file.unlink()  # a plan has one of the two
    return written


def _progress(work: "Workshop") -> dict[str, object]:
    from kg.reviews import STATES

    alignments = [one for thing in work.current().things.values() for one in thing.alignments]
    states = Counter(one.state for one in alignments if one.state)
    return {
        "alignments": len(alignments),
        "stated": sum(one.stated for one in alignments),
        **{state: states[state] for state in STATES},
    }
