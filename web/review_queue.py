"""The queue of SDG alignments to review: which, in what order, and which is next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from kg.alignment_context import Part, context_of
from kg.alignment_table import Entry, entries
from kg.catalog import Catalog
from kg.codes import goal_of

SHOWN = ("unreviewed", "likely", "reviewed", "rejected", "all")
ORDERS = ("uncertain", "sure", "plan")


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the queue is wanted; an address with anything else in it means the first choice."""

    show: str = SHOWN[0]
    order: str = ORDERS[0]
    goal: str = ""
    plan: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str], catalog: Catalog) -> "Filter":
        """Read the parameters of a request."""
        show, order, goal = given.get("show", ""), given.get("order", ""), given.get("goal", "")
        plans = [strategy.plan for strategy in catalog.strategies]
        return cls(
            show if show in SHOWN else SHOWN[0],
            order if order in ORDERS else ORDERS[0],
            goal if goal in [one.code for one in catalog.goals] else "",
            given.get("plan", "") if given.get("plan") in plans else "",
        )

    def parameters(self) -> dict[str, str]:
        """As the parameters of an address, without what is usual."""
        values = {"show": self.show, "order": self.order, "goal": self.goal, "plan": self.plan}
        usual = {"show": SHOWN[0], "order": ORDERS[0], "goal": "", "plan": ""}
        return {name: value for name, value in values.items() if value != usual[name]}


def key(entry: Entry) -> str:
    """An alignment's name in an address: plan, code and SDG."""
    return f"{entry.thing.plan}/{entry.thing.code}/{entry.alignment.sdg}"


def queue(catalog: Catalog, wanted: Filter, threshold: Callable[[str], float]) -> list[Entry]:
    """The alignments that somebody judged and the filter lets through, in its order.

    Uncertain first means nearest to the threshold of the goal; what has no score comes last.
    """

    def is_wanted(entry: Entry) -> bool:
        one = entry.alignment
        if not one.state or (wanted.goal and goal_of(one.sdg) != wanted.goal):
            return False
        if wanted.plan and entry.thing.plan != wanted.plan:
            return False
        match wanted.show:
            case "unreviewed":
                return one.state == "unreviewed"
            case "likely":
                return one.state == "unreviewed" and (one.score or 0) >= threshold(one.sdg)
            case "reviewed":
                return one.state in ("accepted", "corrected")
            case "rejected":
                return one.state == "rejected"
        return True

    found = [entry for entry in entries(catalog) if is_wanted(entry)]
    if wanted.order == "plan":
        return found

    def place(entry: Entry) -> tuple[bool, float]:
        score = entry.alignment.score
        if score is None:
            return True, 0.0
        return False, abs(score - threshold(entry.alignment.sdg)) if (
            wanted.order == "uncertain"
        ) else -score

    return sorted(found, key=place)


@dataclass(frozen=True, slots=True)
class Position:
    """One entry of a queue with its neighbours; `number` counts from 1."""

    entry: Entry
    number: int
    of: int
    before: Entry | None
    after: Entry | None


def position(found: Sequence[Entry], asked: str, catalog: Catalog) -> Position | None:
    """The entry asked for (by its key), else the first; None where there is nothing.

    An entry that the filter no longer lets through is shown all the same, before the first.
    """
    at = next((n for n, entry in enumerate(found) if key(entry) == asked), None)
    if at is None:
        asked_for = next(
            (e for e in entries(catalog) if key(e) == asked and e.alignment.state), None
        )
        if asked_for is not None:
            return Position(asked_for, 0, len(found), None, found[0] if found else None)
        if not found:
            return None
        at = 0
    before = found[at - 1] if at > 0 else None
    after = found[at + 1] if at + 1 < len(found) else None
    return Position(found[at], at + 1, len(found), before, after)


def passages(catalog: Catalog, entry: Entry) -> list[tuple[Part, Markup]]:
    """The texts to read beside an alignment, in Japanese where they are, evidence marked."""
    return [
        (part, highlighted(_plan_s_words(part), entry.alignment.evidence))
        for part in context_of(catalog, entry.thing)
    ]


def _plan_s_words(part: Part) -> str:
    return next((part.texts[tag] for tag in ("ja", *part.texts) if part.texts.get(tag)), "")


def highlighted(text: str, evidence: str) -> Markup:
    """The text with its evidence marked, wherever it stands."""
    if not evidence:
        return escape(text)
    mark = Markup("<mark>{}</mark>").format(evidence)
    return mark.join(escape(piece) for piece in text.split(evidence))
