"""The recipe of `ontology/sdg.ttl`: goals, targets and indicators under the UN's own IRIs.

    python -m kg.sdg_reference SOURCES

`SOURCES` holds `un-sdg-kos/` (structure, codes, mappings and indicator texts), `un_translations/`
(texts in many languages) and `ja_targets/` (Japanese). The same sources give the same bytes.
"""

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, SKOS, XSD

from ontology import AGENT, GRAPH, SDG, SDG_CONCEPTS, SDGO

SCHEME = URIRef("http://metadata.un.org/sdg")
NAMED_GRAPH = URIRef(GRAPH + "sdg")

# BCP 47 tag -> folder: the UN's six languages, and those of Japan's residents that are there.
# (There is no Korean, Vietnamese, Indonesian, Portuguese or Tagalog text in the source.)
OFFICIAL = {"en": "en", "fr": "fr", "es": "es", "zh": "zh-Hans", "ar": "ar", "ru": "ru"}
RESIDENTS = {"ne": "ne", "my": "my", "km": "km", "lo": "lo", "uk": "uk"}

KEPT = frozenset({
    RDF.type, SKOS.notation, SKOS.inScheme, SKOS.broader, SKOS.narrower, SKOS.exactMatch,
    SKOS.topConceptOf, SDGO.hasTarget, SDGO.isTargetOf, SDGO.hasIndicator, SDGO.isIndicatorOf,
})  # fmt: skip

# Slips of the sources, found by reading them beside each other: (language, code) -> mended text.
MENDED = {
    # its last character is missing
    ("zh", "3.4"): "到2030年,通过预防、治疗及促进身心健康,将非传染性疾病导致的过早死亡减少三分之一",
    # the sentence's second half is there twice
    ("ja", "3.3.5"): "「顧みられない熱帯病」（NTDs）に対して介入を必要としている人々の数",
}
# The Japanese 1.a.1 is a text about essential services, which is indicator 1.a.2.
WRONG = frozenset({("ja", "1.a.1")})

# IRI -> title, rights, licence
SOURCES: dict[URIRef, tuple[str, str, str | None]] = {
    SCHEME: (
        "SDG Knowledge Organization System",
        "United Nations; free to copy with citation",
        None,
    ),
    URIRef("https://github.com/open-sdg/sdg-translations"): (
        "SDG Translations",
        "Copyright (c) 2019 Open SDG",
        "https://spdx.org/licenses/MIT",
    ),
    URIRef("https://github.com/EsriJapan/sdgs-sample"): (
        "SDGs sample data (総務省 指標仮訳 / provisional translation of the Ministry of Internal "
        "Affairs and Communications)",
        "Esri Japan",
        "https://spdx.org/licenses/Apache-2.0",
    ),
}

TITLE = {"ja": "持続可能な開発目標（SDGs）", "en": "Sustainable Development Goals"}

HEADER = """\
# The Sustainable Development Goals: 17 goals, 169 targets and the indicators of the UN's SDG
# Knowledge Organization System. Made by `python -m kg.sdg_reference`; do not edit by hand.
# Structure, IRIs, codes, and the indicator texts of that revision: United Nations, SDG Knowledge
#   Organization System, http://metadata.un.org/sdg (free to copy with citation).
# Texts of goals and targets, and of indicators whose wording is the same revision's:
#   https://github.com/open-sdg/sdg-translations, MIT, Copyright (c) 2019 Open SDG.
# Japanese, provisional translation (仮訳) of the Ministry of Internal Affairs and Communications:
#   https://github.com/EsriJapan/sdgs-sample, Apache-2.0.
"""


def clean(text: str) -> str:
    """One line of text in Unicode NFC, without layout characters that carry no meaning."""
    text = unicodedata.normalize("NFC", text)
    # Tatweel stretches Arabic lines in print; soft hyphens and no-break hyphens guide breaking.
    text = text.replace("\u0640", "").replace("\u00ad", "").replace("\u2011", "-")
    return re.sub(r"\s+", " ", text).strip()


def clean_chinese(text: str) -> str:
    """`clean`, with the full-width commas, semicolons and colons that printed Chinese has."""
    return re.sub(r"[,;:](?!\d)|(?<!\d)[,;:]", lambda mark: chr(ord(mark[0]) + 0xFEE0), clean(text))


def reading(text: str) -> str:
    """What is left to compare of a wording: its letters and digits, case folded."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def build(folder: Path) -> Graph:
    """The reference graph from the folder of sources; raises OSError where a file is missing."""
    source = Graph().parse(folder / "un-sdg-kos" / "sdg-kos-goals-targets-indicators.ttl")
    graph = Graph()
    for subject in source.subjects(SKOS.inScheme, SCHEME):
        for predicate, value in source.predicate_objects(subject):
            if predicate in KEPT:
                graph.add((subject, predicate, value))
    _add_labels(graph, source, folder)
    _describe(graph)
    return graph


def codes(graph: Graph, concept: URIRef) -> list[str]:
    """The concept's codes as people write them (`11.7.1`); shared indicators have several."""
    notations = graph.objects(concept, SKOS.notation)
    return sorted(
        str(n) for n in notations if isinstance(n, Literal) and n.datatype == SDGO.SDGCodeCompact
    )


def _add_labels(graph: Graph, source: Graph, folder: Path) -> None:
    texts = {tag: _Translations(folder, name) for tag, name in (OFFICIAL | RESIDENTS).items()}
    japanese, japanese_short = _japanese(folder)
    for kind, places in ((SDGO.Goal, "goals"), (SDGO.Target, "targets"), (SDGO.Indicator, None)):
        for concept in sorted(source.subjects(RDF.type, kind), key=str):
            assert isinstance(concept, URIRef)
            own = codes(source, concept)
            label = {"ja": next((japanese[c] for c in own if c in japanese), "")}
            if places is None:
                label |= _indicator(source, concept, own, texts)
            else:
                label |= {tag: t.title(places, own[0]) for tag, t in texts.items()}
            if places == "goals":
                short = {"ja": japanese_short[own[0]]}
                short |= {tag: t.short(own[0]) for tag, t in texts.items()}
                _add(graph, concept, SKOS.altLabel, short)
            for tag in label:
                label[tag] = MENDED.get((tag, own[0]), label[tag])
            _add(graph, concept, SKOS.prefLabel, label)


def _add(graph: Graph, concept: URIRef, predicate: URIRef, texts: Mapping[str, str]) -> None:
    for tag, text in texts.items():
        tidy = clean_chinese(text) if tag == "zh" else clean(text)
        if tidy:
            graph.add((concept, predicate, Literal(tidy, lang=tag)))


def _indicator(
    source: Graph, concept: URIRef, own: list[str], texts: Mapping[str, "_Translations"]
) -> dict[str, str]:
    """Translations where their English is this revision's wording, else what the source has."""
    given = {tag: _longest(source, concept, tag) for tag in OFFICIAL}
    for code in own:
        if reading(texts["en"].title("indicators", code)) == reading(given["en"]):
            return {tag: texts[tag].title("indicators", code) for tag in OFFICIAL}
    return given


def _longest(source: Graph, concept: URIRef, tag: str) -> str:
    """The source repeats some labels with words missing: the longest is the whole one."""
    labels = source.objects(concept, SKOS.prefLabel)
    own = {clean(o) for o in labels if isinstance(o, Literal) and o.language == tag}
    return max(sorted(own), key=len, default="")


class _Translations:
    """The texts of one language, by kind and code."""

    def __init__(self, folder: Path, language: str) -> None:
        place = folder / "un_translations" / "translations" / language
        self._texts: dict[str, dict[str, str]] = {
            kind: yaml.safe_load((place / f"global_{kind}.yml").read_text("utf-8"))
            for kind in ("goals", "targets", "indicators")
        }

    def title(self, kind: str, code: str) -> str:
        return str(self._texts[kind].get(code.replace(".", "-") + "-title", ""))

    def short(self, goal: str) -> str:
        return str(self._texts["goals"][f"{goal}-short"])


def _japanese(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Japanese texts by code, and the goals' short names."""
    place = folder / "ja_targets"
    goals = json.loads((place / "goals-final-ja.json").read_text("utf-8"))
    texts = {str(goal["goal"]): goal["title"] for goal in goals}
    with (place / "targets_multilingual.csv").open(encoding="utf-8", newline="") as file:
        texts |= {row["code"]: row["ja"] for row in csv.DictReader(file)}
    for entry in json.loads((place / "indicators-final.json").read_text("utf-8")):
        # One code was read as a number on its way: 3.6 is target 3.6's only indicator.
        code = entry["indicator_id"]
        texts[code if isinstance(code, str) else f"{code}.1"] = entry["indicator"]
    for language, code in WRONG:
        if language == "ja":
            texts.pop(code, None)
    return texts, {str(goal["goal"]): goal["short"] for goal in goals}


def _describe(graph: Graph) -> None:
    """The scheme and the named graph that carries it, with their sources and licences."""
    graph.add((SCHEME, RDF.type, SKOS.ConceptScheme))
    for tag, text in TITLE.items():
        graph.add((NAMED_GRAPH, DCTERMS.title, Literal(text, lang=tag)))
    for goal in graph.subjects(SKOS.topConceptOf, SCHEME):
        graph.add((SCHEME, SKOS.hasTopConcept, goal))
    graph.add((NAMED_GRAPH, RDF.type, PROV.Entity))
    graph.add((NAMED_GRAPH, PROV.wasAttributedTo, AGENT))
    for source, (name, rights, licence) in SOURCES.items():
        graph.add((NAMED_GRAPH, DCTERMS.source, source))
        graph.add((source, DCTERMS.title, Literal(name, lang="en")))
        graph.add((source, DCTERMS.rights, Literal(rights, lang="en")))
        if licence:
            graph.add((source, DCTERMS.license, URIRef(licence)))


def serialise(graph: Graph) -> str:
    """The graph as Turtle in an order of its own making, so that the same graph is one text."""
    prefixes = {
        "dcterms": DCTERMS, "prov": PROV, "rdf": RDF, "sdg": SDG, "sdgo": SDGO, "skos": SKOS,
        "xsd": XSD,
    }  # fmt: skip
    plain = Graph(bind_namespaces="none")
    for prefix, namespace in prefixes.items():
        plain.bind(prefix, namespace)
    manager = plain.namespace_manager
    lines = [HEADER] + [f"@prefix {p}: <{n}> ." for p, n in prefixes.items()]
    for subject in sorted(set(graph.subjects()), key=str):
        lines.append("")
        pairs = sorted(graph.predicate_objects(subject), key=lambda pair: [n.n3() for n in pair])
        ends = [" ;"] * (len(pairs) - 1) + [" ."]
        lines.append(subject.n3(manager))
        for (predicate, value), end in zip(pairs, ends, strict=True):
            lines.append(f"    {predicate.n3(manager)} {value.n3(manager)}{end}")
    return "\n".join(lines) + "\n"


def counts(graph: Graph) -> Iterator[tuple[str, int]]:
    """How many goals, targets, indicators, and indicator places (some serve several targets)."""
    for name, kind in (("goals", "Goal"), ("targets", "Target"), ("indicators", "Indicator")):
        yield name, len(set(graph.subjects(RDF.type, SDGO[kind])))
    yield "places of indicators", len(set(graph.subject_objects(SDGO.hasIndicator)))


def main(arguments: list[str]) -> int:
    """Write `ontology/sdg.ttl` from the folder named in the arguments."""
    if len(arguments) != 1:
        print("python -m kg.sdg_reference SOURCES", file=sys.stderr)
        return 2
    graph = build(Path(arguments[0]))
    SDG_CONCEPTS.write_text(serialise(graph), encoding="utf-8")
    print(", ".join(f"{number} {name}" for name, number in counts(graph)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
