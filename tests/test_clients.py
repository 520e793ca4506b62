"""Who asks, and how often one may."""

import json

import pytest
from flask.testing import FlaskClient
from limits import parse
from limits.limits import GRANULARITIES

from kg.oxigraph import OxigraphStore
from tests.bare_services import bare_services
from web import create_app
from web.clients import RateLimitError, client_of, in_words, rate_limit

QUERY = "/sparql?query=ASK+%7B%7D"


@pytest.fixture
def client() -> FlaskClient:
    services = bare_services(OxigraphStore(), rate_limit=parse("2 per hour"))
    return create_app(services).test_client()


def from_address(address: str) -> dict[str, dict[str, str]]:
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def test_who_asks_too_often_is_told_when_to_come_back(client: FlaskClient) -> None:
    for _ in range(2):
        assert client.get(QUERY).status_code == 200
    refused = client.get(QUERY, headers={"Accept-Language": "en", "Origin": "https://e.org"})
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 2 * 3600 + 1
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    document = json.loads(refused.data)
    assert document["status"] == 429
    assert "may send 2 per hour:" in document["detail"]
    japanese = json.loads(client.get(QUERY, headers={"Accept-Language": "ja"}).data)
    assert "1 時間に 2 回まで" in japanese["detail"]
    assert "待って" in japanese["detail"]
    assert japanese["limit"] == document["limit"] == "2 per 1 hour"  # as programs know it


def test_every_unit_of_time_has_words() -> None:
    for name in GRANULARITIES:
        assert in_words(parse(f"5 per {name}"), "en") == f"5 per {name}"
        assert name not in in_words(parse(f"5 per {name}"), "ja")
    assert in_words(parse("1000 per 10 minutes"), "en") == "1,000 per 10 minutes"
    assert in_words(parse("1000 per 10 minutes"), "ja") == "10 分に 1,000 回"


def test_the_limit_is_each_clients_own_and_not_the_pages(client: FlaskClient) -> None:
    for _ in range(3):
        last = client.get(QUERY, **from_address("192.0.2.1"))  # type: ignore[arg-type]
    assert last.status_code == 429
    assert client.get(QUERY, **from_address("192.0.2.2")).status_code == 200  # type: ignore[arg-type]
    assert client.get("/healthz", **from_address("192.0.2.1")).status_code == 200  # type: ignore[arg-type]
    preflight = client.options("/sparql", **from_address("192.0.2.1"))  # type: ignore[arg-type]
    assert preflight.status_code == 204


@pytest.mark.parametrize("path", ["/api/v1/search?q=a", "/graph-store?default", "/sparql/"])
def test_everything_for_programs_counts(client: FlaskClient, path: str) -> None:
    for _ in range(2):
        client.get(QUERY)
    assert client.get(path).status_code == 429


def test_without_a_limit_there_is_none() -> None:
    client = create_app(bare_services(OxigraphStore())).test_client()
    assert all(client.get(QUERY).status_code == 200 for _ in range(50))


def test_a_client_is_an_address_or_the_network_of_one() -> None:
    assert client_of("192.0.2.1") == "192.0.2.1"
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert client_of("fe80::1%eth0") == "fe80::/64"
    assert client_of(None) == ""


def test_a_limit_that_is_none_is_told_with_its_name() -> None:
    assert rate_limit("600 per minute", "X").amount == 600
    with pytest.raises(RateLimitError, match="SHIRUBE_RATE_LIMIT"):
        rate_limit("often", "SHIRUBE_RATE_LIMIT")
