#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: scheduler_schedule
version_added: 1.1.0
short_description: Manage a schedule of EventBridge Scheduler
description:
  - Creates, updates and deletes a schedule, such as one that starts an ECS task.
  - UpdateSchedule replaces the whole schedule. Omitted options are reset to AWS's defaults, even if they were set by hand,
    except for start date, end date and KMS key, which are kept.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description: Name of the schedule, at most 64 letters, digits and C(-_.) (API_CreateSchedule).
    type: str
    required: true
  group_name:
    description: Name of an existing schedule group. V(default) always exists.
    type: str
    default: default
  schedule_expression:
    description:
      - When it runs, such as V(cron(0 2 * * ? *)), V(rate(15 minutes)) or V(at(2030-01-01T02:00:00))
        (U(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html)). Required for O(state=present).
    type: str
  schedule_expression_timezone:
    description: Time zone of a cron expression, such as V(Asia/Seoul).
    type: str
    default: UTC
  flexible_time_window:
    description: Minutes within which it starts after its time, 1 to 1440. 0 for no window.
    type: int
    default: 0
  description:
    description: Description of the schedule.
    type: str
    default: ""
  enabled:
    description: Whether the schedule is enabled.
    type: bool
    default: true
  target:
    description:
      - Target of the schedule, with the fields of API_Target of EventBridge Scheduler in snake_case, such as I(arn), I(role_arn),
        I(input), I(ecs_parameters), I(retry_policy) and I(dead_letter_config). Required for O(state=present).
    type: dict
  task_definition:
    description: ARN of the task definition, for I(ecs_parameters.task_definition_arn) of O(target).
    type: str
  state:
    description: Whether the schedule should exist. Tasks that it has started keep running without it.
    type: str
    choices: [present, absent]
    default: present
notes:
  - "IAM actions: C(scheduler:GetSchedule), C(CreateSchedule), C(UpdateSchedule), C(DeleteSchedule), and C(iam:PassRole) of the
    target's role."
  - Schedules have no tags. Only schedule groups have.
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_task_definition
  - module: magiclub.fargate.ecs_task_run
"""

EXAMPLES = r"""
- name: Start a task every night
  magiclub.fargate.scheduler_schedule:
    name: magiclub-an2p-report
    schedule_expression: cron(0 2 * * ? *)
    schedule_expression_timezone: Asia/Seoul
    flexible_time_window: 15
    target:
      arn: arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs
      role_arn: arn:aws:iam::123456789012:role/magiclub-an2p-report-schedule
      ecs_parameters:
        task_definition_arn: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-report:7
        launch_type: FARGATE
        network_configuration:
          awsvpc_configuration:
            subnets: [subnet-0a1b2c3d4e5f60718]
            security_groups: [sg-0a1b2c3d4e5f60718]
      retry_policy:
        maximum_retry_attempts: 5

- name: Delete the schedule
  magiclub.fargate.scheduler_schedule:
    name: magiclub-an2p-report
    state: absent
"""

RETURN = r"""
schedule:
  description: The schedule, with the keys of the options. Null if it does not exist, or would be created in check mode.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the schedule.
      type: str
      sample: arn:aws:scheduler:ap-northeast-2:123456789012:schedule/default/magiclub-an2p-report
    name:
      description: Name of the schedule.
      type: str
      sample: magiclub-an2p-report
    group_name:
      description: Name of its group.
      type: str
      sample: default
    schedule_expression:
      description: When it runs.
      type: str
      sample: cron(0 2 * * ? *)
    schedule_expression_timezone:
      description: Time zone of the expression.
      type: str
      sample: Asia/Seoul
    flexible_time_window:
      description: Minutes within which it starts.
      type: int
      sample: 15
    description:
      description: Description of the schedule.
      type: str
      sample: ""
    enabled:
      description: Whether the schedule is enabled.
      type: bool
      sample: true
    target:
      description: Target of the schedule, without AWS's defaults.
      type: dict
      sample: {"arn": "arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs"}
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.retry import new_roles
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import schedule

ARGUMENTS = {
    "name": {"required": True},
    "group_name": {"default": "default"},
    "schedule_expression": {},
    "schedule_expression_timezone": {"default": "UTC"},
    "flexible_time_window": {"type": "int", "default": 0},
    "description": {"default": ""},
    "enabled": {"type": "bool", "default": True},
    "target": {"type": "dict"},
    "task_definition": {},
    "state": {"choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ["schedule_expression", "target"])],
    )
    present = module.params["state"] == "present"
    run = schedule.ensure_present if present else schedule.ensure_absent
    with failing(module, f"{'set up' if present else 'delete'} schedule {module.params['name']}"):
        is_new = new_roles(lambda: module.client("iam"))
        module.exit_json(**run(module.client("scheduler"), module.params, module.check_mode, is_new))


if __name__ == "__main__":
    main()
