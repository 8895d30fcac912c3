"""The app with one more route that holds its request until the test lets go."""

from __future__ import annotations

import os
from pathlib import Path

from lotto_app.app import create_app as create_lotto_app


def create_app():
    """Return the app; /wait says in the FIFO `entered` that it waits, and reads `go` to go on."""
    app = create_lotto_app()
    folder = Path(os.environ["FIFOS"])

    @app.get("/wait")
    def wait():
        (folder / "entered").write_text("entered")
        return (folder / "go").read_text()

    return app
