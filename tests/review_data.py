"""A small live graph to review: the bundled plan with three alignments and two KPIs compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

from kg import live
from kg.alignments import AlignmentRow
from kg.assembly import n_quads
from kg.build import build_dataset
from kg.catalog import Catalog, LiveCatalog
from kg.indicators import ComparisonRow
from kg.killable import KillableProcess
from kg.live import LiveStore, read_pointer
from kg.oxigraph import MAX_BYTES
from kg.readers import read_plan
from kg.things import Alignment
from kg.writer import Writer
from ontology import BUNDLED_PLAN, GRAPH, SDG_CONCEPTS
from tests.bare_services import bare_services
from web.review_desk import ReviewDesk
from web.services import Services
from web.tokens import Tokens

PLAN = "kumamoto-2"
ROWS = (
    AlignmentRow("4-2", "4.4", Decimal("0.9"), "judge-1", "若者", "unreviewed", wording="技能"),
    AlignmentRow("4-2", "8", Decimal("0.2"), "judge-1", "人材", "unreviewed"),
    AlignmentRow(
        *("4-1", "4", Decimal("0.5"), "judge-1", "教育", "accepted", {"en": "From the file"}),
        reviewer="検討会",
        reviewed="2026-11-22T00:00:00.000Z",
    ),
)
COMPARISONS = (
    ComparisonRow("4-1-K1", "", "", {"ja": "同じことを測る指標はない。"}),
    ComparisonRow("4-3-K2", "3.6.1", "close", {"ja": "どちらも事故の被害。", "en": "Both."}),
)


def generation(
    data: Path,
    rows: tuple[AlignmentRow, ...] = ROWS,
    name: str = "0",
    comparisons: tuple[ComparisonRow, ...] = COMPARISONS,
) -> Path:
    """A generation of the bundled plan with these judgements, as a build leaves it; not live."""
    folder = data / f"gen-{name * 12}"
    folder.mkdir(parents=True)
    text = "\n".join(n_quads(build_dataset(read_plan(BUNDLED_PLAN), rows, comparisons)))
    store = ox.Store(str(folder / "store"))
    store.bulk_load(text, ox.RdfFormat.N_QUADS)
    sdgs = ox.NamedNode(GRAPH + "sdg")
    store.bulk_load(path=str(SDG_CONCEPTS), format=ox.RdfFormat.TURTLE, to_graph=sdgs)
    store.flush()
    return folder


def live_data(data: Path, rows: tuple[AlignmentRow, ...] = ROWS) -> Path:
    """A data folder in which that generation is live."""
    live.write_pointer(data, live.Pointer(generation(data, rows).name))
    return data


@contextmanager
def reviewing(data: Path, process: KillableProcess) -> Iterator[Services]:
    """Services over that data, with two who may review: hanako and taro."""
    store = LiveStore(data, MAX_BYTES)
    built = Catalog.from_store(store)

    def revision() -> str:
        return str(read_pointer(data))

    current = LiveCatalog(built, store, revision)
    writer = Writer(data, seconds=30, process=process)
    yield bare_services(
        store,
        catalog=built,
        current=current,
        writer=writer,
        revision=revision,
        tokens=Tokens({"token-h": "hanako", "token-t": "taro"}),
        desk=ReviewDesk(built, current, store, writer),
    )
    store.close()


def state(services: Services, code: str = "4-2", sdg: str = "4.4") -> Alignment:
    """What is decided now on an alignment of the plan."""
    thing = services.current().find(PLAN, code)
    assert thing is not None
    [found] = [one for one in thing.alignments if one.sdg == sdg]
    return found
