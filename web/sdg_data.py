"""`/sdg/alignments.*`: every SDG alignment with its states, as a table and as data."""

import json

from flask import Blueprint, Response, request, url_for

from kg.alignment_document import SCHEMA
from web.language import page_language
from web.sdg_files import MEDIA_TYPES, alignments_file, csvw
from web.services import Services


def sdg_data_blueprint(services: Services) -> Blueprint:
    """The files, and what describes them."""
    pages = Blueprint("sdg_data", __name__, url_prefix="/sdg")

    def _file(extension: str) -> Response:
        language = page_language()
        content = alignments_file(extension, services.current(), services.graph, language)
        return Response(content, content_type=MEDIA_TYPES[extension])

    @pages.get("/alignments.<any(csv,xlsx):extension>")
    def table(extension: str) -> Response:
        response = _file(extension)
        name = f"sdg-alignments.{extension}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        if extension == "csv":
            if request.args.get("bom") == "1":
                response.data = response.get_data(as_text=True).encode("utf-8-sig")
            about = f'<{url_for(".metadata")}>; rel="describedby"; type="application/csvm+json"'
            response.headers.add("Link", about)
        return response

    @pages.get("/alignments.<any(ttl,jsonld,json):extension>")
    def data(extension: str) -> Response:
        response = _file(extension)
        if extension != "ttl":
            response.headers.add("Link", f'<{url_for(".schema")}>; rel="describedby"')
        return response

    @pages.get("/alignments.csv-metadata.json")
    def metadata() -> Response:
        text = json.dumps(csvw(url_for(".table", extension="csv")), indent=1, ensure_ascii=False)
        return Response(text, content_type="application/csvm+json")

    @pages.get("/alignments.schema.json")
    def schema() -> Response:
        text = json.dumps(SCHEMA, indent=1, ensure_ascii=False)
        return Response(text, content_type="application/schema+json")

    @pages.after_request
    def check_each_time(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    return pages
