"""Plans, vocabulary and SDGs as one dataset, checked, in sorted N-Quads."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
from rdflib import Dataset, Graph

from kg.alignments import read_alignments
from kg.build import build_dataset
from kg.indicators import file_of, read_comparisons
from kg.message import Language, UserError
from kg.plan import Plan
from kg.readers import read_plan
from kg.shacl import ShaclResult, validate
from ontology import GRAPH, SDG_CONCEPTS, VOCABULARY

ALIGNMENTS = "sdg.csv"
_SHOWN = 5


class PlanError(UserError):
    """Plans that can be read, but whose graph would not be sound."""


def assemble(plans: Sequence[Path], tell: Callable[[str, str], None]) -> list[str]:
    """The N-Quads of all plans, the vocabulary and the SDGs: sorted lines, each ending in a dot.

    `tell` gets each step in Japanese and English. Raises what `read_plans` raises, and PlanError
    where the graph does not conform to the shapes.
    """
    dataset = read_plans(plans, tell)
    tell("検証しています（SHACL）", "Checking (SHACL)")
    _check(dataset)
    reference = _reference("ontology", VOCABULARY) + _reference("sdg", SDG_CONCEPTS)
    return sorted(n_quads(dataset) + reference)


def read_plans(plans: Sequence[Path], tell: Callable[[str, str], None]) -> Dataset:
    """The graphs of all plans, not checked yet.

    Raises PlanSourceError, AlignmentError or SpreadsheetError where a file of a plan is not as it
    should be (a PlanError naming the folder, where there are several), PlanError where two have the
    same name.
    """
    dataset = Dataset()
    read: dict[str, Path] = {}
    for folder in plans:
        tell(f"{folder.name} を読んでいます", f"Reading {folder.name}")
        with _naming(folder, several=len(plans) > 1):
            plan = read_plan(folder)
        if plan.id in read:
            raise PlanError(
                f"{read[plan.id]} と {folder} の計画名（id）が同じ「{plan.id}」です。"
                "plan.toml の id を変えてください。",
                f"{read[plan.id]} and {folder} have the same plan id {plan.id!r}; "
                "change the id in one plan.toml.",
            )
        read[plan.id] = folder
        with _naming(folder, several=len(plans) > 1):
            _copy(_plan_dataset(folder, plan), dataset)
    return dataset


@contextmanager
def _naming(folder: Path, *, several: bool) -> Iterator[None]:
    """Files of two plans have the same names: with several, an error says whose it is."""
    try:
        yield
    except UserError as error:
        if not several:
            raise
        raise PlanError(f"{folder}: {error.ja}", f"{folder}: {error.en}") from error


def n_quads(dataset: Dataset) -> list[str]:
    """The dataset's quads as sorted N-Quads lines: one dataset without blank nodes, one text."""
    return sorted(
        f"{triple.removesuffix('.')}{graph.identifier.n3()} ."
        for graph in dataset.graphs()
        for triple in graph.serialize(format="nt").split("\n")
        if triple
    )


def _reference(name: str, file: Path) -> list[str]:
    """A Turtle file of ours as the quads of a named graph; rdflib would take 20 times as long."""
    graph = ox.NamedNode(GRAPH + name)
    triples = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
    quads = (ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    # Its own lines end in \n alone; splitlines would also split texts at U+2028.
    text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    return [line for line in text.decode().split("\n") if line]


def _plan_dataset(folder: Path, plan: Plan) -> Dataset:
    """A plan without judgements is a plan; a file of them that cannot be read is an error."""
    file = folder / ALIGNMENTS
    present = file.exists() or file.is_symlink()  # a link to nowhere is not "without"
    indicators = file_of(folder)
    return build_dataset(
        plan,
        read_alignments(file, plan) if present else [],
        read_comparisons(indicators, plan) if indicators else (),
    )


def _copy(source: Dataset, target: Dataset) -> None:
    for graph in source.graphs():
        copy = target.graph(graph.identifier)
        for triple in graph:
            copy.add(triple)


def _check(dataset: Dataset) -> None:
    union = union_of(dataset)
    if not validate(union).conforms:
        shown = {tag: _shown(validate(union, tag).results) for tag in LANGUAGES}
        raise PlanError(
            f"計画のグラフが検証規則に合いません。\n{shown['ja']}",
            f"the plan's graph does not conform to the shapes.\n{shown['en']}",
        )


LANGUAGES: tuple[Language, ...] = ("ja", "en")


def union_of(dataset: Dataset) -> Graph:
    """All triples of all graphs."""
    union = Graph()
    for subject, predicate, value, _ in dataset.quads():
        union.add((subject, predicate, value))
    return union


def _shown(results: Iterable[ShaclResult]) -> str:
    """The first few results, one a line; the count of all says what is left out."""
    lines = [f"{r.focus}: {r.message} {r.value}".strip() for r in results]
    more = [f"… (+{len(lines) - _SHOWN})"] if len(lines) > _SHOWN else []
    return "\n".join(lines[:_SHOWN] + more)
