"""Check the health of the server in this container: `python3 -m lotto_app.healthcheck`."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT = 2.0


def check(port: int) -> str | None:
    """Return None if /health answers 200 on this port of 127.0.0.1, else the problem."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"GET http://127.0.0.1:{port}/health failed: {error!r}"
    finally:
        connection.close()
    return None if status == 200 else f"GET /health answered {status}, not 200"  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(check(int(os.environ.get("PORT") or 8080)))
