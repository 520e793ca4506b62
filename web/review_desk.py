"""Where reviews of SDG alignments are taken, from whichever face: page, workbook or command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

from kg.alignments import goals_and_targets
from kg.catalog import Alignment, Catalog, Comparison
from kg.message import UserError
from kg.review_import import ReviewTable, change
from kg.reviews import Review, Verdict, read_reviews
from kg.store import Store
from kg.writer import Writer

MAX_NOTE = 2000  # characters


class ReviewError(UserError):
    """A review that cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Reviews one live graph: `built` is its catalog without reviews, `current` the one with."""

    built: Catalog
    current: Callable[[], Catalog]
    graph: Store
    writer: Writer

    def history(self) -> list[Review]:
        """All reviews that were made, oldest first, also those that were undone."""
        return read_reviews(lambda text: self.graph.query(text).rows())

    def find(self, plan: str, code: str, sdg: str) -> Alignment:
        """A thing's alignment with a goal or target. Raises ReviewError."""
        thing = self.current().find(plan, code)
        for one in thing.alignments if thing else ():
            if one.sdg == sdg and one.state:
                return one
        raise ReviewError(
            f"{plan} の {code} と {sdg} の対応づけはありません。",
            f"{plan} has no alignment of {code} with {sdg}.",
        )

    def decide(
        self,
        alignment: tuple[str, str, str],
        action: str,
        *,
        seen: str,
        author: str,
        notes: Mapping[str, str],
        target: str = "",
    ) -> str:
        """Take one decision on an alignment (plan, code, SDG); returns its name, for `undo`.

        `action` is accept, reject, note, or change (to `target`). `seen` is when the alignment that
        the person saw was reviewed: raises ReviewError where somebody else has come in between.
        """
        plan, code, sdg = alignment
        one = self.find(plan, code, sdg)
        _check(one, seen, notes)
        verdicts: tuple[Verdict, ...]
        match action:
            case "accept":
                state = one.state if one.holds and one.state else "accepted"
                verdicts = (Verdict(code, sdg, state, notes),)
            case "reject":
                verdicts = (Verdict(code, sdg, "rejected", notes),)
            case "note":
                verdicts = (Verdict(code, sdg, one.state, {**one.note, **notes}),)
            case "change":
                self._check_target(target, sdg)
                pair = code, sdg
                verdicts = change(self.current(), plan, pair, target, notes, one.evidence)
            case _:
                raise ReviewError(f"「{action}」はできません。", f"Cannot do {action!r}.")
        return self.writer.review(plan, verdicts, author=author)

    def compare(
        self,
        comparison: tuple[str, str, str],
        action: str,
        *,
        seen: str,
        author: str,
        notes: Mapping[str, str],
    ) -> str:
        """Take one decision on a KPI beside an indicator (plan, code, indicator), as `decide` does.

        `action` is accept, reject or note; the indicator is empty where none measures the same.
        """
        plan, code, indicator = comparison
        kpi = self.current().find(plan, code)
        one = next((o for o in kpi.comparisons if o.indicator == indicator), None) if kpi else None
        if one is None:
            raise ReviewError(
                f"{plan} の {code} と指標「{indicator}」の比較はありません。",
                f"{plan} has no comparison of {code} with the indicator {indicator!r}.",
            )
        _check(one, seen, notes)
        states = {"accept": "accepted", "reject": "rejected", "note": one.state}
        if action not in states:
            raise ReviewError(f"「{action}」はできません。", f"Cannot do {action!r}.")
        kept = {**one.note, **notes} if action == "note" else notes
        verdict = Verdict(code, indicator, states[action], kept)
        return self.writer.review(plan, (verdict,), author=author)

    def accept_above(self, threshold: Callable[[str], float], author: str) -> int:
        """Accept what nobody has reviewed and is at least as sure as its goal's threshold.

        Returns how many; each plan's are one decision, undone as one.
        """
        wanted = [
            (thing.plan, Verdict(thing.code, one.sdg, "accepted"))
            for thing in self.current().things.values()
            for one in thing.alignments
            if one.state == "unreviewed" and (one.score or 0) >= threshold(one.sdg)
        ]
        for plan, pairs in groupby(wanted, key=lambda pair: pair[0]):
            self.writer.review(plan, [verdict for _, verdict in pairs], author=author)
        return len(wanted)

    def undo(self, plan: str, decision: str, author: str) -> None:
        """Take a decision back; it stays in the history."""
        self.writer.undo(plan, decision, author=author)

    def take_table(self, name: str, data: bytes, reviewer: str) -> int:
        """Take what was edited in an exported table; returns how many rows were.

        Raises what `kg.review_import.ReviewTable.read` raises; nothing was taken then.
        """
        table = ReviewTable(self.current(), self.built, self.history(), reviewer)
        edited = table.read(name, data)
        for (plan, who), rows in groupby(
            sorted(edited, key=lambda one: (one.plan, one.reviewer)),
            key=lambda one: (one.plan, one.reviewer),
        ):
            verdicts = [verdict for one in rows for verdict in one.verdicts]
            self.writer.review(plan, verdicts, author=who)
        return len(edited)

    def close(self) -> None:
        """Give back the store and the writer's process."""
        self.graph.close()
        self.writer.close()

    def _check_target(self, target: str, sdg: str) -> None:
        if target not in goals_and_targets() or target == sdg:
            raise ReviewError(
                "変える先のゴールかターゲットを選んでください。",
                "Choose the goal or target that it should be instead.",
            )


def _check(one: Alignment | Comparison, seen: str, notes: Mapping[str, str]) -> None:
    """Raises ReviewError where somebody else has come in between, or a note is too long."""
    if one.reviewed != seen:
        raise ReviewError(
            f"その間に {one.reviewer or '取り消し'} による確認がありました。"
            "内容を見て、もう一度決めてください。",
            f"It was reviewed meanwhile ({one.reviewer or 'undone'}): look again, and decide.",
        )
    if any(len(note) > MAX_NOTE for note in notes.values()):
        raise ReviewError(
            f"注記は{MAX_NOTE}文字までです。", f"A note may have {MAX_NOTE} characters."
        )
