"""The verb `similar`: more like one thing of a plan."""

import click

from kg.message import UserError
from web.terminal import as_json, print_json, workshop


class UnknownThingError(UserError):
    """No thing of the plans has this code."""


@click.command()
@click.argument("code")
@click.option("--type", "types", multiple=True, help="種類 / Types, by comma or repeated.")
@click.option("--in-plan", "plan", help="計画(複数あるとき) / The plan, where there are several.")
@click.option("--limit", default="5", show_default=True, metavar="1-100")
@as_json
def similar(code: str, types: tuple[str, ...], plan: str | None, limit: str, as_json: bool) -> None:
    """似たものを示す / Show what is most like a thing, e.g. 4-2."""
    from web.search_request import SearchRequest
    from web.view import similar_answer

    work = workshop()
    request = SearchRequest.parse(q=code, type=",".join(types), limit=limit)
    catalog = work.catalog()
    plans = [plan] if plan else [strategy.plan for strategy in catalog.strategies]
    found = next((thing for one in plans if (thing := catalog.find(one, code))), None)
    if found is None:
        raise UnknownThingError(
            ja=f"コード {code} のものは計画にありません。`shirube search {code}` でさがせます。",
            en=f"Nothing in the plans has the code {code}. Try `shirube search {code}`.",
        )
    answer = similar_answer(work.searcher(), catalog, found, request)
    if as_json:
        print_json(answer)
        return
    for one in answer["similar"]:
        label = one["label"].get(work.settings.language) or next(iter(one["label"].values()))
        reference = work.reference(one["iri"])
        click.echo(f"{one['similarity']:.3f}  {one['type']:10} {reference:9} {label}")
