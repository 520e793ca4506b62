"""Reading the groups of a query (sections 18.2 and 19.8 of the standard).

No more of the grammar is known here than tells one element of a group from the next: the engine
stays the judge of all of it.
"""

from kg.sparql_errors import SparqlError
from kg.sparql_explain import misplaced
from kg.sparql_groups import Element, Group, Property, QueryGroups, Span, Triples
from kg.sparql_reader import Reading

_OPENERS = ("{", "(", "[", "<<", "<<(", "{|")
_CLOSERS = ("}", ")", "]", ">>", ")>>", "|}")
_ELEMENTS = ("FILTER", "BIND", "VALUES", "OPTIONAL", "MINUS", "LATERAL", "GRAPH", "SERVICE")


def groups_of(reading: Reading) -> QueryGroups:
    """The groups of a query. Raises SparqlError (syntax) where the text is none by its grammar."""
    return _Walker(reading).query()


def terms_of(reading: Reading, brackets: Span) -> list[Span]:
    """The terms of a list in round brackets. Raises SparqlError (syntax)."""
    walker, (n, end) = _Walker(reading), brackets
    found: list[Span] = []
    n += 1
    while n < end - 1:
        found.append((n, walker.node(n)))
        n = found[-1][1]
    return found


class _Walker:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._tokens = reading.tokens
        self._closing: dict[int, int] = {}
        opened: list[int] = []
        for n, token in enumerate(self._tokens):
            if token.kind == "PUNCTUATION" and token.text in _OPENERS:
                opened.append(n)
            elif token.kind == "PUNCTUATION" and token.text in _CLOSERS:
                self._closing[opened.pop()] = n

    def query(self) -> QueryGroups:
        form = next(
            n
            for n, token in enumerate(self._tokens)
            if token.is_word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        )
        start = form + 1
        if self._tokens[form].is_word("CONSTRUCT") and self._is(start, "{"):
            start = self._closing[start] + 1
        where, others = self._clauses(start, len(self._tokens))
        return QueryGroups(form, where, tuple(others))

    def _clauses(self, n: int, end: int) -> tuple[Group | None, list[Group]]:
        """The WHERE of a query and the groups of EXISTS in its other clauses."""
        where: Group | None = None
        others: list[Group] = []
        while n < end:
            if self._tokens[n].is_word("VALUES"):
                n = self._values(n)
            elif self._is(n, "{"):
                if where is not None:
                    raise self._stray(n)
                where = self._group(n)
                n = where.span[1]
            elif self._is(n, "("):
                others += self._groups_within(n)
                n = self._closing[n] + 1
            else:
                n += 1
        return where, others

    def _group(self, n: int) -> Group:
        start, end = n, self._after(n, "{") - 1
        elements: list[Triples | Element] = []
        n += 1
        if n < end and self._tokens[n].is_word("SELECT"):
            where, others = self._clauses(n + 1, end)
            inner = (where, *others) if where else tuple(others)
            return Group((start, end + 1), (Element("SELECT", (n, end), inner),))
        while n < end:
            if self._is(n, "."):
                n += 1
                continue
            element = self._element(n) if self._starts_element(n) else self._triples(n, end)
            elements.append(element)
            n = element.span[1]
        return Group((start, end + 1), tuple(elements))

    def _element(self, n: int) -> Element:
        keyword = self._tokens[n].text.upper()
        if keyword == "{":
            groups = [self._group(n)]
            stop = groups[0].span[1]
            while stop < len(self._tokens) and self._tokens[stop].is_word("UNION"):
                groups.append(self._group(stop + 1))
                stop = groups[-1].span[1]
            return Element("UNION" if len(groups) > 1 else "GROUP", (n, stop), tuple(groups))
        if keyword == "VALUES":
            return Element(keyword, (n, self._values(n)))
        if keyword in ("FILTER", "BIND"):
            stop = self._constraint(n + 1)
            return Element(keyword, (n, stop), tuple(self._groups_in(n + 1, stop)))
        name = n + 1
        if (
            keyword == "SERVICE"
            and name < len(self._tokens)
            and self._tokens[name].is_word("SILENT")
        ):
            name += 1
        has_name = keyword in ("GRAPH", "SERVICE")
        group = self._group(name + has_name)
        return Element(
            keyword, (n, group.span[1]), (group,), (name, name + 1) if has_name else (0, 0)
        )

    def _triples(self, n: int, end: int) -> Triples:
        start, n = n, self.node(n)
        subject = (start, n)
        properties: list[Property] = []
        # What brackets say is whole without more.
        while n < end and not (self._is(n, ".") or self._starts_element(n)):
            verb = (n, self._path(n))
            objects: list[Span] = []
            n = verb[1] - 1  # as if a comma stood there
            while not objects or self._is(n, ","):
                first, n = n + 1, self.node(n + 1)
                objects.append((first, n))
                n = self._annotations(n)
            is_more = self._is(n, ";")
            while self._is(n, ";"):
                n += 1
            properties.append(Property((verb[0], n), verb, tuple(objects)))
            if not is_more:
                break
        if self._is(n, "."):
            n += 1
        elif n < end and not self._starts_element(n):
            raise self._stray(n)
        if not properties and self._tokens[start].text not in ("[", "<<", "("):
            raise self._stray(n)
        return Triples((start, n), subject, tuple(properties))

    def node(self, n: int) -> int:
        """Past one term."""
        if n >= len(self._tokens):
            raise self._stray(n)
        token = self._tokens[n]
        if token.kind == "STRING":
            if n + 1 < len(self._tokens) and self._tokens[n + 1].kind == "LANGTAG":
                return n + 2
            return n + 3 if self._is(n + 1, "^^") else n + 1
        if token.kind in ("VAR", "IRIREF", "PNAME", "BNODE", "NUMBER"):
            return n + 1
        if token.is_word("TRUE", "FALSE"):
            return n + 1
        if token.text in ("(", "[", "<<", "<<("):
            return self._closing[n] + 1
        if token.text in ("+", "-"):
            return n + 2
        raise self._stray(n)

    def _path(self, n: int) -> int:
        """Past one verb: a variable, or a property path."""
        if n < len(self._tokens) and self._tokens[n].kind == "VAR":
            return n + 1
        while True:
            while self._is(n, "^", "!"):
                n += 1
            if self._is(n, "("):
                n = self._closing[n] + 1
            elif n < len(self._tokens) and (
                self._tokens[n].kind in ("IRIREF", "PNAME") or self._tokens[n].text == "a"
            ):
                n += 1
            else:
                raise self._stray(n)
            while self._is(n, "*", "+", "?"):
                n += 1
            if not self._is(n, "/", "|"):
                return n
            n += 1

    def _annotations(self, n: int) -> int:
        while self._is(n, "~", "{|"):
            if self._is(n, "{|"):
                n = self._closing[n] + 1
            else:
                n += 1
                if not self._is(n, "~", "{|", ",", ";", ".", "}"):
                    n = self.node(n)
        return n

    def _constraint(self, n: int) -> int:
        """Past the expression of a FILTER or BIND."""
        words = [token.text.upper() for token in self._tokens[n : n + 2]]
        if words[:1] == ["EXISTS"]:
            return self._after(n + 1, "{")
        if words == ["NOT", "EXISTS"]:
            return self._after(n + 2, "{")
        return self._after(n, "(") if self._is(n, "(") else self._after(n + 1, "(")

    def _values(self, n: int) -> int:
        """Past VALUES, its variables and its rows."""
        n += 1
        return self._after(self._closing[n] + 1 if self._is(n, "(") else n + 1, "{")

    def _groups_in(self, n: int, end: int) -> list[Group]:
        """The groups of EXISTS among these tokens."""
        found: list[Group] = []
        while n < end:
            if self._is(n, "{"):
                found.append(self._group(n))
                n = found[-1].span[1]
            else:
                n += 1
        return found

    def _groups_within(self, n: int) -> list[Group]:
        return self._groups_in(n + 1, self._closing[n])

    def _after(self, n: int, opener: str) -> int:
        if not self._is(n, opener):
            raise self._stray(n)
        return self._closing[n] + 1

    def _starts_element(self, n: int) -> bool:
        return self._is(n, "{") or self._tokens[n].is_word(*_ELEMENTS)

    def _is(self, n: int, *texts: str) -> bool:
        return (
            n < len(self._tokens)
            and self._tokens[n].kind == "PUNCTUATION"
            and self._tokens[n].text in texts
        )

    def _stray(self, n: int) -> SparqlError:
        return misplaced(self._reading, n)
