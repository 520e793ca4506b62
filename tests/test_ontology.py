"""The vocabulary, the SDG reference and the recipe that makes it."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, PROV, RDF, RDFS, SKOS, XSD

from kg import sdg_reference
from ontology import AGENT, GRAPH, KPIONTO, OA, SDG, SDG_CONCEPTS, SDGO, SHIRUBE, VOCABULARY

NAMESPACE = str(SHIRUBE._NS)
LANGUAGES = {"ja", "en"}
OFFICIAL = {"ja", "en", "fr", "es", "zh", "ar", "ru"}
RESIDENTS = {"ne", "my", "km", "lo", "uk"}


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return Graph().parse(VOCABULARY)


@pytest.fixture(scope="module")
def sdgs() -> Graph:
    return Graph().parse(SDG_CONCEPTS)


def terms(graph: Graph) -> set[URIRef]:
    return {
        s
        for s in graph.subjects(RDF.type)
        if isinstance(s, URIRef) and s.startswith(NAMESPACE) and s != URIRef(NAMESPACE)
    }


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> Counter[str | None]:
    return Counter(o.language for o in graph.objects(subject, predicate))


def test_the_closed_namespace_and_the_vocabulary_have_the_same_terms(vocabulary: Graph) -> None:
    names = {n for n in SHIRUBE.__annotations__ if not n.startswith("_")}
    assert {term.removeprefix(NAMESPACE) for term in terms(vocabulary)} == names
    assert len(names) == 61


def test_a_misspelt_term_fails_when_it_is_written() -> None:
    with pytest.raises(AttributeError):
        _ = SHIRUBE.hasMeasures


def test_every_term_has_one_label_and_one_definition_in_both_languages(vocabulary: Graph) -> None:
    for term in terms(vocabulary):
        assert set(languages(vocabulary, term, RDFS.label).items()) == {("ja", 1), ("en", 1)}
        assert set(languages(vocabulary, term, SKOS.definition).items()) == {("ja", 1), ("en", 1)}
        assert vocabulary.value(term, RDFS.isDefinedBy) == URIRef(NAMESPACE)


def test_every_property_and_individual_is_typed(vocabulary: Graph) -> None:
    kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}
    kinds |= {SHIRUBE.ReviewState, SHIRUBE.ObservationRole, RDF.Property}
    for term in terms(vocabulary):
        assert len(set(vocabulary.objects(term, RDF.type)) & kinds) == 1, term


@pytest.mark.parametrize(
    ("term", "above"),
    [
        (SHIRUBE.Strategy, PROV.Plan),
        (SHIRUBE.KPI, KPIONTO.Indicator),
        (SHIRUBE.Observation, URIRef("http://purl.org/linked-data/cube#Observation")),
        (SHIRUBE.SDGAlignment, OA.Annotation),
        (SHIRUBE.SDGStatement, OA.Annotation),
        (SHIRUBE.Review, OA.Annotation),
    ],
)
def test_classes_stand_under_those_of_the_field(
    vocabulary: Graph, term: URIRef, above: URIRef
) -> None:
    assert (term, RDFS.subClassOf, above) in vocabulary


def test_all_parts_are_parts_in_dublin_core(vocabulary: Graph) -> None:
    parts = {t for t in terms(vocabulary) if re.search("#has[A-Z]", t)}
    assert len(parts) == 6
    assert parts == set(vocabulary.subjects(RDFS.subPropertyOf, DCTERMS.hasPart))


def test_the_vocabulary_says_what_it_is_and_under_which_licence(vocabulary: Graph) -> None:
    own = URIRef(NAMESPACE)
    assert set(languages(vocabulary, own, DCTERMS.title)) == LANGUAGES
    licence = URIRef("https://spdx.org/licenses/Apache-2.0")
    assert vocabulary.value(own, DCTERMS.license) == licence
    assert vocabulary.value(own, DCTERMS.creator) == AGENT
    assert vocabulary.value(own, OWL.versionInfo) == Literal("0.1.0")


def test_the_sdgs_are_all_there(sdgs: Graph) -> None:
    assert dict(sdg_reference.counts(sdgs)) == {
        "goals": 17,
        "targets": 169,
        "indicators": 232,
        "places of indicators": 244,
    }


def test_goals_and_targets_have_one_text_in_every_language(sdgs: Graph) -> None:
    for kind in (SDGO.Goal, SDGO.Target):
        for concept in sdgs.subjects(RDF.type, kind):
            expected = dict.fromkeys(OFFICIAL | RESIDENTS, 1)
            assert languages(sdgs, concept, SKOS.prefLabel) == expected, concept
    for goal in sdgs.subjects(RDF.type, SDGO.Goal):
        assert languages(sdgs, goal, SKOS.altLabel) == expected, goal


def test_indicators_have_at_most_one_text_per_language_and_say_which_are_missing(
    sdgs: Graph,
) -> None:
    without: dict[str, set[str]] = {tag: set() for tag in OFFICIAL}
    for indicator in sdgs.subjects(RDF.type, SDGO.Indicator):
        found = languages(sdgs, indicator, SKOS.prefLabel)
        assert set(found.values()) == {1}
        for tag in OFFICIAL - set(found):
            without[tag].add(str(indicator).removeprefix(SDG))
    assert without["en"] == without["fr"] == without["es"] == set()
    assert without["ja"] == {"C010a01", "C010a03", "C030b03"}
    # These were reworded since: a translation of the new wording would not say what they say.
    assert without["zh"] == without["ar"] == without["ru"]
    assert len(without["zh"]) == 44


def test_codes_say_where_a_concept_belongs(sdgs: Graph) -> None:
    for kind in (SDGO.Goal, SDGO.Target):
        for concept in sdgs.subjects(RDF.type, kind):
            assert sdg_reference.codes(sdgs, concept) == [str(concept).removeprefix(SDG)]
    for target, goal in sdgs.subject_objects(SDGO.isTargetOf):
        assert str(target).rpartition(".")[0] == str(goal)
        assert (target, SKOS.broader, goal) in sdgs
        assert (goal, SKOS.narrower, target) in sdgs
    for indicator in sdgs.subjects(RDF.type, SDGO.Indicator):
        above = {c.rpartition(".")[0] for c in sdg_reference.codes(sdgs, indicator)}
        targets = sdgs.objects(indicator, SDGO.isIndicatorOf)
        assert {str(target).removeprefix(SDG) for target in targets} == above


@pytest.mark.parametrize(
    ("code", "predicate", "start", "tag"),
    [
        ("4", SKOS.altLabel, "質の高い教育をみんなに", "ja"),
        ("4", SKOS.altLabel, "Quality education", "en"),
        ("11", SKOS.prefLabel, "包摂的で安全かつ強靱（レジリエント）で持続可能な都市", "ja"),
        ("12.3", SKOS.prefLabel, "By 2030, halve per capita global food waste at the retail", "en"),
        ("3.4", SKOS.prefLabel, "到2030年，通过预防、治疗及促进身心健康，", "zh"),
        ("C030601", SKOS.prefLabel, "道路交通事故による死亡率", "ja"),
        ("C170602", SKOS.prefLabel, "100人当たりの固定インターネットブロードバンド契約数", "ja"),
        (
            "C030305",
            SKOS.prefLabel,
            "「顧みられない熱帯病」（NTDs）に対して介入を必要としている人々の数",
            "ja",
        ),
    ],
)
def test_texts_are_those_of_the_sources(
    sdgs: Graph, code: str, predicate: URIRef, start: str, tag: str
) -> None:
    [text] = [o for o in sdgs.objects(SDG[code], predicate) if o.language == tag]
    assert text.startswith(start)


def test_slips_of_the_sources_are_mended(sdgs: Graph) -> None:
    ends = {("C030305", "ja"): "必要としている人々の数", ("3.4", "zh"): "死亡减少三分之一"}
    for (code, tag), end in ends.items():
        [text] = [o for o in sdgs.objects(SDG[code], SKOS.prefLabel) if o.language == tag]
        assert text.endswith(end)


def test_texts_are_tidy(sdgs: Graph) -> None:
    texts = [str(o) for p in (SKOS.prefLabel, SKOS.altLabel) for o in sdgs.objects(None, p)]
    assert len(texts) == 3925
    assert not [t for t in texts if t != sdg_reference.clean(t)]


def test_an_indicator_keeps_the_code_its_source_gives(sdgs: Graph) -> None:
    code = Literal("11.7.1", datatype=SDGO.SDGCodeCompact)
    assert sdgs.value(predicate=SKOS.notation, object=code) == SDG.C110701


def test_the_reference_names_its_sources_with_their_rights(sdgs: Graph) -> None:
    sources = set(sdgs.objects(URIRef(GRAPH + "sdg"), DCTERMS.source))
    assert len(sources) == 3
    for source in sources:
        assert sdgs.value(source, DCTERMS.rights)
    header = SDG_CONCEPTS.read_text("utf-8").split("@prefix")[0]
    assert "MIT" in header
    assert "Apache-2.0" in header


@pytest.mark.parametrize("file", [VOCABULARY, SDG_CONCEPTS])
def test_nothing_that_is_loaded_has_blank_nodes(file: Path) -> None:
    nodes = {node for triple in Graph().parse(file) for node in triple}
    assert nodes
    assert not [node for node in nodes if isinstance(node, BNode)]


def test_the_committed_reference_is_as_the_recipe_writes_it(sdgs: Graph) -> None:
    assert sdg_reference.serialise(sdgs) == SDG_CONCEPTS.read_text("utf-8")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A goal, a target and an indicator of two targets, with the slips that the real ones have."""
    kos = Graph()
    for code, kind in (("1", "Goal"), ("1.1", "Target"), ("1.2", "Target"), ("C01", "Indicator")):
        kos.add((SDG[code], RDF.type, SDGO[kind]))
        kos.add((SDG[code], SKOS.inScheme, sdg_reference.SCHEME))
        kos.add((SDG[code], SKOS.note, Literal("a note", lang="en")))
    kos.add((SDG["1"], SKOS.topConceptOf, sdg_reference.SCHEME))
    for code, notation in (
        ("1", "1"),
        ("1.1", "1.1"),
        ("1.2", "1.2"),
        ("C01", "1.2.1"),
        ("C01", "1.1.1"),
    ):
        kos.add((SDG[code], SKOS.notation, Literal(notation, datatype=SDGO.SDGCodeCompact)))
    for text in ("Share of\u00a0people ", "Share of people", "Share"):
        kos.add((SDG.C01, SKOS.prefLabel, Literal(text, lang="en")))
    kos.add((SDG.C01, SKOS.prefLabel, Literal("Part du peuple", lang="fr")))
    folder = tmp_path / "un-sdg-kos"
    folder.mkdir()
    kos.serialize(folder / "sdg-kos-goals-targets-indicators.ttl")
    translations = {
        "goals": {"1-title": "Goal\u00ad one", "1-short": "On\u0640e"},
        "targets": {"1-1-title": "Target,one", "1-2-title": "Target\n two"},
        "indicators": {"1-1-1-title": "Share of people", "1-2-1-title": "Another share"},
    }
    for name in (sdg_reference.OFFICIAL | sdg_reference.RESIDENTS).values():
        place = tmp_path / "un_translations" / "translations" / name
        place.mkdir(parents=True)
        for kind, texts in translations.items():
            (place / f"global_{kind}.yml").write_text(yaml.safe_dump(texts), "utf-8")
    ja = tmp_path / "ja_targets"
    ja.mkdir()
    goal = {"goal": 1, "title": "貧困を終わらせる", "short": "貧困をなくそう"}
    (ja / "goals-final-ja.json").write_text(json.dumps([goal]), "utf-8")
    (ja / "targets_multilingual.csv").write_text("code,ja\n1.1,一\n1.2,二\n", "utf-8")
    indicator = {"indicator_id": 1.2, "indicator": " 人の割合"}
    (ja / "indicators-final.json").write_text(json.dumps([indicator]), "utf-8")
    return tmp_path


def test_the_recipe_mends_what_the_sources_have_wrong(sources: Path) -> None:
    graph = sdg_reference.build(sources)
    labels = {(str(s), o.language): str(o) for s, o in graph.subject_objects(SKOS.prefLabel)}
    assert labels[str(SDG["1"]), "en"] == "Goal one"
    assert labels[str(SDG["1.1"]), "zh"] == "Target，one"
    assert labels[str(SDG["1.2"]), "en"] == "Target two"
    assert labels[str(SDG.C01), "en"] == "Share of people"
    assert labels[str(SDG.C01), "ja"] == "人の割合"
    assert (SDG["1"], SKOS.altLabel, Literal("One", lang="ar")) in graph
    assert (None, SKOS.note, None) not in graph


def test_the_recipe_takes_no_translation_of_another_wording(sources: Path) -> None:
    file = sources / "un_translations" / "translations" / "en" / "global_indicators.yml"
    file.write_text(yaml.safe_dump({"1-1-1-title": "Number of people"}), "utf-8")
    graph = sdg_reference.build(sources)
    assert set(graph.objects(SDG.C01, SKOS.prefLabel)) == {
        Literal("Share of people", lang="en"),
        Literal("Part du peuple", lang="fr"),
        Literal("人の割合", lang="ja"),
    }


def test_the_recipe_gives_the_same_text_each_time(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for name in ("first.ttl", "second.ttl"):
        monkeypatch.setattr(sdg_reference, "SDG_CONCEPTS", tmp_path / name)
        assert sdg_reference.main([str(sources)]) == 0
        written.append((tmp_path / name).read_text("utf-8"))
    assert written[0] == written[1]
    assert sdg_reference.main([]) == 2
    assert Graph().parse(tmp_path / "first.ttl").isomorphic(sdg_reference.build(sources))


def test_years_are_years(vocabulary: Graph) -> None:
    for term in (SHIRUBE.endFiscalYear, SHIRUBE.fiscalYear):
        assert vocabulary.value(term, RDFS.range) == XSD.gYear
