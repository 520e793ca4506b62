"""The bundled encoder on the bundled plan: what people get out of the box."""

from pathlib import Path

import pytest

from search.build import build_index, open_searcher
from search.encoder import load_encoder
from search.evaluate import evaluate, read_questions

FIRST = Path(__file__).parent / "data" / "relevance" / "first.jsonl"

YOUTH = [
    "which measures address youth retention",
    "若者の地元定着に取り組む施策は？",
    "청년 정착을 위한 시책은?",
    "哪些措施有助于留住年轻人",
    "biện pháp nào giúp giữ chân thanh niên ở lại địa phương",
]


@pytest.fixture(scope="module")
def searcher(catalog, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    encoder = load_encoder()
    build_index(catalog, encoder, folder)
    return open_searcher(catalog, encoder, folder)


@pytest.mark.parametrize("question", YOUTH)
def test_youth_retention_is_measure_4_2_in_every_language(searcher, question):
    hits = searcher.search(question, types=["measure"])
    assert hits[0].code == "4-2"
    assert hits[0].evidence.rank_vector == 1


@pytest.mark.parametrize("question", YOUTH)
def test_without_a_type_youth_retention_leads_too(searcher, question):
    assert searcher.search(question)[0].code in ("4-2", "4-2-1")


def test_the_judged_questions_do_not_get_worse(searcher):
    """A floor a little below what was measured when it was set."""
    questions = read_questions(FIRST)

    def run(question):
        types = [question.type] if question.type else ()
        return [hit.code for hit in searcher.search(question.q, types=types)]

    means = evaluate(questions, run)
    assert means.questions == 68
    assert means.ndcg10 >= 0.71
