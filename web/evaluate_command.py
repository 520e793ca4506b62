"""The verb `evaluate`: how good the ranking is on judged questions, and what each part adds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.terminal import as_json, print_json, workshop

if TYPE_CHECKING:
    from search.ablation import Answered
    from search.evaluate import JudgedQuestion
    from web.wiring import Workshop

MEASURES = ("questions", "ndcg10", "mrr", "hit1", "recall10")


@click.command()
@click.argument("questions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--split",
    default="development",
    show_default=True,
    help="使う問い / Which questions: development, final (for reporting only), all.",
)
@click.option(
    "--beside",
    multiple=True,
    metavar="MODEL",
    help="比べるモデル / Another model to set beside, by folder or hub name; repeated.",
)
@as_json
def evaluate(
    questions: tuple[Path, ...], split: str, beside: tuple[str, ...], as_json: bool
) -> None:
    """判定済みの質問で検索を測る / Measure the search on judged questions (JSONL)."""
    from search.evaluate import read_questions

    work = workshop()
    judged = [
        one for path in questions for one in read_questions(path) if split in ("all", one.split)
    ]
    if not judged:
        raise click.UsageError(f"--split {split}: 質問がありません / No questions.")
    report = evaluation(work, judged, beside)
    if as_json:
        print_json(report)
    else:
        click.echo(f"{', '.join(map(str, questions))}: {split}, {len(judged)}\n")
        click.echo(_tables(report))


def evaluation(
    work: "Workshop", judged: "Sequence[JudgedQuestion]", beside: Sequence[str] = ()
) -> dict[str, Any]:
    """Everything that is measured, as JSON types; models of `beside` rank by their vectors."""
    from dataclasses import asdict

    from search.ablation import Ablation
    from search.calibration import reliability
    from search.encoder import load_encoder

    ablation = Ablation(work.catalog(), work.encoder())
    runs = ablation.runs(_answered(work))
    for name in beside:
        encoder = load_encoder(name, network=work.settings.network)
        runs[f"dense: {encoder.identity.name}"] = Ablation(work.catalog(), encoder).dense()
    whole = list(runs)[-1 - len(beside)]
    answerable = [one for one in judged if not one.off_topic]
    ranked = {name: [(one, run(one)) for one in answerable] for name, run in runs.items()}
    methods = {name: _by(lambda one: one.lang, pairs) for name, pairs in ranked.items()}
    return {
        "languages": methods[whole],
        "kinds": _by(lambda one: one.kind, ranked[whole]),
        "methods": methods,
        "calibration": asdict(reliability(ablation.searcher, judged)),
    }


def _answered(work: "Workshop") -> "Answered":
    """The things in the column that answers; a store that fails answers nothing.

    Only an answer of which hardly anything is a guess leads the hits.
    """
    from search.answers import SURE

    answering = work.answering()

    def answered(question: str) -> Sequence[str]:
        answer = answering.answer(question)
        return answer.things if answer and answer.probability >= SURE else ()

    return answered


def _by(
    key: "Callable[[JudgedQuestion], str]", ranked: "Sequence[tuple[JudgedQuestion, Sequence[str]]]"
) -> dict[str, dict[str, float]]:
    """The measures of each group of ranked questions, the largest first, and of all."""
    from dataclasses import asdict

    from search.evaluate import evaluate as measured

    groups: dict[str, list[JudgedQuestion]] = {}
    for one, _ in ranked:
        groups.setdefault(key(one), []).append(one)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    answers = {id(one): codes for one, codes in ranked}
    return {
        name: asdict(measured(group, lambda one: answers[id(one)]))
        for name, group in [*ordered, ("all", [one for one, _ in ranked])]
    }


def _tables(report: Mapping[str, Any]) -> str:
    from tabulate import tabulate

    calibration = report["calibration"]
    languages = list(report["languages"])
    methods = [
        [name, *(f"{groups[one]['ndcg10']:.3f}" for one in languages)]
        for name, groups in report["methods"].items()
    ]
    bins = [
        [f"{one['low']:.1f}-", one["hits"], f"{one['score']:.2f}", f"{one['right']:.2f}"]
        for one in calibration["bins"]
    ]
    parts = [
        tabulate(_rows(report["languages"]), headers=("言語 / language", *MEASURES), **_PLAIN),
        tabulate(_rows(report["kinds"]), headers=("種類 / kind", *MEASURES), **_PLAIN),
        tabulate(methods, headers=("nDCG@10", *languages), **_PLAIN),
        tabulate(bins, headers=("score", "hits", "mean score", "answers"), **_PLAIN),
        f"ECE {calibration['error']:.3f}; 答えなしと言えた割合 / off-topic flagged "
        f"{calibration['silenced']:.1%}; 誤って言った割合 / answerable flagged "
        f"{calibration['mistaken']:.1%}",
    ]
    return "\n\n".join(parts)


_PLAIN: dict[str, Any] = {"disable_numparse": True}


def _rows(groups: Mapping[str, Mapping[str, float]]) -> Iterable[list[str]]:
    for name, means in groups.items():
        yield [name, str(means["questions"]), *(f"{means[one]:.3f}" for one in MEASURES[1:])]
