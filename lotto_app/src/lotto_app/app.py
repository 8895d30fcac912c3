"""Create the Flask application."""

from __future__ import annotations

from random import Random, SystemRandom

from flask import Flask

from . import api, docs, page, problem, security, telemetry


def create_app(source: Random | None = None) -> Flask:
    """Return a new application that draws from `source`.

    By default that is the operating system's randomness, which every thread and process may use at
    once. A seeded `random.Random` makes tests repeatable.
    """
    app = Flask(__name__, static_folder=None)
    app.config["SOURCE"] = source or SystemRandom()
    security.init_app(app)
    telemetry.init_app(app)
    problem.init_app(app)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(page.blueprint)
    return app
