"""The `shirube` command. Every verb imports what it needs when it runs: `--help` is instant."""

import errno
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kg.message import UserError
    from web.wiring import Workshop

INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT
TYPES = ("policy", "measure", "initiative", "component", "kpi", "topic")
Decorated = TypeVar("Decorated", bound=Callable[..., object])


class BilingualGroup(click.Group):
    """Turns a `UserError` of any verb into its message in the user's language, exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        from kg.message import UserError

        try:
            return super().invoke(ctx)
        except UserError as error:
            _tell(error)
            ctx.exit(2)
        except KeyboardInterrupt:
            # In both languages: an interrupted import would fail again where settings are read.
            click.echo("shirube: 中断しました / Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # The reader (head, less) has left: nothing is wrong, nothing more is wanted.
            sys.stderr.close()
            ctx.exit(0)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            reason = error.strerror
            _tell(UserError(ja=f"出力を書けません({reason})。", en=f"Cannot write ({reason})."))
            ctx.exit(1)


def _tell(error: "UserError") -> None:
    """Print the message in the user's language, where errors go."""
    from kg.message import UserError
    from web.wiring import Settings

    try:
        language = Settings.from_environment().language
    except UserError:
        language = "en"
    click.echo(f"shirube: {error.text(language)}", err=True)


def as_json(command: Decorated) -> Decorated:
    """The `--json` switch that every verb has."""
    switch = click.option("--json", "as_json", is_flag=True, help="JSON を出力 / Print JSON.")
    return switch(command)


def workshop(**chosen: Any) -> "Workshop":
    """The configured workshop; progress goes to a terminal's standard error only."""
    from dataclasses import replace

    from web.wiring import Settings, Workshop

    settings = replace(
        Settings.from_environment(), **{key: value for key, value in chosen.items() if value}
    )
    return Workshop(settings, progress_line)


def progress_line(message: str) -> None:
    """Show one step of a long job where a person watches."""
    if sys.stderr.isatty():
        click.echo(message, err=True)


def print_json(value: object) -> None:
    """One JSON document, readable: Japanese stays Japanese."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.group(cls=BilingualGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shirube")
def main() -> None:
    """標 shirube: 自治体の総合戦略に質問する / ask a government strategy questions.

    環境変数 / environment: SHIRUBE_DATA, SHIRUBE_PLANS, SHIRUBE_MODEL, SHIRUBE_NETWORK,
    SHIRUBE_LANG, SHIRUBE_QUERY_SECONDS, SHIRUBE_QUERY_WORKERS.
    """


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
@click.argument("question", required=False)
@click.option("--type", "types", help=f"種類(コンマ区切り) / Comma-separated: {', '.join(TYPES)}.")
@click.option("--lang", "language", help="読み手の言語 / The reader's language, e.g. ja, en, ko.")
@click.option("--limit", default="10", show_default=True, metavar="1-100")
@click.option(
    "--batch",
    type=click.Path(path_type=Path),
    help='JSONL (-: stdin): {"q": …, "type": …, "lang": …, "limit": …}',
)
@as_json
def search(
    question: str | None,
    types: str | None,
    language: str | None,
    limit: str,
    batch: Path | None,
    as_json: bool,
) -> None:
    """質問に合う施策や KPI を探す / Find what answers a question."""
    from web.batch import answer_lines
    from web.view import SearchRequest, search_answer

    if (question is None) == (batch is None):
        raise click.UsageError("QUESTION か --batch のどちらか一つ / Give QUESTION or --batch.")
    work = workshop()
    if batch is not None:
        for line in answer_lines(work.searcher(), batch):
            click.echo(line)
        return
    request = SearchRequest.parse(q=question, type=types, lang=language, limit=limit)
    answer = search_answer(work.searcher(), request)
    if as_json:
        print_json(answer)
        return
    languages = [one for one in (request.lang, work.settings.language, "ja") if one]
    codes = [work.reference(hit["iri"]) for hit in answer["hits"]]
    width = max(9, *map(len, codes), 0)
    for hit, code in zip(answer["hits"], codes, strict=True):
        label = next(hit["label"][one] for one in languages if one in hit["label"])
        click.echo(f"{hit['score']:.3f}  {hit['type']:10} {code:{width}} {label}")
        click.echo(f"       {hit['evidence']['passage']}")
    if not answer["hits"]:
        click.echo("該当なし / Nothing found.", err=True)


@main.command()
@click.argument("query", required=False)
@click.option(
    "--file",
    "file",
    type=click.File(encoding="utf-8"),
    help="問合せのファイル(- は標準入力) / File with the query, - for standard input.",
)
@click.option(
    "--format",
    "name",
    help="答えの形式 / Format of the answer: json, xml, csv, tsv; ttl, nt, rdf, jsonld.",
)
@as_json
def sparql(query: str | None, file: Any, name: str | None, as_json: bool) -> None:
    """SPARQL 1.1 で問い合わせる / Ask the graph in SPARQL 1.1."""
    from kg.query import check_query
    from web.sparql_formats import media_type_for
    from web.tables import result_table

    if (query is None) == (file is None):
        raise click.UsageError("QUERY か --file のどちらか一つ / Give QUERY or --file.")
    text = query if query is not None else file.read()
    form = check_query(text).form
    tabular = form in ("SELECT", "ASK")
    chosen = name or ("json" if tabular else "jsonld" if as_json else "ttl")
    store = workshop().store()
    try:
        result = store.query(text, media_type=media_type_for(form, chosen))
    finally:
        store.close()
    if tabular and not (as_json or name):
        click.echo(result_table(result))
    else:
        click.echo(result.body.decode("utf-8").rstrip("\n"))


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
    from importlib.metadata import version

    work = workshop()
    generation = work.generation()
    identity = work.encoder().identity
    answer = {
        "version": version("shirube"),
        "data": str(work.settings.data),
        "generation": str(generation.folder),
        "graph_digest": generation.graph_digest,
        "plans": [thing.plan for thing in work.catalog().strategies],
        "counts": work.counts(),
        "counts_by_plan": work.counts_by_plan(),
        "model": {
            "name": identity.name,
            "digest": identity.digest,
            "dimensions": identity.dimensions,
        },
    }
    if as_json:
        print_json(answer)
        return
    for key, value in answer.items():
        click.echo(f"{key:14} {json.dumps(value, ensure_ascii=False)}")


@main.group(invoke_without_command=True)
@as_json
@click.pass_context
def sdg(context: click.Context, as_json: bool) -> None:
    """SDGs との対応を見る・判定する / See and judge how the plan serves the SDGs."""
    if context.invoked_subcommand is not None:
        return
    from web.tables import sdg_table, unofficial
    from web.view import sdg_overview

    work = workshop()
    overviews = {plan: sdg_overview(catalog) for plan, catalog in work.catalogs().items()}
    if as_json:
        by_plan = [{"plan": plan} | overview for plan, overview in overviews.items()]
        print_json(sdg_overview(work.catalog()) | {"plans": by_plan})
        return
    for plan, overview in overviews.items():
        if len(overviews) > 1:
            click.echo(f"{plan}\n")
        click.echo(sdg_table(overview, work.settings.language) + "\n")
    click.echo(unofficial(work.settings.language))


@sdg.command()
@click.argument("text", required=False)
@click.option("--batch", type=click.Path(path_type=Path), help='JSONL (-: stdin): {"text": …}')
@as_json
def judge(text: str | None, batch: Path | None, as_json: bool) -> None:
    """文章がどの目標・ターゲットに資するか / Which goals and targets a text serves."""
    from web.batch import judge_lines
    from web.tables import judgement_table
    from web.view import judgement_answer

    if (text is None) == (batch is None):
        raise click.UsageError("TEXT か --batch のどちらか一つ / Give TEXT or --batch.")
    work = workshop()
    if batch is not None:
        for line in judge_lines(work.judge(), batch):
            click.echo(line)
        return
    assert text is not None
    [judgements] = work.judge().judge([text])
    if as_json:
        print_json(judgement_answer(judgements))
    else:
        click.echo(judgement_table(judgements, work.catalog(), work.settings.language))
