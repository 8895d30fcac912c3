#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fargate_service_info
version_added: 1.0.0
short_description: Read services on ECS Fargate and their resources
description:
  - Reads, for any number of services, the ECS service with its task definition, the target group with the health of its
    targets, the listener rules, roles, security group, log group, Cloud Map service and autoscaling.
  - Finds the resources of a service by the names that the role P(magiclub.fargate.fargate_service#role) gives them.
  - Reads all services together, with few, parallel calls, and returns whether each of them is steady.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of all names, such as V(magiclub-an2p).
    type: str
    required: true
  names:
    description: Names of the services, without the prefix.
    type: list
    elements: str
    required: true
  given_names:
    description:
      - By the name of a service, the names of its resources that are not derived from O(name_prefix) and the service's name, as
        the option I(names) of a service in the role fargate_service.
    type: dict
    default: {}
  cluster:
    description: Name of the cluster. If omitted, O(name_prefix) with C(-ecs).
    type: str
  listener_arn:
    description: ARN of the listener with the rules. If omitted, no rules are read.
    type: str
  listener:
    description: Name of that listener in plans.
    type: str
    default: ""
  other_listeners:
    description:
      - ARNs of the other listeners of the same load balancer by their names in plans.
      - Rules of the services on them are from before a change of C(alb_https), and are returned as separate resources.
    type: dict
    default: {}
  namespace_id:
    description: Id of the Cloud Map namespace. If omitted, no Cloud Map services are read.
    type: str
  namespace:
    description: Name of that namespace.
    type: str
    default: ""
  http_namespace_id:
    description: Id of the platform's HTTP namespace, which Service Connect may use.
    type: str
  http_namespace:
    description: Name of that namespace.
    type: str
    default: ""
  shared_namespaces:
    description: Names or ARNs of Cloud Map namespaces outside the platform to look up.
    type: list
    elements: str
    default: []
  other_namespaces:
    description:
      - Ids of other Cloud Map namespaces of the platform by their names.
      - Cloud Map services in them are from before a change of C(fargate_private_domain), and are returned as separate resources.
    type: dict
    default: {}
  known:
    description:
      - Names of resources of other layers by their ids, such as the VPC, the subnets and the load balancer's security group.
      - A reference to any other resource is returned as its id.
    type: dict
    default: {}
  images:
    description:
      - Desired images. Those in ECR that no revision of the services has yet are looked up.
    type: list
    elements: str
    default: []
  inactive_revisions:
    description: Whether to find families with only INACTIVE revisions, too.
    type: bool
    default: false
notes:
  - "IAM actions: C(ecs:DescribeServices), C(ecs:DescribeTaskDefinition), C(ecs:ListTaskDefinitions),
    C(elasticloadbalancing:DescribeTargetGroups), C(DescribeTargetGroupAttributes), C(DescribeTargetHealth),
    C(DescribeRules), C(DescribeTags), C(iam:GetRole), C(ListRolePolicies), C(GetRolePolicy),
    C(ListAttachedRolePolicies), C(logs:DescribeLogGroups), C(ListTagsForResource), C(ec2:DescribeSecurityGroups),
    C(application-autoscaling:DescribeScalableTargets), C(DescribeScalingPolicies), C(ListTagsForResource),
    C(servicediscovery:ListServices), C(ListTagsForResource), for O(images) C(ecr:DescribeImages)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.platform_info
  - module: magiclub.fargate.fargate_status_info
"""

EXAMPLES = r"""
- name: Read two services
  magiclub.fargate.fargate_service_info:
    name_prefix: magiclub-an2p
    names: [lotto, hello]
  register: found

- name: Show the services that are not steady
  ansible.builtin.debug:
    msg: "{{ found.services | dict2items | rejectattr('value.steady') | map(attribute='key') }}"
"""

RETURN = r"""
name_prefix:
  description: The name prefix.
  returned: success
  type: str
  sample: magiclub-an2p
names:
  description: Names of the services.
  returned: success
  type: list
  elements: str
  sample: [lotto]
services:
  description: The services by name.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the service, without the prefix.
      type: str
      sample: lotto
    full_name:
      description: Name of the ECS service, even if it does not exist.
      type: str
      sample: magiclub-an2p-lotto
    service:
      description: The ECS service, with I(name) and I(arn). Null if it does not exist or is being deleted.
      type: dict
      sample: {"name": "magiclub-an2p-lotto", "arn": "arn:aws:ecs:ap-northeast-2:123456789012:service/ecs/lotto"}
    status:
      description: Status of the ECS service.
      type: str
      sample: ACTIVE
    steady:
      description:
        - Whether its only deployment is completed, all tasks are running and, behind a load balancer, as many targets are
          healthy.
      type: bool
      sample: true
    deployment:
      description: The PRIMARY deployment, with I(id), I(status), I(rollout_state), I(given_up) and I(task_definition_arn).
      type: dict
      sample: {"id": "ecs-svc/1234567890123456789", "status": "PRIMARY", "rollout_state": "COMPLETED", "given_up": false}
    task_definition_arn:
      description: ARN of its task definition.
      type: str
      sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:4
    image:
      description: Image of the container behind the load balancer, else of the essential container.
      type: str
      sample: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p/lotto@sha256:0f1e
    desired_count:
      description: Number of desired tasks.
      type: int
      sample: 2
    running_count:
      description: Number of running tasks.
      type: int
      sample: 2
    pending_count:
      description: Number of tasks that are starting.
      type: int
      sample: 0
    target_group:
      description: The target group, with I(name) and I(arn). Null if there is none, for example without a rule.
      type: dict
      sample: {"name": "magiclub-an2p-lotto"}
    targets:
      description: Targets with I(address), I(port), I(state) and I(reason). Empty without a target group.
      type: list
      elements: dict
      sample: [{"address": "172.25.128.7", "port": 8080, "state": "healthy", "reason": null}]
    rules:
      description: Its listener rules, as in RV(rules), each with the name that is derived from the service.
      type: list
      elements: dict
      sample: [{"name": "magiclub-an2p-lotto", "priority": 10, "paths": ["/api/*"]}]
    schedule:
      description:
        - The schedule of a job, with I(name), I(arn), I(expression), I(timezone) and I(enabled). Null for a service.
      type: dict
      sample: {"expression": "cron(0 2 * * ? *)", "timezone": "Asia/Seoul", "enabled": true}
    roles:
      description: Its roles by name, each with I(arn), I(trust_policy), I(inline_policies) and I(managed_policies).
      type: dict
    ids:
      description: Ids or ARNs of its resources by type and name.
      type: dict
      sample: {"security_group magiclub-an2p-lotto-sg": "sg-0a1b2c3d"}
    task_definitions:
      description: Its revision, and the newest active one if that is a different one, as resources of a plan.
      type: list
      elements: dict
    leaving:
      description: Resources that are being deleted or are deregistered.
      type: list
      elements: dict
    resources:
      description: Its other resources, as input of M(magiclub.fargate.plan).
      type: list
      elements: dict
rules:
  description:
    - All rules of the listener except for the default one, with I(arn), I(name), I(priority), and their conditions I(paths),
      I(hosts), I(methods), I(source_ips), I(headers) and I(query) as in M(magiclub.fargate.elbv2_listener_rule).
    - I(other_conditions) are types of conditions that the module does not support, such as regular expressions.
    - I(target_group_arn) is the ARN of the target group, or a text for several target groups or another action.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "magiclub-an2p-lotto", "priority": 10, "paths": ["/api/*"], "hosts": [], "other_conditions": []}]
naming_groups:
  description:
    - With O(inactive_revisions), the security groups with rules that reference the security group of one of the services, as
      M(amazon.aws.ec2_security_group_info) returns them. AWS does not delete a security group that a rule references.
  returned: success
  type: list
  elements: dict
  sample: [{"group_id": "sg-1", "group_name": "magiclub-an2p-lotto-sg"}]
missing_images:
  description: The images in O(images) that ECR does not have.
  returned: success
  type: list
  elements: str
  sample: []
missing_secrets:
  description: Always empty. M(magiclub.fargate.platform_info) checks whether the client secrets of logins exist.
  returned: success
  type: list
  elements: str
  sample: []
shared_namespaces:
  description: C(id) and C(arn) of each of O(shared_namespaces). Null if it does not exist.
  returned: success
  type: dict
  sample: {}
resources:
  description: The resources of all services.
  returned: success
  type: list
  elements: dict
steady:
  description: Whether all services are steady.
  returned: success
  type: bool
  sample: true
"""


from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.info import info
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.read import Query
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.names import cluster_name

ARGUMENTS = {
    "name_prefix": {"required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "given_names": {"type": "dict", "default": {}},
    "cluster": {},
    "listener_arn": {},
    "listener": {"default": ""},
    "other_listeners": {"type": "dict", "default": {}},
    "namespace_id": {},
    "namespace": {"default": ""},
    "http_namespace_id": {},
    "http_namespace": {"default": ""},
    "shared_namespaces": {"type": "list", "elements": "str", "default": []},
    "other_namespaces": {"type": "dict", "default": {}},
    "known": {"type": "dict", "default": {}},
    "images": {"type": "list", "elements": "str", "default": []},
    "inactive_revisions": {"type": "bool", "default": False},
}


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    given = params["given_names"]
    wanted = [Names(params["name_prefix"], name, given.get(name) or {}) for name in params["names"]]
    query = Query(
        services=wanted,
        cluster=params["cluster"] or cluster_name(params["name_prefix"]),
        listener_arn=params["listener_arn"],
        namespace_id=params["namespace_id"],
        other_listeners=params["other_listeners"],
        other_namespaces=params["other_namespaces"],
        http_namespace_id=params["http_namespace_id"],
        shared_namespaces=params["shared_namespaces"],
        inactive_revisions=params["inactive_revisions"],
    )
    around = {
        "names": params["known"],
        **{key: params[key] for key in ("listener", "other_listeners", "namespace", "other_namespaces")},
        **{key: params[key] for key in ("namespace_id", "http_namespace", "http_namespace_id")},
        "namespaces_by_id": {
            params[f"{kind}_id"]: params[kind] for kind in ("namespace", "http_namespace") if params[f"{kind}_id"]
        },
    }
    with failing(module, "read the services"):
        result = info(module.client, query, around, params["images"])
    module.exit_json(changed=False, name_prefix=params["name_prefix"], names=params["names"], **result)


if __name__ == "__main__":
    main()
