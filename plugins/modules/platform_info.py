#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: platform_info
version_added: 1.0.0
short_description: Read network, load balancer, cluster and services at once
description:
  - Reads what services stand on, as M(magiclub.fargate.vpc_info), M(magiclub.fargate.alb_info) and
    M(magiclub.fargate.ecs_cluster_info) do, in one process instead of three.
  - With O(services), reads those too, as M(magiclub.fargate.fargate_service_info) does.
  - A layer that is not there is no error.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: What all names of the platform begin with.
    type: str
    required: true
  domain:
    description: Domain of the services, which RV(alb_info) carries.
    type: str
    default: ""
  namespaces:
    description:
      - Names of the Cloud Map namespaces that the platform uses, as M(magiclub.fargate.ecs_cluster_info) takes them.
      - Without it, the first of each kind that its tags say is the platform's.
    type: list
    elements: str
  services:
    description: Names of the services to read, without the prefix.
    type: list
    elements: str
    default: []
  images:
    description: Images that the services are to run, as M(magiclub.fargate.fargate_service_info) takes them.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Reads only.
    support: none
notes:
  - "IAM actions: those of the modules that it stands for."
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: magiclub.fargate.vpc_info
  - module: magiclub.fargate.alb_info
  - module: magiclub.fargate.ecs_cluster_info
  - module: magiclub.fargate.fargate_service_info
"""

EXAMPLES = r"""
- name: Read the platform
  magiclub.fargate.platform_info:
    name_prefix: magiclub-an2p
    namespaces:
      - magiclub.internal
  register: platform

- name: Show where its services answer
  ansible.builtin.debug:
    var: platform.alb_info.load_balancer.dns_name
"""

RETURN = r"""
vpc_info:
  description: What M(magiclub.fargate.vpc_info) returns, without I(zones).
  returned: success
  type: dict
  sample: {"name_prefix": "magiclub-an2p", "exists": true, "vpc": {"name": "magiclub-an2p-vpc", "id": "vpc-0a1b2c3d"}}
alb_info:
  description: What M(magiclub.fargate.alb_info) returns of the load balancer, without records and certificates.
  returned: success
  type: dict
  sample: {"name_prefix": "magiclub-an2p", "exists": true, "load_balancer": {"name": "magiclub-an2p-pub-alb"}}
ecs_cluster_info:
  description: What M(magiclub.fargate.ecs_cluster_info) returns.
  returned: success
  type: dict
  sample: {"name_prefix": "magiclub-an2p", "exists": true, "cluster": {"name": "magiclub-an2p-ecs"}}
services:
  description: What M(magiclub.fargate.fargate_service_info) returns of the services, without their names.
  returned: when O(services) are given
  type: dict
  sample: {"services": {"lotto": {"full_name": "magiclub-an2p-lotto", "desired_count": 1}}, "steady": true}
"""

import typing as t

try:
    from botocore import exceptions
except ImportError:
    pass  # AnsibleAWSModule says so


from ansible_collections.magiclub.fargate.plugins.module_utils._alb import api as alb_api
from ansible_collections.magiclub.fargate.plugins.module_utils._alb import facts as alb_facts
from ansible_collections.magiclub.fargate.plugins.module_utils._alb import found as alb_found
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import fail
from ansible_collections.magiclub.fargate.plugins.module_utils._cluster import api as cluster_api
from ansible_collections.magiclub.fargate.plugins.module_utils._cluster import facts as cluster_facts
from ansible_collections.magiclub.fargate.plugins.module_utils._cluster import found as cluster_found
from ansible_collections.magiclub.fargate.plugins.module_utils._service import platform
from ansible_collections.magiclub.fargate.plugins.module_utils._service.info import info
from ansible_collections.magiclub.fargate.plugins.module_utils._service.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._service.read import Query
from ansible_collections.magiclub.fargate.plugins.module_utils._vpc import api as vpc_api
from ansible_collections.magiclub.fargate.plugins.module_utils._vpc import facts as vpc_facts
from ansible_collections.magiclub.fargate.plugins.module_utils._vpc import found as vpc_found

ARGUMENTS = {
    "name_prefix": {"required": True},
    "domain": {"default": ""},
    "namespaces": {"type": "list", "elements": "str"},
    "services": {"type": "list", "elements": "str", "default": []},
    "images": {"type": "list", "elements": "str", "default": []},
}


def network(module: OneSessionModule, prefix: str) -> dict[str, t.Any]:
    raw = vpc_api.read(module.client, prefix, flow_logs=False)
    return vpc_facts.facts(prefix, module.region, vpc_found.resources(raw, prefix))


def load_balancer(module: OneSessionModule, prefix: str) -> dict[str, t.Any]:
    name = f"{prefix}-pub-alb"
    raw = alb_api.read(module.client, name, f"{prefix}-vpc", None, "", certificates=False)
    return alb_facts.facts(prefix, module.region, alb_found.resources(raw, name), module.params["domain"])


def cluster(module: OneSessionModule, prefix: str) -> dict[str, t.Any]:
    raw = cluster_api.read(module.client, prefix)
    names = module.params["namespaces"]
    resources = cluster_found.resources(raw, prefix, names or [])
    return cluster_facts.facts(prefix, module.region, raw["account_id"], resources, names)


def services(module: OneSessionModule, prefix: str, layers: dict[str, t.Any]) -> dict[str, t.Any]:
    below = platform.of({"region": module.region}, layers["vpc_info"], layers["alb_info"], layers["ecs_cluster_info"])
    query = Query(
        services=[Names(prefix, name) for name in module.params["services"]],
        cluster=below["cluster"],
        listener_arn=below["listener_arn"],
        namespace_id=below["namespace_id"],
        other_listeners=below["other_listeners"],
        other_namespaces=below["other_namespaces"],
    )
    return info(module.client, query, {**below, "names": platform.known(below)}, module.params["images"])


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    prefix = module.params["name_prefix"]
    try:
        layers = {
            "vpc_info": network(module, prefix),
            "alb_info": load_balancer(module, prefix),
            "ecs_cluster_info": cluster(module, prefix),
        }
        if module.params["services"]:
            layers["services"] = services(module, prefix, layers)
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        fail(module, error, "read the platform")
    except LookupError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **layers)


if __name__ == "__main__":
    main()
