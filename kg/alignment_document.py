"""All SDG alignments as one JSON document, which is JSON-LD too: for who reads neither RDF nor CSV.

What the plan states, what the machine judged and what a person decided stand apart in each entry,
and each is null where there is none.
"""

from typing import Any, get_args

from kg.alignment_context import Relation, said_by
from kg.alignment_table import Entry, entries
from kg.catalog import Catalog
from kg.codes import goal_of
from kg.prefixes import PREFIXES
from kg.reviews import ADDED

CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "shirube": PREFIXES["shirube"],
    "oa": PREFIXES["oa"],
    "@vocab": PREFIXES["shirube"],
    "id": "@id",
    "type": "@type",
    "alignments": "@graph",
    "thing": {"@id": "oa:hasTarget", "@type": "@id"},
    "concept": {"@id": "oa:hasBody", "@type": "@id"},
    "judged": "@nest",
    "reviewed": "@nest",
    "method": {"@nest": "judged"},
    "score": {"@nest": "judged"},
    "wording": {"@language": "ja", "@nest": "judged"},
    "evidence": {"@language": "ja"},
    "state": {"@id": "reviewState", "@type": "@vocab", "@nest": "reviewed"},
    "note": {"@id": "reviewNote", "@container": "@language", "@nest": "reviewed"},
    "part": {"@id": "evidenceIn"},
    **dict.fromkeys(("plan", "code", "label", "sdg", "goal", "stated", "relation", "by", "at")),
}


def document(catalog: Catalog) -> dict[str, Any]:
    """The document that `SCHEMA` describes, JSON types only."""
    return {"@context": CONTEXT, "alignments": [_entry(catalog, one) for one in entries(catalog)]}


def _entry(catalog: Catalog, entry: Entry) -> dict[str, Any]:
    thing, one = entry.thing, entry.alignment
    spoke = said_by(catalog, thing, one)
    judged = {"method": one.method, "score": one.score, "wording": one.wording or None}
    reviewed = {
        "state": one.state,
        "by": one.reviewer or None,
        "at": one.reviewed or None,
        "note": dict(one.note),
    }
    return {
        "id": one.iri,
        "type": "SDGAlignment" if one.state else "SDGStatement",
        "plan": thing.plan,
        "code": thing.code,
        "label": dict(thing.label),
        "thing": thing.iri,
        "sdg": one.sdg,
        "goal": goal_of(one.sdg),
        "concept": entry.concept.iri,
        "evidence": one.evidence or None,
        "part": spoke
        and {"id": spoke.thing.iri, "relation": spoke.relation, "code": spoke.thing.code},
        "stated": one.stated,
        "judged": judged if one.state and one.method != ADDED else None,
        "reviewed": reviewed if one.state not in ("", "unreviewed") else None,
    }


def _texts(description: str) -> dict[str, Any]:
    strings = {"type": "string"}
    return {"type": "object", "additionalProperties": strings, "description": description}


def _nullable(kind: str, description: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], "description": description, **more}


def _object(properties: dict[str, Any], nullable: str = "") -> dict[str, Any]:
    return {
        "type": ["object", "null"] if nullable else "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    } | ({"description": nullable} if nullable else {})


_STRING = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "SDG alignments of government strategies",
    "description": "Unless stated is true, an alignment is not the plan's official view.",
    "type": "object",
    "required": ["@context", "alignments"],
    "properties": {
        "@context": {"type": "object", "description": "for JSON-LD; JSON readers pass it over"},
        "alignments": {
            "type": "array",
            "items": _object(
                {
                    "id": {"type": "string", "format": "uri"},
                    "type": {"enum": ["SDGAlignment", "SDGStatement"]},
                    "plan": {**_STRING, "description": "name of the plan"},
                    "code": {**_STRING, "description": "code of a part of it, as in 4-2"},
                    "label": _texts("that part's name, by language"),
                    "thing": {"type": "string", "format": "uri"},
                    "sdg": {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9a-z]{1,2})?$"},
                    "goal": {"type": "string", "pattern": "^[0-9]{1,2}$"},
                    "concept": {"type": "string", "format": "uri", "description": "the UN's IRI"},
                    "evidence": _nullable("string", "words of the plan that it rests on"),
                    "part": _object(
                        {
                            "id": {"type": "string", "format": "uri"},
                            "relation": {"enum": list(get_args(Relation))},
                            "code": {**_STRING, "description": "code of what says it"},
                        },
                        "whether the evidence is the thing's own (title or text), of a part of it, "
                        "of a KPI or of what is above it; null where it is in none of them",
                    ),
                    "stated": {"type": "boolean", "description": "the plan itself says so"},
                    "judged": _object(
                        {
                            "method": {**_STRING, "description": "name and version"},
                            "score": {"type": "number", "minimum": 0, "maximum": 1},
                            "wording": _nullable("string", "words of the SDGs that were met"),
                        },
                        "the machine's judgement; null where there is none",
                    ),
                    "reviewed": _object(
                        {
                            "state": {"enum": ["accepted", "corrected", "rejected"]},
                            "by": _nullable("string", "who reviewed it"),
                            "at": _nullable("string", "when, in UTC", format="date-time"),
                            "note": _texts("the reviewer's note, by language"),
                        },
                        "a person's decision; null where nobody has decided",
                    ),
                }
            ),
        },
    },
}
