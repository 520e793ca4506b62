"""Documents that an index has are not encoded again."""

from collections.abc import Sequence

import numpy as np
import pytest

from search.encoder import Encoder, Vectors
from search.index import ExactIndex
from search.kept_vectors import KeptVectors

TEXTS = ["熊本城", "youth", "관광"]


class Listening:
    """An encoder that remembers which documents it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self.identity = encoder.identity
        self.encode_query = encoder.encode_query
        self._encoder = encoder
        self.heard: list[str] = []

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.heard += texts
        return self._encoder.encode_document(texts)


@pytest.fixture
def listening(fake_encoder: Encoder) -> Listening:
    return Listening(fake_encoder)


@pytest.fixture
def kept(listening: Listening, fake_encoder: Encoder) -> KeptVectors:
    return KeptVectors(listening, TEXTS, ExactIndex(fake_encoder.encode_document(TEXTS)))


def test_only_what_the_index_has_not_is_encoded(
    kept: KeptVectors, listening: Listening, fake_encoder: Encoder
) -> None:
    asked = ["관광", "new", "熊本城", "other"]
    found = kept.encode_document(asked)
    assert listening.heard == ["new", "other"]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, fake_encoder.encode_document(asked), atol=1e-3)


def test_all_none_and_nothing_of_it_may_be_kept(kept: KeptVectors, listening: Listening) -> None:
    assert kept.encode_document(TEXTS).shape == (3, kept.identity.dimensions)
    assert listening.heard == []
    assert kept.encode_document(["x"]).shape == (1, kept.identity.dimensions)
    assert kept.encode_document([]).shape == (0, kept.identity.dimensions)


def test_questions_are_the_encoders_own(kept: KeptVectors, fake_encoder: Encoder) -> None:
    np.testing.assert_array_equal(kept.encode_query(TEXTS), fake_encoder.encode_query(TEXTS))
    assert kept.identity == fake_encoder.identity
