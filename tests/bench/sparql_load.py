"""64 clients with fast, slow and hostile queries: nothing wrong, nothing broken, no leak.

Each client has an address of its own (127.0.0.x). Half of the slow and hostile queries are texts
that were never asked before, so that nobody can know them for slow.
"""

import json
import random
import statistics
import threading
import time
import tomllib
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from kg.store import RESULTS_JSON
from tests.bench import sparql_servers

CLIENTS = 64
HOSTILE = Path(__file__).parent.parent / "data/sparql/hostile.toml"
SLOW = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?q ?o2 FILTER(STRLEN(STR(?o)) < 9) }"
PROMISED = {"timeout", "unavailable", "out_of_memory"}  # of 503


def run(folder: Path, fast: dict[str, str], seconds: float) -> None:
    """Print how requests were answered, and the memory of server and workers before and after.

    Raises AssertionError for a wrong answer or a 5xx but the promised 503.
    """
    expected = _expected(folder, [text for text in fast.values() if "CONSTRUCT" not in text])
    cases = tomllib.loads(HOSTILE.read_text())["query"]
    hostile = [case["text"] for case in cases if "text" in case]
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    waits: list[float] = []
    with sparql_servers.server("ours", folder) as server:
        place = urlsplit(server.query_url).netloc
        for text in list(expected) * 3:
            _ask(place, text)
        before = _memory(server.pid)
        started = time.monotonic()
        stop = started + seconds
        memory = {0.0: before}

        def client(number: int) -> None:
            chance = random.Random(number)
            while time.monotonic() < stop:
                kind = chance.choices(("fast", "slow", "hostile"), (90, 5, 5))[0]
                texts = {"fast": list(expected), "slow": [SLOW], "hostile": hostile}[kind]
                text = chance.choice(texts).replace("URL", "http://127.0.0.1:9/")
                if kind != "fast" and chance.random() < 0.5:
                    text = f"{text}\n# {chance.random()}"
                asked = time.monotonic()
                status, body = _ask(place, text, number)
                if kind == "fast" and status == 200:
                    waits.append(time.monotonic() - asked)
                told = "" if status == 200 else json.loads(body).get("kind", "?")
                counts[f"{kind:8} {status} {told}"] += 1
                if status == 503 and told in PROMISED:
                    time.sleep(chance.random() * 0.2)  # as one who is told to come back later
                    continue
                is_wrong = kind == "fast" and (status != 200 or _rows(body) != expected[text])
                if is_wrong or status >= 500:
                    wrong.append(f"{status} {text} {body[:200]!r}")

        threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for share in (1 / 3, 2 / 3, 0.98):
            time.sleep(max(0.0, started + share * seconds - time.monotonic()))
            memory[share * seconds] = _memory(server.pid)
        for thread in threads:
            thread.join()
        for text in list(expected) * 3:
            _ask(place, text)
        memory[seconds + 1] = _memory(server.pid)
    for name, count in sorted(counts.items()):
        print(f"{count:8,}  {name}")
    print(f"{sum(counts.values()) / seconds:8.0f}  requests a second; wrong: {len(wrong)}")
    half, most = (statistics.quantiles(waits, n=20)[n] * 1000 for n in (9, 18))
    print(f"{half:8.0f}  ms for half of the fast ones, {most:.0f} ms for 95 %")
    for name in before:
        found = ", ".join(f"{one[name]:.0f} after {at:.0f} s" for at, one in memory.items())
        print(f"RSS of {name}, MiB: {found}")
    assert not wrong, wrong[:3]


def _expected(folder: Path, texts: list[str]) -> dict[str, list[str]]:
    store = ox.Store.read_only(str(folder))
    answers = {}
    for text in texts:
        results = store.query(text, use_default_graph_as_union="FROM" not in text)
        assert isinstance(results, ox.QuerySolutions)
        answers[text] = _rows(results.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    return answers


def _rows(body: bytes) -> list[str]:
    bindings = json.loads(body)["results"]["bindings"]
    return sorted(json.dumps(row, sort_keys=True) for row in bindings)


def _ask(place: str, text: str, client: int = 0) -> tuple[int, bytes]:
    own = (f"127.0.0.{client + 2}", 0)
    connection = HTTPConnection(place, timeout=120, source_address=own)
    headers = {"Accept": RESULTS_JSON, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", "/sparql", urlencode({"query": text}), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _memory(pid: int) -> dict[str, float]:
    """Resident MiB of a server, and of its workers together (the store's mapped files included)."""
    return {"the server": _resident(pid), "its workers": sum(map(_resident, _descendants(pid)))}


def _descendants(pid: int) -> set[int]:
    """Workers are children of the process that they are forked from."""
    found: set[int] = set()
    with suppress(FileNotFoundError):  # one that has just ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found |= {child, *_descendants(child)}
    return found


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(found[0]) / 1024 if found else 0.0
