#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: service_logs_info
version_added: 1.0.0
short_description: Read the log lines of a service
description:
  - Reads and shows the lines of a log group in CloudWatch Logs, and optionally shows new ones for some seconds.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  log_group:
    description: Name of the log group.
    type: str
    required: true
  since:
    description: How far back to read, a number with C(s), C(m), C(h) or C(d). Without a unit, seconds.
    type: str
    default: 15m
  filter:
    description:
      - Filter pattern of CloudWatch Logs. If empty, all lines
        (U(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html)).
    type: str
    default: ""
  follow:
    description: Seconds to show new lines after the existing ones.
    type: int
    default: 0
  limit:
    description:
      - Number of existing lines to read at first, the oldest first.
      - With O(follow), later lines are shown, too.
    type: int
    default: 10000
  _progress_file:
    description:
      - Internal. File on this machine to which new lines are appended.
      - The action plugin sets it, and replaces a given value.
    type: path
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_stopped_tasks_info
"""

EXAMPLES = r"""
- name: Show the errors of the last hour
  magiclub.fargate.service_logs_info:
    log_group: /ecs/magiclub-an2p-lotto
    since: 1h
    filter: '{ $.level = "ERROR" }'
"""

RETURN = r"""
lines:
  description: Lines with their time in UTC and the beginning of the id of the task that wrote them.
  returned: success
  type: list
  elements: str
  sample: ['2026-11-22 15:20:04 0f3c9a1b {"level": "INFO", "path": "/health"}']
"""

import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.progress import writer
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import none_if_missing, pages
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import logs

ARGUMENTS = {
    "log_group": {"type": "str", "required": True},
    "since": {"type": "str", "default": "15m"},
    "filter": {"type": "str", "default": ""},
    "follow": {"type": "int", "default": 0},
    "limit": {"type": "int", "default": 10000},
    "_progress_file": {"type": "path"},
}


def fetch_of(client: t.Any, params: t.Mapping[str, t.Any]) -> logs.Fetch:
    """Return a function that fetches the events since a given time."""
    pattern = {"filterPattern": params["filter"]} if params["filter"] else {}
    # only for the first call: later ones start before known events, and would return just those
    limits = iter([{"MaxItems": params["limit"]}])

    def fetch(start: int) -> list[dict[str, t.Any]]:
        asked = {
            "logGroupName": params["log_group"],
            "startTime": start,
            "PaginationConfig": next(limits, {}),
            **pattern,
        }
        found = none_if_missing(
            lambda: pages(client, "filter_log_events", "events", **asked), "ResourceNotFoundException"
        )
        if found is None:
            raise RefusedError(
                f"There is no log group {params['log_group']} in {client.meta.region_name}."
                " status.yml lists the services."
            )
        return found

    return fetch


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    with failing(module, f"read the log group {params['log_group']}"):
        start = int((time.time() - logs.seconds(params["since"])) * 1000)
        follow = logs.Follow(fetch_of(module.client("logs"), params), start)
        show = writer(params["_progress_file"])
        lines = follow.until(time.monotonic() + params["follow"], show, time.monotonic, time.sleep)
    module.exit_json(changed=False, _progress=[] if params["_progress_file"] else lines, lines=lines)


if __name__ == "__main__":
    main()
