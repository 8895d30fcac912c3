"""Write the log: one JSON object per line on standard output."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from time import time
from typing import Any

STDOUT = 1

_encode = json.JSONEncoder(default=str).encode


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its newline."""
        fields = {"exception": self.formatException(record.exc_info)} if record.exc_info else {}
        return entry(record.created, record.levelname, record.getMessage(), fields)


class LineHandler(logging.Handler):
    """Write each record as a line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's line."""
        try:
            write_line(self.format(record))
        except Exception:  # noqa: BLE001
            self.handleError(record)


def write_entry(level: int, message: str, fields: dict[str, Any]) -> None:
    """Write an entry at the current time if the root logger would.

    It creates no LogRecord: for one line per request that would take longer than all the rest.
    """
    if logging.root.isEnabledFor(level):
        write_line(entry(time(), logging.getLevelName(level), message, fields))


def entry(seconds: float, level: str, message: str, fields: dict[str, Any]) -> str:
    """Return a line: time (UTC), level, message, then the fields."""
    when = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return _encode({"time": when, "level": level, "message": message, **fields})


def write_line(line: str) -> None:
    """Write with one write(2), so that the lines of several processes never mix.

    On a pipe that holds up to PIPE_BUF, 4096 bytes on Linux: pipe(7).
    """
    os.write(STDOUT, f"{line}\n".encode())


def logging_config(level: str) -> dict[str, Any]:
    """Return the `logging.config.dictConfig` of the server and the app at `level`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"()": LineHandler, "formatter": "json"}},
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {"_granian": {"level": level}, "granian.access": {"level": level}},
    }
