"""Reviews from a table that was exported and edited: what was changed in it becomes verdicts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.alignment_context import speaker
from kg.alignments import goals_and_targets
from kg.catalog import Alignment, Catalog
from kg.iris import alignment_iri, parse_alignment_iri
from kg.message import UserError
from kg.reviews import HOLDING, STATES, Review, Verdict
from kg.spreadsheet import Record, SpreadsheetError, read_table

NEEDED = (
    *("alignment", "plan", "code", "sdg", "evidence", "state", "change_to"),
    *("note_ja", "note_en", "reviewer", "reviewed"),
)
_SHOWN = 20


class ReviewFileError(UserError):
    """A table with cells that cannot be taken; nothing of it was."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What one row asks for: verdicts on alignments of a plan, in the name of a reviewer."""

    plan: str
    reviewer: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class _Before:
    """As much of an alignment as a row can change."""

    state: str
    note: Mapping[str, str]
    evidence: str
    reviewer: str


class ReviewTable:
    """Reads an edited table against the alignments of this moment.

    `built` is the catalog as the build made it and `history` all reviews since: a row that was not
    edited since its export is passed over, whatever has happened to its alignment meanwhile.
    `reviewer` is whose reviews they are where a row names nobody else.
    """

    def __init__(
        self, current: Catalog, built: Catalog, history: Sequence[Review], reviewer: str
    ) -> None:
        self._current = current
        self._now, self._built = _judged(current), _judged(built)
        self._stated = {one.iri for one in _alignments(current) if one.stated}
        self._history = {(review.alignment, review.created): review for review in history}
        self._reviewer_name = reviewer
        self._wanted: dict[str, Record] = {}

    def read(self, name: str, data: bytes) -> list[Edited]:
        """What was edited. Raises SpreadsheetError for a file that is no such table, and
        ReviewFileError naming up to 20 cells that are wrong."""
        found: list[Edited] = []
        wrong: list[SpreadsheetError] = []
        for record in read_table(name, data, NEEDED):
            try:
                edited = self._row(record)
                if edited is not None:
                    self._once(record, edited)
                    found.append(edited)
            except SpreadsheetError as error:
                wrong.append(error)
        if wrong:
            more = len(wrong) - _SHOWN
            raise ReviewFileError(
                "\n".join(e.ja for e in wrong[:_SHOWN])
                + (f"\n…ほか {more} 件" if more > 0 else "")
                + "\n何も取り込んでいません。",
                "\n".join(e.en for e in wrong[:_SHOWN])
                + (f"\n… and {more} more" if more > 0 else "")
                + "\nNothing was imported.",
            )
        return found

    def _row(self, record: Record) -> Edited | None:
        cells = record.cells
        if not cells["alignment"]:
            return self._added(record)
        now = self._now.get(cells["alignment"])
        place = parse_alignment_iri(cells["alignment"])
        if now is None or place is None:
            if cells["alignment"] in self._stated:
                return None  # what the plan states is not ours to review
            raise record.error(
                "alignment",
                "この対応づけは今のデータにありません。書き出し直してください。",
                "there is no such alignment in the data now; export it again.",
            )
        plan, code, sdg = place
        before = self._as_exported(record, now)
        state = self._state(record)
        change_to = cells["change_to"]
        # What another judge gave as evidence was not edited.
        is_same_judge = cells.get("method", now.method) == now.method
        evidence = cells["evidence"] if is_same_judge else before.evidence
        notes = {tag: cells[f"note_{tag}"] for tag in ("ja", "en") if cells[f"note_{tag}"]}
        is_same = (state, notes, evidence) == (before.state, dict(before.note), before.evidence)
        if is_same and not change_to:
            return None
        if now.reviewed != cells["reviewed"]:
            raise record.error(
                "state",
                f"書き出した後に {now.reviewer}（{now.reviewed}）が確認しています。"
                "書き出し直してください。",
                f"{now.reviewer} has reviewed it since ({now.reviewed}); export it again.",
            )
        if not evidence:
            raise record.error("evidence", "空です。", "is empty.")
        replaced = evidence if evidence != before.evidence else ""
        reviewer = self._reviewer(record, before)
        if not change_to:
            said_by = evidence_in(self._current, plan, code, replaced)
            verdict = Verdict(code, sdg, state, notes, replaced, said_by)
            return Edited(plan, reviewer, (verdict,))
        if state not in (before.state, "rejected"):
            raise record.error(
                "state",
                "change_to に書いた行は rejected にしてください。",
                "a row with change_to must be rejected.",
            )
        target = self._sdg(record, "change_to")
        if target == sdg:
            raise record.error("change_to", "sdg と同じです。", "is the same as sdg.")
        return Edited(
            plan,
            reviewer,
            change(self._current, plan, (code, sdg), target, notes, evidence),
        )

    def _added(self, record: Record) -> Edited:
        cells = record.cells
        plans = [strategy.plan for strategy in self._current.strategies]
        plan = cells["plan"] or (plans[0] if len(plans) == 1 else "")
        if self._current.find(plan, cells["code"]) is None:
            raise record.error(
                "code",
                f"計画「{plan}」に「{cells['code']}」というコードはありません。",
                f"the plan {plan!r} has no code {cells['code']!r}.",
            )
        sdg = self._sdg(record, "sdg")
        if alignment_iri(plan, cells["code"], sdg) in self._now:
            raise record.error(
                "sdg",
                f"{cells['code']} と {sdg} の対応づけは既にあります。その行を直してください。",
                f"{cells['code']} is aligned with {sdg} already; edit that row.",
            )
        if self._state(record) not in HOLDING:
            raise record.error(
                "state", "加える行は corrected にしてください。", "a row that you add is corrected."
            )
        if not cells["evidence"]:
            raise record.error("evidence", "空です。", "is empty.")
        notes = {tag: cells[f"note_{tag}"] for tag in ("ja", "en") if cells[f"note_{tag}"]}
        said_by = evidence_in(self._current, plan, cells["code"], cells["evidence"])
        verdict = Verdict(cells["code"], sdg, "corrected", notes, cells["evidence"], said_by)
        return Edited(plan, cells["reviewer"] or self._reviewer_name, (verdict,))

    def _as_exported(self, record: Record, now: Alignment) -> Alignment | _Before:
        """What the alignment was at the moment that the row tells of."""
        moment = record.cells["reviewed"]
        if moment == now.reviewed:
            return now
        if (review := self._history.get((now.iri, moment))) is not None:
            verdict, who = review.verdict, review.reviewer
            return _Before(verdict.state, verdict.notes, verdict.evidence or now.evidence, who)
        built = self._built.get(now.iri)
        if built is not None and built.reviewed == moment:
            return built
        raise record.error(
            "reviewed",
            "書き出した時の値ではありません。書き出し直してください。",
            "is not what was exported; export it again.",
        )

    def _reviewer(self, record: Record, before: Alignment | _Before) -> str:
        named = record.cells["reviewer"]
        return named if named and named != before.reviewer else self._reviewer_name

    def _state(self, record: Record) -> str:
        if (state := record.cells["state"]) not in STATES:
            listed = ", ".join(STATES)
            raise record.error(
                "state",
                f"{listed} のどれかのはずですが「{state}」です。",
                f"expected one of {listed}, found {state!r}.",
            )
        return state

    def _sdg(self, record: Record, column: str) -> str:
        code = record.cells[column]
        if code not in goals_and_targets() or (
            column in record.numeric and f"{code}0" in goals_and_targets()
        ):
            raise record.error(
                column,
                f"SDGsのゴール（4）かターゲット（4.4）を文字列で書いてください（「{code}」です）。",
                f"expected a goal (4) or target (4.4) of the SDGs as text, found {code!r}.",
            )
        return code

    def _once(self, record: Record, edited: Edited) -> None:
        for verdict in edited.verdicts:
            iri = alignment_iri(edited.plan, verdict.code, verdict.sdg)
            first = self._wanted.setdefault(iri, record)
            if first is not record:
                raise record.error(
                    "alignment",
                    f"{first.number}行目も同じ対応づけを変えています。",
                    f"row {first.number} changes the same alignment.",
                )


def _alignments(catalog: Catalog) -> Iterator[Alignment]:
    return (one for thing in catalog.things.values() for one in thing.alignments)


def _judged(catalog: Catalog) -> dict[str, Alignment]:
    return {one.iri: one for one in _alignments(catalog) if one.state}


def change(
    current: Catalog,
    plan: str,
    pair: tuple[str, str],
    target: str,
    notes: Mapping[str, str],
    evidence: str,
) -> tuple[Verdict, Verdict]:
    """The verdicts that a thing (`pair`: its code and an SDG) serves `target` instead."""
    code, sdg = pair
    thing = current.find(plan, code)
    judged = {one.sdg for one in thing.alignments if one.score is not None} if thing else set()
    state = "accepted" if target in judged else "corrected"
    kept = "" if target in judged else evidence
    said_by = evidence_in(current, plan, code, kept)
    changed = Verdict(code, target, state, notes, kept, said_by)
    return Verdict(code, sdg, "rejected", notes), changed


def evidence_in(current: Catalog, plan: str, code: str, evidence: str) -> str:
    """The IRI of the thing whose text the evidence on a thing quotes; empty where none does."""
    thing = current.find(plan, code)
    part = speaker(current, thing, evidence) if thing else None
    return part.thing.iri if part else ""
