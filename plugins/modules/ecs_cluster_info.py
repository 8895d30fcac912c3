#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_cluster_info
version_added: 1.0.0
short_description: Read an ECS cluster with its roles and namespaces
description:
  - Finds the cluster C(PREFIX-ecs), its task execution role C(PREFIX-ecs-execution), the policy C(PREFIX-ecs-exec), the
    service-linked role of ECS and the Cloud Map namespaces, in two rounds of parallel calls.
  - Every reference between resources is by name, so M(magiclub.fargate.plan) can compare it with the desired state.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: What all names of the layer begin with.
    type: str
    required: true
  namespaces:
    description:
      - Names of Cloud Map namespaces that belong to the layer.
      - A namespace tagged C(Name=PREFIX-namespace) or C(Name=PREFIX-http-namespace) belongs to it under any name. A
        private one that only has the name has to serve the VPC tagged C(Name=PREFIX-vpc).
    type: list
    elements: str
    default: []
  settle_timeout:
    description:
      - Seconds to wait at most for namespaces that Cloud Map is creating and may not show yet, so that none is missed
        before a removal.
    type: int
    default: 0
  cluster_only:
    description: Reads the cluster and its tags alone, by one call of ECS. All else is returned as if it were not there.
    type: bool
    default: false
  services:
    description: Reads the names of the services that the cluster runs, too.
    type: bool
    default: false
notes:
  - "IAM actions: C(sts:GetCallerIdentity), C(ecs:DescribeClusters), C(iam:GetRole), C(iam:ListRoles),
    C(iam:ListAttachedRolePolicies), C(iam:GetPolicy), C(iam:GetPolicyVersion),
    C(servicediscovery:ListNamespaces), C(ListOperations), C(GetOperation),
    C(GetNamespace), C(ListTagsForResource), C(route53:GetHostedZone), C(ec2:DescribeVpcs); with O(cluster_only)
    C(ecs:DescribeClusters) alone; with O(services) C(ecs:ListServices) and C(ecs:DescribeServices), too."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.platform_info
  - module: magiclub.fargate.ecs_cluster
"""

EXAMPLES = r"""
- name: Read the cluster
  magiclub.fargate.ecs_cluster_info:
    name_prefix: magiclub-an2p
    namespaces:
      - magiclub.internal
  register: cluster
"""

RETURN = r"""
name_prefix:
  description: The prefix that was asked for.
  returned: success
  type: str
  sample: magiclub-an2p
region:
  description: The region that was read.
  returned: success
  type: str
  sample: ap-northeast-2
account_id:
  description: Id of the account that was read; with O(cluster_only) empty if there is no cluster.
  returned: success
  type: str
  sample: "123456789012"
exists:
  description: Whether there is a cluster of that name.
  returned: success
  type: bool
  sample: true
planned:
  description: Whether there is a cluster, or in check mode of the role will be one.
  returned: success
  type: bool
  sample: true
ready:
  description: Whether there is a cluster and no namespace is being created.
  returned: success
  type: bool
  sample: true
cluster:
  description: The cluster; I(arn) is null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-ecs", "arn": "arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs"}
execution_role:
  description: Role that ECS takes to pull images and write logs, null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-ecs-execution", "arn": "arn:aws:iam::123456789012:role/magiclub-an2p-ecs-execution"}
exec_policy:
  description: Policy that a task role needs for ECS Exec, null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-ecs-exec", "arn": "arn:aws:iam::123456789012:policy/magiclub-an2p-ecs-exec"}
others_boundary:
  description: Whether somebody else than this collection made the permissions boundary of the platform.
  returned: success
  type: bool
  sample: false
namespace:
  description: Private DNS namespace, null if there is none.
  returned: success
  type: dict
  sample:
    name: magiclub.internal
    id: ns-e4anhexamplezrx3
    arn: arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-e4anhexamplezrx3
http_namespace:
  description: HTTP namespace, null if there is none.
  returned: success
  type: dict
  sample: null
services:
  description: Names of the services that the cluster runs, without those that are being deleted; empty without O(services).
  returned: success
  type: list
  elements: str
  sample: [magiclub-an2p-lotto]
resources:
  description: Everything of the layer with I(type), I(name), I(id), I(values), as M(magiclub.fargate.plan) takes it.
  returned: success
  type: list
  elements: dict
  sample: [{"type": "ecs_cluster", "name": "magiclub-an2p-ecs", "id": "arn:aws:ecs:...", "values": {}}]
"""

import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import api, found
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster.facts import facts
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import read

ARGUMENTS = {
    "name_prefix": {"required": True},
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "settle_timeout": {"type": "int", "default": 0},
    "cluster_only": {"type": "bool", "default": False},
    "services": {"type": "bool", "default": False},
}


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    prefix = module.params["name_prefix"]
    timeout = module.params["settle_timeout"]

    def settle(cloud_map: t.Any) -> None:
        api.settled(cloud_map, timeout, time.monotonic, time.sleep)

    with failing(module, "read the ECS cluster"):
        if module.params["cluster_only"]:
            raw = api.read_cluster(module.client("ecs"), prefix)
        else:
            raw = api.read(module.client, prefix, settle if timeout else None)
        resources = found.resources(raw, prefix, module.params["namespaces"])
        known = facts(prefix, module.region, raw["account_id"], resources)
        running = module.params["services"] and known["exists"]
        described = read.services(module.client("ecs"), known["cluster"]["name"], []) if running else []
    services = sorted(one["serviceName"] for one in described if one["status"] == "ACTIVE")
    module.exit_json(changed=False, services=services, **known)


if __name__ == "__main__":
    main()
