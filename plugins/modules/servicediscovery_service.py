#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: servicediscovery_service
version_added: 1.0.0
short_description: Manage a Cloud Map service
description:
  - Creates, updates and deletes a service of AWS Cloud Map, with which the tasks of an ECS service are registered.
  - A service is identified by O(name) in its namespace.
  - AWS can't change the routing policy, types of records and custom health check of an existing service; of a service
    without DNS records it can change only the tags. A difference is an error before anything is changed.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description:
      - Name of the service. In a DNS namespace, the label before the domain. At most 127 characters.
    type: str
    required: true
  namespace_id:
    description:
      - Id of the namespace.
      - One of O(namespace_id) and O(namespace) is required.
    type: str
  namespace:
    description:
      - Name of the namespace.
      - In check mode, a namespace that does not exist yet is not an error.
    type: str
  description:
    description:
      - Description, at most 1024 characters. If omitted, it is not changed.
    type: str
  dns_records:
    description:
      - DNS records that Cloud Map creates for each instance. If omitted, a new service can be discovered with the API only.
      - Their TTL can be changed later, but not their types (Cloud Map API reference, UpdateService).
    type: list
    elements: dict
    suboptions:
      type:
        description: Type of the record. V(CNAME) can't be combined with others, and needs O(routing_policy=WEIGHTED).
        type: str
        choices: [A, AAAA, CNAME, SRV]
        required: true
      ttl:
        description: Seconds for which resolvers cache the record.
        type: int
        default: 15
  routing_policy:
    description:
      - V(MULTIVALUE) returns up to eight healthy instances, V(WEIGHTED) a random one.
      - AWS's default is V(MULTIVALUE). It can't be changed later.
    type: str
    choices: [MULTIVALUE, WEIGHTED]
  health_check_config:
    description:
      - Health check of Route 53, for public DNS namespaces only. Mutually exclusive with O(health_check_custom_config).
    type: dict
    suboptions:
      type:
        description: Protocol of the check.
        type: str
        choices: [HTTP, HTTPS, TCP]
        required: true
      resource_path:
        description: Path of the request, for V(HTTP) and V(HTTPS). AWS's default is V(/).
        type: str
      failure_threshold:
        description: Consecutive checks that have to fail or succeed before the state of an instance changes, 1 to 10.
        type: int
        default: 1
  health_check_custom_config:
    description:
      - Whether the health of instances is reported with UpdateInstanceCustomHealthStatus, as ECS does for its tasks.
      - It can't be changed later. AWS's threshold is always 1.
    type: bool
  state:
    description:
      - Whether the service should exist.
    type: str
    choices: [present, absent]
    default: present
  deregister_instances:
    description:
      - Whether to deregister the instances of the service, too, with O(state=absent). If not, a service with instances is an
        error that names them.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until an update has finished. Creation and deletion need no wait.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for each operation at most.
    type: int
    default: 300
notes:
  - "IAM actions: C(servicediscovery:ListNamespaces), C(ListServices), C(GetService), C(CreateService),
    C(UpdateService), C(DeleteService), C(ListInstances),
    C(DeregisterInstance), C(GetOperation), C(ListTagsForResource), C(TagResource),
    C(UntagResource)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.servicediscovery_namespace
"""

EXAMPLES = r"""
- name: Create a service for tasks at lotto-api.magiclub.internal
  magiclub.fargate.servicediscovery_service:
    name: lotto-api
    namespace: magiclub.internal
    dns_records:
      - type: A
        ttl: 15
    routing_policy: MULTIVALUE
    health_check_custom_config: true
    tags:
      Project: magiclub

- name: Delete the service with its instances
  magiclub.fargate.servicediscovery_service:
    name: lotto-api
    namespace: magiclub.internal
    state: absent
    deregister_instances: true
"""

RETURN = r"""
service:
  description: The service. Null if it does not exist, or would be created in check mode.
  returned: always
  type: dict
  contains:
    id:
      description: Id of the service.
      type: str
      sample: srv-e4anhexample0004
    arn:
      description: ARN of the service, for C(service_registries) of an ECS service.
      type: str
      sample: arn:aws:servicediscovery:ap-northeast-2:123456789012:service/srv-e4anhexample0004
    name:
      description: Name of the service.
      type: str
      sample: lotto-api
    namespace_id:
      description: Id of the namespace.
      type: str
      sample: ns-e4anhexamplezrx3
    description:
      description: Description of the service. Empty if there is none.
      type: str
      sample: Lotto numbers
    type:
      description: How instances are discovered, V(HTTP), V(DNS_HTTP) or V(DNS).
      type: str
      sample: DNS_HTTP
    dns_records:
      description: DNS records, sorted by type.
      type: list
      elements: dict
      sample: [{"type": "A", "ttl": 15}]
    routing_policy:
      description: Routing policy. Null without DNS records.
      type: str
      sample: MULTIVALUE
    health_check_config:
      description: Health check of Route 53. Null if there is none.
      type: dict
      sample: {"type": "HTTP", "resource_path": "/health", "failure_threshold": 3}
    health_check_custom_config:
      description: Whether a custom health check is configured.
      type: bool
      sample: true
    instance_count:
      description: Number of registered instances.
      type: int
      sample: 2
    tags:
      description: Tags of the service.
      type: dict
      sample: {"Project": "magiclub"}
operation_id:
  description: Id of the Cloud Map operation that updates the service. Null if there was none.
  returned: always
  type: str
  sample: gv4g5meo7ndmeh4fqskygvk23d2fijwa
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery import decide, service
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery.run import run

DNS_RECORD = {
    "type": {"choices": ["A", "AAAA", "CNAME", "SRV"], "required": True},
    "ttl": {"type": "int", "default": 15},
}
HEALTH_CHECK = {
    "type": {"choices": ["HTTP", "HTTPS", "TCP"], "required": True},
    "resource_path": {},
    "failure_threshold": {"type": "int", "default": 1},
}
ARGUMENTS = {
    "name": {"required": True},
    "namespace_id": {},
    "namespace": {},
    "description": {},
    "dns_records": {"type": "list", "elements": "dict", "options": DNS_RECORD},
    "routing_policy": {"choices": ["MULTIVALUE", "WEIGHTED"]},
    "health_check_config": {"type": "dict", "options": HEALTH_CHECK},
    "health_check_custom_config": {"type": "bool"},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "deregister_instances": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_one_of=[("namespace_id", "namespace")],
        mutually_exclusive=[("namespace_id", "namespace")],
    )
    present = module.params["state"] == "present"
    problems = decide.service_problems(module.params) if present else []
    if problems:
        module.fail_json(msg=" ".join(problems))
    run(
        module,
        f"{'set up' if present else 'delete'} service {module.params['name']}",
        service.ensure_present if present else service.ensure_absent,
    )


if __name__ == "__main__":
    main()
