"""Every example in README and docs runs, and prints what the page says it prints.

A fenced block says what it is: `sh` is run (`$SHIRUBE` data and a live server stand in for the
reader's), `sh setup` is only for the reader's machine, `text` is the output of the block before
it (`...` stands for anything), `sparql` must answer with rows, `python` is executed.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.oxigraph import OxigraphStore

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    page: Path
    line: int
    kind: str
    text: str
    output: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def examples(page: Path) -> list[Example]:
    source = page.read_text(encoding="utf-8")
    blocks = list(FENCE.finditer(source))
    found = []
    for index, block in enumerate(blocks):
        kind, mark, text = block.groups()
        follower = blocks[index + 1] if index + 1 < len(blocks) else None
        output = follower.group(3) if follower and follower.group(1) == "text" else None
        if kind in ("sh", "sparql", "python") and mark != "setup":
            line = source.count("\n", 0, block.start()) + 1
            found.append(Example(page, line, kind, text, output))
    return found


EXAMPLES = [example for page in PAGES for example in examples(page)]


def of_kind(kind: str) -> list[object]:
    return [pytest.param(example, id=str(example)) for example in EXAMPLES if example.kind == kind]


def test_the_pages_have_examples() -> None:
    assert len(PAGES) >= 3
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", of_kind("sh"))
def test_a_shell_example_prints_what_the_page_says(
    example: Example, data_folder: Path, generation: object, live_server: str, tmp_path: Path
) -> None:
    if "curl" in example.text and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    for room in ("kg", "ontology"):  # what the examples read; what they write stays out of the tree
        (tmp_path / room).symlink_to(ROOT / room)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SHIRUBE_DATA": str(data_folder),
        "SHIRUBE_LANG": "ja" if ".ja." in example.page.name or "ja" in example.page.parts else "en",
    }
    done = subprocess.run(
        [
            "bash",
            "-euo",
            "pipefail",
            "-c",
            example.text.replace("http://127.0.0.1:8000", live_server),
        ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if example.output is not None:
        printed = done.stdout.replace(live_server, "http://127.0.0.1:8000")
        pattern = ".*".join(re.escape(part) for part in example.output.strip().split("..."))
        assert re.fullmatch(pattern, printed.strip(), re.DOTALL), printed


@pytest.mark.parametrize("example", of_kind("sparql"))
def test_a_sparql_example_answers(example: Example, store: OxigraphStore) -> None:
    result = store.query(example.text)
    answered = result.rows() if result.form == "SELECT" else result.body.strip()
    assert answered


@pytest.mark.parametrize("example", of_kind("python"))
def test_a_python_example_runs(
    example: Example, data_folder: Path, generation: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(data_folder))
    exec(compile(example.text, str(example), "exec"), {})
