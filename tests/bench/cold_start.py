"""What a person waits for at a prompt, beside an empty Python process."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.timing import median_ms, show
from web.wiring import Workshop

COMMANDS = {
    "python -c pass": ["python", "-c", "pass"],
    "shirube --help": ["shirube", "--help"],
    "shirube search": ["shirube", "search", "若者の地元定着"],
    "shirube sparql": ["shirube", "sparql", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"],
    "import sentence_transformers": ["python", "-c", "import sentence_transformers"],
}


def run(workshop: Workshop) -> None:
    """Print the median wall-clock time of whole processes."""
    folder = Path(sys.executable).parent
    environment = {**os.environ, "SHIRUBE_DATA": str(workshop.settings.data)}

    def process(command: list[str]) -> None:
        program, *arguments = command
        subprocess.run(
            [folder / program, *arguments], env=environment, capture_output=True, check=True
        )

    show(
        {
            name: median_ms(lambda command=command: process(command), repeat=5, warm_up=1)
            for name, command in COMMANDS.items()
        },
        base="python -c pass",
    )
