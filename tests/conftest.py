"""One real generation for the whole run: the bundled plan, built as a user would build it."""

import hashlib
import itertools
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient

from kg.catalog import Catalog
from kg.generation import Generation
from kg.killable import KillableProcess
from kg.oxigraph import OxigraphStore
from kg.plan import Plan
from kg.readers import read_plan
from ontology import BUNDLED_PLAN
from search.encoder import Encoder, ModelIdentity, Vectors, load_encoder
from search.searcher import Searcher
from tests.review_data import live_data, reviewing
from web import create_app
from web.services import Services
from web.settings import Settings
from web.wiring import Workshop


class CharacterEncoder:
    """Hashed character bigrams: a real, deterministic encoder that needs no model file."""

    identity = ModelIdentity(name="character-bigrams", digest="c" * 64, dimensions=64)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f"^{text.casefold()}$"
            for first, second in itertools.pairwise(padded):
                digest = hashlib.blake2b((first + second).encode("utf-8", "replace")).digest()
                row[digest[0] % len(row)] += 1.0
            row /= np.linalg.norm(row)
        return rows


@pytest.fixture(scope="session")
def fake_encoder() -> Encoder:
    return CharacterEncoder()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder(None)


@pytest.fixture(scope="session")
def plan() -> Plan:
    return read_plan(BUNDLED_PLAN)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shirube-data")


@pytest.fixture(scope="session")
def workshop(data_folder: Path) -> Workshop:
    work = Workshop(Settings(data=data_folder), progress=lambda message: None)
    work.build()
    return work


@pytest.fixture(scope="session")
def generation(workshop: Workshop) -> Generation:
    return workshop.generation()


@pytest.fixture(scope="session")
def store(workshop: Workshop) -> Iterator[OxigraphStore]:
    store = workshop.store()
    yield store
    store.close()


@pytest.fixture(scope="session")
def catalog(workshop: Workshop) -> Catalog:
    return workshop.catalog()


@pytest.fixture(scope="session")
def searcher(workshop: Workshop) -> Searcher:
    return workshop.searcher()


@pytest.fixture(scope="session")
def services(workshop: Workshop) -> Iterator[Services]:
    services = workshop.services()
    yield services
    services.close()


@pytest.fixture(scope="session")
def app(services: Services) -> Flask:
    return create_app(services)


@pytest.fixture(scope="session")
def review_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live_data(tmp_path_factory.mktemp("reviews"))


@pytest.fixture
def review_data(review_template: Path, tmp_path: Path) -> Path:
    """A data folder of one's own, with a small graph to review."""
    return Path(shutil.copytree(review_template, tmp_path / "data"))


@pytest.fixture(scope="module")
def process() -> Iterator[KillableProcess]:
    """Where a writer makes its changes; one for a file of tests, since starting it takes long."""
    process = KillableProcess()
    yield process
    process.close()


@pytest.fixture
def reviewed(review_data: Path, process: KillableProcess) -> Iterator[Services]:
    """Services over `review_data`, with two who may review: hanako and taro."""
    with reviewing(review_data, process) as services:
        yield services


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def live_server(app: Flask) -> Iterator[str]:
    """The site behind the production server on a port of its own; gives `http://127.0.0.1:port`."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)
