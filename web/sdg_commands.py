"""`shirube sdg export`: every SDG alignment with its states, as a file or to standard output."""

from pathlib import Path

import click

from web.terminal import workshop, write_whole

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
