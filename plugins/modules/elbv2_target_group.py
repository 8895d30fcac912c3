#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_target_group
version_added: 1.0.0
short_description: Manage a target group without its targets
description:
  - Creates, updates and deletes a target group of Elastic Load Balancing.
  - Never registers or deregisters targets, so that those of an ECS service stay.
  - Only given options are compared and changed. The protocol, protocol version, target type and VPC of an existing target
    group can't be changed. A difference is an error. The port is used only for a new target group.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description:
      - Name of the target group, at most 32 letters, digits and inner hyphens (API_CreateTargetGroup).
    type: str
    required: true
  protocol:
    description: Protocol to the targets.
    type: str
    choices: [HTTP, HTTPS]
    default: HTTP
  protocol_version:
    description:
      - Version of the protocol to the targets. If omitted, V(HTTP1) for a new target group. V(HTTP2) and V(GRPC) need an HTTPS listener.
    type: str
    choices: [HTTP1, HTTP2, GRPC]
  port:
    description: Port of targets that are registered without one. Required for O(state=present).
    type: int
  vpc_id:
    description: Id of the VPC of the targets. Required for O(state=present).
    type: str
  target_type:
    description: Type of the targets. Tasks on Fargate need V(ip).
    type: str
    choices: [ip, instance]
    default: ip
  health_check:
    description: Health check of the targets.
    type: dict
    suboptions:
      path:
        description: Path of the request. For V(GRPC), a method such as V(/grpc.health.v1.Health/Check).
        type: str
      matcher:
        description:
          - HTTP status codes of a healthy target, such as V(200), V(200,202) or V(200-299).
          - With O(protocol_version=GRPC), gRPC status codes, 0 to 99, such as V(0) or V(0-99).
        type: str
      protocol:
        description: Protocol of the request.
        type: str
        choices: [HTTP, HTTPS]
      port:
        description: Port of the request, or V(traffic-port) for that of the target.
        type: str
      interval:
        description: Seconds between two requests, 5 to 300.
        type: int
      timeout:
        description: Seconds after which a request without response fails, 2 to 120.
        type: int
      healthy_threshold:
        description: Consecutive successes after which a target is healthy, 2 to 10.
        type: int
      unhealthy_threshold:
        description: Consecutive failures after which a target is unhealthy, 2 to 10.
        type: int
  attributes:
    description:
      - Attributes by AWS's names, such as C(deregistration_delay.timeout_seconds). Numbers and booleans are accepted.
      - See API_TargetGroupAttribute of Elastic Load Balancing. Omitted attributes are not changed.
    type: dict
    default: {}
  state:
    description: Whether the target group should exist.
    type: str
    choices: [present, absent]
    default: present
notes:
  - "IAM actions: C(elasticloadbalancing:DescribeTargetGroups), C(DescribeTargetGroupAttributes), C(DescribeTags),
    C(CreateTargetGroup), C(ModifyTargetGroup), C(ModifyTargetGroupAttributes), C(DeleteTargetGroup), C(AddTags),
    C(RemoveTags)."
  - Unlike this module, C(community.aws.elb_target_group) deregisters all targets if C(targets) is omitted, has no check mode,
    and can't disable stickiness.
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.elbv2_listener_rule
"""

EXAMPLES = r"""
- name: Create a target group for the tasks of a service
  magiclub.fargate.elbv2_target_group:
    name: magiclub-an2p-lotto
    port: 8080
    vpc_id: vpc-0a1b2c3d4e5f60718
    health_check:
      path: /health
      interval: 15
      timeout: 5
    attributes:
      deregistration_delay.timeout_seconds: 30
      stickiness.enabled: false
    tags:
      Name: magiclub-an2p-lotto

- name: Create a target group for a gRPC server
  magiclub.fargate.elbv2_target_group:
    name: magiclub-an2p-quotes
    port: 50051
    protocol_version: GRPC
    vpc_id: vpc-0a1b2c3d4e5f60718
    health_check:
      path: /grpc.health.v1.Health/Check
      matcher: "0"

- name: Delete the target group
  magiclub.fargate.elbv2_target_group:
    name: magiclub-an2p-lotto
    state: absent
"""

RETURN = r"""
target_group:
  description: The target group. Null if it does not exist, or would be created in check mode.
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the target group.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-lotto/73e2
    name:
      description: Name of the target group.
      type: str
      sample: magiclub-an2p-lotto
    protocol:
      description: Protocol to the targets.
      type: str
      sample: HTTP
    protocol_version:
      description: Version of that protocol.
      type: str
      sample: HTTP1
    port:
      description: Port of targets that are registered without one.
      type: int
      sample: 8080
    target_type:
      description: Type of the targets.
      type: str
      sample: ip
    vpc_id:
      description: Id of the VPC.
      type: str
      sample: vpc-0a1b2c3d4e5f60718
    health_check:
      description: The health check, with the keys of O(health_check).
      type: dict
      sample: {"path": "/health", "matcher": "200", "interval": 15}
    attributes:
      description: All attributes, as strings.
      type: dict
      sample: {"deregistration_delay.timeout_seconds": "30"}
    tags:
      description: Tags.
      type: dict
      sample: {"Name": "magiclub-an2p-lotto"}
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import target_group

HEALTH_CHECK = {
    "path": {},
    "matcher": {},
    "protocol": {"choices": ["HTTP", "HTTPS"]},
    "port": {},
    "interval": {"type": "int"},
    "timeout": {"type": "int"},
    "healthy_threshold": {"type": "int"},
    "unhealthy_threshold": {"type": "int"},
}
ARGUMENTS = {
    "name": {"required": True},
    "protocol": {"choices": ["HTTP", "HTTPS"], "default": "HTTP"},
    "protocol_version": {"choices": ["HTTP1", "HTTP2", "GRPC"]},
    "port": {"type": "int"},
    "vpc_id": {},
    "target_type": {"choices": ["ip", "instance"], "default": "ip"},
    "health_check": {"type": "dict", "options": HEALTH_CHECK},
    "attributes": {"type": "dict", "default": {}},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ["port", "vpc_id"])],
    )
    present = module.params["state"] == "present"
    run = target_group.ensure_present if present else target_group.ensure_absent
    with failing(module, f"{'set up' if present else 'delete'} target group {module.params['name']}"):
        module.exit_json(**run(module.client("elbv2"), module.params, module.check_mode))


if __name__ == "__main__":
    main()
