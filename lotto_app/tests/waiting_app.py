"""The app with another route that holds its request until the test releases it."""

from __future__ import annotations

import os
from pathlib import Path

from lotto_app.app import create_app as create_lotto_app


def create_app():
    """Return the app; /wait announces itself in the FIFO `entered`, and reads `go` to continue."""
    app = create_lotto_app()
    folder = Path(os.environ["FIFOS"])

    @app.get("/wait")
    def wait():
        (folder / "entered").write_text("entered")
        return (folder / "go").read_text()

    return app
