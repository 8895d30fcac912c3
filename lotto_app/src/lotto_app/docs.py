"""The API's OpenAPI document, and a page that shows it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from . import __version__
from .page import STYLE
from .security import POLICY, page_policy

DOCS_POLICY = page_policy(style=STYLE)

blueprint = Blueprint("docs", __name__)


def _read() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((files(__package__) / "openapi.json").read_bytes())
    document["info"]["version"] = __version__
    return document


def _resolve(part: Any) -> Any:
    """Return the part with every reference replaced by what it names."""
    if isinstance(part, list):
        return [_resolve(item) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" not in part:
        return {key: _resolve(value) for key, value in part.items()}
    named: Any = DOCUMENT
    for key in part["$ref"].removeprefix("#/").split("/"):
        named = named[key]
    return _resolve(named)


DOCUMENT = _read()
RESOLVED = _resolve(DOCUMENT)


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """Answer the document."""
    return Response(json.dumps(DOCUMENT), content_type="application/json")


@blueprint.get("/api/docs")
def docs() -> Response:
    """Answer the page."""
    style = Markup(STYLE)  # noqa: S704
    html = render_template("docs.html", document=RESOLVED, dumps=json.dumps, style=style)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers[POLICY] = DOCS_POLICY
    return response
