#!/usr/bin/python
# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_cluster
version_added: 1.0.0
short_description: Manage Amazon ECS clusters
description:
  - Compares every given option with the existing cluster, and changes what differs. Omitted and null options are not
    changed, including capacity providers.
  - Waits until capacity providers are attached.
  - Nested keys are in snake_case, and are checked against the model of the installed botocore. The error for an unknown
    key has its path and the most similar valid key.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  state:
    description:
      - V(present) ensures that the cluster exists and matches the given options. An INACTIVE cluster is recreated.
      - V(absent) deletes the cluster. Remaining services and tasks are an error that names them.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: The name of the cluster. At most 255 letters, digits, underscores and hyphens.
    type: str
    required: true
    aliases: [cluster_name]
  capacity_providers:
    description:
      - The capacity providers V(FARGATE), V(FARGATE_SPOT) or names of others, in any order. Others are removed; an empty
        list removes all.
    type: list
    elements: str
  default_capacity_provider_strategy:
    description:
      - The strategy of services and tasks without a strategy or launch type, in any order. An empty list removes it.
    type: list
    elements: dict
    suboptions:
      capacity_provider:
        description: Name of one of the cluster's capacity providers.
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
  settings:
    description:
      - Settings by AWS's names. ECS has C(containerInsights), with V(enhanced), V(enabled) or V(disabled).
    type: dict
  configuration:
    description: The configuration of the cluster. Omitted keys are not changed.
    type: dict
    suboptions:
      execute_command_configuration:
        description:
          - Configuration of ECS Exec, with C(kms_key_id), C(logging) (V(NONE), V(DEFAULT) or V(OVERRIDE)) and
            C(log_configuration) (C(cloud_watch_log_group_name), C(cloud_watch_encryption_enabled), C(s3_bucket_name),
            C(s3_encryption_enabled), C(s3_key_prefix)).
        type: dict
      managed_storage_configuration:
        description: Encryption of storage, with C(kms_key_id) and C(fargate_ephemeral_storage_kms_key_id).
        type: dict
  service_connect_defaults:
    description: Defaults of Service Connect for services without a namespace.
    type: dict
    suboptions:
      namespace:
        description: Name or ARN of a Cloud Map namespace. If no namespace has the name, ECS creates an HTTP namespace.
        type: str
        required: true
  wait_timeout:
    description: Seconds to wait until capacity providers are attached, or the last tasks have stopped.
    type: int
    default: 300
notes:
  - With O(state=absent) in check mode, remaining services are not an error, as an earlier task may remove them.
  - "IAM actions: C(ecs:DescribeClusters), C(ecs:CreateCluster), C(ecs:UpdateCluster),
    C(ecs:PutClusterCapacityProviders), C(ecs:DeleteCluster), C(ecs:ListServices), C(ecs:ListTasks),
    C(ecs:TagResource), C(ecs:UntagResource), and for a namespace's name C(servicediscovery:GetNamespace)."
seealso:
  - module: magiclub.fargate.ecs_service
  - name: CreateCluster
    description: API reference.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - magiclub.fargate.requirements
"""

EXAMPLES = r"""
- name: Create a cluster for Fargate
  magiclub.fargate.ecs_cluster:
    name: magiclub-an2p-ecs
    capacity_providers: [FARGATE, FARGATE_SPOT]
    default_capacity_provider_strategy:
      - capacity_provider: FARGATE
        weight: 1
    settings:
      containerInsights: enhanced
    configuration:
      execute_command_configuration:
        logging: DEFAULT
    tags:
      Project: magiclub

- name: Delete the cluster
  magiclub.fargate.ecs_cluster:
    name: magiclub-an2p-ecs
    state: absent
"""

RETURN = r"""
changes:
  description: The differences between the cluster and the options, including tags.
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
  sample: [{path: settings.containerInsights, before: disabled, after: enhanced}]
cluster:
  description:
    - The cluster as DescribeClusters returns it, in snake_case, with settings and tags as maps.
    - In check mode, the cluster before the changes. Null if there is none.
  returned: always
  type: dict
  contains:
    cluster_arn:
      description: ARN.
      type: str
      sample: arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs
    cluster_name:
      description: Name.
      type: str
      sample: magiclub-an2p-ecs
    status:
      description: Status, usually V(ACTIVE).
      type: str
      sample: ACTIVE
    capacity_providers:
      description: The capacity providers.
      type: list
      elements: str
      sample: [FARGATE, FARGATE_SPOT]
    default_capacity_provider_strategy:
      description: The default strategy.
      type: list
      elements: dict
      sample: [{capacity_provider: FARGATE, weight: 1, base: 0}]
    settings:
      description: The settings.
      type: dict
      sample: {containerInsights: enhanced}
    tags:
      description: The tags.
      type: dict
      sample: {Project: magiclub}
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import access, api, cluster

FIELDS: dict[str, dict[str, t.Any]] = {
    "capacity_providers": {"type": "list", "elements": "str"},
    "configuration": {"type": "dict"},
    "default_capacity_provider_strategy": {"type": "list", "elements": "dict"},
    "name": {"required": True, "aliases": ["cluster_name"]},
    "service_connect_defaults": {"type": "dict"},
    "settings": {"type": "dict"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
}

ARGUMENTS = {
    **FIELDS,
    "state": {"choices": ["present", "absent"], "default": "present"},
    "purge_tags": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
}


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    present = module.params["state"] == "present"
    with failing(module, f"{'set up' if present else 'delete'} cluster {module.params['name']}"):
        result = run(module, {name: module.params[name] for name in FIELDS})
    module.exit_json(**result)


def run(module: Module, options: dict[str, t.Any]) -> dict[str, t.Any]:
    calls = access.Calls(
        module.client("ecs"), lambda arn: api.namespace_name(module.client("servicediscovery"), arn=arn)
    )
    name, timeout = options.pop("name"), module.params["wait_timeout"]
    if module.params["state"] == "absent":
        return cluster.absent(calls, name, wait_timeout=timeout, check_mode=module.check_mode)
    return cluster.present(
        calls,
        {**options, "cluster_name": name},
        purge_tags=module.params["purge_tags"],
        wait_timeout=timeout,
        check_mode=module.check_mode,
    )


if __name__ == "__main__":
    main()
