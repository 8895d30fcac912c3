"""Send the security headers.

Their values follow the OWASP Secure Headers Project and, except for pages, the OWASP REST
Security Cheat Sheet.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

POLICY = "Content-Security-Policy"
API_POLICY = (POLICY, "default-src 'none'; frame-ancestors 'none'")
HEADERS = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
ONLY_HTTPS = ("Strict-Transport-Security", "max-age=31536000")


class SecurityHeaders:
    """Middleware that adds the headers; a page has its own Content-Security-Policy."""

    def __init__(self, app: WSGIApplication) -> None:
        """Wrap `app`."""
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(HEADERS)
            if all(name != POLICY for name, _value in headers):
                headers.append(API_POLICY)
            # RFC 6797, 7.2: never over plain HTTP. The load balancer ends TLS and sets this header.
            if environ.get("HTTP_X_FORWARDED_PROTO") == "https":
                headers.append(ONLY_HTTPS)
            return start_response(status, headers, exc_info)

        return self.app(environ, start)


def init_app(app: Flask) -> None:
    """Add the headers to every response."""
    app.wsgi_app = SecurityHeaders(app.wsgi_app)  # type: ignore[method-assign]


def page_policy(*, style: str, script: str = "") -> str:
    """Return the Content-Security-Policy of a page that may run only this style and this script."""
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
