"""What is indexed of a thing: its own texts, and its neighbours' as context."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Field: TypeAlias = Literal["label", "text", "component", "parent", "kpi"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that may answer a question with `thing`; `origin` is the IRI whose text it is."""

    thing: str
    origin: str
    field: Field
    language: str
    text: str
