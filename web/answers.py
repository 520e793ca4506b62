"""The answer above the hits: asked of the store, and as plain data for every face."""

import logging
from collections.abc import Callable
from functools import lru_cache

from kg.sparql_errors import SparqlError
from kg.store import Row, Store
from kg.things import Thing
from search.answer_sentences import Cell
from search.answer_telling import Answer
from search.answers import Answers
from search.understanding import Understanding
from web.search_request import SearchRequest
from web.shapes import AnswerCell, AnswerEvidence, AnswerView

SECONDS = 1.0  # a query may take; the hits do not wait for longer

_log = logging.getLogger(__name__)


class Answering:
    """Finds the answers to questions in a store; opens both when first they are needed."""

    def __init__(
        self, open_answers: Callable[[], Answers], open_store: Callable[[], Store]
    ) -> None:
        self._answers = lru_cache(maxsize=1)(open_answers)
        self._store = lru_cache(maxsize=1)(open_store)

    def answer(self, question: str) -> Answer | None:
        """The answer, None where there is none or the store does not give it in time."""
        try:
            return self._answers().answer(question, self._run)
        except SparqlError as error:
            _log.warning("A question's query failed (%s): %s", error.kind, error.en)
            return None

    def _run(self, query: str) -> list[Row]:
        return self._store().query(query, timeout=SECONDS).rows()


def answer_for(
    answering: Answering | None, request: SearchRequest, understood: Understanding
) -> Answer | None:
    """The answer to show with the first page of hits, to the question as they were read."""
    if answering is None or request.cursor:
        return None
    return answering.answer(understood.as_read(request.question))


def answer_view(answer: Answer) -> AnswerView:
    """An answer as the API shows it."""
    return AnswerView(
        template=answer.template,
        title=dict(answer.title),
        parameters={name: _cell(cell) for name, cell in answer.parameters.items()},
        sentence=dict(answer.sentence),
        answer=answer.answer,
        columns=list(answer.columns),
        rows=[
            {name: _cell(row[name]) for name in answer.columns if name in row}
            for row in answer.rows
        ],
        query=answer.query,
        evidence=[_evidence(thing) for thing in answer.evidence],
        probability=answer.probability,
    )


def _cell(cell: Cell) -> AnswerCell:
    return AnswerCell(
        value=cell.value, iri=cell.iri, type=cell.type, code=cell.code, label=dict(cell.label)
    )


def _evidence(thing: Thing) -> AnswerEvidence:
    source = thing.source
    assert source is not None  # else it is no evidence
    return AnswerEvidence(
        iri=thing.iri,
        code=thing.code,
        type=thing.type,
        label=dict(thing.label),
        document=source.document,
        line=source.line,
        exact=source.exact,
    )
