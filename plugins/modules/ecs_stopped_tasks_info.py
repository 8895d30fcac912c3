#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_stopped_tasks_info
version_added: 1.0.0
short_description: Read why tasks of a service stopped
description:
  - Returns the most recently stopped tasks of a service, with their reasons, exit codes and last log lines.
  - ECS keeps a stopped task for about an hour
    (U(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html)).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name of the ECS cluster.
    type: str
    required: true
  service:
    description: Name of the ECS service. With O(family), only a name for the tasks in RV(lines).
    type: str
    required: true
  family:
    description: Read the tasks of this task definition family instead of those of a service, for example of a job.
    type: str
  tasks:
    description: Number of tasks to return, 1 to 100.
    type: int
    default: 5
  log_lines:
    description:
      - Number of last log lines to return for each container. Needs the C(awslogs) driver with a stream prefix.
      - If they can't be read, the module warns and returns none.
    type: int
    default: 20
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service_wait
  - module: magiclub.fargate.service_logs_info
"""

EXAMPLES = r"""
- name: Read why tasks stopped
  magiclub.fargate.ecs_stopped_tasks_info:
    cluster: magiclub-an2p-ecs
    service: magiclub-an2p-lotto
  register: stopped
"""

RETURN = r"""
tasks:
  description: The tasks, the most recently stopped first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Id of the task.
      type: str
      sample: 0f3c9a1b2d4e4f6d8f6b4a3c2d1e0f9a
    revision:
      description: Family and revision of its task definition.
      type: str
      sample: magiclub-an2p-lotto:4
    stopped_at:
      description: When it stopped, in UTC.
      type: str
      sample: "2026-11-22 15:20:04Z"
    stop_code:
      description: Stop code of ECS.
      type: str
      sample: EssentialContainerExited
    reason:
      description: Why it stopped, in ECS's words.
      type: str
      sample: Essential container in task exited
    containers:
      description: Its containers, with I(name), I(exit_code) (null if the container never ran), I(reason) and I(log_lines).
      type: list
      elements: dict
      sample: [{"name": "lotto-api", "exit_code": 1, "reason": "", "log_lines": ["no module named lotto_app"]}]
lines:
  description: The same as text.
  returned: success
  type: list
  elements: str
  sample: ["2026-11-22 15:20:04Z task 0f3c9a1b of magiclub-an2p-lotto:4: Essential container in task exited"]
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, none_if_missing
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import read, stopped
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import api

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "family": {"type": "str"},
    "tasks": {"type": "int", "default": 5},
    "log_lines": {"type": "int", "default": 20},
}


def stopped_tasks(module: Module) -> list[dict[str, t.Any]]:
    """Return an entry for each of the most recently stopped tasks."""
    ecs, logs, params = module.client("ecs"), module.client("logs"), module.params
    definitions: dict[str, dict[str, t.Any]] = {}
    entries = []
    for task in stopped.newest(_tasks(ecs, params), params["tasks"]):
        arn = task["taskDefinitionArn"]
        if arn not in definitions:
            definitions[arn] = call(ecs, "describe_task_definition", taskDefinition=arn)["taskDefinition"]
        lines = read.last_lines(logs, definitions[arn], task, params["log_lines"], module.warn)
        entries.append(stopped.entry(task, lines))
    return entries


def _tasks(ecs: t.Any, params: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the stopped tasks; raises RefusedError if the service does not exist."""
    cluster, service = params["cluster"], params["service"]
    whose = {"family": params["family"]} if params["family"] else {"serviceName": service}
    listed = none_if_missing(
        lambda: api.described_tasks(ecs, cluster=cluster, statuses=("STOPPED",), **whose),
        "ServiceNotFoundException",
    )
    if not listed and not params["family"] and read.service(ecs, cluster, service) is None:
        raise RefusedError(f"There is no service '{service}' in cluster '{cluster}'. Check with status.yml.")
    return listed or []


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    service = module.params["service"]
    with failing(module, f"read the stopped tasks of {service}"):
        tasks = stopped_tasks(module)
    module.exit_json(changed=False, tasks=tasks, lines=stopped.lines(tasks, service))


if __name__ == "__main__":
    main()
