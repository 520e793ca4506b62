"""The site's pages for people: home, search, the plan's tree, the SDGs, about."""

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from kg.catalog import Catalog
from kg.codes import goal_of
from kg.coverage import coverage
from search.facets import FACETS, SEARCH_TYPES
from web import __version__
from web.answers import answer_for
from web.api import search_parameters
from web.goals import aligned_with, goals_served, sdg_matrix, short_label
from web.hits import nearness, taken_back, toggled
from web.language import choices, page_language, reading_language
from web.marks import marked, related_words
from web.rdf import rights_of_sources
from web.report_texts import report_text
from web.search_request import SIMILAR, RequestError, SearchRequest
from web.services import Services
from web.view import facets_view, find_for

# Questions a visitor may start from; a question's language is free, whatever the page's.
EXAMPLE_QUESTIONS = (
    ("ja", "若者に地元で働いてもらうには?"),
    ("en", "Which measures address youth retention?"),
    ("zh", "灾后重建有哪些措施?"),
    ("ko", "아이를 안심하고 키울 수 있는 환경"),
    ("vi", "Hỗ trợ việc làm và làm việc từ xa"),
    ("ja", "災害に強いまち"),
    ("en", "digital transformation"),
)


def counts(catalog: Catalog) -> dict[str, int]:
    """How many things of each type there are, in the order of `SEARCH_TYPES`."""
    types = [thing.type for thing in catalog.things.values()]
    return {kind: types.count(kind) for kind in SEARCH_TYPES}


def pages_blueprint(services: Services) -> Blueprint:
    """Everything of the site that is not a thing's own page."""
    pages = Blueprint("pages", __name__)
    catalog = services.catalog

    @pages.app_context_processor
    def for_templates() -> dict[str, object]:
        return {
            "catalog": services.current(),
            "choices": choices(services.searcher.languages),
            "search_types": SEARCH_TYPES,
            "marked": marked,
            "related_words": related_words,
            "similar_to": lambda thing: services.searcher.likeness.nearest(
                thing.iri, reading_language(), SIMILAR
            ),
            "nearness": nearness,
            "toggled": toggled,
            "taken_back": taken_back,
            "short_label": short_label,
            "goal_of": goal_of,
            "goals_served": lambda thing: goals_served(services.current(), thing),
            "model": services.model,
            "graph_digest": services.graph_digest,
        }

    @pages.get("/")
    def home() -> str:
        return render_template("home.html", examples=EXAMPLE_QUESTIONS, counts=counts(catalog))

    @pages.get("/search")
    def search() -> tuple[str, int]:
        given = search_parameters()
        asked = " ".join(request.args.get("q", "").split())
        page: dict[str, object] = {
            "question": None,
            "found": None,
            "answer": None,
            "facets": [],
            "error": None,
        }
        status = 200
        if asked:
            try:
                question = SearchRequest.parse(**given | {"q": asked, "lang": reading_language()})
                found, following = find_for(services.searcher, question)
                page["answer"] = answer_for(services.answering, question, found.understood)
                narrowed = facets_view(found.facets)
                page |= {"question": question, "found": found, "next": following}
                page["facets"] = [(facet, getattr(narrowed, facet)) for facet in FACETS]
            except RequestError as failed:
                page["error"], status = failed.text(page_language()), failed.status
        shown = render_template("search.html", asked=asked, examples=EXAMPLE_QUESTIONS, **page)
        return (shown, status)

    @pages.get("/plan")
    def plan() -> str:
        return render_template("plan.html", counts=counts(catalog))

    @pages.get("/sdg")
    def sdg() -> str:
        current = services.current()
        return render_template(
            "sdg.html", matrix=sdg_matrix(current), covered=coverage(current), r=report_text
        )

    @pages.get("/sdg/<code>")
    def goal(code: str) -> str | Response:
        concept = catalog.sdg(code)
        if concept is None or concept.kind not in ("goal", "target"):
            abort(404)
        goal = catalog.sdg(goal_of(code))
        assert goal is not None
        return render_template(
            "goal.html",
            goal=goal,
            chosen=concept,
            aligned=aligned_with(services.current(), goal.code),
            targets=catalog.sdg_children(goal.code),
        )

    @pages.get("/about")
    def about() -> str:
        return render_template(
            "about.html",
            counts=counts(catalog),
            rights=rights_of_sources(services.graph),
            version=__version__,
        )

    return pages
