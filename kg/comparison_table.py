"""Every KPI beside the SDGs' indicators as one table. It has all columns of a plan's own file."""

from collections.abc import Iterator
from pathlib import Path

from kg.catalog import Catalog, Comparison, Thing
from kg.message import Language
from kg.sheets import csv_of, read_columns, text_in

COLUMNS = read_columns(Path(__file__).parent / "comparison_columns.toml")
NAMES = tuple(column.name for column in COLUMNS)


def compared(catalog: Catalog) -> Iterator[tuple[Thing, Comparison | None]]:
    """Every KPI with each of its comparisons, or None where there is none, in the plans' order."""
    for thing in catalog.things.values():
        if thing.type == "kpi":
            yield from ((thing, one) for one in thing.comparisons or (None,))


def rows(catalog: Catalog, language: Language) -> Iterator[list[str]]:
    """The table's rows; names in `language` where there are any."""
    for kpi, one in compared(catalog):
        head = [kpi.plan, kpi.code, text_in(kpi.label, language)]
        if one is None:
            yield ["", *head, *[""] * (len(NAMES) - 4)]
            continue
        indicator = catalog.sdg(one.indicator)
        label = text_in(indicator.label, language) if indicator else ""
        reasons, notes = (
            [texts.get(tag, "") for tag in ("ja", "en")] for texts in (one.reason, one.note)
        )
        yield [
            *(one.iri, *head, one.indicator, label, one.match, *reasons),
            *(one.method, one.created, one.state, one.reviewer, one.reviewed),
            *notes,
        ]


def csv_text(catalog: Catalog, language: Language) -> str:
    """The table as CSV."""
    return csv_of(NAMES, rows(catalog, language))
