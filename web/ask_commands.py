"""The verbs that ask the plan: `search`, `sparql`, `sdg`."""

import shlex
import time
from pathlib import Path
from typing import Any

import click

from web.judge_command import judge
from web.review_command import review
from web.sdg_commands import export, report
from web.terminal import as_json, print_json, workshop

TYPES = ("policy", "measure", "initiative", "component", "kpi", "topic")
REPEATABLE = "コンマ区切りか繰り返し / by comma or repeated"


@click.command()
@click.argument("question", required=False)
@click.option("--type", "types", multiple=True, help=f"種類 / {', '.join(TYPES)}; {REPEATABLE}.")
@click.option(
    "--policy", multiple=True, help=f"基本方針のコード / Codes of policies; {REPEATABLE}."
)
@click.option("--goal", multiple=True, help=f"SDGs の目標 / SDG goals, 1-17; {REPEATABLE}.")
@click.option(
    "--has-kpi/--no-kpi", default=None, help="KPI のある・ないもの / With or without KPIs."
)
@click.option("--in-plan", "plan", multiple=True, help=f"計画 / Plans; {REPEATABLE}.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="KEY",
    help="そう読まないもの / What is not meant of how the question was read, e.g. type:kpi.",
)
@click.option("--lang", "language", help="読み手の言語 / The reader's language, e.g. ja, en, ko.")
@click.option("--limit", default="10", show_default=True, metavar="1-100")
@click.option("--cursor", help="続きの位置(前の答えの next) / The `next` of the answer before.")
@click.option("--explain", is_flag=True, help="なぜ見つかったか / Why each hit is one.")
@click.option("--facets", is_flag=True, help="しぼりこみごとの件数 / Counts to narrow by.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path),
    help='JSONL (-: stdin): {"q": …, "type": …, "lang": …, "limit": …}',
)
@as_json
def search(
    question: str | None,
    types: tuple[str, ...],
    policy: tuple[str, ...],
    goal: tuple[str, ...],
    has_kpi: bool | None,
    plan: tuple[str, ...],
    ignore: tuple[str, ...],
    language: str | None,
    limit: str,
    cursor: str | None,
    explain: bool,
    facets: bool,
    batch: Path | None,
    as_json: bool,
) -> None:
    """質問に合う施策や KPI を探す / Find what answers a question."""
    from web.batch import answer_lines
    from web.search_request import SearchRequest
    from web.texts import Texts
    from web.view import search_answer

    if (question is None) == (batch is None):
        raise click.UsageError("QUESTION か --batch のどちらか一つ / Give QUESTION or --batch.")
    work = workshop()
    if batch is not None:
        for line in answer_lines(work.searcher(), batch, work.answering()):
            click.echo(line)
        return
    request = SearchRequest.parse(
        q=question,
        type=",".join(types),
        policy=",".join(policy),
        goal=",".join(goal),
        has_kpi=has_kpi,
        plan=",".join(plan),
        ignore=list(ignore),
        lang=language,
        limit=limit,
        cursor=cursor,
    )
    answer = search_answer(work.searcher(), request, work.answering())
    if as_json:
        print_json(answer)
        return
    if read := answer["understood"]["filters"]:
        keys = " ".join(shlex.quote(one["key"]) for one in read)
        click.echo(f"質問の読み方 / read as: {keys}  (--ignore KEY)", err=True)
    if answer["hits"] and not (answer["likely"] or answer["answer"]):
        click.echo(Texts().text("search.unlikely", work.settings.language), err=True)
    languages = [one for one in (request.lang, work.settings.language, "ja") if one]
    if answer["answer"]:
        from web.answer_table import answer_text

        click.echo(answer_text(answer["answer"], languages) + "\n")
    codes = [work.reference(hit["iri"]) for hit in answer["hits"]]
    width = max(9, *map(len, codes), 0)
    for hit, code in zip(answer["hits"], codes, strict=True):
        label = next(hit["label"][one] for one in languages if one in hit["label"])
        click.echo(f"{hit['score']:.3f}  {hit['type']:10} {code:{width}} {label}")
        click.echo(f"       {hit['evidence']['passage']}")
        if explain:
            from web.explanation import explanation

            for line in explanation(hit, languages, work.settings.language):
                click.echo(f"         {line}")
    if facets:
        from web.tables import facets_table

        click.echo(facets_table(answer["facets"], work.settings.language))
    if answer["next"]:
        click.echo(f"全{answer['total']}件 / of {answer['total']}. 続き / more:", err=True)
        click.echo(f"  --cursor {answer['next']}", err=True)
    if not answer["hits"]:
        click.echo("該当なし / Nothing found.", err=True)


@click.command()
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
    from kg.query import query_form
    from kg.store import WHOLE
    from web.sparql_formats import media_type_for
    from web.sparql_hints import hints_on
    from web.tables import result_table

    if (query is None) == (file is None):
        raise click.UsageError("QUERY か --file のどちらか一つ / Give QUERY or --file.")
    text = query if query is not None else file.read()
    form = query_form(text)
    tabular = form in ("SELECT", "ASK")
    chosen = name or ("json" if tabular else "jsonld" if as_json else "ttl")
    work = workshop()
    store = work.asked_store()
    try:
        started = time.monotonic()
        result = store.query(text, media_type=media_type_for(form, chosen))
        hints = hints_on(store, text, WHOLE, result, time.monotonic() - started)
    finally:
        store.close()
    if tabular and not (as_json or name):
        click.echo(result_table(result))
    else:
        click.echo(result.body.decode("utf-8").rstrip("\n"))
    for hint in hints:
        click.echo(f"{hint.line}:{hint.column} {hint.text(work.settings.language)}", err=True)


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def sdg(context: click.Context, as_json: bool) -> None:
    """SDGs との対応を見る・判定する / See and judge how the plan serves the SDGs."""
    if context.invoked_subcommand is not None:
        return
    from web.sdg_view import sdg_overview
    from web.tables import sdg_table, unofficial

    work = workshop()
    current = work.current()
    overviews = {plan: sdg_overview(one) for plan, one in work.catalogs(current).items()}
    if as_json:
        by_plan = [{"plan": plan} | overview for plan, overview in overviews.items()]
        print_json(sdg_overview(current) | {"plans": by_plan})
        return
    for plan, overview in overviews.items():
        if len(overviews) > 1:
            click.echo(f"{plan}\n")
        click.echo(sdg_table(overview, work.settings.language) + "\n")
    click.echo(unofficial(work.settings.language))


for verb in (judge, review, export, report):
    sdg.add_command(verb)
