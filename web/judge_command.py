"""`shirube sdg judge`: a text, a file of texts, or a whole plan into its `sdg.csv`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.terminal import as_json, print_json, workshop, write_whole

if TYPE_CHECKING:
    from web.wiring import Workshop


@click.command()
@click.argument("text", required=False)
@click.option("--batch", type=click.Path(path_type=Path), help='JSONL (-: stdin): {"text": …}')
@click.option(
    "--plan",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="計画のフォルダー / A plan's folder.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="--plan の書き出し先 / Where --plan is written.  [FOLDER/sdg.csv]",
)
@as_json
def judge(
    text: str | None, batch: Path | None, plan: Path | None, out: Path | None, as_json: bool
) -> None:
    """文章や計画がどの目標・ターゲットに資するか / Which goals and targets a text or plan serves.

    --plan は人が確認した行の判断を変えません / --plan leaves what people have decided as it is.
    """
    if sum(one is not None for one in (text, batch, plan)) != 1:
        raise click.UsageError("TEXT・--batch・--plan のどれか一つ / One of TEXT, --batch, --plan.")
    if out is not None and plan is None:
        raise click.UsageError("--out は --plan と / --out goes with --plan.")
    work = workshop()
    if plan is not None:
        _plan(work, plan, out, as_json)
    elif batch is not None:
        _batch(work, batch)
    elif text is not None:
        _text(work, text, as_json)


def _batch(work: "Workshop", file: Path) -> None:
    from web.judging import Helpers, judge_lines
    from web.wiring import judge_for

    judge = work.judge()  # what it needs is built here, not by each helper
    helpers = Helpers(partial(judge_for, work.settings))
    try:
        for line in judge_lines(judge, file, helpers):
            click.echo(line)
    finally:
        helpers.close()


def _text(work: "Workshop", text: str, as_json: bool) -> None:
    from web.sdg_view import judgement_answer
    from web.tables import judgement_table

    judge = work.judge()
    [judgements] = judge.judge([text])
    if as_json:
        print_json(judgement_answer(judgements, judge.method))
    else:
        click.echo(judgement_table(judgements, work.catalog(), work.settings.language))


def _plan(work: "Workshop", folder: Path, out: Path | None, as_json: bool) -> None:
    from kg.alignment_writing import alignments_text
    from kg.alignments import read_alignments
    from kg.assembly import ALIGNMENTS
    from kg.readers import read_plan
    from search.sdg_plan import judge_plan

    plan, own = read_plan(folder), folder / ALIGNMENTS
    file = own if out is None else out
    # A review is kept whether it stands in the plan's own file or in the one that is written.
    known = {
        (row.code, row.sdg): row
        for one in (own, file)
        if one.exists()
        for row in read_alignments(one, plan)
    }
    judge = work.judge(everything=True)  # what people decided on keeps a score, however low
    rejudged = judge_plan(plan, list(known.values()), judge, work.catalog().sdgs)
    write_whole(file, alignments_text(rejudged.rows).encode())
    answer = {
        "file": str(file),
        "method": judge.method,
        "rows": len(rejudged.rows),
        "new": rejudged.new,
        "removed": rejudged.removed,
        "reviewed": rejudged.kept,
    }
    if as_json:
        print_json(answer)
    else:
        for name, value in answer.items():
            click.echo(f"{name}: {value}")
