"""A generation's catalog as files: the same as its store says, and never a damaged one."""

import shutil
from pathlib import Path

import pytest

from kg.catalog import Catalog
from kg.catalog_file import SDGS, THINGS, open_catalog, write_catalog
from kg.generation import Generation
from kg.oxigraph import OxigraphStore


@pytest.fixture
def folder(generation: Generation, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(generation.folder, tmp_path / "generation"))


@pytest.fixture(scope="module")
def asked(generation: Generation) -> Catalog:
    """What the store says."""
    store = OxigraphStore(generation.store_folder)
    catalog = Catalog.from_store(store)
    store.close()
    return catalog


def test_the_files_say_what_the_store_says(folder: Path, asked: Catalog) -> None:
    shutil.rmtree(folder / "store")
    read = open_catalog(folder)
    assert read == asked
    assert list(read.things) == list(asked.things)
    assert read.digest == asked.digest
    assert list(read.sdgs.items()) == list(asked.sdgs.items())


def test_writing_them_again_gives_the_same_files(folder: Path) -> None:
    before = [(folder / name).read_bytes() for name in (THINGS, SDGS)]
    write_catalog(folder)
    assert [(folder / name).read_bytes() for name in (THINGS, SDGS)] == before


@pytest.mark.parametrize("content", [None, b"", b"[]", b"0" * 64 + b"\n[]"])
@pytest.mark.parametrize("name", [THINGS, SDGS])
def test_a_missing_or_damaged_file_is_passed_over(
    folder: Path, asked: Catalog, name: str, content: bytes | None
) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    read = open_catalog(folder)
    assert read == asked
    assert read.sdgs == asked.sdgs


def test_one_changed_byte_is_noticed(folder: Path, asked: Catalog) -> None:
    content = bytearray((folder / THINGS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / THINGS).write_bytes(content)
    assert open_catalog(folder) == asked


def test_without_files_and_store_there_is_no_catalog(folder: Path) -> None:
    (folder / THINGS).unlink()
    shutil.rmtree(folder / "store")
    with pytest.raises((OSError, RuntimeError)):
        open_catalog(folder)
