"""`shirube sdg export` and `shirube sdg report`: what is judged of the SDGs, written or shown."""

from pathlib import Path

import click

from web.terminal import as_json, workshop, write_whole

FORMATS = ("csv", "xlsx", "ttl", "jsonld", "json")


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "name",
    type=click.Choice(FORMATS),
    help="形式(なければファイル名による) / Else by the file's name.",
)
@click.option("--lang", "language", type=click.Choice(["ja", "en"]), help="表の言語 / Language.")
@click.option(
    "--indicators",
    is_flag=True,
    help="KPI と SDGs の指標との比較を / KPIs beside the SDGs' indicators instead.",
)
def export(file: Path | None, name: str | None, language: str | None, indicators: bool) -> None:
    """SDGs との対応をすべて書き出す / Write all SDG alignments, to FILE or standard output."""
    from web.sdg_files import INDICATOR_FORMATS, MEDIA_TYPES, alignments_file, indicators_file

    chosen = name or (file.suffix.lower().removeprefix(".") if file else "")
    formats = INDICATOR_FORMATS if indicators else tuple(MEDIA_TYPES)
    if chosen not in formats:
        raise click.UsageError(f"--format: {', '.join(formats)}")
    write = indicators_file if indicators else alignments_file
    work = workshop(language=language)
    graph = work.store()
    try:
        content = write(chosen, work.current(), graph, work.settings.language)
    finally:
        graph.close()
    if file is not None:
        # A CSV that is a file is for Excel, which takes it for UTF-8 by this mark alone.
        write_whole(file, b"\xef\xbb\xbf" + content if chosen == "csv" else content)
        click.echo(str(file))
    else:
        click.echo(content, nl=False)


@click.command()
@click.option(
    "--out",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="書き込むファイル / The file to write: .html, .xlsx, .csv, .json.",
)
@click.option("--lang", "language", type=click.Choice(["ja", "en"]), help="言語 / Language.")
@click.option("--in-plan", "plan", help="計画(なければ最初の計画) / The plan, else the first.")
@as_json
def report(file: Path | None, language: str | None, plan: str | None, as_json: bool) -> None:
    """SDGs との対応の報告書 / The report on the plan and the SDGs, shown or written."""
    from web.report_files import MEDIA_TYPES, report_file
    from web.sdg_report import report_of

    extension = file.suffix.lower().removeprefix(".") if file else "json"
    if extension not in MEDIA_TYPES:
        raise click.UsageError(f"--out: {', '.join('.' + name for name in MEDIA_TYPES)}")
    work = workshop(language=language)
    made = report_of(
        work.current(),
        plan,
        digest=work.generation().graph_digest,
        thresholds=work.settings.sdg_thresholds,
        estimate=work.estimate(),
    )
    if file is not None:
        content = report_file(extension, made, work.settings.language)
        write_whole(file, b"\xef\xbb\xbf" + content if extension == "csv" else content)
        click.echo(str(file))
    elif as_json:
        click.echo(report_file("json", made, work.settings.language), nl=False)
    else:
        from web.report_tables import ReportTables

        click.echo(ReportTables(made, work.settings.language).text())
