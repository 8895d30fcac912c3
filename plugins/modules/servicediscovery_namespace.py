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
  - Creates, changes and deletes a namespace of AWS Cloud Map, the private or public DNS zone or HTTP namespace in which
    services find each other.
  - A namespace is found by O(name) and O(type), a private one also by its VPC.
  - It is created with a CreatorRequestId that follows from name, type and VPC, so a repeated or concurrent call makes
    no second namespace.
  - Name, type and VPC of a namespace can't be changed. Another name, type or VPC is another namespace.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description:
      - Name of the namespace, for a DNS namespace the domain, as in V(magiclub.internal).
      - At most 253 characters, for V(HTTP) 1024 (Cloud Map API reference, CreatePrivateDnsNamespace).
      - Required for O(state=present). For V(absent) one of O(name) and O(namespace_id) is.
    type: str
  namespace_id:
    description:
      - Id of the namespace to delete, with O(state=absent) only.
    type: str
  type:
    description:
      - V(DNS_PRIVATE) makes a hosted zone that O(vpc_id) resolves, V(DNS_PUBLIC) a public hosted zone,
        V(HTTP) no zone at all, as Service Connect needs it.
    type: str
    choices: [DNS_PRIVATE, DNS_PUBLIC, HTTP]
    default: DNS_PRIVATE
  vpc_id:
    description:
      - Id of the VPC that resolves the names of a V(DNS_PRIVATE) namespace.
      - Required for O(type=DNS_PRIVATE) with O(state=present), and only for that type.
    type: str
  description:
    description:
      - Description, at most 1024 characters. Left out, it is not changed.
    type: str
  soa_ttl:
    description:
      - Seconds that resolvers keep a negative answer, the TTL of the zone's SOA record, for DNS namespaces.
      - Left out, AWS's default of 15 seconds or what is set stays.
    type: int
  state:
    description:
      - V(present) makes the namespace so, V(absent) deletes it, in whatever state it is.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), also delete the services in the namespace and deregister their instances.
      - Without it, a namespace with services is an error that names them.
    type: bool
    default: false
  wait:
    description:
      - Wait until the operation is done. A private namespace takes about 45 seconds.
      - With V(false) the module returns RV(operation_id) at once; a later run with V(true) picks that operation up.
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
- name: Start a private namespace, and do other work meanwhile
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub.internal
    vpc_id: vpc-0a1b2c3d4e5f60718
    tags:
      Project: magiclub
    wait: false
  register: namespace

- name: Wait until the namespace is usable
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub.internal
    vpc_id: vpc-0a1b2c3d4e5f60718

- name: Create an HTTP namespace for Service Connect
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub
    type: HTTP

- name: Delete the namespace with all that is registered in it
  magiclub.fargate.servicediscovery_namespace:
    name: magiclub.internal
    state: absent
    force: true
"""

RETURN = r"""
namespace:
  description: The namespace. Null if it is absent, is not there yet, or is only planned (check mode).
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
      description: Description, empty if there is none.
      type: str
      sample: Names inside the VPC
    hosted_zone_id:
      description: Id of the Route 53 hosted zone, null for an HTTP namespace.
      type: str
      sample: Z08531381EXAMPLE
    soa_ttl:
      description: Seconds of negative caching, null for an HTTP namespace.
      type: int
      sample: 15
    http_name:
      description: Name under which DiscoverInstances knows the namespace.
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
  description: Id of the Cloud Map operation that this call started or picked up, null if there was none.
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
        f"{'set up' if present else 'delete'} namespace {module.params['name']}",
        namespace.ensure_present if present else namespace.ensure_absent,
    )


if __name__ == "__main__":
    main()
