"""The `shirube` command. Every verb imports what it needs when it runs: `--help` is instant."""

import json
import os
import shlex
from pathlib import Path

import click

from web import __version__
from web.ask_commands import sdg, search, sparql
from web.data_commands import audit, backup, restore
from web.embed_command import embed
from web.evaluate_command import evaluate
from web.similar_command import similar
from web.terminal import BilingualGroup, as_json, print_json, workshop


@click.group(cls=BilingualGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """標 shirube: 自治体の総合戦略に質問する / ask a government strategy questions.

    環境変数 / environment: SHIRUBE_DATA, SHIRUBE_PLANS, SHIRUBE_MODEL, SHIRUBE_NETWORK,
    SHIRUBE_QUERY_PROMPT, SHIRUBE_PASSAGE_PROMPT, SHIRUBE_LANG, SHIRUBE_QUERY_SECONDS,
    SHIRUBE_QUERY_WORKERS, SHIRUBE_RATE_LIMIT, SHIRUBE_PROXIES, SHIRUBE_ENDPOINT,
    SHIRUBE_WRITE_TOKEN, SHIRUBE_WRITE_TOKEN_FILE, SHIRUBE_WRITE_SECONDS, SHIRUBE_SDG_THRESHOLDS.
    """
    # Before anything imports numpy: the threads of its linear algebra wait for each other by
    # spinning, which on matrices of our size takes twice the processor's time and saves none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@main.command()
@click.option(
    "--plan",
    "plans",
    multiple=True,
    type=click.Path(path_type=Path),
    help="計画のフォルダ(複数可) / A plan's folder, repeatable.",
)
@as_json
def build(plans: tuple[Path, ...], as_json: bool) -> None:
    """計画を検証し、グラフと索引を作る / Check the plans, build graph and index."""
    from web.tables import counts_table

    work = workshop(plans=plans)
    generation = work.build()
    answer = {
        "folder": str(generation.folder),
        "graph_digest": generation.graph_digest,
        "counts": work.counts(),
        "counts_by_plan": work.counts_by_plan(),
    }
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{generation.folder}")
        click.echo(counts_table(work.counts_by_plan()))
    if plans and plans != workshop().settings.plans:
        # The next command asks the environment again, and would build those plans.
        named = os.pathsep.join(str(plan.resolve()) for plan in plans)
        click.echo(f"以後 / from now on: export SHIRUBE_PLANS={shlex.quote(named)}", err=True)


@main.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@as_json
def validate(path: Path | None, as_json: bool) -> None:
    """計画のフォルダーか RDF を検証する / Check a plan's folder or an RDF file."""
    from dataclasses import asdict

    from web.tables import report_table

    work = workshop()
    report = work.validate(path)
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(report_table(report, work.settings.language))
    if not report.conforms:
        raise SystemExit(1)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, envvar="HOST")
@click.option(
    "--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(0, 65535)
)
@as_json
def serve(host: str, port: int, as_json: bool) -> None:
    """サイトと API を公開する / Serve the site, the API and /sparql."""
    from web.server import serve_forever

    def announce(url: str) -> None:
        if as_json:
            click.echo(json.dumps({"url": url}))
        else:
            click.echo(f"標 shirube: {url}  (Ctrl-C で終了 / to stop)")

    serve_forever(workshop(), host, port, announce)


@main.command()
@as_json
def info(as_json: bool) -> None:
    """版・データ・モデルを示す / Show versions, data and model."""

    work = workshop()
    generation = work.generation()
    identity = work.encoder().identity
    answer = {
        "version": __version__,
        "data": str(work.settings.data),
        "generation": str(generation.folder),
        "graph_digest": generation.graph_digest,
        "plans": [thing.plan for thing in work.catalog().strategies],
        "counts": work.counts(),
        "counts_by_plan": work.counts_by_plan(),
        "model": {
            "name": identity.name,
            "revision": identity.revision,
            "digest": identity.digest,
            "dimensions": identity.dimensions,
            "prompts": dict(identity.prompts),
        },
    }
    if as_json:
        print_json(answer)
        return
    for key, value in answer.items():
        click.echo(f"{key:14} {json.dumps(value, ensure_ascii=False)}")


for verb in (search, similar, sparql, sdg, evaluate, embed, backup, restore, audit):
    main.add_command(verb)
