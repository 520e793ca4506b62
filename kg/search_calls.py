"""`shirube:search` in a query: where it is called, what it asks for, where the answer belongs.

As a property function, in the way of Jena's `text:query`:

    (?thing ?score ?literal) shirube:search ("子どもの貧困" 10 "lang:ja" "type:measure") .

and as a service, in the way of Blazegraph's `bds:search`, every option by its name:

    SERVICE shirube:search {
      ?thing shirube:search "子どもの貧困" ; shirube:searchLimit 10 ; shirube:searchScore ?score .
    }
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.prefixes import PREFIXES
from kg.search_arguments import NARROWINGS, SEARCH, Allowed, Arguments, Asked, Narrowing
from kg.sparql_errors import SparqlError, syntax_error
from kg.sparql_group_reader import groups_of, terms_of
from kg.sparql_groups import Element, Group, Property, Span, Triples
from kg.sparql_reader import Reading

MAX_CALLS = 10
LIMIT, LANGUAGE, TYPE, SCORE, LITERAL = (
    f"{PREFIXES['shirube']}search{name}"
    for name in ("Limit", "Language", "Type", "Score", "Literal")
)
NARROWED: dict[str, Narrowing] = {
    f"{PREFIXES['shirube']}search{name}": by
    for name, by in zip(("Policy", "SDG", "Plan"), NARROWINGS, strict=True)
}
_LISTED = ", ".join(
    f"shirube:{iri.removeprefix(PREFIXES['shirube'])}"
    for iri in (SEARCH, LIMIT, LANGUAGE, TYPE, *NARROWED, SCORE, LITERAL)
)
_FORMS = (
    '例: ?thing shirube:search "…" または (?thing ?score ?literal) shirube:search ("…" 10)',
    'Example: ?thing shirube:search "…" or (?thing ?score ?literal) shirube:search ("…" 10)',
)
_SERVICE_FORM = (
    '例: SERVICE shirube:search { ?thing shirube:search "…" ; shirube:searchScore ?score }',
    'Example: SERVICE shirube:search { ?thing shirube:search "…" ; shirube:searchScore ?score }',
)


@dataclass(frozen=True, slots=True)
class Call:
    """One search: what it asks, and which variables take the answer's parts.

    `variables` holds the names (without question mark) for thing, score and literal, the last two
    None where they are not wanted. The answer is to stand before token `place`.
    """

    asked: Asked
    variables: tuple[str, str | None, str | None]
    place: int


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a query in the order of the text, and the tokens that are to go with them."""

    found: tuple[Call, ...]
    removed: tuple[Span, ...]


def may_call(reading: Reading) -> bool:
    """Whether the name of the search occurs at all; `calls_of` tells whether it is called."""
    return any(reading.iri(n) == SEARCH for n, p in enumerate(reading.pieces) if "search" in p)


def is_called(reading: Reading) -> bool:
    """Whether a query calls the search as a property function, be it rightly or wrongly."""
    return may_call(reading) and any(
        reading.iri(one.verb[0]) == SEARCH
        for group in groups_of(reading).all()
        for triples in group.elements
        if isinstance(triples, Triples)
        for one in triples.properties
    )


def calls_of(reading: Reading, allowed: Allowed) -> Calls:
    """The calls of a query; `allowed` tells what their options may be.

    Raises SparqlError with its place: syntax for a call that is not as it should be, too_deep for
    more than MAX_CALLS of them.
    """
    groups = groups_of(reading)
    finder = _Finder(reading, allowed)
    for group in groups.all():
        finder.visit(group)
    calls = Calls(tuple(finder.found), tuple(finder.removed))
    after = reading.tokens[groups.form + 1]
    if calls.found and reading.tokens[groups.form].is_word("CONSTRUCT") and after.text != "{":
        raise finder.wrong(
            (groups.form, groups.form + 1),
            "shirube:search は CONSTRUCT WHERE { … } の短い形では使えません",
            "the short form CONSTRUCT WHERE { … } cannot hold shirube:search",
            (
                "CONSTRUCT { … } WHERE { … } と書いてください。",
                "Write CONSTRUCT { … } WHERE { … }.",
            ),
        )
    if len(calls.found) > MAX_CALLS:
        raise SparqlError(
            "too_deep",
            f"一つの問い合わせで使える shirube:search は {MAX_CALLS} 個までです。",
            f"A query may call shirube:search {MAX_CALLS} times at most.",
        )
    return calls


class _Finder:
    def __init__(self, reading: Reading, allowed: Allowed) -> None:
        self._reading = reading
        self._allowed = allowed
        self._services: set[Group] = set()
        self.found: list[Call] = []
        self.removed: list[Span] = []

    def visit(self, group: Group) -> None:
        """Take the calls of one group; those of the groups in it come with their own visits."""
        if group in self._services:
            return
        block: int | None = None  # where a run of triples starts: blank nodes may span all of it
        for element in group.elements:
            if isinstance(element, Triples):
                block = element.span[0] if block is None else block
                self._take_properties(element, block)
            elif element.keyword != "FILTER":
                block = None
                if element.keyword == "SERVICE" and self._names_search(element.name):
                    self._take_service(element)

    def wrong(
        self, span: Span, ja: str, en: str, hint: tuple[str, str] | None = _FORMS
    ) -> SparqlError:
        """A mistake at the first of some tokens."""
        token = self._reading.tokens[span[0]]
        return syntax_error(ja, en, self._reading.source.place(token.start), token.text, hint)

    def _take_properties(self, triples: Triples, block: int) -> None:
        called = [one for one in triples.properties if self._names_search(one.verb)]
        self._refuse_elsewhere(triples, called)
        if not called:
            return
        variables = self._variables(triples)
        for one in called:
            for term in one.objects:
                self._take(self._asked(term), variables, block)
        is_whole = len(called) == len(triples.properties)
        self.removed += [triples.span] if is_whole else [one.span for one in called]

    def _take(self, asked: Asked, variables: tuple[str, str | None, str | None], at: int) -> None:
        asked = replace(asked, labelled=variables[2] is not None)
        self.found.append(Call(asked, variables, at))

    def _variables(self, triples: Triples) -> tuple[str, str | None, str | None]:
        is_list = self._reading.tokens[triples.subject[0]].text == "("
        terms = terms_of(self._reading, triples.subject) if is_list else [triples.subject]
        names = [self._variable(term) for term in terms]
        if not 1 <= len(names) <= 3:
            raise self.wrong(
                triples.subject,
                "shirube:search の前に書けるのは (?thing ?score ?literal) の三つまでの変数です",
                "shirube:search takes one to three variables before it: (?thing ?score ?literal)",
            )
        if is_list and len(triples.properties) > 1:
            raise self.wrong(
                triples.properties[1].verb,
                "( … ) shirube:search ( … ) に「;」で続けることはできません",
                "( … ) shirube:search ( … ) cannot go on with “;”",
                (
                    f"「.」で終え、?{names[0]} から書き直してください。",
                    f"End it with “.”, and begin again with ?{names[0]}.",
                ),
            )
        return self._distinct(triples.subject, names)

    def _distinct(
        self, span: Span, names: Sequence[str | None]
    ) -> tuple[str, str | None, str | None]:
        given = [name for name in names if name]
        if len(set(given)) < len(given):
            raise self.wrong(
                span,
                "shirube:search の変数はそれぞれ別の名前にしてください",
                "the variables of shirube:search must have different names",
            )
        thing, score, literal = (*names, None, None)[:3]
        return thing or "", score, literal

    def _variable(self, term: Span) -> str:
        token = self._reading.tokens[term[0]]
        if token.kind != "VAR":
            raise self.wrong(
                term,
                "shirube:search の結果を受けるのは変数です",
                "only variables can take what shirube:search finds",
            )
        return token.text[1:]

    def _asked(self, term: Span) -> Asked:
        arguments = Arguments(self._reading, self._allowed)
        terms = [term]
        if self._reading.tokens[term[0]].text == "(":
            terms = terms_of(self._reading, term)
        if not terms:
            raise self.wrong(term, "検索する文がありません", "there is no text to search for")
        arguments.text(terms[0])
        for option in terms[1:]:
            arguments.option(option)
        return arguments.asked

    def _refuse_elsewhere(self, triples: Triples, called: list[Property]) -> None:
        """The name of the search among triples is a verb by itself, or a term like any other."""
        alone = {one.verb for one in called} | {triples.subject}
        alone |= {term for one in triples.properties for term in one.objects}
        for n in range(*triples.span):
            if (n, n + 1) not in alone and self._names_search((n, n + 1)):
                raise self.wrong(
                    (n, n + 1),
                    "shirube:search はプロパティパスや [ ] の中では使えません",
                    "shirube:search cannot be part of a property path or stand in brackets",
                )

    def _take_service(self, element: Element) -> None:
        (group,) = element.groups
        self._services.add(group)
        arguments = Arguments(self._reading, self._allowed)
        thing: str | None = None
        taken: dict[str, str] = {}
        for part in group.elements:
            if not isinstance(part, Triples) or thing not in (None, self._variable(part.subject)):
                raise self.wrong(
                    part.span,
                    "SERVICE shirube:search の中には、一つの変数についての指定だけを書きます",
                    "SERVICE shirube:search holds what is asked about one variable, and no more",
                    _SERVICE_FORM,
                )
            thing = self._variable(part.subject)
            for one in part.properties:
                self._take_parameter(one, arguments, taken)
        if thing is None or not arguments.asked.text:
            raise self.wrong(
                element.name,
                "検索する文がありません",
                "there is no text to search for",
                _SERVICE_FORM,
            )
        names = [thing, taken.get(SCORE), taken.get(LITERAL)]
        variables = self._distinct(element.name, names)
        self._take(arguments.asked, variables, element.span[0])
        self.removed.append(element.span)

    def _take_parameter(self, one: Property, arguments: Arguments, taken: dict[str, str]) -> None:
        name = self._reading.iri(one.verb[0]) if one.verb[1] - one.verb[0] == 1 else None
        constants = {
            SEARCH: arguments.text,
            LIMIT: arguments.limit,
            LANGUAGE: arguments.language,
            TYPE: arguments.types,
        }
        for term in one.objects:
            if name in constants:
                constants[name](term)
            elif name in NARROWED:
                arguments.narrowed(NARROWED[name], term)
            elif name in (SCORE, LITERAL) and name not in taken:
                taken[name] = self._variable(term)
            else:
                raise self.wrong(
                    one.verb,
                    f"SERVICE shirube:search の中で使えるのは {_LISTED} です",
                    f"SERVICE shirube:search knows {_LISTED}",
                    _SERVICE_FORM,
                )

    def _names_search(self, span: Span) -> bool:
        return span[1] - span[0] == 1 and self._reading.iri(span[0]) == SEARCH
