"""Answers as tables for a terminal, Japanese widths included."""

from collections.abc import Mapping, Sequence
from typing import Any

from tabulate import tabulate

from kg.catalog import Catalog
from kg.message import Language
from kg.shacl import Report
from kg.store import Result, Row
from search.sdg import Judgement

WORDS: Mapping[str, Mapping[Language, str]] = {
    "goal": {"ja": "目標", "en": "Goal"},
    "sdg": {"ja": "SDG", "en": "SDG"},
    "score": {"ja": "スコア", "en": "Score"},
    "measures": {"ja": "施策", "en": "Measures"},
    "initiatives": {"ja": "取組み", "en": "Initiatives"},
    "evidence": {"ja": "根拠", "en": "Evidence"},
    "label": {"ja": "名称", "en": "Name"},
    "type": {"ja": "種類", "en": "Type"},
    "policy": {"ja": "基本方針", "en": "Policy"},
    "has_kpi": {"ja": "KPI", "en": "KPIs"},
    "plan": {"ja": "計画", "en": "Plan"},
    "value": {"ja": "値", "en": "Value"},
    "hits": {"ja": "件数", "en": "Hits"},
    "conforms": {"ja": "検証に合格しました。", "en": "Conforms to the shapes."},
    "fails": {"ja": "検証で見つかった問題: {}", "en": "Not conforming, problems found: {}"},
    "none": {
        "ja": "該当する SDG はありません。",
        "en": "No SDG is served by this text.",
    },
    "unofficial": {
        "ja": "SDGs との対応は shirube による判断で、計画の公式な見解ではありません。",
        "en": "The SDG alignments are shirube's judgement, not the plan's official view.",
    },
}


def result_table(result: Result) -> str:
    """A SELECT's solutions as a table, or an ASK's `true`/`false`."""
    if result.form == "ASK":
        return "true" if result.boolean() else "false"
    names, rows = result.variables(), result.rows()
    return tabulate([_cells(names, row) for row in rows], headers=names, disable_numparse=True)


def _cells(names: Sequence[str], row: Row) -> list[str]:
    return [getattr(row[name], "value", str(row[name])) if name in row else "" for name in names]


def sdg_table(overview: Mapping[str, Any], language: Language) -> str:
    """The 17 goals with the codes of the measures and initiatives that serve them."""
    headers = [WORDS[key][language] for key in ("goal", "label", "measures", "initiatives")]
    rows = [
        [
            goal["goal"],
            goal["label"][language],
            " ".join(goal["measures"]),
            " ".join(goal["initiatives"]),
        ]
        for goal in overview["goals"]
    ]
    return tabulate(rows, headers=headers, maxcolwidths=[None, 30, 24, 36])


def facets_table(facets: Mapping[str, Any], language: Language) -> str:
    """What hits can be narrowed by, each choice with how many it would leave."""
    headers = ["", *(WORDS[key][language] for key in ("value", "label", "hits"))]
    rows = [
        [
            WORDS[facet][language],
            choice["value"],
            choice["label"].get(language) or next(iter(choice["label"].values())),
            choice["count"],
        ]
        for facet, choices in facets.items()
        for choice in choices
    ]
    return tabulate(rows, headers=headers, disable_numparse=True, maxcolwidths=[None, 16, 50, 6])


def unofficial(language: Language) -> str:
    """Whose judgement the alignments are, to stand below every table of them."""
    return WORDS["unofficial"][language]


def counts_table(counts: Mapping[str, Mapping[str, int]]) -> str:
    """How many things of each type each plan has; plans are columns, named where there are two."""
    types = dict.fromkeys(name for plan in counts.values() for name in plan)
    rows = [[name, *(plan.get(name, 0) for plan in counts.values())] for name in types]
    return tabulate(rows, headers=["", *counts] if len(counts) > 1 else (), tablefmt="plain")


def report_table(report: Report, language: Language) -> str:
    """A validation report: what is wrong, where, and with which value."""
    if report.conforms:
        return WORDS["conforms"][language]
    lines = [WORDS["fails"][language].format(len(report.results))]
    for result in report.results:
        lines.append(f"- {result.message}")
        lines += [f"    {part}" for part in (result.focus, result.path, result.value) if part]
    return "\n".join(lines)


def judgement_table(judgements: Sequence[Judgement], catalog: Catalog, language: Language) -> str:
    """One text's goals and targets, best first, with the words that spoke for each."""
    accepted = [judgement for judgement in judgements if judgement.accepted]
    if not accepted:
        return WORDS["none"][language]
    headers = [WORDS[key][language] for key in ("sdg", "score", "label", "evidence")]
    rows = []
    for judgement in accepted:
        concept = catalog.sdg(judgement.sdg)
        label = (concept.short.get(language) or concept.label[language]) if concept else ""
        rows.append([judgement.sdg, f"{judgement.score:.2f}", label, judgement.evidence])
    table = tabulate(rows, headers=headers, disable_numparse=True, maxcolwidths=[6, 6, 44, 30])
    return f"{table}\n{unofficial(language)}"
