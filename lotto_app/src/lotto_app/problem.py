"""Answer every HTTP error as a problem document, RFC 9457."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, InternalServerError

if TYPE_CHECKING:
    from flask import Flask, Response

MEDIA_TYPE = "application/problem+json"


def init_app(app: Flask) -> None:
    """Turn every HTTPException, and every unhandled exception, into a problem document."""
    app.register_error_handler(HTTPException, to_problem)


def to_problem(error: HTTPException) -> Response:
    """Return the error's own response, headers such as Allow included, with a problem body."""
    response: Response = error.get_response()  # type: ignore[assignment]
    if error.response is not None:
        return response
    response.data = json.dumps(
        {
            "type": "about:blank",
            "title": error.name,
            "status": error.code,
            "detail": error.description or InternalServerError.description,
        }
    )
    response.content_type = MEDIA_TYPE
    response.headers["Cache-Control"] = "no-store"
    return response
