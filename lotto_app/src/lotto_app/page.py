"""The page for people: it works without JavaScript, and faster with it."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from .draw import MOST_GAMES, draw
from .security import POLICY, page_policy
from .telemetry import record_draw
from .words import NAMES, WORDS

COLOURS = ("yellow", "blue", "red", "grey", "green")

_TEMPLATES = files(__package__) / "templates"
STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
SCRIPT = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
PAGE_POLICY = page_policy(style=STYLE, script=SCRIPT)

blueprint = Blueprint("page", __name__)


@blueprint.get("/")
def page() -> Response:
    """Answer the page with `games` games, in the language `lang`."""
    source = current_app.config["SOURCE"]
    drawn = [draw(source) for _game in range(_games())]
    record_draw(request.environ, drawn, len(drawn))
    chosen = request.args.get("lang") in WORDS
    language = _language()
    other = next(code for code in NAMES if code != language)
    html = render_template(
        "page.html",
        language=language,
        chosen=chosen,
        other=other,
        other_name=NAMES[other],
        words=WORDS[language],
        drawn=drawn,
        colours=COLOURS,
        most=MOST_GAMES,
        style=Markup(STYLE),  # noqa: S704
        script=Markup(SCRIPT),  # noqa: S704
    )
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers[POLICY] = PAGE_POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return response


def _games() -> int:
    """Return the requested number of games; one if the query is invalid."""
    asked = request.args.get("games", type=int)
    return asked if asked and 1 <= asked <= MOST_GAMES else 1


def _language() -> str:
    """Return `lang` of the query, else the browser's preferred language, else English."""
    chosen = request.args.get("lang")
    if chosen in WORDS:
        return chosen
    return request.accept_languages.best_match(WORDS, "en")
