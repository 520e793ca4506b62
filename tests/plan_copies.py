"""Copies of the bundled plan for tests to change and break."""

import shutil
from collections.abc import Callable
from pathlib import Path

from ontology import BUNDLED_PLAN

SUMMARY, LABELS, TOML = "summary.ja.txt", "labels.en.csv", "plan.toml"

Edit = Callable[[str], str]


def copy_plan(to: Path) -> Path:
    to.mkdir()
    for name in (SUMMARY, TOML, *(file.name for file in BUNDLED_PLAN.glob("labels.*.csv"))):
        shutil.copy(BUNDLED_PLAN / name, to / name)
    return to


def change(folder: Path, name: str, edit: Edit) -> None:
    """Edit a file's text; an edit that changes nothing would test nothing."""
    path = folder / name
    before = path.read_text("utf-8")
    after = edit(before)
    assert after != before
    path.write_bytes(after.encode())


def replace(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new, 1)
