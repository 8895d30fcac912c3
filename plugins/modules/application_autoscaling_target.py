#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: application_autoscaling_target
version_added: 1.0.0
short_description: Manage a scalable target, its target-tracking policies and its scheduled actions
description:
  - Registers a scalable target of Application Auto Scaling, the bounds between which the count of an ECS service may
    move, together with the policies that move it.
  - Suspended scaling is left as it is.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  resource_id:
    description: What is scaled, for an ECS service C(service/CLUSTER/SERVICE).
    type: str
    required: true
  service_namespace:
    description: Namespace of the resource.
    type: str
    default: ecs
  scalable_dimension:
    description: What of it is scaled.
    type: str
    default: ecs:service:DesiredCount
  min_capacity:
    description: Fewest tasks. Required for O(state=present).
    type: int
  max_capacity:
    description: Most tasks. Required for O(state=present).
    type: int
  policies:
    description:
      - Target-tracking policies. Left out, policies are left alone.
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
          - With I(metric=customized), what is tracked instead of a metric of AWS's own, as metrics or an expression over them
            (API_TargetTrackingMetricDataQuery). One of them has I(return_data).
        type: list
        elements: dict
        suboptions:
          id:
            description: What an expression calls it, lower-case.
            type: str
            required: true
          expression:
            description: Metric math over the others. This, or I(namespace), I(metric_name) and I(stat).
            type: str
          namespace:
            description: Namespace of a metric, as in C(AWS/SQS).
            type: str
          metric_name:
            description: Name of the metric.
            type: str
          dimensions:
            description: Its dimensions by name.
            type: dict
          stat:
            description: Statistic, as in C(Average) or C(Sum).
            type: str
          return_data:
            description: Whether it is what is compared with I(target_value).
            type: bool
            default: false
      target_value:
        description: Per cent to hold the metric at; for V(ALBRequestCountPerTarget) requests a task and minute.
        type: float
        required: true
      resource_label:
        description:
          - For V(ALBRequestCountPerTarget), the ends of the ARNs of load balancer and target group,
            C(app/NAME/ID/targetgroup/NAME/ID).
        type: str
      scale_in_cooldown:
        description: Seconds after a scale-in before the next.
        type: int
        default: 300
      scale_out_cooldown:
        description: Seconds after a scale-out before the next.
        type: int
        default: 300
      disable_scale_in:
        description: Never take tasks away.
        type: bool
        default: false
  purge_policies:
    description: Delete policies of the target that O(policies) does not have.
    type: bool
    default: true
  scheduled_actions:
    description:
      - Scheduled actions, which set the bounds at their time. Others are left alone, but for O(absent_scheduled_actions). If both are
        omitted, none is read.
      - O(min_capacity) and O(max_capacity) are compared with what the last of them has set.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the action.
        type: str
        required: true
      schedule:
        description: C(cron(…)) of six fields, C(rate(…)) or C(at(…)), as the API has it.
        type: str
        required: true
      timezone:
        description: Time zone of the IANA's, as in V(Asia/Seoul), for C(cron) and C(at).
        type: str
        default: UTC
      min_capacity:
        description: Fewest tasks from then on. Left alone if omitted.
        type: int
      max_capacity:
        description: Most tasks from then on. Left alone if omitted.
        type: int
  absent_scheduled_actions:
    description: Names of scheduled actions that are to go.
    type: list
    elements: str
    default: []
  state:
    description: Whether the scalable target is to be there. V(absent) removes its policies and scheduled actions too.
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
  - This module exists because C(community.aws.application_autoscaling_policy) writes in check mode, and changes
    bounds only with a special option.
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
- name: Keep between two and ten tasks, at about 60 per cent of their CPU
  magiclub.fargate.application_autoscaling_target:
    resource_id: service/magiclub-an2p-ecs/magiclub-an2p-lotto
    min_capacity: 2
    max_capacity: 10
    policies:
      - name: magiclub-an2p-lotto-cpu
        metric: ECSServiceAverageCPUUtilization
        target_value: 60

- name: Scale no longer
  magiclub.fargate.application_autoscaling_target:
    resource_id: service/magiclub-an2p-ecs/magiclub-an2p-lotto
    state: absent
"""

RETURN = r"""
target:
  description: The scalable target. Null if it is absent or only planned (check mode).
  returned: success
  type: dict
  contains:
    resource_id:
      description: What is scaled.
      type: str
      sample: service/magiclub-an2p-ecs/magiclub-an2p-lotto
    arn:
      description: ARN of the scalable target.
      type: str
      sample: arn:aws:application-autoscaling:ap-northeast-2:123456789012:scalable-target/0ec4abc
    min_capacity:
      description: Fewest tasks.
      type: int
      sample: 2
    max_capacity:
      description: Most tasks.
      type: int
      sample: 10
    policies:
      description: Policies by name, in the words of O(policies).
      type: list
      elements: dict
      sample: [{"name": "magiclub-an2p-lotto-cpu", "metric": "ECSServiceAverageCPUUtilization", "target_value": 60.0}]
    scheduled_actions:
      description: Scheduled actions by name, with I(schedule), I(timezone) and what they set as I(capacity). Empty if none was asked for.
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
