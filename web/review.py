"""`/review`: people decide on the SDG alignments that the machine has judged."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from kg.message import UserError
from kg.query import SparqlError
from kg.spreadsheet import MAX_BYTES
from web.language import link, page_language
from web.problem import status_of
from web.review_desk import ReviewDesk, ReviewError
from web.review_kpis import kpis_page
from web.review_page import entrance, review_page, text
from web.services import Services
from web.sessions import Sessions, comes_from_elsewhere, is_own_form, set_cookie

Act = Callable[[Services, ReviewDesk, str, Mapping[str, str]], dict[str, str]]
"""What a form asks for, in somebody's name; gives the parameters of the page to show then."""


def review_blueprint(services: Services) -> Blueprint:
    """The page, and the forms on it."""
    pages = Blueprint("review", __name__, url_prefix="/review")
    sessions = Sessions()

    @pages.get("")
    def page() -> Response:
        session = sessions.current()
        if services.desk is None or session is None:
            return make_response(entrance(services))
        return make_response(review_page(services, services.desk, session, request.args))

    @pages.post("/sign-in")
    def sign_in() -> Response:
        if services.desk is None or comes_from_elsewhere():
            return make_response(entrance(services, text("elsewhere")), 403)
        name = services.tokens.holder(f"Bearer {request.form.get('token', '').strip()}")
        if name is None:
            return make_response(entrance(services, text("wrong_token")), 403)
        response = _to_page({})
        set_cookie(response, sessions.sign_in(name), url_for(".page"))
        return response

    @pages.post("/sign-out")
    def sign_out() -> Response:
        session = sessions.current()
        if session is not None and is_own_form(session):
            sessions.sign_out(session)
        response = _to_page({})
        set_cookie(response, None, url_for(".page"))
        return response

    @pages.get("/kpis")
    def kpis() -> Response:
        session = sessions.current()
        if services.desk is None or session is None:
            return make_response(entrance(services))
        return make_response(kpis_page(services, services.desk, session, request.args))

    @pages.post("/compare")
    def compare() -> Response:
        return _signed(_compare, kpis_page, "review.kpis")

    @pages.post("/decide")
    def decide() -> Response:
        return _signed(_decide)

    @pages.post("/undo")
    def undo() -> Response:
        return _signed(_undo)

    @pages.post("/kpis/undo")
    def undo_comparison() -> Response:
        return _signed(_undo, kpis_page, "review.kpis")

    @pages.post("/accept-above")
    def accept_above() -> Response:
        return _signed(_accept_above)

    @pages.post("/table")
    def table() -> Response:
        request.max_content_length = MAX_BYTES
        return _signed(_take_table)

    def _signed(
        act: Act, shown: Callable[..., str] = review_page, address: str = "review.page"
    ) -> Response:
        """Do what a form asks for, for who has signed in; a mistake is `shown` where it was made.

        Then follows the page at `address`.
        """
        session = sessions.current()
        if services.desk is None or session is None:
            return make_response(entrance(services, text("expired")), 403)
        try:
            if not is_own_form(session):
                return make_response(
                    shown(services, services.desk, session, {}, text("elsewhere")), 403
                )
            return _to_page(act(services, services.desk, session.name, request.form), address)
        except RequestEntityTooLarge:
            mistake, status = text("sheet.too_large", mb=MAX_BYTES // 1_000_000), 413
            given: Mapping[str, str] = {}
        except UserError as error:
            status = status_of(error) if isinstance(error, SparqlError) else 409
            mistake, given = error.text(page_language()), request.form
        return make_response(shown(services, services.desk, session, given, mistake), status)

    @pages.after_request
    def keep_to_oneself(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
        return response

    return pages


def _to_page(parameters: Mapping[str, str], page: str = "review.page") -> Response:
    """Back to the page by GET, so that loading it again sends no form again."""
    anchor = "item" if "item" in parameters else None
    return make_response(redirect(link(page, _anchor=anchor, **parameters), 303))


def _kept(form: Mapping[str, str]) -> dict[str, str]:
    """What chose the queue, to be kept by the page that follows."""
    return {name: form[name] for name in ("show", "order", "goal", "plan") if form.get(name)}


def _decide(
    services: Services, desk: ReviewDesk, author: str, form: Mapping[str, str]
) -> dict[str, str]:
    plan, _, rest = form.get("item", "").partition("/")
    code, _, sdg = rest.rpartition("/")
    note = " ".join(form.get("note", "").split())
    action = form.get("action", "")
    if action == "note" and not note:
        raise ReviewError("注記を書いてください。", "Write the note first.")
    decision = desk.decide(
        (plan, code, sdg),
        action,
        seen=form.get("seen", ""),
        author=author,
        notes={page_language(): note} if note else {},
        target=form.get("target", ""),
    )
    item = form.get("item" if action == "note" else "next", "")
    return _kept(form) | {"done": decision} | ({"item": item} if item else {})


def _compare(
    services: Services, desk: ReviewDesk, author: str, form: Mapping[str, str]
) -> dict[str, str]:
    plan, _, rest = form.get("item", "").partition("/")
    code, _, indicator = rest.rpartition("/")
    note = " ".join(form.get("note", "").split())
    action = form.get("action", "")
    if action == "note" and not note:
        raise ReviewError("注記を書いてください。", "Write the note first.")
    decision = desk.compare(
        (plan, code, indicator),
        action,
        seen=form.get("seen", ""),
        author=author,
        notes={page_language(): note} if note else {},
    )
    return {"done": decision, "item": form.get("item", "")}


def _undo(
    services: Services, desk: ReviewDesk, author: str, form: Mapping[str, str]
) -> dict[str, str]:
    desk.undo(form.get("of_plan", ""), form.get("decision", ""), author)
    return _kept(form) | {"undone": "1", "item": form.get("item", "")}


def _accept_above(
    services: Services, desk: ReviewDesk, author: str, form: Mapping[str, str]
) -> dict[str, str]:
    if form.get("sure") != "yes":
        raise ReviewError(
            "読まずに採用することを確かめる欄に印を付けてください。",
            "Tick that you mean to accept them unread.",
        )
    count = desk.accept_above(services.thresholds.of, author)
    return _kept(form) | {"accepted": str(count)}


def _take_table(
    services: Services, desk: ReviewDesk, author: str, form: Mapping[str, str]
) -> dict[str, str]:
    file = request.files.get("table")
    if file is None or not file.filename:
        raise ReviewError(text("sheet.no_file"), text("sheet.no_file"))
    count = desk.take_table(file.filename, file.read(), author)
    return _kept(form) | {"taken": str(count)}
