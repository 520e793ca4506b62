"""Checking what a user has, a plan's folder or a file of RDF, without building anything."""

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from kg.assembly import read_plans, union_of
from kg.message import Language, UserError
from kg.shacl import Report, validate


class RdfFileError(UserError):
    """A file that is not RDF, or not in the format that its name says."""


def check_plans(folders: Sequence[Path], language: Language) -> Report:
    """Build the plans' graphs in memory and check them; raises what reading them raises."""
    return validate(union_of(read_plans(folders, lambda ja, en: None)), language)


def check_file(file: Path, language: Language) -> Report:
    """Check a file of triples (.ttl, .nt, .nq, .trig, .rdf, .jsonld); raises RdfFileError."""
    rdf_format = ox.RdfFormat.from_extension(file.suffix.removeprefix("."))
    if rdf_format is None:
        raise RdfFileError(
            f"{file}: 拡張子から RDF の形式が分かりません。"
            ".ttl .nt .nq .trig .rdf .jsonld のどれかにしてください。",
            f"{file}: the suffix names no RDF format; use .ttl, .nt, .nq, .trig, .rdf or .jsonld.",
        )
    try:
        quads = list(ox.parse(path=str(file), format=rdf_format))
    except (SyntaxError, OSError, ValueError) as error:
        line = getattr(error, "lineno", None)
        place = f"{file}:{line}" if line else str(file)
        raise RdfFileError(
            f"{place}: {rdf_format.name} として読めません({error})。",
            f"{place}: cannot be read as {rdf_format.name} ({error}).",
        ) from error
    triples = (ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads)
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    graph = Graph()
    graph.parse(data=text, format="nt")
    return validate(graph, language)
