#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: servicediscovery_namespace
version_added: 1.0.0
short_description: Manage a Cloud Map namespace
description:
  - Creates, updates and deletes a namespace of AWS Cloud Map, which is a private or public DNS zone or an HTTP namespace for
    service discovery.
  - A namespace is identified by O(name) and O(type), and a private one also by its VPC.
  - The CreatorRequestId is derived from name, type and VPC, so that a repeated or concurrent call does not create a second
    namespace.
  - The name, type and VPC of a namespace can't be changed. Another name, type or VPC means another namespace.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description:
      - Name of the namespace. For a DNS namespace, the domain, such as V(magiclub.internal).
      - At most 253 characters, or 1024 for V(HTTP) (Cloud Map API reference, CreatePrivateDnsNamespace).
      - Required for O(state=present). For V(absent), one of O(name) and O(namespace_id) is required.
    type: str
  namespace_id:
    description:
      - Id of the namespace to delete. Only with O(state=absent).
    type: str
  type:
    description:
      - V(DNS_PRIVATE) creates a private hosted zone for O(vpc_id), V(DNS_PUBLIC) a public hosted zone, and V(HTTP), which is
        enough for Service Connect, no hosted zone.
    type: str
    choices: [DNS_PRIVATE, DNS_PUBLIC, HTTP]
    default: DNS_PRIVATE
  vpc_id:
    description:
      - Id of the VPC of a V(DNS_PRIVATE) namespace.
      - Required for O(type=DNS_PRIVATE) with O(state=present), and only for that type.
    type: str
  description:
    description:
      - Description, at most 1024 characters. If omitted, it is not changed.
    type: str
  soa_ttl:
    description:
      - Seconds for which resolvers cache a negative answer, which is the TTL of the zone's SOA record. For DNS namespaces.
      - If omitted, it is not changed. AWS's default is 15 seconds.
    type: int
  state:
    description:
      - Whether the namespace should exist. V(absent) deletes it in any state.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - Whether to delete the services in the namespace and deregister their instances, too, with O(state=absent). If not, a
        namespace with services is an error that names them.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the operation has finished. A private namespace takes about 45 seconds.
      - With V(false), the module returns RV(operation_id) immediately. A later run with V(true) waits for that operation.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for each operation at most.
    type: int
    default: 300
notes:
  - "IAM actions: C(servicediscovery:ListNamespaces), C(GetNamespace), C(ListOperations), C(GetOperation),
    C(ListTagsForResource), C(TagResource), C(UntagResource), the Create, Update and Delete action of the type;
    for DNS namespaces C(route53:CreateHostedZone), C(GetHostedZone), C(ListHostedZonesByName), C(DeleteHostedZone),
    C(ChangeResourceRecordSets), for private ones also C(ec2:DescribeVpcs) and C(ec2:DescribeRegions)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.servicediscovery_service
"""

EXAMPLES = r"""
- name: Start to create a private namespace without waiting for it
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub.internal
    vpc_id: vpc-0a1b2c3d4e5f60718
    tags:
      Project: magiclub
    wait: false
  register: namespace

- name: Wait until the namespace is ready
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub.internal
    vpc_id: vpc-0a1b2c3d4e5f60718

- name: Create an HTTP namespace for Service Connect
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub
    type: HTTP

- name: Delete the namespace with its services and instances
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub.internal
    state: absent
    force: true
"""

RETURN = r"""
namespace:
  description: The namespace. Null if it does not exist or is not created yet, or would be created in check mode.
  returned: always
  type: dict
  contains:
    id:
      description: Id of the namespace.
      type: str
      sample: ns-e4anhexamplezrx3
    arn:
      description: ARN of the namespace.
      type: str
      sample: arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-e4anhexamplezrx3
    name:
      description: Name of the namespace.
      type: str
      sample: magiclub.internal
    type:
      description: Type of the namespace.
      type: str
      sample: DNS_PRIVATE
    description:
      description: Description of the namespace. Empty if there is none.
      type: str
      sample: Names inside the VPC
    hosted_zone_id:
      description: Id of the Route 53 hosted zone. Null for an HTTP namespace.
      type: str
      sample: Z08531381EXAMPLE
    soa_ttl:
      description: Seconds of negative caching. Null for an HTTP namespace.
      type: int
      sample: 15
    http_name:
      description: Name of the namespace for DiscoverInstances.
      type: str
      sample: magiclub.internal
    service_count:
      description: Number of services in the namespace.
      type: int
      sample: 0
    tags:
      description: Tags of the namespace.
      type: dict
      sample: {"Project": "magiclub"}
operation_id:
  description: Id of the Cloud Map operation that the module started or waited for. Null if there was none.
  returned: always
  type: str
  sample: gv4g5meo7ndmeh4fqskygvk23d2fijwa
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery import decide, namespace
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery.run import run

ARGUMENTS = {
    "name": {},
    "namespace_id": {},
    "type": {"choices": ["DNS_PRIVATE", "DNS_PUBLIC", "HTTP"], "default": "DNS_PRIVATE"},
    "vpc_id": {},
    "description": {},
    "soa_ttl": {"type": "int"},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ("name",))],
        required_one_of=[("name", "namespace_id")],
        mutually_exclusive=[("name", "namespace_id")],
    )
    present = module.params["state"] == "present"
    problems = decide.namespace_problems(module.params) if present else []
    if problems:
        module.fail_json(msg=" ".join(problems))
    run(
        module,
        f"{'set up' if present else 'delete'} namespace {module.params['name'] or module.params['namespace_id']}",
        namespace.ensure_present if present else namespace.ensure_absent,
    )


if __name__ == "__main__":
    main()
