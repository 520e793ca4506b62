"""Answers as plain data, one shape for the API, the command line and `--batch`; knows no HTTP."""

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict

from kg.catalog import Alignment, Catalog, Thing
from kg.message import UserError
from kg.plan import ThingType
from search.searcher import Evidence, Hit, Searcher, Step
from web.goals import goal_of, short_label
from web.shapes import (
    AlignmentView,
    EvidenceView,
    HitView,
    SearchAnswer,
    SourceView,
    StepView,
    ThingView,
)

if TYPE_CHECKING:  # the judge is not for who searches
    from search.sdg import Judgement

SearchType = Literal["policy", "measure", "initiative", "component", "kpi", "topic"]
SEARCH_TYPES: tuple[SearchType, ...] = get_args(SearchType)
MAX_QUESTION = 1000
MAX_LIMIT = 100
MAX_TAG = 35  # characters; RFC 5646, section 4.4.1
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class RequestError(UserError):
    """A question that cannot be asked so; the message says what is allowed."""


class SearchRequest(BaseModel):
    """One question, checked: `q` as sent, `question` cleaned (NFKC), `type` empty means all."""

    model_config = ConfigDict(frozen=True)

    q: str
    question: str
    type: tuple[SearchType, ...] = ()
    lang: str | None = None
    limit: int = 10

    @classmethod
    def parse(
        cls, q: object = None, type: object = None, lang: object = None, limit: object = None
    ) -> "SearchRequest":
        """Check what a reader sent (text or JSON values); raises `RequestError`."""
        question = _question(q)
        return cls(
            q=str(q).encode("utf-8", "replace").decode("utf-8"),
            question=question,
            type=_types(type),
            lang=_language(lang),
            limit=_limit(limit),
        )


def _question(given: object) -> str:
    text = unicodedata.normalize("NFKC", given) if isinstance(given, str) else ""
    # Control characters and lone surrogates are no part of a question and break encoders.
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    text = " ".join(text.split())
    if not text:
        raise RequestError(
            ja="質問 q が空です。知りたいことを書いてください(例: 若者の定着)。",
            en="The question q is empty. Say what you want to know, e.g. youth retention.",
        )
    if len(text) > MAX_QUESTION:
        raise RequestError(
            ja=f"質問 q は{MAX_QUESTION}文字までです({len(text)}文字ありました)。",
            en=f"The question q may have {MAX_QUESTION} characters; it has {len(text)}.",
        )
    return text


def _types(given: object) -> tuple[SearchType, ...]:
    if given is None or given == "":
        return ()
    names = given.split(",") if isinstance(given, str) else given
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        asked = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
        if set(asked) <= set(SEARCH_TYPES):
            return cast(tuple[SearchType, ...], asked)
    allowed = ", ".join(SEARCH_TYPES)
    raise RequestError(
        ja=f"種類 type={given!r} は使えません。使えるのは {allowed}(コンマ区切りで複数可)です。",
        en=f"The type {given!r} is unknown. Allowed, one or several by comma: {allowed}.",
    )


def _language(given: object) -> str | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and len(given) <= MAX_TAG and LANGUAGE_TAG.fullmatch(given):
        return given
    raise RequestError(
        ja=f"言語 lang={given!r} は言語タグ(ja, en, zh-Hans など)ではありません。",
        en=f"The language {given!r} is not a language tag such as ja, en or zh-Hans.",
    )


def _limit(given: object) -> int:
    if given is None:
        return 10
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,6}", given):
        given = int(given)
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MAX_LIMIT:
        return given
    raise RequestError(
        ja=f"件数 limit={given!r} は1から{MAX_LIMIT}までの整数にしてください。",
        en=f"The limit {given!r} must be a whole number from 1 to {MAX_LIMIT}.",
    )


def _step(step: Step) -> StepView:
    return StepView(iri=step.iri, code=step.code, label=dict(step.label))


def _evidence(evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        match=evidence.match,
        passage=evidence.passage,
        field=evidence.field,
        language=evidence.language,
        origin=evidence.origin,
        words=list(evidence.words),
        spans=list(evidence.spans),
        # float32 sums may pass 1 by a rounding error.
        similarity=round(min(1.0, max(-1.0, float(evidence.similarity))), 4),
        rank_vector=evidence.rank_vector,
        rank_words=evidence.rank_words,
        path=[_step(step) for step in evidence.path],
        line=evidence.line,
    )


def hit_view(hit: Hit) -> HitView:
    """One hit as the API shows it."""
    return HitView(
        iri=hit.iri,
        code=hit.code,
        type=hit.type,
        label=dict(hit.label),
        score=float(hit.score),
        evidence=_evidence(hit.evidence),
    )


def search_answer(searcher: Searcher, request: SearchRequest) -> dict[str, Any]:
    """Ask and shape the answer: `{"query", "hits"}`, JSON types only."""
    hits = searcher.search(
        request.question, types=request.type, language=request.lang, limit=request.limit
    )
    return SearchAnswer(query=request.q, hits=[hit_view(hit) for hit in hits]).model_dump()


def _alignment(alignment: Alignment) -> AlignmentView:
    return AlignmentView(
        iri=alignment.iri,
        thing=alignment.thing,
        sdg=alignment.sdg,
        score=alignment.score,
        method=alignment.method,
        state=alignment.state,
        evidence=alignment.evidence,
        note=dict(alignment.note),
        wording=alignment.wording,
        reviewer=alignment.reviewer,
        reviewed=alignment.reviewed,
        stated=alignment.stated,
    )


def thing_view(thing: Thing) -> dict[str, Any]:
    """One thing with everything we know of it, JSON types only."""
    source = thing.source
    where = (
        SourceView(document=source.document, line=source.line, exact=source.exact)
        if source
        else None
    )
    return ThingView(
        iri=thing.iri,
        plan=thing.plan,
        code=thing.code,
        type=thing.type,
        label=dict(thing.label),
        parent=thing.parent,
        children=list(thing.children),
        kpis=list(thing.kpis),
        source=where,
        texts={field: dict(texts) for field, texts in thing.texts.items()},
        alignments=[_alignment(alignment) for alignment in thing.alignments],
    ).model_dump()


def sdg_overview(catalog: Catalog) -> dict[str, Any]:
    """Each goal with the codes of the measures and initiatives that a reviewer let stand for it."""
    serving = [
        (goal_of(alignment.sdg), thing)
        for thing in catalog.things.values()
        for alignment in thing.alignments
        if alignment.holds
    ]

    def codes(goal: str, kind: ThingType) -> list[str]:
        return list(dict.fromkeys(t.code for g, t in serving if g == goal and t.type == kind))

    return {
        "goals": [
            {
                "goal": goal.code,
                "iri": goal.iri,
                "label": short_label(goal),
                "measures": codes(goal.code, "measure"),
                "initiatives": codes(goal.code, "initiative"),
            }
            for goal in catalog.goals
        ]
    }


def judgement_answer(judgements: "Sequence[Judgement]") -> dict[str, Any]:
    """What the judge says of one text: goals and targets, each best first, JSON types only."""

    def said(judgement: "Judgement") -> dict[str, Any]:
        return {
            "score": round(float(judgement.score), 4),
            "accepted": judgement.accepted,
            "evidence": judgement.evidence,
            "wording": judgement.wording,
        }

    return {
        "goals": [{"goal": int(one.sdg)} | said(one) for one in judgements if "." not in one.sdg],
        "targets": [{"target": one.sdg} | said(one) for one in judgements if "." in one.sdg],
    }
