"""Whose text the evidence of an SDG alignment quotes: the thing's own, a part's, a parent's."""

from collections import defaultdict
from collections.abc import Iterator

from kg.plan import Plan


class Speakers:
    """The texts that a thing of a plan is read with, in the order of `kg.alignment_context`."""

    def __init__(self, plan: Plan) -> None:
        places = list(plan.places())
        self._types = {place.code: place.type for place in places}
        self._parents = {place.code: place.parent for place in places}
        self._children: dict[str, list[str]] = defaultdict(list)
        for place in places:
            if place.parent is not None:
                self._children[place.parent].append(place.code)
        self._texts: dict[str, list[str]] = defaultdict(list)
        for code, field, quoted in plan.texts():
            if field != "sdg_statement":
                self._texts[code].append(quoted.text)

    def of(self, code: str, evidence: str) -> str | None:
        """The code of what says it, the thing `code` itself first; None where nothing does."""
        return next(
            (one for one in self._read_with(code) if any(evidence in t for t in self._texts[one])),
            None,
        )

    def _read_with(self, code: str) -> Iterator[str]:
        yield code
        yield from self._below(code)
        above = list(self._above(code))
        if self._types[code] != "kpi":
            measure = next((o for o in (code, *above) if self._types[o] == "measure"), None)
            if measure is not None:
                yield from (o for o in self._children[measure] if self._types[o] == "kpi")
        yield from above

    def _below(self, code: str) -> Iterator[str]:
        if self._types[code] in ("measure", "initiative"):
            for child in self._children[code]:
                if self._types[child] != "kpi":
                    yield child
                    yield from self._below(child)

    def _above(self, code: str) -> Iterator[str]:
        parent = self._parents[code]
        while parent is not None and self._types[parent] != "strategy":
            yield parent
            parent = self._parents[parent]
