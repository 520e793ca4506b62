"""Eight queries as analysts and pages ask them, over synthetic plans.

Where there is a LIMIT there is an order, so that all engines must give the same rows.
"""

from tests.bench.made_plans import plan_id

_PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX sdg: <http://metadata.un.org/sdg/>
PREFIX shirube: <https://w3id.org/shirube/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def queries(plan: int) -> dict[str, str]:
    """The queries by what they ask, those about one plan about this one."""
    base = f"https://w3id.org/shirube/id/{plan_id(plan)}"
    measure = f"<{base}/measure/4-2>"
    said = f"<https://w3id.org/shirube/graph/{plan_id(plan)}/said>"
    bodies = {
        "one thing": f"SELECT ?p ?o {{ {measure} ?p ?o }}",
        "KPIs to download": """SELECT ?kpi ?code ?label ?line {
            ?kpi a shirube:KPI ; skos:notation ?code ; skos:prefLabel ?label ;
            prov:wasQuotedFrom/shirube:line ?line FILTER(LANG(?label) = "ja") }
            ORDER BY ?kpi ?line LIMIT 10000""",
        "measures and how many KPIs": f"""SELECT ?code (COUNT(?kpi) AS ?kpis) {{ GRAPH {said} {{
            ?measure a shirube:Measure ; skos:notation ?code
            OPTIONAL {{ ?measure shirube:hasKPI ?kpi }} }} }} GROUP BY ?code ORDER BY ?code""",
        "a plan's tree by path": f"""SELECT ?thing ?code {{
            ?thing dcterms:isPartOf+ <{base}/policy/4> ; skos:notation ?code }}""",
        "who serves a target": """SELECT ?thing ?label { ?alignment oa:hasBody sdg:11.a ;
            oa:hasTarget ?thing . ?thing a shirube:Measure ; skos:prefLabel ?label
            FILTER(LANG(?label) = "ja") } ORDER BY ?thing LIMIT 100""",
        "labels that contain": """SELECT ?thing ?label { ?thing skos:prefLabel ?label
            FILTER(LANG(?label) = "ja" && CONTAINS(?label, "若者")) }
            ORDER BY ?thing LIMIT 20""",
        "a description": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {measure} }} ?s ?p ?o }}",
        "things by type": "SELECT ?type (COUNT(?thing) AS ?n) { ?thing a ?type } GROUP BY ?type",
    }
    return {name: _PREFIXES + body for name, body in bodies.items()}
