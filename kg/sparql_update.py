"""The operations of a SPARQL update: the graphs that each writes, and the dataset that it reads.

SPARQL 1.1 Update, section 3, read strictly: what Oxigraph takes and the standard does not (keywords
grown together, such as `SILENTGRAPH`) is refused, so that no graph is written unnoticed.

Here a triple outside `GRAPH` is of the graph `DEFAULT_GRAPH`, and the default graph that is read is
the union of all graphs, as it is for queries. Oxigraph has its own default graph and no union in
updates, so the text is rewritten to WITH and USING.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kg.sparql_errors import SparqlError, syntax_error
from kg.sparql_reader import Reading
from kg.sparql_rendering import joined, render, resolve
from kg.sparql_tokens import Token, value
from kg.store import DEFAULT_GRAPH, Dataset

_IN_QUADS = ("GRAPH", "A", "TRUE", "FALSE")
_PATTERN = ("DELETE", "INSERT")
_TRANSFERS = ("ADD", "MOVE", "COPY")


@dataclass(frozen=True, slots=True)
class Target:
    """A graph that is written to: an absolute IRI, or None for a variable; `token` names it."""

    iri: str | None
    token: int


@dataclass(slots=True)
class Operation:
    """One operation: its first word (in capitals), where its tokens are, which graphs it writes."""

    verb: str
    first: int
    last: int
    base: str
    targets: list[Target] = field(default_factory=list)


def operations(reading: Reading, base: str = "") -> list[Operation]:
    """The operations of an update with every graph they write.

    CLEAR and DROP of ALL or NAMED have no targets here: they mean what may be written. Raises
    SparqlError (syntax).
    """
    found = list(_split(reading.tokens, base))
    for operation in found:
        if operation.verb in ("CLEAR", "DROP", "CREATE"):
            _manage(reading, operation)
        elif operation.verb in _TRANSFERS:
            _transfer(reading, operation)
        else:
            _modify(reading, operation)
    return found


def rewritten(
    reading: Reading,
    dataset: Dataset,
    graphs: Sequence[str],
    is_spared: Callable[[str], bool] = lambda graph: False,
    base: str = "",
) -> Reading:
    """The update as Oxigraph has to get it.

    `graphs` are the named graphs there are; CLEAR ALL leaves those that are spared. `dataset` is
    what the protocol's using-graph-uri and using-named-graph-uri say, which may not meet a USING
    or WITH in the text: SparqlError (syntax), SPARQL 1.1 Protocol, section 2.2.3.
    """
    found = operations(reading, base)
    named = {t.iri for one in found for t in one.targets if t.iri} | {*graphs, DEFAULT_GRAPH}
    union = Dataset(tuple(sorted(named)), tuple(sorted(named)))
    clearable = [graph for graph in union.named if not is_spared(graph)]
    pieces = list(reading.pieces)
    for operation in found:
        _Rewriter(reading, pieces, operation).rewrite(dataset, union, clearable)
    if base and pieces:
        pieces[0] = f"BASE {_iri(base)} {pieces[0]}"
    return replace(reading, pieces=pieces)


def _split(tokens: Sequence[Token], base: str) -> Iterator[Operation]:
    depth, first = 0, 0
    ends = []
    for at, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}") if token.kind == "PUNCTUATION" else 0
        if depth == 0 and token.kind == "PUNCTUATION" and token.text == ";":
            ends.append(at)
    for last in [*ends, len(tokens)]:
        while first < last and tokens[first].is_word("BASE", "VERSION"):
            if tokens[first].is_word("BASE") and tokens[first + 1].kind == "IRIREF":
                base = resolve(value(tokens[first + 1]), base)
            first += 2
        if first < last:
            yield Operation(tokens[first].text.upper(), first, last, base)
        first = last + 1


def _manage(reading: Reading, operation: Operation) -> None:
    """CLEAR, DROP and CREATE: (SILENT)? (GRAPH iri | DEFAULT | NAMED | ALL)."""
    at = _after_silent(reading, operation)
    token = _token(reading, at, operation)
    if token.is_word("GRAPH"):
        _write(reading, operation, at + 1)
    elif token.is_word("DEFAULT") and operation.verb != "CREATE":
        operation.targets.append(Target(DEFAULT_GRAPH, at))
    elif not token.is_word("NAMED", "ALL") or operation.verb == "CREATE":
        raise _unexpected(reading, at)


def _transfer(reading: Reading, operation: Operation) -> None:
    """ADD, MOVE and COPY: (SILENT)? source TO target, each DEFAULT or (GRAPH)? iri."""
    at = _graph_or_default(reading, operation, _after_silent(reading, operation))
    if not _token(reading, at, operation).is_word("TO"):
        raise _unexpected(reading, at)
    _graph_or_default(reading, operation, at + 1)
    if operation.verb != "MOVE":
        del operation.targets[0]  # it is only read


def _modify(reading: Reading, operation: Operation) -> None:
    """INSERT and DELETE in all their forms, WITH before them."""
    at, last = operation.first, operation.last
    if operation.verb == "WITH":
        _write(reading, operation, at + 1)
        at += 2
    while at < last and reading.tokens[at].is_word(*_PATTERN):
        opening = at + 1
        if opening < last and reading.tokens[opening].is_word("DATA", "WHERE"):
            opening += 1
        if opening >= last or reading.tokens[opening].text != "{":
            raise _unexpected(reading, min(opening, last - 1))
        at = _quads(reading, operation, opening) + 1


def _quads(reading: Reading, operation: Operation, opening: int) -> int:
    """Note the graphs written in a block of quads; the place of the bracket that closes it."""
    depth = 0
    is_outside = False
    for at in range(opening, operation.last):
        token = reading.tokens[at]
        if token.kind == "WORD" and not token.is_word(*_IN_QUADS):
            raise _unexpected(reading, at)
        if token.is_word("GRAPH"):
            _write(reading, operation, at + 1)
        elif token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
            if depth == 0:
                break
        elif depth == 1 and not _names_a_graph(reading, at):
            is_outside = True
    if is_outside and operation.verb != "WITH":
        operation.targets.append(Target(DEFAULT_GRAPH, opening))
    return at


def _names_a_graph(reading: Reading, at: int) -> bool:
    return reading.tokens[at - 1].is_word("GRAPH") or reading.tokens[at].text == "."


def _after_silent(reading: Reading, operation: Operation) -> int:
    at = operation.first + 1
    return at + 1 if _token(reading, at, operation).is_word("SILENT") else at


def _graph_or_default(reading: Reading, operation: Operation, at: int) -> int:
    token = _token(reading, at, operation)
    if token.is_word("DEFAULT"):
        operation.targets.append(Target(DEFAULT_GRAPH, at))
        return at + 1
    at += token.is_word("GRAPH")
    _write(reading, operation, at)
    return at + 1


def _write(reading: Reading, operation: Operation, at: int) -> None:
    token = _token(reading, at, operation)
    if token.kind in ("IRIREF", "PNAME"):
        rendered = Token("IRIREF", reading.pieces[at], token.start, token.spaced)
        operation.targets.append(Target(resolve(value(rendered), operation.base), at))
    elif token.kind == "VAR":
        operation.targets.append(Target(None, at))
    else:
        raise _unexpected(reading, at)


def _token(reading: Reading, at: int, operation: Operation) -> Token:
    if at >= operation.last:
        raise _unexpected(reading, operation.last - 1)
    return reading.tokens[at]


def _unexpected(reading: Reading, at: int) -> SparqlError:
    token = reading.tokens[at]
    place = reading.source.place(token.start)
    ja = f"更新の文が「{token.text}」のところで崩れています"
    return syntax_error(ja, f"the update goes wrong at “{token.text}”", place, token.text)


def _iri(iri: str) -> str:
    return render(Token("IRIREF", f"<{iri}>", 0, False), {})


class _Rewriter:
    """Rewrites the pieces of one operation in place; each piece stays at its token."""

    def __init__(self, reading: Reading, pieces: list[str], operation: Operation) -> None:
        self._reading = reading
        self._tokens = reading.tokens
        self._pieces = pieces
        self._operation = operation

    def rewrite(self, dataset: Dataset, union: Dataset, clearable: Sequence[str]) -> None:
        first, last = self._operation.first, self._operation.last
        verb = self._operation.verb
        if verb in ("CLEAR", "DROP"):
            self._clear(clearable)
        elif verb in _TRANSFERS:
            for at in range(first, last):
                if self._tokens[at].is_word("DEFAULT"):
                    self._pieces[at] = f"GRAPH {_iri(DEFAULT_GRAPH)}"
        elif verb in _PATTERN and first + 1 < last and self._tokens[first + 1].is_word("DATA"):
            self._wrap(first + 2)
        elif verb in (*_PATTERN, "WITH"):
            self._read_from(dataset, union)

    def _clear(self, clearable: Sequence[str]) -> None:
        at = self._operation.last - 1
        verb = self._operation.verb
        token = self._tokens[at]
        if token.is_word("DEFAULT"):
            graphs = [DEFAULT_GRAPH]
        elif token.is_word("NAMED", "ALL"):
            spared = [DEFAULT_GRAPH] if token.is_word("NAMED") else []
            graphs = [graph for graph in clearable if graph not in spared]
        else:
            return
        # Oxigraph's own default graph is empty here: clearing it is clearing nothing.
        operations = [f"{verb} SILENT GRAPH {_iri(graph)}" for graph in graphs]
        for earlier in range(self._operation.first, at):
            self._pieces[earlier] = ""
        self._pieces[at] = " ; ".join(operations) or f"{verb} SILENT DEFAULT"

    def _wrap(self, opening: int) -> None:
        """Put the triples of INSERT DATA and DELETE DATA that are in no graph into ours."""
        ours = f"GRAPH {_iri(DEFAULT_GRAPH)} {{"
        depth = 0
        for at in range(opening, self._operation.last):
            token = self._tokens[at]
            if token.is_word("GRAPH") and depth == 1:
                self._pieces[at] = "} GRAPH"
            elif token.text == "{":
                depth += 1
                if depth == 1:
                    self._pieces[at] = f"{{ {ours}"
            elif token.text == "}":
                depth -= 1
                if depth == 0:
                    self._pieces[at] = "} }"
                    return
                if depth == 1:
                    self._pieces[at] = f"}} {ours}"
                    if self._tokens[at + 1].text == ".":
                        self._pieces[at + 1] = ""

    def _read_from(self, dataset: Dataset, union: Dataset) -> None:
        first = self._operation.first
        where = self._where()
        if where is None:
            return  # no operation of the standard: the engine says what is wrong
        between = [t for t in self._tokens[first:where] if t.is_word("WITH", "USING")]
        if dataset.default or dataset.named:
            if between:
                raise self._conflict(between[0])
        elif between:
            dataset = Dataset()
        else:
            dataset = union
        using = [f"USING {_iri(graph)}" for graph in dataset.default]
        using += [f"USING NAMED {_iri(graph)}" for graph in dataset.named]
        quads = ""
        if self._tokens[first].is_word("DELETE") and where == first + 1:
            pieces = self._pieces[where + 1 : self._operation.last]
            apart = self._reading.apart()[where + 1 : self._operation.last]
            quads = joined(pieces, apart)[0]
        if not self._tokens[first].is_word("WITH"):
            self._pieces[first] = f"WITH {_iri(DEFAULT_GRAPH)} {self._pieces[first]}"
        self._pieces[where] = " ".join(["", quads, *using, self._pieces[where], ""])

    def _where(self) -> int | None:
        depth = 0
        for at in range(self._operation.first, self._operation.last):
            token = self._tokens[at]
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0 and token.is_word("WHERE"):
                return at
        return None

    def _conflict(self, token: Token) -> SparqlError:
        word = token.text.upper()
        return syntax_error(
            f"using-graph-uri などのパラメーターと {word} は一緒に使えません",
            f"the parameters using-graph-uri and using-named-graph-uri exclude {word}",
            self._reading.source.place(token.start),
            token.text,
        )
