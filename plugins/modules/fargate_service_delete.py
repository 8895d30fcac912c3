#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fargate_service_delete
version_added: 1.1.0
short_description: Delete what services on Fargate are made of
description:
  - Deletes the resources of services in the order in which one lets go of the other, those of one step side by side, so that many
    services take no longer than the one that takes longest.
  - A service is scaled to none, deleted, and waited for until its tasks have stopped; a security group until no interface holds it.
  - Where something of a step is refused, the rest of that step is deleted, and no step follows. The message has all that was
    refused.
  - A resource that does not exist any more is not an error.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  resources:
    description:
      - What to delete, in any order, each with C(type), C(name) and, where it is not known by its name, C(id). Other keys are
        ignored, so that entries of a plan can be given.
      - By their name are known C(schedule), C(ecs_service), C(ecs_task_definition) by its family, C(sqs_queue), C(iam_role),
        C(log_group) and C(ecr_repository). By C(id), their ARN, C(listener_rule), C(target_group) and C(cloud_map_service); of a
        C(security_group) that is its id, of a C(scalable_target) its resource id.
    type: list
    elements: dict
    required: true
  cluster:
    description: Name or ARN of the cluster that the services and tasks are in.
    type: str
    required: true
  force:
    description: Whether repositories are deleted with the images that they hold. Without, one that holds some is refused.
    type: bool
    default: false
  wait_timeout:
    description: How many seconds a service may take to drain at most, and each resource be held by others.
    type: int
    default: 600
extends_documentation_fragment:
  - magiclub.fargate.attributes.deletes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
notes:
  - "IAM actions, of the types that are given: C(application-autoscaling:DeregisterScalableTarget), C(scheduler:DeleteSchedule);
    C(ecs:DescribeServices), C(UpdateService), C(DeleteService), C(ListTasks), C(DescribeTasks), C(StopTask),
    C(ListTaskDefinitions), C(DeregisterTaskDefinition), C(DeleteTaskDefinitions);
    C(elasticloadbalancing:DeleteRule), C(DeleteTargetGroup); C(servicediscovery:ListInstances), C(DeregisterInstance),
    C(GetOperation), C(DeleteService); C(ec2:DeleteSecurityGroup); C(sqs:GetQueueUrl), C(DeleteQueue);
    C(iam:ListAttachedRolePolicies), C(DetachRolePolicy), C(ListRolePolicies), C(DeleteRolePolicy), C(DeleteRole);
    C(logs:DeleteLogGroup); C(ecr:DescribeRepositories), C(GetLifecyclePolicy), C(GetRepositoryPolicy), C(ListTagsForResource),
    C(DescribeImages), C(DeleteRepository)."
"""

EXAMPLES = r"""
- name: Remove a service and its log group
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
  description: What was deleted, in the order of the steps.
  returned: on success, and where something was refused
  type: list
  elements: dict
  contains:
    type:
      description: What it was.
      type: str
      returned: always
    name:
      description: Its name.
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
    with failing(module, "delete what services are made of"):
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
