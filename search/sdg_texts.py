"""What of a plan is put before the SDG judge: a title alone says too little."""

from kg.plan import Initiative, Measure, Plan


def judged_texts(plan: Plan) -> dict[str, str]:
    """Code -> text for every measure, initiative and topic, in the order of the plan.

    An initiative is read with its details and its measure's title, a measure with its initiatives,
    its KPIs and its policy's title: one label to a line and the thing's own first, so that a span
    of the text is always a span of one label. A KPI is read with its measure only; the document
    does not say which initiative it measures.
    """
    texts: dict[str, str] = {}
    for policy in plan.policies:
        for measure in policy.measures:
            texts[measure.code] = "\n".join([*_measure(measure), policy.label.text])
            for initiative in measure.initiatives:
                texts[initiative.code] = "\n".join([*_initiative(initiative), measure.label.text])
    for topic in plan.topics:
        texts[topic.code] = topic.label.text
    return texts


def _measure(measure: Measure) -> list[str]:
    lines = [measure.label.text]
    for initiative in measure.initiatives:
        lines += _initiative(initiative)
    return [*lines, *(kpi.label.text for kpi in measure.kpis)]


def _initiative(initiative: Initiative) -> list[str]:
    return [initiative.label.text, *(component.label.text for component in initiative.components)]
