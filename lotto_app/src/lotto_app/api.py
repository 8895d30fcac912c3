"""The HTTP API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, request

from .draw import MOST_GAMES, draw
from .telemetry import record_draw

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

MOST_SHOWN = 40
GAMES = {str(number): number for number in range(1, MOST_GAMES + 1)}

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/lotto/lucky")
def lucky() -> Response:
    """Answer one game as a bare array or, with `games`, an array of that many."""
    games = games_asked(request.args)
    source = current_app.config["SOURCE"]
    drawn = [draw(source) for _game in range(games or 1)]
    answer = drawn if games else drawn[0]
    record_draw(request.environ, answer, len(drawn))
    return _fresh(Response(json.dumps(answer), content_type="application/json"))


@blueprint.get("/health")
def health() -> Response:
    """Answer OK: the load balancer's health check."""
    return _fresh(Response("OK", content_type="text/plain; charset=utf-8"))


def games_asked(query: MultiDict[str, str]) -> int | None:
    """Return the requested number of games, None without one; 400 if it is invalid."""
    asked = query.getlist("games")
    if not asked:
        return None
    if len(asked) > 1 or asked[0] not in GAMES:
        abort(
            400,
            f"games is {', '.join(asked)[:MOST_SHOWN]!r}: "
            f"give it once, as a whole number from 1 to {MOST_GAMES}, or leave it out.",
        )
    return GAMES[asked[0]]


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
