# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The environment variables of the local AWS, read in one place.

============================  =======================================  ==========================
variable                      meaning                                  default
============================  =======================================  ==========================
LOCAL_AWS_STATE_DIR           folder for pid, logs and the call log    see ``default_state_dir``
LOCAL_AWS_CALL_LOG            file of the call log (JSON lines)        STATE_DIR/calls.jsonl
LOCAL_AWS_TIME_SCALE          factor on AWS's own waiting times        0.05
LOCAL_AWS_CONTAINERS          0: tasks have no containers              1
LOCAL_AWS_SERVICES            services beside those of the collection  none
MAGICLUB_ENDPOINT             the endpoint of inventories/local, whose http://127.0.0.1:4566
                              port ``up`` uses
============================  =======================================  ==========================
"""

from __future__ import annotations

import math
import os
import urllib.parse
from pathlib import Path

DEFAULT_PORT = 4566
DEFAULT_TIME_SCALE = 0.05


class SettingsError(Exception):
    """An environment variable is not valid; the text has the rule."""


def default_state_dir() -> Path:
    """Return ``.local_aws`` at the root of the checkout; for an installed collection, XDG's state folder."""
    root = Path(__file__).resolve().parent.parent
    if (root / ".git").exists() and os.access(root, os.W_OK):
        return root / ".local_aws"
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "magiclub_fargate" / "local_aws"


def state_dir() -> Path:
    given = os.environ.get("LOCAL_AWS_STATE_DIR")
    return Path(given).expanduser().resolve() if given else default_state_dir()


def port() -> int:
    given = os.environ.get("MAGICLUB_ENDPOINT", "")
    try:
        return urllib.parse.urlsplit(given).port or DEFAULT_PORT
    except ValueError as error:
        raise SettingsError(
            f"MAGICLUB_ENDPOINT '{given}' is not an address with a port from 1 to 65535. Correct or unset it."
        ) from error


def time_scale() -> float:
    """Return the seconds here for one second of AWS's own waiting (health check intervals, provisioning, draining)."""
    given = os.environ.get("LOCAL_AWS_TIME_SCALE")
    try:
        scale = float(given or DEFAULT_TIME_SCALE)
    except ValueError:
        scale = math.nan
    if not 0 <= scale < math.inf:
        raise SettingsError(f"LOCAL_AWS_TIME_SCALE '{given}' is not a number from 0. Correct or unset it.")
    return scale


def containers_on() -> bool:
    return os.environ.get("LOCAL_AWS_CONTAINERS", "1") != "0"


def services() -> list[str]:
    """Return the services that are enabled beside those that the collection uses."""
    return [name for name in os.environ.get("LOCAL_AWS_SERVICES", "").split(",") if name]


def gateway_port() -> int:
    return int(os.environ.get("GATEWAY_PORT") or DEFAULT_PORT)


def call_log_path(state: Path) -> Path:
    given = os.environ.get("LOCAL_AWS_CALL_LOG")
    return Path(given).expanduser().resolve() if given else state / "calls.jsonl"
