"""Generations: whatever goes wrong while one is built, the last good one stays live."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import filelock
import pyoxigraph as ox
import pytest

from kg import assembly, generation
from kg.alignments import AlignmentError
from kg.assembly import PlanError
from kg.generation import (
    BusyError,
    Generation,
    GenerationError,
    build_generation,
    current,
    inputs_digest,
)
from kg.inputs import InputError
from kg.shacl import Report, ShaclResult
from ontology import BUNDLED_PLAN, GRAPH

HEADER = "code,sdg,score,method,evidence,state,note_ja,note_en\n"


def quiet(_: str) -> None:
    pass


def copy_plan(folder: Path, sdg: str = "4") -> Path:
    shutil.copytree(BUNDLED_PLAN, folder)
    align(folder, sdg)
    return folder


def align(plan: Path, sdg: str) -> None:
    (plan / "sdg.csv").write_text(f"{HEADER}4-2,{sdg},1,hand,人材,accepted,,\n", "utf-8")


def build(data: Path, plan: Path, **options: object) -> Generation:
    return build_generation(data, [plan], quiet, **options)  # type: ignore[arg-type]


def aligned(generation: Generation) -> list[str]:
    """What the stored graph says the measures are aligned with."""
    store = ox.Store.read_only(str(generation.store_folder))
    query = "SELECT ?s { GRAPH ?g { ?m <https://w3id.org/shirube/ns#alignedWith> ?s } }"
    return sorted(row["s"].value.rpartition("/")[2] for row in store.query(query))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return copy_plan(tmp_path / "plan")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("once")
    build(folder / "data", copy_plan(folder / "plan"))
    return folder / "data"


@pytest.fixture
def live(data: Path, built_once: Path) -> Generation:
    """The live generation in `data`, as building `plan` has made it."""
    shutil.copytree(built_once, data)
    generation = current(data)
    assert generation is not None
    return generation


def test_a_build_is_whole_readable_and_current(data: Path, plan: Path) -> None:
    assert current(data) is None
    built = build(data, plan)
    assert current(data) == built
    assert aligned(built) == ["4"]
    manifest = json.loads((built.folder / "manifest.json").read_text("utf-8"))
    lines = built.dump.read_text("utf-8").splitlines()
    assert manifest["quads"] == len(lines) == sum(manifest["graphs"].values())
    assert lines == sorted(set(lines))
    own = [f"kumamoto-2/{name}" for name in ("said", "translated", "judged")]
    assert set(manifest["graphs"]) == {GRAPH + name for name in ("ontology", "sdg", *own)}
    store = ox.Store.read_only(str(built.store_folder))
    assert {graph.value for graph in store.named_graphs()} == set(manifest["graphs"])
    assert not any(isinstance(q.subject, ox.BlankNode) for q in store)


def test_the_same_inputs_give_the_same_graph_anywhere(
    live: Generation, plan: Path, tmp_path: Path
) -> None:
    second = build(tmp_path / "elsewhere", plan)
    assert live.graph_digest == second.graph_digest
    assert live.inputs_digest == second.inputs_digest
    assert live.dump.read_bytes() == second.dump.read_bytes()


def test_unchanged_inputs_are_not_built_again(
    data: Path, plan: Path, live: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "assemble", pytest.fail)
    assert build(data, plan, extend=pytest.fail) == live


@pytest.mark.parametrize("name", ["sdg.csv", "plan.toml", "labels.en.csv", "summary.ja.txt"])
def test_any_changed_file_changes_the_digest(plan: Path, name: str) -> None:
    before = inputs_digest([plan])
    with (plan / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert inputs_digest([plan]) != before


def test_hidden_files_and_the_place_of_a_plan_do_not_count(plan: Path, tmp_path: Path) -> None:
    before = inputs_digest([plan])
    (plan / ".~lock.sdg.csv#").write_text("open in a spreadsheet", "utf-8")
    assert inputs_digest([plan]) == before
    assert inputs_digest([copy_plan(tmp_path / "copy")]) == before
    assert inputs_digest([plan, plan]) != before


def test_a_change_makes_a_new_generation_and_keeps_the_one_before(data: Path, plan: Path) -> None:
    built = []
    for goal in ("4", "8", "11"):
        align(plan, goal)
        built.append(build(data, plan))
        assert aligned(built[-1]) == [goal]
    assert current(data) == built[2]
    assert not built[0].folder.exists()
    assert aligned(built[1]) == ["8"]
    align(plan, "8")
    assert build(data, plan) == built[1]
    assert current(data) == built[1]
    assert built[2].folder.exists()


def test_a_search_index_is_put_in_before_it_goes_live(data: Path, plan: Path) -> None:
    def extend(folder: Path) -> None:
        assert current(data) is None
        assert len(ox.Store.read_only(str(folder / "store"))) > 10_000
        (folder / "index").mkdir()

    assert (build(data, plan, extend=extend).folder / "index").is_dir()


def test_steps_are_told_in_the_language_asked_for(data: Path, plan: Path) -> None:
    steps: dict[str, list[str]] = {"ja": [], "en": []}
    for language in ("ja", "en"):
        align(plan, "4" if language == "ja" else "8")
        build_generation(data, [plan], steps[language].append, extend=quiet, language=language)  # type: ignore[arg-type]
    assert steps["en"][:2] == ["Reading plan", "Checking (SHACL)"]
    assert steps["en"][-1] == "Ready"
    assert steps["ja"][-1] == "できました"
    assert len(steps["ja"]) == len(steps["en"]) == 5


class Crash(Exception):
    """Something that no code expects."""


def crash(*_: object, **__: object) -> None:
    raise Crash


STAGES: dict[str, tuple[object, str]] = {
    "reading": (assembly, "read_plan"),
    "alignments": (assembly, "read_alignments"),
    "graph": (assembly, "build_dataset"),
    "validation": (assembly, "validate"),
    "lines": (assembly, "n_quads"),
    "store": (generation, "_write_store"),
    "opening a store": (ox, "Store"),
    "manifest": (generation, "write_durably"),
    "publication": (generation, "_publish"),
    "the folder's name": (Path, "rename"),
    "current": (Path, "replace"),
    "clearing away": (shutil, "rmtree"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_failure_at_any_stage_leaves_the_last_generation_live(
    data: Path, plan: Path, live: Generation, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    align(plan, "8")
    place, name = STAGES[stage]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, crash)
        with pytest.raises(Crash):
            build(data, plan)
    assert current(data) == live
    assert aligned(live) == ["4"]
    assert aligned(build(data, plan)) == ["8"]
    assert not list(data.glob("unfinished-*"))


def test_a_failing_index_leaves_the_last_generation_live(
    data: Path, plan: Path, live: Generation
) -> None:
    align(plan, "8")
    with pytest.raises(Crash):
        build(data, plan, extend=crash)
    assert current(data) == live
    assert not list(data.glob("unfinished-*"))


KILLED = """
import os, random, signal, sys, time, traceback
from pathlib import Path
import pyoxigraph as ox
import pyshacl
from kg.generation import build_generation, current

# This process opens no store itself: its threads would not live on in what it forks.
data, plan, wanted = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
table = plan / "sdg.csv"
header = table.read_text("utf-8").splitlines()[0]

def fork(task):
    child = os.fork()
    if child == 0:
        try:
            task()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return child

def start(goal):
    # A build that says on a pipe when it begins to write.
    table.write_text(f"{header}\\n4-2,{goal},1,hand,x,accepted,,\\n", "utf-8")
    said, says = os.pipe()
    tell = lambda step: step.startswith("Writing") and os.write(says, b"w")
    child = fork(lambda: build_generation(data, [plan], tell))
    os.close(says)
    return child, said

def check():
    live = current(data)
    store = ox.Store.read_only(str(live.store_folder))
    lines = live.dump.read_text("utf-8").splitlines()
    assert len(store) == len(lines) > 10_000

began = time.monotonic()
child, said = start(1)
os.read(said, 1)
writes = time.monotonic()
assert os.waitpid(child, 0)[1] == 0
ended = time.monotonic()
random.seed(2)
killed = tries = 0
while killed < wanted and tries < 20 * wanted:
    tries += 1
    child, said = start(2 + tries % 15)
    if tries % 2:
        os.read(said, 1)
        time.sleep((ended - writes) * random.random())
    else:
        time.sleep((ended - began) * random.random())
    os.kill(child, signal.SIGKILL)
    killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    os.close(said)
    assert os.waitpid(fork(check), 0)[1] == 0, tries
print(killed)
"""


def test_a_killed_build_leaves_a_live_generation_that_reads(data: Path, plan: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(data), str(plan), "24"],
        capture_output=True,
        text=True,
        cwd=Path(generation.__file__).parent.parent,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "24"
    after = build(data, plan)
    assert current(data) == after
    assert not list(data.glob("unfinished-*"))
    assert len(list(data.glob("gen-*"))) <= 2


def test_two_builders_at_once_take_turns(data: Path, plan: Path) -> None:
    code = """
import sys
from pathlib import Path
from kg.generation import build_generation
print(build_generation(Path(sys.argv[1]), [Path(sys.argv[2])], lambda step: None).graph_digest)
"""
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(data), str(plan)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(generation.__file__).parent.parent,
        )
        for _ in range(2)
    ]
    digests = {builder.communicate()[0].strip() for builder in builders}
    assert [builder.returncode for builder in builders] == [0, 0]
    live = current(data)
    assert live is not None
    assert digests == {live.graph_digest}
    assert aligned(live) == ["4"]


def test_who_cannot_wait_is_told_in_both_languages(data: Path, plan: Path) -> None:
    data.mkdir()
    steps: list[str] = []
    with filelock.FileLock(data / ".lock"), pytest.raises(BusyError) as caught:
        build_generation(data, [plan], steps.append, wait=0.1)
    assert "another process" in caught.value.en
    assert "他のプロセス" in caught.value.ja
    assert steps == ["Waiting for another build to finish"]
    assert current(data) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{", "utf-8"),
        lambda folder: (folder / "manifest.json").write_text("[]", "utf-8"),
        lambda folder: (folder / "store" / "CURRENT").unlink(),
        lambda folder: (folder / "store" / "CURRENT").write_text("MANIFEST-999\n", "utf-8"),
        lambda folder: shutil.rmtree(folder / "store"),
    ],
)
def test_a_damaged_generation_is_built_again(
    data: Path, plan: Path, live: Generation, damage: Callable[[Path], None]
) -> None:
    damage(live.folder)
    assert build(data, plan) == live
    assert aligned(live) == ["4"]


@pytest.mark.parametrize("content", [b"", b"gen-000000000000\n", b"../plan\n", b"\xff\xfe"])
def test_a_useless_pointer_is_no_generation(
    data: Path, plan: Path, live: Generation, content: bytes
) -> None:
    (data / "current").write_bytes(content)
    assert current(data) is None
    assert build(data, plan) == live
    assert current(data) == live


def test_a_full_disk_is_the_users_to_mend(
    data: Path, plan: Path, live: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    align(plan, "8")

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(generation, "_write_store", full)
    with pytest.raises(GenerationError) as caught:
        build(data, plan)
    assert "No space left" in caught.value.en
    assert "空き容量" in caught.value.ja
    assert current(data) == live
    assert not list(data.glob("unfinished-*"))


def test_a_folder_that_cannot_be_made_is_the_users_to_mend(plan: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(GenerationError, match="cannot write data to"):
        build(tmp_path / "file" / "data", plan)


def test_an_unreadable_input_is_named(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.open

    def refuse(self: Path, *arguments: object, **options: object) -> object:
        if self.name == "sdg.csv":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return original(self, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"sdg\.csv \(Permission denied\)"):
        inputs_digest([plan])


def test_a_bad_alignment_writes_nothing(data: Path, plan: Path) -> None:
    align(plan, "18")
    with pytest.raises(AlignmentError):
        build(data, plan)
    assert current(data) is None
    assert {file.name for file in data.iterdir()} <= {".lock"}


def test_a_plan_without_alignments_is_built(data: Path, plan: Path) -> None:
    (plan / "sdg.csv").unlink()
    assert aligned(build(data, plan)) == []


def test_two_plans_of_the_same_name_are_refused(data: Path, plan: Path, tmp_path: Path) -> None:
    other = copy_plan(tmp_path / "other")
    with pytest.raises(PlanError, match="have the same plan id 'kumamoto-2'"):
        build_generation(data, [plan, other], quiet)


def test_two_plans_share_one_store(data: Path, plan: Path, tmp_path: Path) -> None:
    other = copy_plan(tmp_path / "other")
    settings = other / "plan.toml"
    text = settings.read_text("utf-8").replace('id = "kumamoto-2"', 'id = "another"')
    settings.write_text(text, "utf-8")
    built = build_generation(data, [plan, other], quiet)
    graphs = json.loads((built.folder / "manifest.json").read_text("utf-8"))["graphs"]
    assert len(graphs) == 8
    assert aligned(built) == ["4", "4"]


def test_a_graph_that_breaks_the_shapes_is_not_stored(
    data: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object, language: str = "en") -> Report:
        results = [
            ShaclResult(f"urn:{number}", "", "", f"{language} message", "Violation")
            for number in range(7)
        ]
        return Report(False, tuple(results))

    monkeypatch.setattr(assembly, "validate", broken)
    with pytest.raises(PlanError) as caught:
        build(data, plan)
    assert "urn:4: en message\n… (+2)" in caught.value.en
    assert "urn:0: ja message" in caught.value.ja
    assert current(data) is None


def test_a_killed_builder_gives_its_lock_back(data: Path, plan: Path) -> None:
    code = """
import sys, time, filelock
lock = filelock.FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""
    data.mkdir()
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(data / ".lock")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        with pytest.raises(BusyError):
            build(data, plan, wait=0)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    assert current(data) is None
    assert build(data, plan, wait=0) == current(data)


def test_a_data_folder_that_cannot_be_made_is_told(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *arguments: object, **options: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(GenerationError, match="SHIRUBE_DATA"):
        build_generation(Path("/nowhere/shirube"), [plan], lambda message: None)


def test_a_link_of_alignments_that_leads_nowhere_is_told(plan: Path) -> None:
    (plan / "sdg.csv").unlink()
    (plan / "sdg.csv").symlink_to(plan / "missing.csv")
    with pytest.raises(AlignmentError, match="cannot read"):
        assembly.read_plans([plan], lambda ja, en: None)
