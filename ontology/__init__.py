"""The ground floor: vocabularies as Turtle files, their namespaces, and where the data lies.

Nothing here has behaviour. The namespaces are closed: a misspelt term fails when it is written.
They come from `ontology.namespaces` when they are first asked for, since rdflib takes a third of a
second to load and a search does without it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ontology.namespaces import AGENT, KPIONTO, OA, SCHEMA, SDG, SDGO, SHIRUBE

__all__ = [
    "AGENT",
    "BUNDLED_PLAN",
    "FOLDER",
    "GRAPH",
    "ID",
    "KPIONTO",
    "OA",
    "PLANS",
    "SCHEMA",
    "SDG",
    "SDGO",
    "SDG_CONCEPTS",
    "SHAPES",
    "SHIRUBE",
    "VOCABULARY",
]

FOLDER = Path(__file__).parent
VOCABULARY = FOLDER / "shirube.ttl"
SHAPES = FOLDER / "shapes.ttl"
SDG_CONCEPTS = FOLDER / "sdg.ttl"
PLANS = FOLDER / "plans"
BUNDLED_PLAN = PLANS / "kumamoto-2"

ID = "https://w3id.org/shirube/id/"
GRAPH = "https://w3id.org/shirube/graph/"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ontology' has no attribute {name!r}")
    from ontology import namespaces

    return getattr(namespaces, name)
