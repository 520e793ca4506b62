"""What the review page shows: one alignment with its evidence, the queue, and the trade-off."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import render_template

from kg.catalog import Catalog
from kg.iris import is_indicator
from kg.reviews import Review
from web.language import page_language
from web.review_desk import ReviewDesk
from web.review_queue import ORDERS, SHOWN, Filter, key, passages, position, queue
from web.services import Services
from web.sessions import Session
from web.texts import Texts
from web.trade_off import ENOUGH, TEXTS_FILE, at_thresholds, by_goal, by_score

_TEXTS = Texts(Path(__file__).parent / "review.toml", TEXTS_FILE)


def entrance(services: Services, mistake: str | None = None) -> str:
    """The page for who has not signed in, or where nobody can."""
    return render_template(
        "review_entrance.html",
        r=text,
        is_configured=services.desk is not None,
        is_remote=services.is_remote,
        mistake=mistake,
    )


def review_page(
    services: Services,
    desk: ReviewDesk,
    session: Session,
    given: Mapping[str, str],
    mistake: str | None = None,
) -> str:
    """The page for who has signed in; `given` are the parameters that choose what is shown."""
    catalog = services.current()
    wanted = Filter.of(given, catalog)
    threshold = services.thresholds.of
    found = queue(catalog, wanted, threshold)
    at = position(found, given.get("item", ""), catalog)
    reviews = desk.history()
    alignments = [one for thing in catalog.things.values() for one in thing.alignments if one.state]
    standing = standing_of(session, reviews)
    likely = queue(catalog, Filter(show="likely"), threshold)
    return render_template(
        "review.html",
        r=text,
        session=session,
        mistake=mistake,
        wanted=wanted,
        shown_choices=SHOWN,
        order_choices=ORDERS,
        key=key,
        at=at,
        passages=passages(catalog, at.entry) if at else [],
        history=[one for one in reviews if at and one.alignment == at.entry.alignment.iri],
        threshold=threshold,
        targets=_targets(catalog),
        done=sum(one.state != "unreviewed" for one in alignments),
        all=len(alignments),
        last=last_decision(standing),
        is_new=bool(standing) and given.get("done") == standing[-1].decision,
        given=given,
        likely=len(likely),
        enough=ENOUGH,
        at_thresholds=at_thresholds(alignments, threshold, services.estimate),
        by_score=by_score(alignments, services.estimate),
        by_goal=by_goal(
            alignments,
            threshold,
            [goal.code for goal in catalog.goals],
            services.estimate,
        ),
    )


def text(key: str, /, **values: object) -> str:
    """A text of this page, in its language."""
    return _TEXTS.text(key, page_language(), **values)


def _targets(catalog: Catalog) -> list[tuple[Any, tuple[Any, ...]]]:
    """Goals with their targets, to choose another from."""
    return [(goal, catalog.sdg_children(goal.code)) for goal in catalog.goals]


def standing_of(session: Session, reviews: Sequence[Review], kpis: bool = False) -> list[Review]:
    """Who has signed in has reviewed these, of alignments or of KPIs, and they stand."""
    return [
        one
        for one in reviews
        if not one.undone and one.reviewer == session.name and is_indicator(one.verdict.sdg) == kpis
    ]


def last_decision(standing: Sequence[Review]) -> dict[str, Any] | None:
    """The last decision: its plan and name, what it decided first, and on how many more."""
    if not standing:
        return None
    last = standing[-1]
    parts = [one for one in standing if (one.plan, one.decision) == (last.plan, last.decision)]
    first = parts[0]
    return {
        "plan": last.plan,
        "decision": last.decision,
        "verdict": first.verdict,
        "item": f"{first.plan}/{first.verdict.code}/{first.verdict.sdg}",
        "more": len(parts) - 1,
    }
