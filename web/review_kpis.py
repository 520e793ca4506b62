"""The page on which people decide on what is judged of the KPIs beside the SDGs' indicators."""

from collections.abc import Mapping

from flask import render_template

from kg.comparison_table import compared
from web.review_desk import ReviewDesk
from web.review_page import last_decision, standing_of, text
from web.services import Services
from web.sessions import Session


def kpis_page(
    services: Services,
    desk: ReviewDesk,
    session: Session,
    given: Mapping[str, str],
    mistake: str | None = None,
) -> str:
    """Every comparison on one page: they are few. `given` says what was just decided."""
    pairs = [(kpi, one) for kpi, one in compared(services.current()) if one is not None]
    reviews = desk.history()
    standing = standing_of(session, reviews, kpis=True)
    return render_template(
        "review_kpis.html",
        r=text,
        session=session,
        mistake=mistake,
        given=given,
        pairs=pairs,
        done=sum(one.state != "unreviewed" for _, one in pairs),
        history={
            one.iri: [past for past in reviews if past.alignment == one.iri] for _, one in pairs
        },
        last=last_decision(standing),
        is_new=bool(standing) and given.get("done") == standing[-1].decision,
    )
