"""Plan folders (plan.toml, a source document, translations) -> `Plan`. One module per layout."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kg.plan import Plan
from kg.readers.kumamoto_summary import read_summary
from kg.readers.labels import read_translation
from kg.readers.plan_file import PlanFile, load_plan_file
from kg.readers.source import PlanSourceError, SourceText, load_text
from kg.readers.stated import read_stated

__all__ = ["READERS", "PlanSourceError", "read_plan"]

READERS: dict[str, Callable[[SourceText, PlanFile], Plan]] = {"kumamoto-summary": read_summary}
"""A source layout's name in plan.toml, and what reads it."""


def read_plan(folder: Path) -> Plan:
    """The plan of a folder, with its translations. Only reads.

    Raises PlanSourceError, or SpreadsheetError for a table, which name file, line and what was
    expected there, in Japanese and English.
    """
    settings = load_plan_file(folder)
    if settings.reader not in READERS:
        known = ", ".join(READERS)
        raise settings.error(
            ("reader",),
            f"読み手「{settings.reader}」はありません。{known} のどれかが必要です。",
            f"there is no reader {settings.reader!r}; expected one of {known}.",
        )
    source = load_text(folder / settings.document.file)
    plan = READERS[settings.reader](source, settings)
    translations = tuple(
        read_translation(folder, language, table, plan)
        for language, table in settings.translations.items()
    )
    stated = read_stated(folder / settings.stated.file, plan, source) if settings.stated else ()
    return replace(plan, translations=translations, stated=stated)
