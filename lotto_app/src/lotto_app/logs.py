"""Write the log: one JSON object a line on standard output."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

STDOUT = 1


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON: time, level, message, then the record's `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its newline."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class LineHandler(logging.Handler):
    """Write each record with a single write(2), so that the lines of several processes never mix."""

    def createLock(self) -> None:  # noqa: N802
        """Take no lock: one write needs none, and threads would queue for it."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record's line; a log that can't be written is not worth a failed request."""
        try:
            os.write(STDOUT, f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except Exception:  # noqa: BLE001
            self.handleError(record)


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
