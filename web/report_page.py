"""`/sdg/report`: the SDG report of a plan, to read, to print and to take away."""

from flask import Blueprint, Response, render_template, request

from web.language import page_language
from web.report_files import MEDIA_TYPES, report_file
from web.report_texts import report_text
from web.sdg_report import Report, report_of
from web.services import Services


def report_blueprint(services: Services) -> Blueprint:
    """The page, and the same as files; `?plan=` chooses among several."""
    pages = Blueprint("report", __name__, url_prefix="/sdg")

    def asked() -> Report:
        return report_of(
            services.current(),
            request.args.get("plan") or None,
            digest=services.graph_digest,
            thresholds=services.thresholds,
            estimate=services.estimate,
        )

    @pages.get("/report")
    def page() -> str:
        report = asked()
        return render_template(
            "report.html",
            report=report,
            catalog=report.catalog,
            plans=services.catalog.strategies,
            online=True,
            r=report_text,
        )

    @pages.get("/report.<any(html,csv,xlsx,json):extension>")
    def file(extension: str) -> Response:
        content = report_file(extension, report := asked(), page_language())
        if extension == "csv" and request.args.get("bom") == "1":
            content = b"\xef\xbb\xbf" + content
        response = Response(content, content_type=MEDIA_TYPES[extension])
        if extension != "json":
            name = f"sdg-report-{report.facts.strategy.plan}.{extension}"
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    return pages
