"""Run the server: `python3 -m lotto_app`."""

from __future__ import annotations

import logging.config
import os
import sys

from .logs import logging_config
from .server import serve
from .settings import SettingError, read_settings


def main() -> int:
    """Serve until a stop signal. Return 2 for an invalid setting, 0 at the end."""
    logging.config.dictConfig(logging_config("INFO"))
    try:
        settings = read_settings(os.environ)
    except SettingError as error:
        logging.getLogger(__package__).critical("%s", error)
        return 2
    serve(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
