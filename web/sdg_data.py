"""`/sdg/alignments.*`, `/sdg/indicators.*`: what is judged, as tables and as data."""

import json
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request, url_for

from kg import alignment_table, comparison_table
from kg.alignment_document import SCHEMA
from kg.catalog import Catalog
from kg.message import Language
from kg.sheets import Column
from kg.store import Store
from web.language import page_language
from web.sdg_files import MEDIA_TYPES, alignments_file, csvw, indicators_file
from web.services import Services

Writing = Callable[[str, Catalog, Store, Language], bytes]


def sdg_data_blueprint(services: Services) -> Blueprint:
    """The files, and what describes them."""
    pages = Blueprint("sdg_data", __name__, url_prefix="/sdg")

    def _file(extension: str, write: Writing = alignments_file) -> Response:
        content = write(extension, services.current(), services.graph, page_language())
        return Response(content, content_type=MEDIA_TYPES[extension])

    def _table(response: Response, extension: str, name: str, about: str) -> Response:
        """A table that a browser is to keep; a CSV is marked for Excel where that is asked for."""
        name = f"{name}.{extension}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        if extension == "csv":
            if request.args.get("bom") == "1":
                response.data = response.get_data(as_text=True).encode("utf-8-sig")
            link = f'<{about}>; rel="describedby"; type="application/csvm+json"'
            response.headers.add("Link", link)
        return response

    def _csvw(table: str, columns: Sequence[Column], key: str) -> Response:
        text = json.dumps(csvw(table, columns, key), indent=1, ensure_ascii=False)
        return Response(text, content_type="application/csvm+json")

    @pages.get("/alignments.<any(csv,xlsx):extension>")
    def table(extension: str) -> Response:
        return _table(_file(extension), extension, "sdg-alignments", url_for(".metadata"))

    @pages.get("/indicators.<any(csv,ttl,jsonld):extension>")
    def indicators(extension: str) -> Response:
        response = _file(extension, indicators_file)
        if extension != "csv":
            return response
        about = url_for(".indicators_metadata")
        return _table(response, extension, "sdg-indicators", about)

    @pages.get("/alignments.<any(ttl,jsonld,json):extension>")
    def data(extension: str) -> Response:
        response = _file(extension)
        if extension != "ttl":
            response.headers.add("Link", f'<{url_for(".schema")}>; rel="describedby"')
        return response

    @pages.get("/alignments.csv-metadata.json")
    def metadata() -> Response:
        return _csvw(url_for(".table", extension="csv"), alignment_table.COLUMNS, "alignment")

    @pages.get("/indicators.csv-metadata.json")
    def indicators_metadata() -> Response:
        address = url_for(".indicators", extension="csv")
        return _csvw(address, comparison_table.COLUMNS, "comparison")

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
