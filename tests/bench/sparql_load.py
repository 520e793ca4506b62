"""Many clients with fast, slow and hostile queries: nothing wrong, nothing broken, no leak.

Each client has an address of its own (127.0.0.x). Half of the slow and hostile queries are texts
that were never asked before, so that nobody can know them for slow.
"""

import json
import random
import threading
import time
import tomllib
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from kg.store import RESULTS_JSON
from tests.bench import sparql_servers
from tests.bench.processes import descendants, resident
from tests.bench.sparql_engines import rows_of

HOSTILE = Path(__file__).parent.parent / "data/sparql/hostile.toml"
SLOW = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?q ?o2 FILTER(STRLEN(STR(?o)) < 9) }"
PROMISED = {"timeout", "unavailable", "out_of_memory"}  # of 503


def run(folder: Path, fast: dict[str, str], seconds: float, clients: int = 64) -> None:
    """Print how requests were answered, and the memory of server and workers before and after.

    Raises AssertionError for a wrong answer, or a 5xx but the promised 503.
    """
    expected = _expected(folder, [text for text in fast.values() if "CONSTRUCT" not in text])
    limit = min(sparql_servers.SECONDS, seconds)
    with sparql_servers.server("ours", folder, limit) as server:
        crowd = _Crowd(urlsplit(server.query_url).netloc, expected, seconds)
        crowd.warm_up()
        memory = {0.0: _memory(server.pid)}
        crowd.start(clients)
        for share in (0.25, 0.5, 0.98):
            time.sleep(max(0.0, crowd.started + share * seconds - time.monotonic()))
            memory[share * seconds] = _memory(server.pid)
        crowd.join()
        crowd.warm_up()
        memory[seconds + 1] = _memory(server.pid)
    _print(crowd, clients, memory)
    assert not crowd.wrong, crowd.wrong[:3]
    assert crowd.waits, "no fast query was answered"


class _Crowd:
    """Clients that ask for so many seconds, and what they were told."""

    def __init__(self, place: str, expected: dict[str, list[str]], seconds: float) -> None:
        self.seconds = seconds
        self.started = 0.0
        self.counts: Counter[tuple[str, int, str]] = Counter()
        self.wrong: list[str] = []
        self.waits: list[float] = []  # seconds, of the fast ones that were answered
        self._place = place
        self._expected = expected
        cases = tomllib.loads(HOSTILE.read_text())["query"]
        hostile = [case["text"] for case in cases if "text" in case]
        self._texts = {"fast": list(expected), "slow": [SLOW], "hostile": hostile}
        self._threads: list[threading.Thread] = []

    def warm_up(self) -> None:
        """Every fast query a few times, one after another."""
        for text in list(self._expected) * 3:
            _ask(self._place, text)

    def start(self, clients: int) -> None:
        self.started = time.monotonic()
        self._threads = [threading.Thread(target=self._client, args=(n,)) for n in range(clients)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _client(self, number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < self.started + self.seconds:
            kind = chance.choices(("fast", "slow", "hostile"), (90, 5, 5))[0]
            text = chance.choice(self._texts[kind]).replace("URL", "http://127.0.0.1:9/")
            sent = text
            if kind != "fast" and chance.random() < 0.5:
                sent = f"{text}\n# {chance.random()}"
            asked = time.monotonic()
            try:
                status, media_type, body = _ask(self._place, sent, number)
            except OSError as error:
                self.wrong.append(f"{type(error).__name__} {error} {sent}")
                continue
            told = "" if status == 200 else json.loads(body).get("kind", "")
            self.counts[kind, status, told] += 1
            if status == 503 and told in PROMISED:
                time.sleep(chance.random() * 0.2)  # as one who is told to come back later
            elif status >= 500 or (kind == "fast" and status != 200):
                self.wrong.append(f"{status} {sent} {body[:200]!r}")
            elif kind == "fast":
                self.waits.append(time.monotonic() - asked)
                if rows_of((media_type, body)) != self._expected[text]:
                    self.wrong.append(f"other rows {sent} {body[:200]!r}")


def _print(crowd: _Crowd, clients: int, memory: dict[float, dict[str, float]]) -> None:
    print(f"\n{clients} clients, {crowd.seconds:g} s, 90 % fast, 5 % slow, 5 % hostile queries:\n")
    print("| kind | status | told | requests |\n| --- | --- | --- | --- |")
    for (kind, status, told), count in sorted(crowd.counts.items()):
        print(f"| {kind} | {status} | {told} | {count:,} |")
    ordered = sorted(crowd.waits) or [float("nan")]
    half, most = (ordered[int(share * (len(ordered) - 1))] * 1000 for share in (0.5, 0.95))
    print(
        f"\nWrong: {len(crowd.wrong)}. {sum(crowd.counts.values()) / crowd.seconds:.0f} requests a "
        f"second; fast ones answered in {half:.0f} ms (half) and {most:.0f} ms (95 %).\n"
    )
    print(f"| resident MiB | {' | '.join(f'after {at:.0f} s' for at in memory)} |")
    print(f"| --- {'| --- ' * len(memory)}|")
    for name in memory[0.0]:
        print(f"| {name} | {' | '.join(f'{one[name]:.0f}' for one in memory.values())} |")


def _expected(folder: Path, texts: list[str]) -> dict[str, list[str]]:
    store = ox.Store.read_only(str(folder))
    answers = {}
    for text in texts:
        results = store.query(text, use_default_graph_as_union="FROM" not in text)
        assert isinstance(results, ox.QuerySolutions)
        body = results.serialize(format=ox.QueryResultsFormat.JSON) or b""
        answers[text] = rows_of((RESULTS_JSON, body))
    return answers


def _ask(place: str, text: str, client: int = 0) -> tuple[int, str, bytes]:
    """Status, media type and body."""
    own = (f"127.0.0.{client + 2}", 0)
    connection = HTTPConnection(place, timeout=120, source_address=own)
    headers = {"Accept": RESULTS_JSON, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", "/sparql", urlencode({"query": text}), headers)
        response = connection.getresponse()
        media_type = (response.getheader("Content-Type") or "").partition(";")[0]
        return response.status, media_type, response.read()
    finally:
        connection.close()


def _memory(pid: int) -> dict[str, float]:
    """Resident MiB of a server, and of its workers together (the store's mapped files included)."""
    return {"the server": resident(pid), "its workers": sum(map(resident, descendants(pid)))}
