"""Backups and restoring them: whole or not at all, also while others read and write."""

import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import audit, backup
from kg.backup import BackupError, back_up, restore
from kg.generation import GenerationError, build_generation, current, is_sound
from kg.killable import KillableProcess
from kg.live import LiveStore, read_pointer
from kg.oxigraph import MAX_BYTES
from kg.writer import Writer
from ontology import BUNDLED_PLAN
from web.cli import main

ROOT = Path(backup.__file__).parent.parent
MINE = "http://例え/私の注記"


def build(data: Path, plan: Path) -> None:
    build_generation(data, [plan], lambda _: None)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans") / "plan"
    shutil.copytree(BUNDLED_PLAN, folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, plan: Path) -> Path:
    data = tmp_path_factory.mktemp("built") / "data"
    build(data, plan)
    return data


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "data"))


@pytest.fixture(scope="module")
def process() -> Iterator[KillableProcess]:
    process = KillableProcess()
    yield process
    process.close()


def write(data: Path, process: KillableProcess, value: int) -> None:
    text = f"INSERT DATA {{ GRAPH <{MINE}> {{ <a:a> <a:b> {value} }} }}"
    Writer(data, 60, process).update(text, author="alice")


def mine(data: Path) -> list[int]:
    """The values in our graph; the plan's own graphs are looked at too."""
    store = LiveStore(data, MAX_BYTES)
    rows = store.query(f"SELECT ?n {{ GRAPH <{MINE}> {{ ?s ?p ?n }} }}").rows()
    assert store.query("ASK { ?m a <https://w3id.org/shirube/ns#Measure> }").boolean()
    store.close()
    return sorted(int(row["n"].value) for row in rows)  # type: ignore[union-attr]


# What users wrote outlives a build


def test_what_users_wrote_outlives_a_build(
    data: Path, plan: Path, tmp_path: Path, process: KillableProcess
) -> None:
    write(data, process, 1)
    write(data, process, 2)
    before = read_pointer(data)
    build(data, plan)
    assert read_pointer(data) == before  # nothing has changed, nothing is done
    changed = Path(shutil.copytree(plan, tmp_path / "changed"))
    (changed / "note.txt").write_text("changed")
    build(data, changed)
    after = read_pointer(data)
    assert before is not None
    assert after is not None
    assert after.generation != before.generation
    assert mine(data) == [1, 2]
    write(data, process, 3)
    build(data, plan)  # back to the generation that was built first
    assert mine(data) == [1, 2, 3]


def test_what_users_wrote_is_not_passed_over_when_it_is_gone(
    data: Path, plan: Path, tmp_path: Path, process: KillableProcess
) -> None:
    write(data, process, 1)
    shutil.rmtree(data / "snapshots")
    changed = Path(shutil.copytree(plan, tmp_path / "changed"))
    (changed / "note.txt").write_text("changed")
    for call in (lambda: current(data), lambda: build(data, changed)):
        with pytest.raises(GenerationError) as caught:
            call()
        assert "restore" in caught.value.ja


# Backups


def test_a_backup_brings_everything_back(
    data: Path, tmp_path: Path, process: KillableProcess
) -> None:
    write(data, process, 1)
    file = back_up(data, tmp_path / "one.tar.gz")
    write(data, process, 2)
    reader = LiveStore(data, MAX_BYTES)
    assert reader.query("ASK { <a:a> <a:b> 2 }").boolean()
    restore(data, file, "bob")
    assert not reader.query("ASK { <a:a> <a:b> 2 }").boolean()
    reader.close()
    assert mine(data) == [1]
    log = [(one["author"], one["operation"]) for one in audit.entries(data)]
    assert log == [("", "build"), *[("alice", "update")] * 2, ("bob", "restore")]
    write(data, process, 3)
    assert mine(data) == [1, 3]
    assert not list(data.glob("backing-up-*"))
    assert not list(data.glob("restoring-*"))


def test_a_backup_is_all_that_another_machine_needs(
    data: Path, tmp_path: Path, process: KillableProcess
) -> None:
    write(data, process, 1)
    folder = tmp_path / "kept"
    folder.mkdir()
    file = back_up(data, folder)
    assert file.parent == folder
    other = tmp_path / "other" / "data"
    pointer = restore(other, file)
    assert mine(other) == [1]
    assert is_sound(other / pointer.generation)
    assert [one["operation"] for one in audit.entries(other)] == ["build", "update", "restore"]


def test_a_backup_without_anything_written(data: Path, tmp_path: Path) -> None:
    file = back_up(data, tmp_path / "one.tar.gz")
    restore(tmp_path / "other", file)
    assert mine(tmp_path / "other") == []


def test_a_backup_overwrites_nothing(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.tar.gz"
    file.write_text("mine")
    with pytest.raises(BackupError, match="already"):
        back_up(data, file)
    assert file.read_text() == "mine"
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(data, tmp_path / "nowhere" / "one.tar.gz")
    with pytest.raises(GenerationError, match="no data"):
        back_up(tmp_path / "empty", tmp_path / "two.tar.gz")


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def repacked(
    content: bytes, change: Callable[[str, bytes], bytes | None], extra: str = ""
) -> bytes:
    """The archive with members changed (None: left out), and one more."""
    output = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(content)) as source,
        tarfile.open(fileobj=output, mode="w:gz") as target,
    ):
        for member in source:
            stream = source.extractfile(member)
            assert stream is not None
            body = change(member.name, stream.read())
            if body is not None:
                member.size = len(body)
                target.addfile(member, io.BytesIO(body))
        if extra:
            target.addfile(tarfile.TarInfo(extra), io.BytesIO())
    return output.getvalue()


def manifest_with(name: str, value: object) -> Callable[[str, bytes], bytes]:
    def change(member: str, body: bytes) -> bytes:
        if member != "manifest.json":
            return body
        return json.dumps({**json.loads(body), name: value}).encode()

    return change


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing in it": lambda _: b"",
    "another kind of file": lambda _: b"PK\x03\x04 not a backup",
    "cut short": lambda content: content[: len(content) // 2],
    "without its last bytes": lambda content: content[:-20],
    "a bit in the middle": lambda content: flipped(content, len(content) // 2),
    "a file changed": lambda content: repacked(
        content, lambda name, body: body + b" " if name.endswith("graph.nq") else body
    ),
    "a file left out": lambda content: repacked(
        content, lambda name, body: None if name.endswith("graph.nq") else body
    ),
    "a file too many": lambda content: repacked(content, lambda _, body: body, "generation/x"),
    "a file outside": lambda content: repacked(content, lambda _, body: body, "../outside"),
    "another format": lambda content: repacked(content, manifest_with("format", 99)),
    "a wrong name": lambda content: repacked(content, manifest_with("generation", "../gen")),
    "no manifest": lambda content: repacked(
        content, lambda name, body: None if name == "manifest.json" else body
    ),
    "an empty manifest": lambda content: repacked(
        content, lambda name, body: b"[]" if name == "manifest.json" else body
    ),
    "only compressed": lambda _: gzip.compress(b"hello"),
}


@pytest.fixture(scope="module")
def kept(built: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return back_up(built, tmp_path_factory.mktemp("kept")).read_bytes()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_before_anything_changes(
    built: Path, kept: bytes, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "damaged.tar.gz"
    file.write_bytes(DAMAGES[damage](kept))
    before = read_pointer(built)
    with pytest.raises(BackupError) as caught:
        restore(built, file)
    assert "damaged.tar.gz" in caught.value.ja
    assert "何も変更していません" in caught.value.ja
    assert read_pointer(built) == before
    assert not list(built.glob("restoring-*"))
    assert [one["operation"] for one in audit.entries(built)] == ["build"]
    assert not (tmp_path / "outside").exists()


# Death


VERB = "import sys\nfrom pathlib import Path\nfrom kg.backup import back_up, restore\n"


def killed_after(code: str, arguments: list[str], seconds: float) -> bool:
    """Run, and kill after a time; whether it was still running then."""
    process = subprocess.Popen(
        [sys.executable, "-c", VERB + "print('on', flush=True)\n" + code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        time.sleep(seconds)
        process.kill()
    return process.returncode == -signal.SIGKILL


def test_a_killed_backup_leaves_no_file_that_looks_whole(data: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    back_up(data, tmp_path / "first.tar.gz")
    took = time.monotonic() - began
    killed = 0
    for n in range(12):
        file = tmp_path / f"{n}.tar.gz"
        code = "back_up(Path(sys.argv[1]), Path(sys.argv[2]))"
        killed += killed_after(code, [str(data), str(file)], took * n / 12)
        if file.exists():
            restore(tmp_path / f"from-{n}", file)
    assert killed >= 3
    back_up(data, tmp_path / "last.tar.gz")
    assert not list(data.glob("backing-up-*"))
    assert is_sound(data / str(read_pointer(data)))


def test_what_a_process_left_before_it_held_its_lease_is_removed(
    data: Path, tmp_path: Path
) -> None:
    (data / "backing-up-000000000000").mkdir()
    back_up(data, tmp_path / "a.tar.gz")
    assert not list(data.glob("backing-up-*"))


def test_a_killed_restore_leaves_what_was_live_or_the_backup(
    data: Path, tmp_path: Path, process: KillableProcess
) -> None:
    write(data, process, 1)
    file = back_up(data, tmp_path / "one.tar.gz")
    write(data, process, 2)
    began = time.monotonic()
    restore(tmp_path / "other", file)
    took = time.monotonic() - began
    killed = 0
    for n in range(12):
        code = "restore(Path(sys.argv[1]), Path(sys.argv[2]))"
        killed += killed_after(code, [str(data), str(file)], took * n / 12)
        assert mine(data) in ([1, 2], [1])
        if mine(data) == [1]:
            write(data, process, 2)
    assert killed >= 3
    restore(data, file)
    assert mine(data) == [1]
    assert not list(data.glob("restoring-*"))
    assert len(list((data / "snapshots").iterdir())) == 1


# The commands


def test_the_commands_back_up_restore_and_tell(
    data: Path, tmp_path: Path, process: KillableProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(data))
    write(data, process, 1)
    run = CliRunner().invoke
    made = run(main, ["backup", str(tmp_path / "one.tar.gz"), "--json"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["bytes"] > 1000
    write(data, process, 2)
    assert run(main, ["restore", str(tmp_path / "one.tar.gz")]).exit_code == 0
    assert mine(data) == [1]
    told = run(main, ["audit", "--limit", "2"]).output.splitlines()
    assert len(told) == 2
    assert "restore" in told[0]
    assert f"{MINE} 1→2" in told[1]
    lines = run(main, ["audit", "--json"]).output.splitlines()
    assert json.loads(lines[-2])["graphs"] == {MINE: [None, 1]}
    built = json.loads(lines[-1])
    assert (built["operation"], built["outcome"]) == ("build", "done")
    assert built["live"].startswith("gen-")
    assert len(built["plans"]) == 1
    (tmp_path / "bad.tar.gz").write_text("x")
    bad = run(main, ["restore", str(tmp_path / "bad.tar.gz")])
    assert bad.exit_code == 2
    assert "damaged" in bad.output or "壊れて" in bad.output


def test_a_restored_store_opens_for_writing(
    data: Path, tmp_path: Path, process: KillableProcess
) -> None:
    write(data, process, 1)
    restore(tmp_path / "other", back_up(data, tmp_path / "one.tar.gz"))
    write(tmp_path / "other", process, 5)
    assert mine(tmp_path / "other") == [1, 5]
