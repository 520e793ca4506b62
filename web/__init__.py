"""The faces: the site, the JSON API, linked data and `/sparql`, as one Flask application."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from web.services import Services

__version__ = "0.1.0"


def create_app(services: "Services") -> "Flask":
    """The whole application over one live generation of data.

    Imports Flask when called, not when named: `shirube --help` passes through this package.
    """
    from flask import Flask
    from jinja2 import StrictUndefined

    from web import (
        api,
        clients,
        cors,
        errors,
        graph_store,
        health,
        language,
        linked_data,
        pages,
        report_page,
        review,
        sdg_api,
        sdg_data,
        security,
        shacl,
        sparql,
        suggest,
    )

    app = Flask("web")
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False  # who types /plan/ means /plan
    health.install(app)
    security.install(app)
    cors.install(app)
    language.install(app)
    clients.install(app, services.rate_limit)
    errors.install(app)
    app.register_blueprint(pages.pages_blueprint(services))
    app.register_blueprint(review.review_blueprint(services))
    app.register_blueprint(sdg_data.sdg_data_blueprint(services))
    app.register_blueprint(report_page.report_blueprint(services))
    app.register_blueprint(linked_data.linked_data_blueprint(services))
    app.register_blueprint(api.api_blueprint(services))
    app.register_blueprint(suggest.suggest_blueprint(services))
    app.register_blueprint(sdg_api.sdg_api_blueprint(services))
    app.register_blueprint(health.health_blueprint(services))
    app.register_blueprint(sparql.sparql_blueprint(services))
    app.register_blueprint(graph_store.graph_store_blueprint(services))
    if services.validator is not None:
        app.register_blueprint(shacl.shacl_blueprint(services, services.validator))
    return app
