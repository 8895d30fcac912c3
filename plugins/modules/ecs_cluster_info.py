#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_cluster_info
version_added: 1.0.0
short_description: Read an ECS cluster, its roles and its namespaces
description:
  - Finds the cluster C(PREFIX-ecs), its task execution role C(PREFIX-ecs-execution), the policy C(PREFIX-ecs-exec), the
    service-linked role of ECS and the Cloud Map namespaces, in two rounds of parallel calls.
  - Resources refer to each other by name, so that M(magiclub.fargate.plan) can compare them with the desired state.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of the layer's names.
    type: str
    required: true
  namespaces:
    description:
      - Names of Cloud Map namespaces that belong to the layer.
      - A namespace tagged C(Name=PREFIX-namespace) or C(Name=PREFIX-http-namespace) belongs to the layer whatever its name.
        A private namespace without such a tag has to be that of the VPC tagged C(Name=PREFIX-vpc).
    type: list
    elements: str
    default: []
  settle_timeout:
    description:
      - Seconds to wait at most for namespaces that Cloud Map is creating and may not list yet, so that a removal does not
        miss them.
    type: int
    default: 0
  cluster_only:
    description: Whether to read only the cluster and its tags, with one call. All else is returned as if it did not exist.
    type: bool
    default: false
  services:
    description: Whether to read the names of the cluster's services, too.
    type: bool
    default: false
notes:
  - "IAM actions: C(sts:GetCallerIdentity), C(ecs:DescribeClusters), C(iam:GetRole), C(iam:ListRoles),
    C(iam:ListAttachedRolePolicies), C(iam:GetPolicy), C(iam:GetPolicyVersion),
    C(servicediscovery:ListNamespaces), C(ListOperations), C(GetOperation),
    C(GetNamespace), C(ListTagsForResource), C(route53:GetHostedZone), C(ec2:DescribeVpcs); with O(cluster_only) only
    C(ecs:DescribeClusters); with O(services) also C(ecs:ListServices) and C(ecs:DescribeServices)."
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
  description: The prefix, as given.
  returned: success
  type: str
  sample: magiclub-an2p
region:
  description: The region.
  returned: success
  type: str
  sample: ap-northeast-2
account_id:
  description: Id of the AWS account. With O(cluster_only), empty if there is no cluster.
  returned: success
  type: str
  sample: "123456789012"
exists:
  description: Whether the cluster exists.
  returned: success
  type: bool
  sample: true
planned:
  description: Whether the cluster exists, or in check mode of the role, would exist.
  returned: success
  type: bool
  sample: true
ready:
  description: Whether the cluster exists and no namespace is being created.
  returned: success
  type: bool
  sample: true
cluster:
  description: The cluster. I(arn) is null if it does not exist.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-ecs", "arn": "arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs"}
execution_role:
  description: Role with which ECS pulls images and writes logs. Null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-ecs-execution", "arn": "arn:aws:iam::123456789012:role/magiclub-an2p-ecs-execution"}
exec_policy:
  description: Policy that task roles need for ECS Exec. Null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-ecs-exec", "arn": "arn:aws:iam::123456789012:policy/magiclub-an2p-ecs-exec"}
others_boundary:
  description: Whether the permissions boundary of the platform was created outside this collection.
  returned: success
  type: bool
  sample: false
namespace:
  description: Private DNS namespace. Null if there is none.
  returned: success
  type: dict
  sample:
    name: magiclub.internal
    id: ns-e4anhexamplezrx3
    arn: arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-e4anhexamplezrx3
http_namespace:
  description: HTTP namespace. Null if there is none.
  returned: success
  type: dict
  sample: null
services:
  description: Names of the cluster's services, without those that are being deleted. Empty without O(services).
  returned: success
  type: list
  elements: str
  sample: [magiclub-an2p-lotto]
resources:
  description: All resources of the layer with I(type), I(name), I(id) and I(values), as input of M(magiclub.fargate.plan).
  returned: success
  type: list
  elements: dict
  sample: [{"type": "ecs_cluster", "name": "magiclub-an2p-ecs", "id": "arn:aws:ecs:...", "values": {}}]
"""

import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import api, facts, found
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
        known = facts.of_resources(prefix, module.region, raw["account_id"], resources)
        running = module.params["services"] and known["exists"]
        described = read.services(module.client("ecs"), known["cluster"]["name"], []) if running else []
    services = sorted(one["serviceName"] for one in described if one["status"] == "ACTIVE")
    module.exit_json(changed=False, services=services, **known)


if __name__ == "__main__":
    main()
