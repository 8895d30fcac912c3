"""Send the security headers.

Their values follow the OWASP Secure Headers Project and, for what is not a page, the OWASP REST
Security Cheat Sheet.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from flask import Flask, Response

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ONE_YEAR = "max-age=31536000"


def init_app(app: Flask) -> None:
    """Add the headers to every response."""
    app.after_request(_add_headers)


def page_policy(*, style: str, script: str = "") -> str:
    """Return the Content-Security-Policy of a page that may run just this style and this script."""
    rules = [
        "default-src 'none'",
        f"style-src {_hash(style)}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    if script:
        rules += [f"script-src {_hash(script)}", "connect-src 'self'"]
    return "; ".join(rules)


def _hash(source: str) -> str:
    return f"'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'"


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", API_POLICY)
    for name, value in HEADERS.items():
        headers[name] = value
    # RFC 6797, 7.2: never over plain HTTP. The load balancer ends TLS and says so here.
    if request.environ.get("HTTP_X_FORWARDED_PROTO") == "https":
        headers["Strict-Transport-Security"] = ONE_YEAR
    return response
