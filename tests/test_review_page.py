"""The review page over HTTP: signing in, deciding, undoing, tables; what it refuses."""

import io
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg.things import Alignment
from tests.review_data import PLAN, state
from web import create_app
from web.services import Services
from web.texts import Texts
from web.thresholds import ThresholdError, Thresholds
from web.trade_off import ENOUGH, Estimate, at_thresholds, by_goal, by_score
from web.wiring import Workshop

TEXTS = Texts(Path(__file__).parent.parent / "web" / "review.toml")
ITEM = f"{PLAN}/4-2/4.4"


@pytest.fixture
def client(reviewed: Services) -> FlaskClient:
    return create_app(reviewed).test_client()


def page(response: TestResponse) -> str:
    """The words of the page, without tags."""
    body = unescape(re.sub(r"<[^>]+>", " ", response.text))
    return " ".join(body.split())


def sign_in(client: FlaskClient, token: str = "token-h") -> TestResponse:
    return client.post("/review/sign-in", data={"token": token})


def fields(client: FlaskClient, path: str = "/review?lang=en&item=" + ITEM) -> dict[str, str]:
    """The hidden fields of the form that decides."""
    text = client.get(path).text
    form = text[text.index('class="review-decide"') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_the_page_says_how_to_configure_it(reviewed: Services) -> None:
    client = create_app(replace(reviewed, desk=None)).test_client()
    for language in ("ja", "en"):
        answer = client.get(f"/review?lang={language}")
        assert answer.status_code == 200
        assert TEXTS.text("not_configured", language) in page(answer)
        assert "SHIRUBE_WRITE_TOKEN" in page(answer)
    assert client.post("/review/decide", data={"item": ITEM, "action": "accept"}).status_code == 403
    assert client.post("/review/sign-in", data={"token": "x"}).status_code == 403


def test_only_a_token_signs_in_and_the_cookie_is_kept_from_scripts(client: FlaskClient) -> None:
    wrong = sign_in(client, "nothing")
    assert wrong.status_code == 403
    assert "Set-Cookie" not in wrong.headers
    assert "トークン" in page(wrong)
    right = sign_in(client)
    assert (right.status_code, right.headers["Location"]) == (303, "/review")
    cookie = right.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/review"):
        assert part in cookie
    assert "token-h" not in cookie
    answer = client.get("/review?lang=en")
    assert "Reviewing as hanako" in page(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    over_tls = client.post(
        "/review/sign-in", data={"token": "token-h"}, base_url="https://localhost"
    )
    assert "Secure" in over_tls.headers["Set-Cookie"]


def test_a_form_from_another_site_signs_nobody_in(client: FlaskClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/review/sign-in", data={"token": "token-h"}, headers=headers)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/review/sign-in", data={"token": "token-h"}, headers=own)
    assert answer.status_code == 303


def test_a_form_without_its_key_decides_nothing(client: FlaskClient, reviewed: Services) -> None:
    sign_in(client)
    form = fields(client) | {"action": "accept"}
    for key in ("", "other"):
        answer = client.post("/review/decide", data=form | {"form_key": key})
        assert answer.status_code == 403
    for path in ("undo", "accept-above", "table"):
        assert client.post(f"/review/{path}", data={"sure": "yes"}).status_code == 403
    assert state(reviewed).state == "unreviewed"


def test_who_has_signed_out_decides_nothing(client: FlaskClient, reviewed: Services) -> None:
    sign_in(client)
    form = fields(client) | {"action": "accept"}
    cookie = client.get_cookie("shirube_session", path="/review")
    assert cookie is not None
    client.post("/review/sign-out", data=form)
    assert client.get_cookie("shirube_session", path="/review") is None
    client.set_cookie("shirube_session", cookie.value, path="/review")
    assert client.post("/review/decide", data=form).status_code == 403
    assert state(reviewed).state == "unreviewed"


def test_the_evidence_is_marked_beside_the_words_that_it_met(client: FlaskClient) -> None:
    sign_in(client)
    text = client.get("/review?lang=en&item=" + ITEM).text
    assert "<mark>若者</mark>の地元定着" in text
    assert "<mark>技能</mark>" in text
    assert "0.90" in text
    assert "By 2030, substantially increase" in text


def test_a_decision_is_on_every_face_at_once_and_leads_to_the_next(
    client: FlaskClient, reviewed: Services
) -> None:
    sign_in(client)
    form = fields(client) | {"action": "accept", "note": "Read & agreed", "lang": "en"}
    answer = client.post("/review/decide?lang=en", data=form)
    assert answer.status_code == 303
    assert "item=" in answer.headers["Location"]
    after = page(client.get(answer.headers["Location"]))
    assert "Recorded: 4-2 × 4.4" in after
    assert "2 of 3 reviewed (67 %)" in after
    one = state(reviewed)
    assert (one.state, one.reviewer, one.note) == ("accepted", "hanako", {"en": "Read & agreed"})
    api = client.get(f"/api/v1/things/{PLAN}/4-2").get_json()
    [view] = [view for view in api["alignments"] if view["sdg"] == "4.4"]
    assert (view["state"], view["reviewer"]) == ("accepted", "hanako")
    assert "4-2" in page(client.get("/sdg/4?lang=en"))
    assert client.get(f"/doc/{PLAN}/measure/4-2.html").text.count("hanako") >= 1


def test_a_decision_is_undone_by_its_button_and_stays_in_the_history(
    client: FlaskClient, reviewed: Services
) -> None:
    sign_in(client)
    client.post("/review/decide", data=fields(client) | {"action": "reject"})
    assert state(reviewed).state == "rejected"
    text = client.get("/review?lang=en").text
    form = text[text.index('class="review-undo"') :].split("</form>")[0]
    undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = client.post("/review/undo?lang=en", data=undo)
    assert state(reviewed).state == "unreviewed"
    after = page(client.get(answer.headers["Location"]))
    assert "undone by hanako" in after
    assert "Undo your last decision" not in after


def test_a_change_and_a_note_need_what_they_are_about(
    client: FlaskClient, reviewed: Services
) -> None:
    sign_in(client)
    for wrong in (
        {"action": "change"},
        {"action": "change", "target": "4.4"},
        {"action": "change", "target": "99"},
        {"action": "note", "note": "  "},
        {"action": "delete"},
        {"action": "accept", "note": "x" * 2001},
        {"action": "accept", "item": f"{PLAN}/4-2/17"},
        {"action": "accept", "item": "nonsense"},
    ):
        answer = client.post("/review/decide", data=fields(client) | wrong)
        assert answer.status_code == 409, wrong
        assert 'role="alert"' in answer.text
    assert state(reviewed).state == "unreviewed"
    client.post("/review/decide", data=fields(client) | {"action": "note", "note": "後で"})
    assert (state(reviewed).state, state(reviewed).note) == ("unreviewed", {"ja": "後で"})
    client.post("/review/decide", data=fields(client) | {"action": "change", "target": "8.6"})
    assert state(reviewed).state == "rejected"
    assert state(reviewed, sdg="8.6").state == "corrected"


def test_nobody_overwrites_what_another_has_decided_meanwhile(reviewed: Services) -> None:
    application = create_app(reviewed)
    first, second = application.test_client(), application.test_client()
    sign_in(first)
    sign_in(second, "token-t")
    form = fields(second)
    first.post("/review/decide", data=fields(first) | {"action": "accept"})
    answer = second.post("/review/decide?lang=en", data=form | {"action": "reject"})
    assert answer.status_code == 409
    assert "reviewed meanwhile (hanako)" in page(answer)
    assert state(reviewed).state == "accepted"


def test_the_queue_begins_with_what_is_nearest_to_the_threshold(client: FlaskClient) -> None:
    sign_in(client)

    def first(parameters: str) -> str:
        return fields(client, f"/review?lang=en&{parameters}")["item"]

    assert first("show=unreviewed") == f"{PLAN}/4-2/8"  # 0.2 is nearer to 0.5 than 0.9
    assert first("order=sure") == f"{PLAN}/4-2/4.4"
    assert first("show=all&order=plan") == f"{PLAN}/4-1/4"
    assert first("show=likely") == f"{PLAN}/4-2/4.4"
    assert first("goal=8") == f"{PLAN}/4-2/8"
    assert first("show=reviewed") == f"{PLAN}/4-1/4"
    assert "Nothing to review here" in page(client.get("/review?lang=en&goal=17"))


def test_what_is_likely_is_accepted_as_one_decision(
    client: FlaskClient, reviewed: Services
) -> None:
    sign_in(client)
    key = fields(client)["form_key"]
    assert client.post("/review/accept-above", data={"form_key": key}).status_code == 409
    answer = client.post("/review/accept-above", data={"form_key": key, "sure": "yes"})
    assert answer.headers["Location"].endswith("accepted=1")
    assert state(reviewed).state == "accepted"
    assert state(reviewed, sdg="8").state == "unreviewed"


def test_a_table_is_exported_edited_and_taken_on_the_page(
    client: FlaskClient, reviewed: Services
) -> None:
    sign_in(client)
    key = fields(client)["form_key"]
    text = client.get("/sdg/alignments.csv?bom=1").data
    assert text.startswith(b"\xef\xbb\xbf")

    def send(data: bytes) -> TestResponse:
        form = {"form_key": key, "table": (io.BytesIO(data), "t.csv")}
        return client.post("/review/table?lang=en", data=form)

    wrong = send(text.replace(b",unreviewed,", b",perhaps,"))
    assert wrong.status_code == 409
    assert "t.csv, row 3, cell N3 (state)" in page(wrong)
    assert "row 4, cell N4" in page(wrong)
    right = send(text.replace(b",unreviewed,", b",accepted,"))
    assert right.headers["Location"].endswith("taken=2")
    assert state(reviewed).reviewer == "hanako"
    empty = client.post("/review/table?lang=en", data={"form_key": key})
    assert "Choose the table" in page(empty)


def test_names_and_words_of_people_are_shown_as_text(
    client: FlaskClient, reviewed: Services
) -> None:
    sign_in(client)
    note = "<script>alert(1)</script>"
    client.post("/review/decide", data=fields(client) | {"action": "note", "note": note})
    for path in (f"/review?item={ITEM}", f"/doc/{PLAN}/measure/4-2.html", "/sdg/4"):
        assert note not in client.get(path).text


# --- thresholds and the trade-off -------------------------------------------------------------


def test_thresholds_are_one_setting() -> None:
    thresholds = Thresholds.parse("0.4, 4=0.6,13=0", "X")
    assert [thresholds.of(sdg) for sdg in ("1", "4", "4.4", "13.1")] == [0.4, 0.6, 0.6, 0.0]
    assert Thresholds.parse("", "X") == Thresholds()
    for wrong in ("high", "18=0.5", "4=2", "x=0.1", "nan", "4="):
        with pytest.raises(ThresholdError) as caught:
            Thresholds.parse(wrong, "SHIRUBE_SDG_THRESHOLDS")
        assert wrong in caught.value.en
        assert "SHIRUBE_SDG_THRESHOLDS" in caught.value.ja


def _alignments(count: int, score: float, state: str, sdg: str = "4") -> list[Alignment]:
    return [Alignment("i", "t", sdg, score, "m", state, "e")] * count


def test_the_trade_off_is_counted_on_reviews_once_they_are_enough() -> None:
    judged = [
        *_alignments(18, 0.8, "accepted"),
        *_alignments(2, 0.8, "rejected"),
        *_alignments(20, 0.8, "unreviewed"),
        *_alignments(10, 0.2, "rejected", "8.5"),
    ]
    points = {point.score: point for point in by_score(judged)}
    at = points[0.5]
    assert (at.judged, at.above, at.reviewed, at.right) == (50, 40, 20, 18)
    assert (at.coverage, at.accuracy, at.is_counted) == (0.8, 0.9, True)
    assert points[0.1].accuracy == 18 / 30
    assert (points[0.9].above, points[0.9].accuracy) == (0, None)
    assert ENOUGH == 20
    four, eight = by_goal(judged, lambda goal: 0.1, ["4", "8"])
    assert (four.accuracy, eight.accuracy) == (0.9, None)
    assert at_thresholds(judged, Thresholds(0.5, {"8": 0.1}).of).accuracy == 18 / 30


def test_the_judge_s_own_estimate_speaks_only_for_what_it_judged_itself() -> None:
    estimate = Estimate("m", lambda score: 0.75 if score < 0.9 else None)
    judged = _alignments(5, 0.8, "unreviewed")
    points = {point.score: point for point in by_score(judged, estimate)}
    assert (points[0.5].accuracy, points[0.5].is_counted) == (0.75, False)
    assert points[0.9].accuracy is None, "nothing of it reaches that score"
    by_others = [*judged, replace(judged[0], method="another")]
    assert at_thresholds(by_others, Thresholds().of, estimate).accuracy is None
    counted = at_thresholds(_alignments(20, 0.8, "accepted"), Thresholds().of, estimate)
    assert (counted.accuracy, counted.is_counted) == (1.0, True), "reviews come before estimates"


def test_the_trained_judge_hands_its_measured_accuracy_to_the_review_page(
    services: Services, workshop: Workshop
) -> None:
    estimate = services.estimate
    assert estimate is not None
    assert estimate.method == workshop.judge().method
    low, high = estimate.above(0.3), estimate.above(0.8)
    assert low is not None
    assert high is not None
    assert 0.5 < low < high <= 1


def test_the_review_page_says_how_right_accepting_unread_would_be(reviewed: Services) -> None:
    estimating = replace(reviewed, estimate=Estimate("judge-1", lambda score: 0.8125))
    client = create_app(estimating).test_client()
    sign_in(client)
    page = client.get("/review?lang=en").get_data(as_text=True)
    assert "right in about 81 % by the judge’s estimate" in page
    assert "0 reviewed here" not in page, "one of the two above was accepted in the file"


KPI = f"{PLAN}/4-3-K2/3.6.1"


def kpi_form(client: FlaskClient, item: str = KPI) -> dict[str, str]:
    text = client.get("/review/kpis?lang=en").text
    form = next(one for one in text.split('class="review-decide"') if f'value="{item}"' in one)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_kpis_beside_indicators_are_decided_on_one_page(
    client: FlaskClient, reviewed: Services
) -> None:
    assert 'name="token"' in client.get("/review/kpis").text
    sign_in(client)
    assert "0 of 2 reviewed" in page(client.get("/review/kpis?lang=en"))
    form = kpi_form(client) | {"action": "accept", "note": "同じ事柄"}
    answer = client.post("/review/compare?lang=en", data=form, follow_redirects=True)
    assert "4-3-K2 × 3.6.1" in page(answer)
    assert "1 of 2 reviewed" in page(answer)
    assert client.post("/review/compare", data=form).status_code == 409  # it is not as it was seen
    kpi = reviewed.current().find(PLAN, "4-3-K2")
    assert kpi is not None
    assert (kpi.comparisons[0].state, kpi.comparisons[0].reviewer) == ("accepted", "hanako")
    undo = dict(re.findall(r'name="(of_plan|decision)" value="([^"]*)"', answer.text))
    undo["form_key"] = form["form_key"]
    done = client.post("/review/kpis/undo?lang=en", data=undo, follow_redirects=True)
    assert "0 of 2 reviewed" in page(done)


def test_a_kpi_is_decided_on_by_nobody_else_and_not_by_mistake(client: FlaskClient) -> None:
    assert client.post("/review/compare", data={"item": KPI, "action": "accept"}).status_code == 403
    sign_in(client)
    form = kpi_form(client)
    for wrong, told in (
        ({"action": "note"}, "Write the note first"),
        ({"action": "change"}, "Cannot do"),
        ({"action": "accept", "item": f"{PLAN}/4-3-K2/9.9.9"}, "no comparison"),
        ({"action": "accept", "note": "x" * 2001}, "2000 characters"),
    ):
        answer = client.post("/review/compare?lang=en", data=form | wrong)
        assert answer.status_code == 409
        assert told in page(answer)
    other = client.post("/review/compare", data=form | {"action": "accept", "form_key": "x"})
    assert other.status_code == 403
    assert "0 of 2 reviewed" in page(client.get("/review/kpis?lang=en"))


def test_a_decision_on_a_kpi_is_not_offered_for_undoing_among_alignments(
    client: FlaskClient,
) -> None:
    sign_in(client)
    client.post("/review/compare", data=kpi_form(client) | {"action": "reject"})
    assert 'class="review-undo"' not in client.get("/review").text
    assert 'class="review-undo"' in client.get("/review/kpis").text
