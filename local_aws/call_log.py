# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The call log: one JSON object per line for each AWS API call that the local AWS answered.

Fields: ``seq`` (1, 2, … since the start), ``time`` (seconds since the epoch), ``account``, ``region``,
``service``, ``action``, ``status`` (HTTP), ``error`` (AWS's code, null if none), ``write``, ``write_seq``
(number of writes so far, including this one), ``key`` (access key id) and ``ms``. No parameters: they may
contain secrets.
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

READS = re.compile(
    r"^(Describe|Get|List|BatchGet|BatchCheck|Lookup|Search|Filter|Test|Discover|Head|Select|Preview|Simulate|Poll)"
)
READS_BY_NAME = frozenset({"AssumeRole", "DecodeAuthorizationMessage"})
ERROR_CODE = re.compile(rb"<Code>([^<]+)</Code>")


def is_write(action: str, method: str) -> bool:
    """Return whether a call may change something: by the action's verb, else by the HTTP method."""
    if re.match(r"^[A-Z][A-Za-z0-9]+$", action):
        return not READS.match(action) and action not in READS_BY_NAME
    return method not in ("GET", "HEAD", "OPTIONS")


def action_of(headers: dict[str, str], body: bytes, query: dict[str, Any]) -> str | None:
    """Return the action that a JSON or Query request names; None if only path and method identify it."""
    target = headers.get("x-amz-target", "")
    if target:
        return target.rsplit(".", 1)[-1]
    named = query.get("Action") or parse_qs(body[:4096].decode("utf-8", "replace")).get("Action")
    return str(named[0] if isinstance(named, list) else named) if named else None


def error_of(status: int, body: Any) -> str | None:
    if status < 400 or not isinstance(body, (bytes, str)):
        return None
    raw = body if isinstance(body, bytes) else body.encode()
    found = ERROR_CODE.search(raw)
    if found:
        return found.group(1).decode()
    try:
        parsed = json.loads(raw)
    except ValueError:
        return None
    code = parsed.get("__type") or parsed.get("code") if isinstance(parsed, dict) else None
    return str(code).rsplit("#", 1)[-1] if code else None


class CallLog:
    """Append each call with one write(2), so that a reader never sees part of a line and a kill loses nothing."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
        self._seq = 0
        self._writes = 0

    def add(self, *, action: str, method: str, status: int, error: str | None, started: float, **fields: Any) -> None:
        self._seq += 1
        write = is_write(action, method)
        self._writes += write
        line = {
            "seq": self._seq,
            "time": round(started, 3),
            **fields,
            "action": action,
            "status": status,
            "error": error,
            "write": write,
            "write_seq": self._writes,
            "ms": round((time.time() - started) * 1000, 1),
        }
        os.write(self._fd, json.dumps(line, separators=(",", ":")).encode() + b"\n")
