#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fargate_service_delete
version_added: 1.1.0
short_description: Delete the resources of services on Fargate
description:
  - Deletes the resources of services in order of their dependencies. The resources of each step are deleted in parallel, so that
    many services take no longer than the slowest one.
  - Scales a service to zero tasks, deletes it, and waits until its tasks have stopped. Waits for a security group until no
    network interface uses it.
  - If AWS refuses a deletion, the other resources of that step are deleted, and no further step is taken. The message has all
    errors.
  - A resource that no longer exists is not an error.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  resources:
    description:
      - The resources to delete, in any order, each with C(type), C(name) and, for some types, C(id). Other keys are ignored, so
        that entries of a plan can be used.
      - C(schedule), C(ecs_service), C(ecs_task_definition) (by its family), C(sqs_queue), C(iam_role), C(log_group) and
        C(ecr_repository) are identified by C(name).
      - C(listener_rule), C(target_group) and C(cloud_map_service) are identified by C(id), which is their ARN, a
        C(security_group) by its id, and a C(scalable_target) by its resource id.
    type: list
    elements: dict
    required: true
  cluster:
    description: Name or ARN of the cluster of the services.
    type: str
    required: true
  force:
    description: Whether to delete repositories that have images. If not, such a repository is an error.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most for a service to drain, and for each resource until others no longer use it.
    type: int
    default: 600
extends_documentation_fragment:
  - magiclub.fargate.attributes.deletes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
notes:
  - "IAM actions, for the given types: C(application-autoscaling:DeregisterScalableTarget), C(scheduler:DeleteSchedule);
    C(ecs:DescribeServices), C(UpdateService), C(DeleteService), C(ListTasks), C(DescribeTasks), C(StopTask),
    C(ListTaskDefinitions), C(DeregisterTaskDefinition), C(DeleteTaskDefinitions);
    C(elasticloadbalancing:DeleteRule), C(DeleteTargetGroup); C(servicediscovery:ListInstances), C(DeregisterInstance),
    C(GetOperation), C(DeleteService); C(ec2:DeleteSecurityGroup); C(sqs:GetQueueUrl), C(DeleteQueue);
    C(iam:ListAttachedRolePolicies), C(DetachRolePolicy), C(ListRolePolicies), C(DeleteRolePolicy), C(DeleteRole);
    C(logs:DeleteLogGroup); C(ecr:DescribeRepositories), C(GetLifecyclePolicy), C(GetRepositoryPolicy), C(ListTagsForResource),
    C(DescribeImages), C(DeleteRepository)."
"""

EXAMPLES = r"""
- name: Delete a service and its log group
  magiclub.fargate.fargate_service_delete:
    cluster: magiclub-an2p-ecs
    resources:
      - type: log_group
        name: /ecs/magiclub-an2p-hello
      - type: ecs_service
        name: magiclub-an2p-hello
    region: ap-northeast-2
"""

RETURN = r"""
deleted:
  description: The deleted resources, in the order of the steps.
  returned: on success, and if AWS refused a deletion
  type: list
  elements: dict
  contains:
    type:
      description: Type of the resource.
      type: str
      returned: always
    name:
      description: Name of the resource.
      type: str
      returned: always
  sample:
    - type: ecs_service
      name: magiclub-an2p-hello
    - type: log_group
      name: /ecs/magiclub-an2p-hello
"""

import functools
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, explain, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import removal


def main() -> None:
    module = OneSessionModule(
        argument_spec=dict(
            resources=dict(type="list", elements="dict", required=True),
            cluster=dict(type="str", required=True),
            force=dict(type="bool", default=False),
            wait_timeout=dict(type="int", default=600),
        ),
        supports_check_mode=True,
    )
    given, types = module.params["resources"], removal.TYPES
    if unknown := sorted({str(one.get("type")) for one in given} - set(types)):
        module.fail_json(msg=f"resources: '{unknown[0]}' is not a type that is deleted here: {', '.join(types)}.")
    if module.check_mode:
        module.exit_json(**shown(removal.in_order(given)))
    client = functools.cache(module.client)
    place = removal.Place(client, module.params["cluster"], module.params["wait_timeout"], module.params["force"])
    with failing(module, "delete the resources of the services"):
        removed = removal.remove(place, given)
    if removed.refused:
        sentences = [sentence(one, module.region) for one in removed.refused]
        module.fail_json(msg="\n".join(sentences), **shown(removed.deleted))
    module.exit_json(**shown(removed.deleted))


def shown(deleted: list[removal.Resource]) -> dict[str, t.Any]:
    return {"changed": bool(deleted), "deleted": [{"type": one["type"], "name": one["name"]} for one in deleted]}


def sentence(refusal: removal.Refusal, region: str) -> str:
    resource, error = refusal
    if isinstance(error, RefusedError):
        return str(error)
    return explain(error, f"delete {resource['type']} {resource['name']} in {region}")


if __name__ == "__main__":
    main()
