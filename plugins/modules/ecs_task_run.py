#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_task_run
version_added: 1.0.0
short_description: Run a one-off task like those of a service
description:
  - Starts one task with the network, the place and the task definition of a service and a command of its own, waits
    until it has stopped, and returns its exit code and its log lines.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name of the ECS cluster.
    type: str
    required: true
  service:
    description: Name of the ECS service that the task is like.
    type: str
    required: true
  command:
    description:
      - Command and its arguments; that of the container where empty.
      - It takes the place of the image's C(CMD) and follows its C(ENTRYPOINT), which RunTask can't replace
        (U(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html)).
    type: list
    elements: str
    default: []
  container:
    description: Container that the command is for; the first essential one where left out.
    type: str
    default: ""
  environment:
    description: Environment variables on top of the container's. They are no place for secrets.
    type: dict
    default: {}
  task_definition:
    description: Family, C(family:revision) or ARN to run; what the service runs where left out.
    type: str
  timeout:
    description: Seconds to wait for its end. The task is stopped then.
    type: int
    default: 900
  log_lines:
    description: How many of the last log lines to return. Where they can't be read, the module warns and returns none.
    type: int
    default: 200
attributes:
  check_mode:
    description: Says that a task would run, and starts none.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Migrate the database
  magiclub.fargate.ecs_task_run:
    cluster: magiclub-an2p-ecs
    service: magiclub-an2p-shop
    command: [python3, -m, shop.migrate]
  register: migration
  failed_when: migration.exit_code != 0
"""

RETURN = r"""
task_arn:
  description: ARN of the task.
  returned: when it was started
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task/magiclub-an2p-ecs/0f3c9a1b
container:
  description: Container that the command was for.
  returned: success
  type: str
  sample: shop
exit_code:
  description: Exit code of that container; null where it never ran.
  returned: when it was started
  type: int
  sample: 0
reason:
  description: Why the container or the task stopped, as ECS says it.
  returned: when it was started
  type: str
  sample: Essential container in task exited
stop_code:
  description: Kind of that reason, as ECS says it.
  returned: when it was started
  type: str
  sample: EssentialContainerExited
log_lines:
  description: The last log lines of the container.
  returned: when it was started
  type: list
  elements: str
  sample: ["3 migrations applied"]
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import WaitTimeoutError, until
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import read, run

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "command": {"type": "list", "elements": "str", "default": []},
    "container": {"type": "str", "default": ""},
    "environment": {"type": "dict", "default": {}},
    "task_definition": {"type": "str"},
    "timeout": {"type": "int", "default": 900},
    "log_lines": {"type": "int", "default": 200},
}


def run_task(module: Module, ecs: t.Any) -> dict[str, t.Any]:
    """Run the task and return what became of it."""
    params = module.params
    service = read.service(ecs, params["cluster"], params["service"])
    if service is None:
        raise RefusedError(
            f"There is no service '{params['service']}' in cluster '{params['cluster']}'. Look with status.yml."
        )
    name = params["task_definition"] or service["taskDefinition"]
    definition = call(ecs, "describe_task_definition", taskDefinition=name)["taskDefinition"]
    request = run.request(service, definition, {**params, "started_by": "magiclub.fargate"})
    container = request["overrides"]["containerOverrides"][0]["name"]
    if module.check_mode:
        return {"container": container}
    task_arn = run.started(ecs.run_task(cluster=params["cluster"], **request))
    still = "which was started and may still run (look at it before you start another)"
    with failing(module, f"follow task {task_arn}, {still},"):
        task = stopped(ecs, params["cluster"], task_arn, params["timeout"])
    logs = read.last_lines(module.client("logs"), definition, task, params["log_lines"], module.warn)
    return {
        "task_arn": task_arn,
        "container": container,
        **run.outcome(task, container),
        "log_lines": logs.get(container, []),
    }


def stopped(ecs: t.Any, cluster: str, task_arn: str, timeout: float) -> dict[str, t.Any]:
    """Return the task once it has stopped; stop it and raise CantRunError when the time is over."""

    def look() -> dict[str, t.Any]:
        tasks = call(ecs, "describe_tasks", cluster=cluster, tasks=[task_arn])["tasks"]
        return tasks[0] if tasks else {"lastStatus": "PENDING"}

    try:
        return until(look, lambda task: task["lastStatus"] == "STOPPED", timeout)
    except WaitTimeoutError as error:
        reason = f"not ended within {timeout} s"
        ecs.stop_task(cluster=cluster, task=task_arn, reason=reason)
        raise RefusedError(
            f"The task {task_arn} had not ended within timeout {timeout} s and was stopped."
            " Give it longer with timeout."
        ) from error


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    with failing(module, f"run a task like those of {module.params['service']}"):
        result = run_task(module, module.client("ecs"))
    module.exit_json(changed=True, **result)


if __name__ == "__main__":
    main()
