"""The namespaces of our vocabulary and of the others that the graphs speak."""

from rdflib.namespace import DefinedNamespace, Namespace
from rdflib.term import URIRef

AGENT = URIRef("https://w3id.org/shirube")
SDG = Namespace("http://metadata.un.org/sdg/")
SDGO = Namespace("http://metadata.un.org/sdg/ontology#")
OA = Namespace("http://www.w3.org/ns/oa#")
KPIONTO = Namespace("http://w3id.org/kpionto/")
SCHEMA = Namespace("https://schema.org/")


class SHIRUBE(DefinedNamespace):
    """The terms of `shirube.ttl`; a test holds the two lists equal."""

    _NS = Namespace("https://w3id.org/shirube/ns#")
    _fail = True

    # classes
    Strategy: URIRef
    BasicPolicy: URIRef
    Measure: URIRef
    Initiative: URIRef
    Component: URIRef
    KPI: URIRef
    Observation: URIRef
    CrossCuttingTopic: URIRef
    SDGAlignment: URIRef
    Quotation: URIRef
    Review: URIRef
    SDGStatement: URIRef
    IndicatorComparison: URIRef
    ReviewState: URIRef
    ObservationRole: URIRef
    # structure of a plan
    hasPolicy: URIRef
    hasMeasure: URIRef
    hasInitiative: URIRef
    hasComponent: URIRef
    hasTopic: URIRef
    hasKPI: URIRef
    # what the plan says about itself
    direction: URIRef
    basicPrinciple: URIRef
    sdgStatement: URIRef
    periodStatement: URIRef
    endFiscalYear: URIRef
    interpretation: URIRef
    line: URIRef
    ofProperty: URIRef
    # observations of a KPI
    observes: URIRef
    role: URIRef
    value: URIRef
    fiscalYear: URIRef
    baseline: URIRef
    target: URIRef
    actual: URIRef
    # search in SPARQL
    search: URIRef
    searchLimit: URIRef
    searchLanguage: URIRef
    searchType: URIRef
    searchPolicy: URIRef
    searchSDG: URIRef
    searchPlan: URIRef
    searchScore: URIRef
    searchLiteral: URIRef
    # judged SDG alignments
    alignedWith: URIRef
    score: URIRef
    method: URIRef
    evidence: URIRef
    evidenceIn: URIRef
    wording: URIRef
    currentReview: URIRef
    reviewState: URIRef
    reviewNote: URIRef
    comparableWith: URIRef
    match: URIRef
    reason: URIRef
    unreviewed: URIRef
    accepted: URIRef
    corrected: URIRef
    rejected: URIRef
