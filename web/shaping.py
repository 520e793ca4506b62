"""How answers are shaped: dataclasses that turn into JSON, and say of themselves what OpenAPI says.

Not pydantic's own models: a search at the prompt would wait for that import as long as for all else
it does. Only what describes the shapes (`web.openapi`) brings it in.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Described:
    """What the API's description says of a type or field, by the keywords of JSON Schema."""

    def __init__(self, description: str | None = None, **said: object) -> None:
        self._said = said if description is None else {"description": description} | said

    def __get_pydantic_json_schema__(
        self, core: Any, schema_of: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """What pydantic asks of a type's annotations."""
        return schema_of(core) | self._said


_AS_THEY_ARE = (str, int, float, bool, tuple, NoneType)

Labels = Annotated[dict[str, str], Described(examples=[{"ja": "若者の地元定着", "en": "…"}])]
Unit = Annotated[float, Described(minimum=0, maximum=1)]


def plain(shape: "DataclassInstance") -> dict[str, Any]:
    """A shape as JSON has it, and the shapes in it likewise."""
    return {name: _plain(getattr(shape, name)) for name in _names(type(shape))}


def _plain(value: Any) -> Any:
    if isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return plain(value)


@cache
def _names(shape: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(one.name for one in fields(shape))
