#!/usr/bin/python
# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_service
version_added: 1.0.0
short_description: Manage Amazon ECS services
description:
  - Compares every given option with the running service, field by field, and changes what differs with one
    UpdateService call (and one call each to set and to remove tags; a grace period together with the first load
    balancers needs a second UpdateService, as ECS refuses both at once). Omitted and null options are not changed.
  - Fails before any change if AWS can't change a field of a live service, with the next step.
  - Returns the id of the deployment that it started, for M(magiclub.fargate.ecs_service_wait). It does not wait for the
    deployment.
  - Waits for a service that is DRAINING, and then recreates it like one that is INACTIVE.
  - Nested keys are in snake_case, and are checked against the model of the installed botocore. The error for an unknown
    key has its path and the most similar valid key. C(ENABLED) and C(DISABLED) can be given as booleans.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  state:
    description:
      - V(present) ensures that the service exists and matches the given options.
      - V(absent) scales the service to zero tasks, deletes it, and waits for it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: The name of the service. At most 255 letters, digits, underscores and hyphens.
    type: str
    required: true
    aliases: [service_name]
  cluster:
    description: The name or ARN of the cluster.
    type: str
    default: default
  task_definition:
    description:
      - The task definition, as a family, a family and revision (V(lotto-api:4)) or an ARN.
      - A family means its newest ACTIVE revision. If omitted, the service keeps its task definition. Required to create a
        service.
    type: str
  desired_count:
    description: Number of tasks to run. If omitted, V(1) for a new service. Not for V(DAEMON).
    type: int
  desired_count_policy:
    description:
      - With V(managed), the service always gets O(desired_count) tasks.
      - With V(preserve), only a new service does, and later counts are left to autoscaling.
    type: str
    choices: [managed, preserve]
    default: managed
  force_new_deployment:
    description:
      - Whether to start a deployment even if nothing differs. The module then always reports a change.
      - If O(task_definition) is given, a deployment that ECS has given up is restarted without this option, too, as its cause
        may be fixed. That is one that has FAILED, or one without a starting task after the event that the service
        C(is unable to consistently start tasks successfully).
    type: bool
    default: false
  force:
    description: Whether to delete the service without scaling it to zero tasks first. Only with O(state=absent).
    type: bool
    default: false
  wait:
    description: Whether to wait until a deleted service is INACTIVE. Only with O(state=absent).
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for a DRAINING service.
    type: int
    default: 600
  launch_type:
    description:
      - Infrastructure of the tasks. Mutually exclusive with O(capacity_provider_strategy). Without either, a new service
        gets the cluster's default strategy.
      - A live service can change from a launch type to a strategy and back, but not to another launch type.
    type: str
    choices: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]
  capacity_provider_strategy:
    description:
      - Distribution of the tasks over capacity providers, in any order. An empty list changes back to the launch type. A
        change starts a deployment.
    type: list
    elements: dict
    suboptions:
      capacity_provider:
        description: V(FARGATE), V(FARGATE_SPOT) or the name of a capacity provider.
        type: str
        required: true
      weight:
        description: Relative share of the tasks, 0 to 1000.
        type: int
        default: 0
      base:
        description: Minimum number of tasks on this provider, 0 to 100000. Only one provider of a strategy can have a base.
        type: int
        default: 0
  platform_version:
    description: Platform version of Fargate, such as V(1.4.0). If omitted, V(LATEST) for a new service.
    type: str
  network_configuration:
    description: Network of the tasks. Required with the network mode C(awsvpc).
    type: dict
    suboptions:
      subnets:
        description: Ids of 1 to 16 subnets, in any order.
        type: list
        elements: str
        required: true
      security_groups:
        description: Ids of at most 5 security groups. If omitted, the VPC's default group for a new service.
        type: list
        elements: str
      assign_public_ip:
        description: Whether tasks get a public IP address. If omitted, not for a new service.
        type: bool
  load_balancers:
    description:
      - Target groups that the tasks are registered with. An empty list removes all. A change starts a deployment. Can't be
        changed with the controllers V(CODE_DEPLOY) and V(EXTERNAL).
    type: list
    elements: dict
    suboptions:
      target_group_arn:
        description: ARN of the target group.
        type: str
      load_balancer_name:
        description: Name of a Classic Load Balancer, instead of a target group.
        type: str
      container_name:
        description: Name of the container in the task definition.
        type: str
      container_port:
        description: Port of the container in the task definition.
        type: int
      advanced_configuration:
        description:
          - For V(BLUE_GREEN), V(LINEAR) and V(CANARY). Keys are C(alternate_target_group_arn),
            C(production_listener_rule), C(test_listener_rule) and C(role_arn), all ARNs.
          - If omitted, it is not changed, but it is removed with the strategy V(ROLLING).
        type: dict
  service_registries:
    description: Cloud Map services that the tasks are registered with. An empty list removes all.
    type: list
    elements: dict
    suboptions:
      registry_arn:
        description: ARN of the Cloud Map service.
        type: str
      port:
        description: Port, for SRV records.
        type: int
      container_name:
        description: Name of the container, for SRV records with the network mode C(bridge) or C(host).
        type: str
      container_port:
        description: Port of the container, for SRV records.
        type: int
  service_connect_configuration:
    description: Configuration of Service Connect.
    type: dict
    suboptions:
      enabled:
        description: Whether the service uses Service Connect.
        type: bool
        required: true
      namespace:
        description: Name or ARN of the Cloud Map namespace. If omitted, the cluster's default.
        type: str
      services:
        description:
          - Ports that other services can reach. Each has C(port_name), C(discovery_name), C(ingress_port_override),
            C(client_aliases) (C(port), C(dns_name), C(test_traffic_rules)), C(timeout) (C(idle_timeout_seconds),
            C(per_request_timeout_seconds)) and C(tls) (C(issuer_certificate_authority) with
            C(aws_pca_authority_arn), C(kms_key), C(role_arn)).
          - C(test_traffic_rules) has a C(header) with C(name) and C(value) with C(exact).
        type: list
        elements: dict
      log_configuration:
        description: Logs of the proxy, with C(log_driver), C(options) and C(secret_options).
        type: dict
      container_configurations:
        description: Settings of the proxy's container, such as C(log_level) (V(debug), V(info)). Needs botocore 1.44.
        type: list
        elements: dict
      access_log_configuration:
        description: Access logs of the proxy, with C(format) (V(TEXT), V(JSON)) and C(include_query_parameters).
        type: dict
  gateway_connectors:
    description:
      - Gateways that route traffic to the service, at most one. Needs botocore 1.44. Each has C(port_name),
        C(health_check) with C(health_check_protocol), C(health_check_port), C(health_check_path),
        C(health_check_timeout_seconds), C(health_check_interval_seconds), C(healthy_threshold_count),
        C(unhealthy_threshold_count) and C(matcher) (C(http_code), C(grpc_code)), C(filters) with C(access_types), and
        C(deregistration_delay) with C(timeout_seconds). Comparing it needs a call of DescribeServiceRevisions.
    type: list
    elements: dict
  vpc_lattice_configurations:
    description: VPC Lattice target groups. Each has C(role_arn), C(target_group_arn), C(port_name) and
      C(advanced_configuration).
    type: list
    elements: dict
  volume_configurations:
    description:
      - EBS volumes that have C(configured_at_launch) in the task definition. Each has C(name) and
        C(managed_ebs_volume), with C(role_arn), C(size_in_gib), C(volume_type), C(iops), C(throughput), C(encrypted),
        C(kms_key_id), C(snapshot_id), C(volume_initialization_rate), C(filesystem_type) and C(tag_specifications)
        (C(resource_type) V(volume), C(tags), C(propagate_tags)).
    type: list
    elements: dict
  deployment_configuration:
    description: How tasks are replaced. Omitted keys are not changed.
    type: dict
    suboptions:
      strategy:
        description: Deployment strategy, V(ROLLING), V(BLUE_GREEN), V(LINEAR) or V(CANARY).
        type: str
        default: ROLLING
      minimum_healthy_percent:
        description: Percentage of O(desired_count) that keeps running. If omitted, 100 for a new service, 0 for a V(DAEMON).
        type: int
      maximum_percent:
        description: Percentage of O(desired_count) that may run. If omitted, 200 for a new service, 100 for a V(DAEMON).
        type: int
      deployment_circuit_breaker:
        description:
          - Stops a deployment whose tasks keep failing. Has C(enable) and C(rollback), both required,
            C(reset_on_healthy_task) and C(threshold_configuration) with C(type) (V(COUNT), V(BOUNDED_PERCENT),
            V(UNBOUNDED_PERCENT)) and C(value).
        type: dict
      alarms:
        description:
          - CloudWatch alarms that stop a deployment. Has C(alarm_names), C(enable) and C(rollback), all required.
        type: dict
      bake_time_in_minutes:
        description: Minutes for which both revisions run after the traffic has shifted. Required for V(BLUE_GREEN).
        type: int
        default: 0
      lifecycle_hooks:
        description:
          - Lambda functions or pauses at stages of a deployment. Each has C(hook_target_arn), C(role_arn),
            C(lifecycle_stages), C(hook_details), C(target_type) (V(AWS_LAMBDA), V(PAUSE)) and
            C(timeout_configuration) (C(timeout_in_minutes), C(action) V(ROLLBACK) or V(CONTINUE)).
        type: list
        elements: dict
      linear_configuration:
        description: For V(LINEAR). Has C(step_percent) (percent of the traffic) and C(step_bake_time_in_minutes).
        type: dict
      canary_configuration:
        description: For V(CANARY). Has C(canary_percent) (percent of the traffic) and C(canary_bake_time_in_minutes).
        type: dict
      early_success_criteria:
        description: Ends a V(ROLLING) deployment before all its tasks are running. Has C(enable), C(healthy_percent) and
          C(source_service_revision_cleanup) (V(BLOCKING), V(DEFERRED)).
        type: dict
  deployment_controller:
    description: The deployment controller. If omitted, V(ECS) for a new service.
    type: str
    choices: [ECS, CODE_DEPLOY, EXTERNAL]
  scheduling_strategy:
    description: The scheduling strategy. If omitted, V(REPLICA) for a new service. V(DAEMON) is not for Fargate. Immutable.
    type: str
    choices: [REPLICA, DAEMON]
  availability_zone_rebalancing:
    description: Whether ECS redistributes tasks if the zones are out of balance. If omitted, V(ENABLED) for a new service.
    type: str
    choices: [ENABLED, DISABLED]
  health_check_grace_period_seconds:
    description: Seconds after a task's start for which failed health checks are ignored, 0 to 2147483647.
    type: int
  enable_execute_command:
    description: Whether to enable ECS Exec. It has no effect on running tasks.
    type: bool
  enable_ecs_managed_tags:
    description: Whether ECS tags the tasks with the names of the cluster and the service.
    type: bool
  propagate_tags:
    description: Source of the tasks' tags.
    type: str
    choices: [TASK_DEFINITION, SERVICE, NONE]
  placement_constraints:
    description: Rules for the container instances of EC2. Each has C(type) (V(distinctInstance), V(memberOf)) and
      C(expression).
    type: list
    elements: dict
  placement_strategy:
    description: How tasks are placed on container instances of EC2, in order. Each has C(type) (V(random),
      V(spread), V(binpack)) and C(field).
    type: list
    elements: dict
  monitoring:
    description:
      - Resolution of the service's metrics. Has C(metric_configurations), each with C(metric_names) and
        C(resolution_seconds). Comparing it needs a call of DescribeServiceRevisions.
    type: dict
  role:
    description:
      - Name or ARN of the role with which ECS calls the load balancer if the network mode isn't C(awsvpc). If omitted,
        usually the service-linked role of ECS. Immutable.
    type: str
notes:
  - In check mode, a task definition or cluster that does not exist yet is not an error, as an earlier task may create it.
    The ARN that M(magiclub.fargate.ecs_task_definition) returns in check mode for a revision that it would register is
    shown as a change of O(task_definition).
  - Options that the installed botocore does not know are an error with a hint to upgrade it.
  - "IAM actions: C(ecs:DescribeServices), C(ecs:DescribeTaskDefinition), C(ecs:CreateService), C(ecs:UpdateService),
    C(ecs:DeleteService), C(ecs:TagResource), C(ecs:UntagResource), C(iam:PassRole) and C(iam:GetRole) for roles, and
    C(servicediscovery:GetNamespace) with a Service Connect namespace; with O(state=absent) and O(wait) C(ecs:ListTasks)
    and C(ecs:DescribeTasks)."
seealso:
  - module: magiclub.fargate.ecs_task_definition
  - module: magiclub.fargate.ecs_service_wait
  - name: CreateService
    description: API reference.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
  - name: UpdateService
    description: API reference, on which fields can be changed with which controller.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - magiclub.fargate.requirements
"""

EXAMPLES = r"""
- name: Create or update a service behind a load balancer
  magiclub.fargate.ecs_service:
    name: magiclub-an2p-lotto
    cluster: magiclub-an2p-ecs
    task_definition: "{{ task_definition.task_definition_arn }}"
    desired_count: 2
    capacity_provider_strategy:
      - capacity_provider: FARGATE
        weight: 1
        base: 1
      - capacity_provider: FARGATE_SPOT
        weight: 3
    network_configuration:
      subnets: [subnet-0a1b2c3d, subnet-1b2c3d4e]
      security_groups: [sg-0a1b2c3d]
    load_balancers:
      - target_group_arn: "{{ target_group_arn }}"
        container_name: lotto-api
        container_port: 8080
    health_check_grace_period_seconds: 30
    deployment_configuration:
      deployment_circuit_breaker:
        enable: true
        rollback: true
    enable_execute_command: true
    enable_ecs_managed_tags: true
    propagate_tags: SERVICE
    tags:
      Project: magiclub
  register: service

- name: Wait for the deployment
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services:
      - name: magiclub-an2p-lotto
        deployment_id: "{{ service.deployment_id }}"
  when: service.deployment_id is not none

- name: Leave the number of tasks to autoscaling
  magiclub.fargate.ecs_service:
    name: magiclub-an2p-lotto
    cluster: magiclub-an2p-ecs
    desired_count: 2
    desired_count_policy: preserve

- name: Restart the tasks
  magiclub.fargate.ecs_service:
    name: magiclub-an2p-lotto
    cluster: magiclub-an2p-ecs
    force_new_deployment: true

- name: Delete the service
  magiclub.fargate.ecs_service:
    name: magiclub-an2p-lotto
    cluster: magiclub-an2p-ecs
    state: absent
"""

RETURN = r"""
changes:
  description: The differences between the service and the options, including tags.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: Path of the field.
      type: str
    before:
      description: The current value. Null if there is none.
      type: raw
    after:
      description: The desired value. Null if it is removed.
      type: raw
  sample: [{path: deployment_configuration.maximum_percent, before: 200, after: 150}]
deployment_id:
  description:
    - Id of the deployment that the module started.
    - Null if it started none, in check mode, and with the controllers V(CODE_DEPLOY) and V(EXTERNAL).
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
service:
  description:
    - The service as DescribeServices returns it, in snake_case, with tags as a map.
    - In check mode, the service before the changes. Null if there is none.
  returned: always
  type: dict
  contains:
    service_arn:
      description: ARN.
      type: str
      sample: arn:aws:ecs:ap-northeast-2:123456789012:service/magiclub-an2p-ecs/magiclub-an2p-lotto
    status:
      description: V(ACTIVE), V(DRAINING) or V(INACTIVE).
      type: str
      sample: ACTIVE
    task_definition:
      description: ARN of the task definition.
      type: str
      sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:4
    desired_count:
      description: Desired number of tasks.
      type: int
      sample: 2
    running_count:
      description: Number of running tasks.
      type: int
      sample: 2
    deployments:
      description: The deployments, with C(id), C(status), C(rollout_state) and counts.
      type: list
      elements: dict
    tags:
      description: The tags.
      type: dict
      sample: {Project: magiclub}
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.retry import new_roles
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import access, api, redact, service

DICTS = {"type": "list", "elements": "dict"}

FIELDS: dict[str, dict[str, t.Any]] = {
    "availability_zone_rebalancing": {"choices": ["ENABLED", "DISABLED"]},
    "capacity_provider_strategy": DICTS,
    "cluster": {"default": "default"},
    "deployment_configuration": {"type": "dict"},
    "deployment_controller": {"choices": ["ECS", "CODE_DEPLOY", "EXTERNAL"]},
    "desired_count": {"type": "int"},
    "enable_ecs_managed_tags": {"type": "bool"},
    "enable_execute_command": {"type": "bool"},
    "gateway_connectors": DICTS,
    "health_check_grace_period_seconds": {"type": "int"},
    "launch_type": {"choices": ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]},
    "load_balancers": DICTS,
    "monitoring": {"type": "dict"},
    "name": {"required": True, "aliases": ["service_name"]},
    "network_configuration": {"type": "dict"},
    "placement_constraints": DICTS,
    "placement_strategy": DICTS,
    "platform_version": {},
    "propagate_tags": {"choices": ["TASK_DEFINITION", "SERVICE", "NONE"]},
    "role": {},
    "scheduling_strategy": {"choices": ["REPLICA", "DAEMON"]},
    "service_connect_configuration": {"type": "dict"},
    "service_registries": DICTS,
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "task_definition": {},
    "volume_configurations": DICTS,
    "vpc_lattice_configurations": DICTS,
}

ARGUMENTS = {
    **FIELDS,
    "state": {"choices": ["present", "absent"], "default": "present"},
    "desired_count_policy": {"choices": ["managed", "preserve"], "default": "managed"},
    "force": {"type": "bool", "default": False},
    "force_new_deployment": {"type": "bool", "default": False},
    "purge_tags": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 600},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[("launch_type", "capacity_provider_strategy")],
        supports_check_mode=True,
    )
    params = module.params
    wanted = service.Wanted(
        fields=service.create_fields({name: params[name] for name in FIELDS}),
        purge_tags=params["purge_tags"],
        preserve_desired_count=params["desired_count_policy"] == "preserve",
        force_new_deployment=params["force_new_deployment"],
        wait_timeout=params["wait_timeout"],
        check_mode=module.check_mode,
    )
    # Ansible prints the arguments with -vvv.
    params["service_connect_configuration"] = redact.without_secret_options(params["service_connect_configuration"])
    present = module.params["state"] == "present"
    with failing(module, f"{'set up' if present else 'delete'} service {module.params['name']}"):
        calls = access.Calls(
            module.client("ecs"),
            lambda arn: api.namespace_name(module.client("servicediscovery"), arn=arn),
            is_new=new_roles(lambda: module.client("iam")),
        )
        if params["state"] == "absent":
            result = service.absent(calls, wanted, force=params["force"], wait=params["wait"])
        else:
            result = service.present(calls, wanted)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
