#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: application_autoscaling_target
version_added: 1.0.0
short_description: Manage a scalable target with its target tracking policies and scheduled actions
description:
  - Registers a scalable target of Application Auto Scaling, that is the minimum and maximum count of an ECS service, with
    the policies and scheduled actions that scale it.
  - Suspended scaling stays suspended.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  resource_id:
    description: Resource id of the target, C(service/CLUSTER/SERVICE) for an ECS service.
    type: str
    required: true
  service_namespace:
    description: Namespace of the AWS service that owns the resource.
    type: str
    default: ecs
  scalable_dimension:
    description: Dimension of the resource to scale.
    type: str
    default: ecs:service:DesiredCount
  min_capacity:
    description: Minimum number of tasks. Required for O(state=present).
    type: int
  max_capacity:
    description: Maximum number of tasks. Required for O(state=present).
    type: int
  policies:
    description:
      - Target tracking policies. If omitted, policies are not changed.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the policy.
        type: str
        required: true
      metric:
        description: Predefined metric to track.
        type: str
        required: true
        choices: [ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget, customized]
      metrics:
        description:
          - With I(metric=customized), the metrics, and expressions over them, to track instead of a predefined metric
            (API_TargetTrackingMetricDataQuery). Exactly one has I(return_data).
        type: list
        elements: dict
        suboptions:
          id:
            description: Name for use in expressions. Begins with a lower-case letter.
            type: str
            required: true
          expression:
            description: Metric math over the other entries. Either this, or I(namespace), I(metric_name) and I(stat), is required.
            type: str
          namespace:
            description: Namespace of the metric, such as C(AWS/SQS).
            type: str
          metric_name:
            description: Name of the metric.
            type: str
          dimensions:
            description: Dimensions of the metric by name.
            type: dict
          stat:
            description: Statistic, such as C(Average) or C(Sum).
            type: str
          return_data:
            description: Whether this entry is compared with I(target_value).
            type: bool
            default: false
      target_value:
        description: Target value of the metric, in percent. For V(ALBRequestCountPerTarget), requests per task and minute.
        type: float
        required: true
      resource_label:
        description:
          - For V(ALBRequestCountPerTarget), the last parts of the ARNs of the load balancer and the target group, as in
            C(app/NAME/ID/targetgroup/NAME/ID).
        type: str
      scale_in_cooldown:
        description: Seconds between a scale-in and the next one.
        type: int
        default: 300
      scale_out_cooldown:
        description: Seconds between a scale-out and the next one.
        type: int
        default: 300
      disable_scale_in:
        description: Whether the policy never removes tasks.
        type: bool
        default: false
  purge_policies:
    description: Whether to delete policies of the target that are not in O(policies).
    type: bool
    default: true
  scheduled_actions:
    description:
      - Scheduled actions, which set the minimum and maximum at their times. Others are not changed, except for
        O(absent_scheduled_actions). If both are omitted, scheduled actions are not read.
      - O(min_capacity) and O(max_capacity) are compared with the values that the most recent action has set.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the action.
        type: str
        required: true
      schedule:
        description: Schedule in AWS's form, which is C(cron(…)) with six fields, C(rate(…)) or C(at(…)).
        type: str
        required: true
      timezone:
        description: IANA time zone for C(cron) and C(at), such as V(Asia/Seoul).
        type: str
        default: UTC
      min_capacity:
        description: Minimum number of tasks from then on. If omitted, it is not changed.
        type: int
      max_capacity:
        description: Maximum number of tasks from then on. If omitted, it is not changed.
        type: int
  absent_scheduled_actions:
    description: Names of scheduled actions to delete.
    type: list
    elements: str
    default: []
  state:
    description: Whether the scalable target should exist. V(absent) also deletes its policies and scheduled actions.
    type: str
    choices: [present, absent]
    default: present
notes:
  - "IAM actions: C(application-autoscaling:DescribeScalableTargets), C(DescribeScalingPolicies),
    C(RegisterScalableTarget), C(DeregisterScalableTarget), C(PutScalingPolicy), C(DeleteScalingPolicy),
    C(DescribeScheduledActions), C(PutScheduledAction), C(DeleteScheduledAction), C(ListTagsForResource),
    C(TagResource), C(UntagResource); for ECS also C(ecs:DescribeServices), C(UpdateService),
    C(cloudwatch:PutMetricAlarm), C(DescribeAlarms), C(DeleteAlarms), and once in an account
    C(iam:CreateServiceLinkedRole)."
  - Unlike this module, C(community.aws.application_autoscaling_policy) writes in check mode, and changes the minimum and
    maximum only with a special option.
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service
"""

EXAMPLES = r"""
- name: Scale between two and ten tasks to keep CPU utilization at 60 percent
  magiclub.fargate.application_autoscaling_target:
    resource_id: service/magiclub-an2p-ecs/magiclub-an2p-lotto
    min_capacity: 2
    max_capacity: 10
    policies:
      - name: magiclub-an2p-lotto-cpu
        metric: ECSServiceAverageCPUUtilization
        target_value: 60

- name: Stop scaling
  magiclub.fargate.application_autoscaling_target:
    resource_id: service/magiclub-an2p-ecs/magiclub-an2p-lotto
    state: absent
"""

RETURN = r"""
target:
  description: The scalable target. Null if it does not exist, or would be created in check mode.
  returned: success
  type: dict
  contains:
    resource_id:
      description: Resource id of the target.
      type: str
      sample: service/magiclub-an2p-ecs/magiclub-an2p-lotto
    arn:
      description: ARN of the scalable target.
      type: str
      sample: arn:aws:application-autoscaling:ap-northeast-2:123456789012:scalable-target/0ec4abc
    min_capacity:
      description: Minimum number of tasks.
      type: int
      sample: 2
    max_capacity:
      description: Maximum number of tasks.
      type: int
      sample: 10
    policies:
      description: Policies, sorted by name, with the keys of O(policies).
      type: list
      elements: dict
      sample: [{"name": "magiclub-an2p-lotto-cpu", "metric": "ECSServiceAverageCPUUtilization", "target_value": 60.0}]
    scheduled_actions:
      description: Scheduled actions, sorted by name, with I(schedule), I(timezone) and I(capacity). Empty if they were not read.
      type: list
      elements: dict
      sample: [{"name": "magiclub-an2p-lotto-night", "schedule": "cron(0 22 ? * * *)", "timezone": "UTC", "capacity": {"min_capacity": 0}}]
    tags:
      description: Tags.
      type: dict
      sample: {"Project": "magiclub"}
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.autoscaling import decide, target

METRIC = {
    "id": {"required": True},
    "expression": {},
    "namespace": {},
    "metric_name": {},
    "dimensions": {"type": "dict"},
    "stat": {},
    "return_data": {"type": "bool", "default": False},
}
POLICY = {
    "name": {"required": True},
    "metric": {
        "required": True,
        "choices": [
            "ECSServiceAverageCPUUtilization",
            "ECSServiceAverageMemoryUtilization",
            "ALBRequestCountPerTarget",
            decide.CUSTOMIZED,
        ],
    },
    "metrics": {"type": "list", "elements": "dict", "options": METRIC},
    "target_value": {"type": "float", "required": True},
    "resource_label": {},
    "scale_in_cooldown": {"type": "int", "default": 300},
    "scale_out_cooldown": {"type": "int", "default": 300},
    "disable_scale_in": {"type": "bool", "default": False},
}
SCHEDULED = {
    "name": {"required": True},
    "schedule": {"required": True},
    "timezone": {"default": "UTC"},
    "min_capacity": {"type": "int"},
    "max_capacity": {"type": "int"},
}
ARGUMENTS = {
    "resource_id": {"required": True},
    "service_namespace": {"default": "ecs"},
    "scalable_dimension": {"default": "ecs:service:DesiredCount"},
    "min_capacity": {"type": "int"},
    "max_capacity": {"type": "int"},
    "policies": {"type": "list", "elements": "dict", "options": POLICY},
    "purge_policies": {"type": "bool", "default": True},
    "scheduled_actions": {"type": "list", "elements": "dict", "options": SCHEDULED},
    "absent_scheduled_actions": {"type": "list", "elements": "str", "default": []},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ["min_capacity", "max_capacity"])],
    )
    problems = decide.problems(module.params)
    if problems:
        module.fail_json(msg=" ".join(problems))
    present = module.params["state"] == "present"
    run = target.ensure_present if present else target.ensure_absent
    with failing(module, f"{'set up' if present else 'remove'} scaling of {module.params['resource_id']}"):
        module.exit_json(**run(module.client("application-autoscaling"), module.params, module.check_mode))


if __name__ == "__main__":
    main()
