#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_rollback_info
version_added: 1.0.0
short_description: Find the task definition to roll back to
description:
  - If the last deployment of a service failed, was rolled back by ECS or is in progress, finds the last one that
    succeeded, however many failed in a row. If ECS has already rolled back to it, I(to_arn) is I(from_arn).
  - If I(to_arn) is I(from_arn) and its deployment has FAILED, M(magiclub.fargate.ecs_service) restarts it, and RV(message)
    reports it.
  - If the last deployment succeeded, finds the last one that succeeded before its task definition was first deployed. A
    second rollback goes back one more, and never forward again.
  - An interrupted rollback is continued. Set the tags RV(tags_before) on the service before the rollback, to record its target,
    and RV(tags_after) after it. Between the two the target does not change, unless something else was deployed. If the
    rollback's own deployment fails, the target is the one before it.
  - Task definitions that are no longer ACTIVE are skipped, since they can't be deployed.
  - Fails if the tasks of RV(to_arn) could not start because a role no longer exists, or the execution role may no longer read
    a secret. The role P(magiclub.fargate.fargate_service#role) revokes permissions that a release does not need once it is
    running. Other permissions of a task role are in no task definition, and are not checked.
  - Fails if an image of RV(to_arn) is no longer in ECR, or archived there, so that it can't be pulled. An image without
    permission to look it up is assumed to exist.
  - The history is that of ECS (ListServiceDeployments), which goes back 90 days
    (U(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html)).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name of the ECS cluster.
    type: str
    required: true
  service:
    description: Name of the ECS service.
    type: str
    required: true
  revision:
    description:
      - Revision of the same family to roll back to. It has to be ACTIVE.
      - Missing roles, secrets or images are then warnings instead of failures.
    type: int
  only_failed:
    description:
      - Whether to roll back only if the last deployment has failed. One in progress has not failed.
      - For automation that reacts to a failure later, when another deployment may have replaced the failed one.
    type: bool
    default: false
notes:
  - "IAM actions: C(ecs:DescribeServices), C(ecs:ListServiceDeployments), C(ecs:DescribeServiceRevisions),
    C(ecs:DescribeTaskDefinition), C(ecr:DescribeImages), and if the two task definitions differ in roles or secrets, C(iam:GetRole) and
    C(iam:SimulatePrincipalPolicy), or the actions that read the policies of a role. Without these, it warns."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service
  - module: magiclub.fargate.ecs_service_deployment
"""

EXAMPLES = r"""
- name: Find the revision to roll back to
  magiclub.fargate.ecs_rollback_info:
    cluster: magiclub-an2p-ecs
    service: magiclub-an2p-lotto
  register: rollback

- name: Roll back
  magiclub.fargate.ecs_service:
    cluster: magiclub-an2p-ecs
    name: magiclub-an2p-lotto
    task_definition: "{{ rollback.to_arn }}"
    tags: "{{ rollback.tags_before }}"
    purge_tags: false

- name: Wait until the service is steady
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services: [magiclub-an2p-lotto]

- name: Record that the rollback is done
  magiclub.fargate.ecs_service:
    cluster: magiclub-an2p-ecs
    name: magiclub-an2p-lotto
    tags: "{{ rollback.tags_after }}"
    purge_tags: false
"""

RETURN = r"""
from_arn:
  description: ARN of the service's current task definition.
  returned: success
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:5
to_arn:
  description: ARN of the task definition to roll back to.
  returned: success
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:3
image:
  description: Image of its main container. Empty if RV(to_arn) is RV(from_arn).
  returned: success
  type: str
  sample: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:0f1e...
under_way:
  description: Whether a deployment is in progress. A deployment of I(to_arn) ends it.
  returned: success
  type: bool
  sample: false
by_ecs:
  description:
    - Whether ECS can roll back immediately with M(magiclub.fargate.ecs_service_deployment), as the deployment in progress shifts the
      traffic between two sets of tasks (C(BLUE_GREEN), C(LINEAR), C(CANARY)).
    - Always false with O(revision).
  returned: success
  type: bool
  sample: false
resumed:
  description: Whether RV(to_arn) is the target of an interrupted rollback.
  returned: success
  type: bool
  sample: false
tags_before:
  description: Tags to set on the service before the rollback, so that it can be continued if it is interrupted.
  returned: success
  type: dict
  sample: {"magiclub.fargate/rollback": "to=3 after=Aq3zXhs7nWkLqTn9vBc1d"}
tags_after:
  description: Tags to set on the service once RV(to_arn) is running. Both are empty if there is nothing to roll back.
  returned: success
  type: dict
  sample: {"magiclub.fargate/rollback": "done=3"}
lost:
  description:
    - Roles that the tasks of RV(to_arn) need but that no longer exist, and ARNs of secrets that their execution role may no longer read.
    - Empty unless O(revision) is given, and without permission to read the roles.
  returned: success
  type: list
  elements: str
  sample: ["role magiclub-an2p-lotto-execution"]
message:
  description: Summary in one sentence.
  returned: success
  type: str
  sample: magiclub-an2p-lotto goes from magiclub-an2p-lotto:5 to magiclub-an2p-lotto:3.
"""

import functools
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.arn import last
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, none_if_missing
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import read, rollback, verify_read
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import images
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import deployments, diagnose
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout import answers
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.shapes import Service

Data = t.Mapping[str, t.Any]
Definition = t.Callable[[str], "Data | None"]

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "revision": {"type": "int"},
    "only_failed": {"type": "bool", "default": False},
}
# API_ListServiceDeployments
RECORDS = 100


def rollback_target(
    module: OneSessionModule, cluster: str, name: str, revision: int | None, only_failed: bool
) -> dict[str, t.Any]:
    """Return the current and the target task definition; raises RefusedError if there is no target."""
    ecs = module.client("ecs")
    found = live(ecs, cluster, name)
    records = read.service_deployments(ecs, cluster, name, RECORDS, required=not revision)
    current, failed = found["taskDefinition"], deployments.has_failed(found)
    if only_failed and not rollback.last_failed(records):
        return stays(name, current)
    tag = next((tag["value"] for tag in found.get("tags") or [] if tag["key"] == rollback.TAG), "")
    definition: Definition = functools.cache(functools.partial(described, ecs))
    going = None
    if revision:
        to_arn = rollback.of_revision(current, revision)
        if (to_arn != current or failed) and not is_active(definition(to_arn)):
            raise RefusedError(rollback.unknown(to_arn, records, read.revisions(ecs, records)))
    else:
        revisions = read.revisions(ecs, records)
        going = rollback.interrupted(current, tag, records, revisions)
        candidates = rollback.best_first(current, tag, records, revisions)
        to_arn = rollback.choice(
            name,
            current,
            candidates,
            lambda arn: is_active(definition(arn)),
            failed=failed,
            later=rollback.left(current, records, revisions),
        )
    resumed = to_arn == going
    lost = []
    if to_arn != current:
        lost = lost_on_the_way(module, current, to_arn, definition, insists=bool(revision))
    ends = rollback.under_way(records)
    goes = resumed or failed or to_arn != current
    noted = tag if resumed else rollback.pending_tag(to_arn, records)
    return {
        "from_arn": current,
        "to_arn": to_arn,
        "image": "" if to_arn == current else main_image(definition(to_arn)),
        "under_way": ends is not None,
        "by_ecs": ends is not None and not revision and answers.strategy(found) != "ROLLING",
        "lost": lost,
        "resumed": resumed,
        "tags_before": {rollback.TAG: noted} if goes else {},
        "tags_after": {rollback.TAG: rollback.done_tag(to_arn)} if goes else {},
        "message": rollback.message(name, current, to_arn, ends, failed=failed, resumed=resumed),
    }


def live(ecs: t.Any, cluster: str, name: str) -> Service:
    """Return a service that can be deployed; raises RefusedError if it does not exist or is being deleted."""
    found = read.service(ecs, cluster, name, include=["TAGS"])
    if found is None:
        raise RefusedError(f"There is no service '{name}' in cluster '{cluster}'. Check with status.yml.")
    if found["status"] != "ACTIVE":
        raise RefusedError(
            f"Service '{name}' is {found['status']}: it is being deleted. Wait until it is gone, then run site.yml."
        )
    return found


def lost_on_the_way(
    module: OneSessionModule, current: str, to_arn: str, definition: Definition, *, insists: bool
) -> list[str]:
    """Return the roles and secrets that the tasks of another revision need but lack.

    Raises RefusedError if there are any, or an image can't be pulled; if the user I(insists), it only warns.
    """
    lost = missing(module, definition(current), definition(to_arn))
    if lost:
        refuse(module, rollback.can_not_start(current, to_arn, lost), insists=insists)
    unpulled = unavailable_images(module, definition(to_arn))
    if unpulled:
        refuse(module, rollback.no_image(to_arn, unpulled), insists=insists)
    return lost


def refuse(module: OneSessionModule, sentence: str, *, insists: bool) -> None:
    if not insists:
        raise RefusedError(sentence)
    module.warn(sentence)


def stays(name: str, current: str) -> dict[str, t.Any]:
    """Return the result for a service that stays as it is, as its last deployment did not fail."""
    return {
        "from_arn": current,
        "to_arn": current,
        "image": "",
        "under_way": False,
        "by_ecs": False,
        "lost": [],
        "resumed": False,
        "tags_before": {},
        "tags_after": {},
        "message": f"The last deployment of {name} has not failed: nothing to undo.",
    }


def described(ecs: t.Any, arn: str) -> dict[str, t.Any] | None:
    """Return a revision, or None if it does not exist: DescribeTaskDefinition fails with ClientException."""
    found = none_if_missing(lambda: call(ecs, "describe_task_definition", taskDefinition=arn), "ClientException")
    return found["taskDefinition"] if found else None


def is_active(definition: Data | None) -> bool:
    """Return whether a revision exists and can be deployed."""
    return definition is not None and bool(definition["status"] == "ACTIVE")


def main_image(definition: Data | None) -> str:
    """Return the image of a revision's main container; empty if unknown."""
    containers = (definition or {}).get("containerDefinitions") or []
    name = diagnose.main_container(definition) if definition and containers else ""
    return next((str(item.get("image") or "") for item in containers if item.get("name") == name), "")


def unavailable_images(module: OneSessionModule, target: Data | None) -> dict[str, str]:
    """Return the state of each image of a revision that can't be pulled from ECR."""
    containers = (target or {}).get("containerDefinitions") or []
    return images.unavailable(module.client, sorted({item["image"] for item in containers if item.get("image")}))


def missing(module: OneSessionModule, current: Data | None, target: Data | None) -> list[str]:
    """Return the roles and secrets that the tasks of a revision need but lack; warn if that is unknown."""
    if current is None or target is None:
        return []
    needed = rollback.revoked_needs(current, target)
    if not any(needed):
        return []
    iam, reader = module.client("iam"), target.get("executionRoleArn")
    notes: list[str] = []
    roles = [role for role in needed.roles if verify_read.role(iam, role) is None]
    secrets = [
        secret
        for secret in needed.secrets
        if reader in roles
        or (reader and verify_read.is_allowed(iam, reader, verify_read.reading(secret), secret, notes) is False)
    ]
    here, there = (last(one["taskDefinitionArn"]) for one in (current, target))
    for note in sorted(set(notes)):
        module.warn(f"{there} needs {', '.join(needed.names())}, and {here} does not. {note}")
    return rollback.Needs(roles, secrets).names()


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    with failing(module, f"find the revision to roll {params['service']} back to"):
        found = rollback_target(module, params["cluster"], params["service"], params["revision"], params["only_failed"])
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
