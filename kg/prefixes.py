"""The prefixes that queries over our graphs need: for hints, examples, the editor and Turtle.

Written out rather than taken from rdflib, so that query workers start without loading it.
"""

PREFIXES: dict[str, str] = {
    "shirube": "https://w3id.org/shirube/ns#",
    "graph": "https://w3id.org/shirube/graph/",
    "sdg": "http://metadata.un.org/sdg/",
    "sdgo": "http://metadata.un.org/sdg/ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "schema": "https://schema.org/",
    "kpionto": "http://w3id.org/kpionto/",
    "qb": "http://purl.org/linked-data/cube#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
}

# What people write by habit, as prefix.cc has it: only for hints.
_WELL_KNOWN = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dct": PREFIXES["dcterms"],
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "org": "http://www.w3.org/ns/org#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "dbo": "http://dbpedia.org/ontology/",
    "dbr": "http://dbpedia.org/resource/",
}


def declaration(prefix: str) -> str:
    """The PREFIX line of a known prefix, or a pattern to fill in for any other."""
    namespace = PREFIXES.get(prefix) or _WELL_KNOWN.get(prefix, "http://…")
    return f"PREFIX {prefix}: <{namespace}>"
