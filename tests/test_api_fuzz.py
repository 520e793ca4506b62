"""The API under generated requests: those its own description allows, and those it does not."""

from flask import Flask
from hypothesis import given, settings
from schemathesis import Case, GenerationMode
from schemathesis.openapi import from_wsgi
from schemathesis.schemas import APIOperation

DESCRIPTION = "/api/v1/openapi.json"
EXAMPLES = 40


def fuzz(operation: APIOperation, mode: GenerationMode) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None)
    def check(case: Case) -> None:
        # A cursor is ours to give out: one that is made up is refused, and tested elsewhere.
        if mode is GenerationMode.POSITIVE:
            (case.query or {}).pop("cursor", None)
        case.call_and_validate()

    check()


def test_what_the_description_allows_is_answered_as_it_says(app: Flask) -> None:
    operations = [found.ok() for found in from_wsgi(DESCRIPTION, app).get_all_operations()]
    assert len(operations) >= 3
    for operation in operations:
        fuzz(operation, GenerationMode.POSITIVE)


def test_what_the_description_forbids_is_refused_as_it_says(app: Flask) -> None:
    fuzz(from_wsgi(DESCRIPTION, app)["/api/v1/search"]["GET"], GenerationMode.NEGATIVE)
