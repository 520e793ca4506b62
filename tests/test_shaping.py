"""Dataclasses as JSON, and as OpenAPI describes them."""

import json
from dataclasses import dataclass
from typing import Annotated

from pydantic import TypeAdapter

from web.shaping import Described, Labels, Unit, plain


@dataclass(frozen=True, slots=True)
class Inner:
    label: Labels
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outer:
    """What is shaped."""

    share: Annotated[Unit | None, Described("how much")]
    inner: list[Inner]
    by_name: dict[str, Inner]


INNER = Inner({"ja": "城"}, (0, 1))


def test_a_shape_and_the_shapes_in_it_become_json() -> None:
    inner = {"label": {"ja": "城"}, "span": [0, 1]}
    shaped = plain(Outer(None, [INNER], {"one": INNER}))
    assert json.loads(json.dumps(shaped)) == {
        "share": None,
        "inner": [inner],
        "by_name": {"one": inner},
    }


def test_what_is_shaped_is_not_shared_with_what_it_was_made_of() -> None:
    plain(INNER)["label"]["ja"] = "山"
    assert INNER.label == {"ja": "城"}


def test_a_shape_describes_itself() -> None:
    schema = TypeAdapter(Outer).json_schema()
    assert schema["description"] == "What is shaped."
    assert schema["required"] == ["share", "inner", "by_name"]
    share = schema["properties"]["share"]
    assert share["description"] == "how much"
    assert share["anyOf"] == [{"maximum": 1, "minimum": 0, "type": "number"}, {"type": "null"}]
    label = schema["$defs"]["Inner"]["properties"]["label"]
    assert label["examples"] == [{"ja": "若者の地元定着", "en": "…"}]
