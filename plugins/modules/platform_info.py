#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: platform_info
version_added: 1.0.0
short_description: Read a whole platform in one process
description:
  - Reads the network, load balancer, cluster, repository and services of one name prefix in one process, as far as they are
    requested.
  - M(magiclub.fargate.plan) uses this module.
  - A layer that does not exist is not an error.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of the platform's names.
    type: str
    required: true
  vpc:
    description: What to read of the network. If omitted, it is not read.
    type: dict
    suboptions:
      zones:
        description: Zones, by name or id, whose names to return.
        type: list
        elements: str
        default: []
      endpoint_services:
        description: AWS services of endpoints, by the part of their name after the region.
        type: list
        elements: str
        default: []
      flow_logs:
        description: Whether to read the log group and role of flow logs even if there is no flow log.
        type: bool
        default: false
      holders_of:
        description: Ids of the VPC or of subnets whose other dependents to read, too.
        type: list
        elements: str
        default: []
      vpc_id:
        description: Id of an existing VPC, outside the platform, to read instead of the platform's own.
        type: str
      public_subnet_ids:
        description: Ids of its subnets with a route to an internet gateway.
        type: list
        elements: str
        default: []
      apps_subnet_ids:
        description: Ids of its subnets for tasks.
        type: list
        elements: str
        default: []
  alb:
    description: What to read of the load balancer. If omitted, it is not read.
    type: dict
    suboptions:
      vpc_name:
        description: Name of the VPC. If omitted, the prefix with C(-vpc).
        type: str
      vpc_id:
        description: Id of an existing VPC, instead of O(alb.vpc_name).
        type: str
      arn:
        description: ARN of an existing load balancer, outside the platform, to read instead of the platform's own.
        type: str
      listener_arn:
        description: ARN of its listener for the rules of services.
        type: str
      records:
        description: Domain names whose records and hosted zones to read. If omitted, none are read.
        type: list
        elements: str
      hosted_zone_id:
        description: Id of the hosted zone of all records. If omitted, it is found by name.
        type: str
      certificate_names:
        description: Domain names that the certificate has to cover.
        type: list
        elements: str
        default: []
      certificate_arn:
        description: ARN of the certificate to use. If omitted, one is searched.
        type: str
      certificates:
        description: Additional certificates, by ARN or by a domain name. The default certificate need not cover these names.
        type: list
        elements: str
        default: []
      access_logs_bucket:
        description: S3 bucket, to check whether the load balancer may write access logs to it.
        type: str
      access_logs_prefix:
        description: Prefix of the keys of the access logs.
        type: str
      web_acl_arn:
        description: ARN of the desired web ACL of AWS WAF, or V(none). If omitted, the web ACL is not read.
        type: str
      service_port:
        description: Port of the listener for the rules of services. If omitted, 443 if there is such a listener, else 80.
        type: int
  ecs_cluster:
    description: What to read of the cluster. If omitted, it is not read.
    type: dict
    suboptions:
      namespaces:
        description: Names of Cloud Map namespaces that belong to the platform, in addition to those with its tags.
        type: list
        elements: str
        default: []
      used_namespaces:
        description: Names of the namespaces that services use. If omitted, the first of each type.
        type: list
        elements: str
      settle_timeout:
        description: Seconds to wait at most for namespaces that are being created.
        type: int
        default: 0
      cluster_name:
        description: Name of an existing cluster, outside the platform, to read instead of the platform's own.
        type: str
      vpc_id:
        description: Id of an existing VPC, whose private namespaces belong to the platform.
        type: str
  ecr_push:
    description:
      - What to read of the repository and its image, with the options I(name), I(all_images), I(build), I(image), I(docker_host)
        and I(timeout) of M(magiclub.fargate.ecr_repository_info). If omitted, it is not read.
    type: dict
  services:
    description: What to read of services, with network, load balancer and cluster. If omitted, services are not read.
    type: dict
    suboptions:
      names:
        description: Names of the services, without the prefix.
        type: list
        elements: str
        required: true
      given_names:
        description:
          - By the name of a service, the names of its resources that are not derived from the prefix and the service's name, as
            the option I(names) of a service in the role fargate_service.
        type: dict
      shared_namespaces:
        description: Names or ARNs of Cloud Map namespaces, outside the platform, for Service Connect of the services.
        type: list
        elements: str
        default: []
      other_queues:
        description: Names of other SQS queues that the services use, to check whether they exist.
        type: list
        elements: str
        default: []
      client_secrets:
        description: Secrets in Secrets Manager and SSM parameters, to check whether they exist. Their values are not read.
        type: list
        elements: str
        default: []
      images:
        description: Desired images of the services, as in M(magiclub.fargate.fargate_service_info).
        type: list
        elements: str
        default: []
      inactive_revisions:
        description: Whether to find families with only INACTIVE revisions, too.
        type: bool
        default: false
      repositories:
        description:
          - By the name of a service, what to read of its repository, with the same options as O(ecr_push) except for I(name),
            which is derived from the prefix and the service's name.
        type: dict
  unasked:
    description:
      - Search for resources that have the platform's tags but are in none of the layers that are read and the given services.
      - Give all layers with it, as resources of other layers would look like ones that are no longer in the inventory.
    type: dict
    suboptions:
      tags:
        description: Tags of the platform. C(ManagedBy), C(Project) and C(Environment) identify it.
        type: dict
        required: true
      services:
        description: Names of all services of the inventory, without the prefix.
        type: list
        elements: str
        default: []
      beside:
        description: Other name prefixes that layers use, for example for a network that several platforms share.
        type: list
        elements: str
        default: []
      repositories:
        description: Names of repositories of layers that are not read.
        type: list
        elements: str
        default: []
      read:
        description: Whether to read the services that are no longer in the inventory, as if they were in O(services).
        type: bool
        default: false
notes:
  - "IAM actions: those of M(magiclub.fargate.vpc_info), M(magiclub.fargate.alb_info), M(magiclub.fargate.ecs_cluster_info),
    M(magiclub.fargate.ecr_repository_info) and M(magiclub.fargate.fargate_service_info); with O(unasked) C(tag:GetResources),
    C(iam:ListRoles) and C(ecs:ListTaskDefinitionFamilies), and if something is found C(ec2:DescribeTags)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.plan
  - module: magiclub.fargate.vpc_info
  - module: magiclub.fargate.alb_info
  - module: magiclub.fargate.ecs_cluster_info
  - module: magiclub.fargate.ecr_repository_info
  - module: magiclub.fargate.fargate_service_info
"""

EXAMPLES = r"""
- name: Read the network and the load balancer
  magiclub.fargate.platform_info:
    name_prefix: magiclub-an2p
    vpc: {}
    alb: {}
  register: platform

- name: Show the resources of the load balancer
  ansible.builtin.debug:
    var: platform.alb.resources
"""

RETURN = r"""
vpc:
  description:
    - I(resources) of the network, as in RV(magiclub.fargate.vpc_info#module:resources), and I(zones), I(endpoint_services),
      I(past_nat_gateways), I(holders) and I(amazon_aws_version) as returned there.
  returned: if O(vpc) or O(services) is given
  type: dict
  sample: {"resources": [{"type": "vpc", "name": "magiclub-an2p-vpc", "id": "vpc-0a1b2c3d"}], "wrong": []}
alb:
  description:
    - I(resources) of the load balancer, its I(certificate_arn), the I(zones) of records, their I(zone_ids), and I(problems), as
      M(magiclub.fargate.alb_info) returns them.
  returned: if O(alb) or O(services) is given
  type: dict
  sample: {"resources": [{"type": "load_balancer", "name": "magiclub-an2p-pub-alb"}], "problems": [], "wrong": []}
ecs_cluster:
  description: I(resources) of the cluster, and the I(account_id).
  returned: if O(ecs_cluster) or O(services) is given
  type: dict
  sample: {"resources": [{"type": "ecs_cluster", "name": "magiclub-an2p-ecs"}], "account_id": "123456789012"}
ecr_push:
  description: The results of M(magiclub.fargate.ecr_repository_info).
  returned: if O(ecr_push) is given
  type: dict
  sample: {"repository": {"name": "magiclub-an2p-lotto"}, "image": {"tag": "5e884898da28"}, "obstacle": null}
services:
  description: The results of M(magiclub.fargate.fargate_service_info), without names, and I(built) for services with a repository.
  returned: if O(services) is given
  type: dict
  sample: {"services": {"lotto": {"full_name": "magiclub-an2p-lotto", "desired_count": 1}}, "steady": true}
unasked:
  description:
    - I(found) is what is no longer in the inventory. Its I(kind) is C(service), C(platform) for another name prefix with the same tags, or
      C(resource). I(remove) is how to remove it.
    - I(wrong) is why it is unknown, such as a denied call.
  returned: if O(unasked) is given
  type: dict
  sample:
    wrong: ""
    found:
      - kind: service
        name: shop
        remove: -e prune=true removes it
        resources:
          - {"type": "log_group", "name": "/ecs/magiclub-an2p-shop", "arn": "arn:aws:logs:…:log-group:/ecs/magiclub-an2p-shop"}
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import read

LIST = {"type": "list", "elements": "str"}
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "name_prefix": {"required": True},
    "vpc": {
        "type": "dict",
        "options": {
            **{key: {**LIST, "default": []} for key in ("zones", "endpoint_services", "holders_of")},
            **{key: {**LIST, "default": []} for key in ("public_subnet_ids", "apps_subnet_ids")},
            "vpc_id": {},
            "flow_logs": {"type": "bool", "default": False},
        },
    },
    "alb": {
        "type": "dict",
        "options": {
            **{key: {} for key in ("vpc_name", "vpc_id", "arn", "listener_arn")},
            "records": LIST,
            "hosted_zone_id": {},
            "certificate_names": {**LIST, "default": []},
            "certificate_arn": {},
            "certificates": {**LIST, "default": []},
            **{key: {} for key in ("access_logs_bucket", "access_logs_prefix", "web_acl_arn")},
            "service_port": {"type": "int"},
        },
    },
    "ecs_cluster": {
        "type": "dict",
        "options": {
            "namespaces": {**LIST, "default": []},
            "used_namespaces": LIST,
            "settle_timeout": {"type": "int", "default": 0},
            **{key: {} for key in ("cluster_name", "vpc_id")},
        },
    },
    "ecr_push": {"type": "dict"},
    "services": {
        "type": "dict",
        "options": {
            "names": {**LIST, "required": True},
            "given_names": {"type": "dict"},
            "shared_namespaces": {"type": "list", "elements": "str", "default": []},
            "other_queues": {"type": "list", "elements": "str", "default": []},
            "client_secrets": {**LIST, "default": [], "no_log": False},
            "images": {**LIST, "default": []},
            "inactive_revisions": {"type": "bool", "default": False},
            "repositories": {"type": "dict"},
        },
    },
    "unasked": {
        "type": "dict",
        "options": {
            "tags": {"type": "dict", "required": True},
            **{key: {**LIST, "default": []} for key in ("services", "beside", "repositories")},
            "read": {"type": "bool", "default": False},
        },
    },
}


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    with failing(module, "read the platform"):
        found = read.platform(module)
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
