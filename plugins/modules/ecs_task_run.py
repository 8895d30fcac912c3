#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_task_run
version_added: 1.0.0
short_description: Run a one-off task with the settings of a service or job
description:
  - Starts one task with the network, capacity providers and task definition of a service and its own command, waits until
    it has stopped, and returns its exit code and log lines.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name of the ECS cluster.
    type: str
    required: true
  service:
    description: Name of the ECS service, or of the schedule in EventBridge Scheduler, whose settings the task has.
    type: str
    required: true
  command:
    description:
      - Command and its arguments. If empty, the command of the container.
      - It replaces the image's C(CMD), and is passed to its C(ENTRYPOINT), which RunTask can't replace
        (U(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html)).
    type: list
    elements: str
    default: []
  container:
    description: Container that runs the command. If omitted, the first essential one.
    type: str
    default: ""
  environment:
    description: Environment variables in addition to those of the container. Don't use it for secrets.
    type: dict
    default: {}
  task_definition:
    description: Family, C(family:revision) or ARN of the task definition. If omitted, that of the service.
    type: str
  timeout:
    description: Seconds to wait for the task. After that it is stopped.
    type: int
    default: 900
  once:
    description:
      - Whether to run the command only until it has succeeded once for the revision of the task definition, for example for
        a migration before its deployment. The revision is then tagged C(magiclub.fargate/before).
      - If an interrupted run has started the task, the module waits for that task instead of starting another one.
    type: bool
    default: false
  network_configuration:
    description:
      - Network of the task, with the keys of M(magiclub.fargate.ecs_service), instead of the service's. With it, the service
        need not exist yet.
    type: dict
  capacity_provider_strategy:
    description: With O(network_configuration), the capacity providers, each with C(capacity_provider), C(weight) and C(base).
    type: list
    elements: dict
  platform_version:
    description: With O(network_configuration), the platform version.
    type: str
  log_lines:
    description: Number of last log lines to return. If they can't be read, the module warns and returns none.
    type: int
    default: 200
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service
  - module: magiclub.fargate.ecs_task_definition
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
  returned: if the task was started
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task/magiclub-an2p-ecs/0f3c9a1b
container:
  description: Container that ran the command.
  returned: success
  type: str
  sample: shop
exit_code:
  description: Exit code of that container. Null if it never ran. 0 if O(once) finds that it has already succeeded.
  returned: not in check mode
  type: int
  sample: 0
reason:
  description: Why the container or the task stopped, in ECS's words. Empty if O(once) finds that it has already succeeded.
  returned: not in check mode
  type: str
  sample: Essential container in task exited
stop_code:
  description: Stop code of ECS. Empty if O(once) finds that it has already succeeded.
  returned: not in check mode
  type: str
  sample: EssentialContainerExited
log_lines:
  description: The last log lines of the container.
  returned: not in check mode
  type: list
  elements: str
  sample: ["3 migrations applied"]
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import WaitTimeoutError, wait_until
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import one_off_task, read
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import api, model
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import api as scheduler

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "command": {"type": "list", "elements": "str", "default": []},
    "container": {"type": "str", "default": ""},
    "environment": {"type": "dict", "default": {}},
    "task_definition": {"type": "str"},
    "timeout": {"type": "int", "default": 900},
    "log_lines": {"type": "int", "default": 200},
    "once": {"type": "bool", "default": False},
    "network_configuration": {"type": "dict"},
    "capacity_provider_strategy": {"type": "list", "elements": "dict"},
    "platform_version": {"type": "str"},
}


def run_task(module: Module, ecs: t.Any) -> dict[str, t.Any]:
    """Run the task, unless it has already succeeded, and return the module's result."""
    params = module.params
    cluster, place = params["cluster"], where(module, ecs)
    name = params["task_definition"] or place["taskDefinition"]
    tags = {"include": ["TAGS"]} if params["once"] else {}
    found = call(ecs, "describe_task_definition", taskDefinition=name, **tags)
    definition, once = found["taskDefinition"], one_off_task.Once(found["taskDefinition"], params)
    asked = {**params, "started_by": once.started_by if params["once"] else one_off_task.STARTED_BY}
    request = one_off_task.request(place, definition, asked)
    container = request["overrides"]["containerOverrides"][0]["name"]
    if params["once"] and once.is_done(found.get("tags") or []):
        return {"changed": False, "container": container, **one_off_task.SUCCEEDED, "log_lines": []}
    if module.check_mode:
        return {"changed": True, "container": container}
    task_arn = None
    if params["once"]:
        # ECS returns stopped tasks for an hour
        earlier = api.described_tasks(ecs, cluster=cluster, statuses=api.ANY_STATUS, startedBy=once.started_by)
        task_arn = once.task_to_follow(earlier, container)
        request["clientToken"] = once.token(earlier)
    task_arn = task_arn or one_off_task.started(call(ecs, "run_task", cluster=cluster, **request))
    still = "which was started and may still run (look at it before you start another)"
    with failing(module, f"follow task {task_arn}, {still},"):
        task = stopped(ecs, cluster, task_arn, params["timeout"])
    logs = read.last_lines(module.client("logs"), definition, task, params["log_lines"], module.warn)
    outcome = one_off_task.outcome(task, container)
    if params["once"] and outcome["exit_code"] == 0:
        api.tag(ecs, arn=definition["taskDefinitionArn"], tags={one_off_task.DONE: once.mark})
    return {
        "changed": True,
        "task_arn": task_arn,
        "container": container,
        **outcome,
        "log_lines": logs.get(container, []),
    }


def where(module: Module, ecs: t.Any) -> dict[str, t.Any]:
    """Return the settings of the task in the form of a described service: given, the service's, or the job's."""
    params = module.params
    if params["network_configuration"]:
        given = {
            "cluster": params["cluster"],
            "task_definition": params["task_definition"],
            "network_configuration": {"awsvpc_configuration": params["network_configuration"]},
            "capacity_provider_strategy": params["capacity_provider_strategy"],
            "platform_version": params["platform_version"],
        }
        return {**model.request_for(ecs, "RunTask", given), "propagateTags": "SERVICE"}
    service = read.service(ecs, params["cluster"], params["service"])
    schedule = scheduler.schedule(module.client("scheduler"), params["service"]) if service is None else None
    if schedule:
        return one_off_task.like_schedule(schedule)
    if service is None:
        raise RefusedError(
            f"There is no service and no job '{params['service']}' in cluster '{params['cluster']}'. Check with status.yml."
        )
    return dict(service)


def stopped(ecs: t.Any, cluster: str, task_arn: str, timeout: float) -> dict[str, t.Any]:
    """Wait until the task has stopped, and return it; stop it and raise RefusedError after the timeout."""

    def describe() -> dict[str, t.Any]:
        tasks = call(ecs, "describe_tasks", cluster=cluster, tasks=[task_arn])["tasks"]
        return tasks[0] if tasks else {"lastStatus": "PENDING"}

    try:
        return wait_until(describe, lambda task: task["lastStatus"] == "STOPPED", timeout)
    except WaitTimeoutError as error:
        reason = f"not ended within {timeout} s"
        ecs.stop_task(cluster=cluster, task=task_arn, reason=reason)
        raise RefusedError(
            f"The task {task_arn} had not ended within timeout {timeout} s and was stopped."
            " Give it longer with timeout."
        ) from error


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_by={"network_configuration": ["task_definition"]},
    )
    with failing(module, f"run a task like those of {module.params['service']}"):
        module.exit_json(**run_task(module, module.client("ecs")))


if __name__ == "__main__":
    main()
