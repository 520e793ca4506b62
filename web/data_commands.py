"""The verbs that keep the data: `backup`, `restore`, and `audit`, which tells who changed what."""

import json
from pathlib import Path

import click

from web.terminal import as_json, print_json, workshop


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@as_json
def backup(destination: Path, as_json: bool) -> None:
    """データを一つのファイルに控える(公開中でもよい) / Back up to one file, also while serving.

    DESTINATION は新しいファイル(.tar.gz)かフォルダー / is a new file (.tar.gz) or a folder.
    """
    from kg.backup import back_up

    file = back_up(workshop().settings.data, destination)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        click.echo(str(file))


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def restore(source: Path, as_json: bool) -> None:
    """控えに戻す(公開中でもよい) / Go back to a backup, also while serving."""
    from kg.audit import at_the_prompt
    from kg.backup import restore

    data = workshop().settings.data
    pointer = restore(data, source, author=at_the_prompt("restore"))
    if as_json:
        print_json({"data": str(data), "generation": pointer.generation})
    else:
        click.echo(f"{source} → {data}")


@click.command()
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="件数 / How many."
)
@as_json
def audit(limit: int, as_json: bool) -> None:
    """だれが何を変えたか、新しいものから示す / Who changed what, newest first.

    --json は一行に一件 / prints one object a line.
    """
    from kg.audit import entries

    found = list(entries(workshop().settings.data))[-limit:]
    for entry in reversed(found):
        if as_json:
            click.echo(json.dumps(entry, ensure_ascii=False))
            continue
        graphs = ", ".join(
            f"{graph} {'-' if before is None else before}→{'-' if after is None else after}"
            for graph, (before, after) in entry.get("graphs", {}).items()
        )
        parts = (str(entry.get(name, "")) for name in ("time", "author", "operation", "outcome"))
        click.echo("  ".join((*parts, graphs or str(entry.get("error", entry.get("torn", ""))))))
