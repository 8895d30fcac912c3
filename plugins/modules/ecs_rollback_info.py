#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_rollback_info
version_added: 1.0.0
short_description: Find the task definition to go back to
description:
  - Where the last deployment of a service failed, was rolled back by ECS or is under way, finds the last one that
    succeeded, however many failed in a row. Where ECS has gone back to it already, I(to_arn) is I(from_arn).
  - Where I(to_arn) is I(from_arn) and its deployment has FAILED, M(magiclub.fargate.ecs_service) starts it anew, and
    RV(message) says so.
  - Where the last deployment succeeded, it is what is to be undone, so finds the last one that succeeded before its
    task definition was first deployed. Going back twice goes back two, and not forth again.
  - Task definitions that are no longer ACTIVE are passed over, since they can't be deployed.
  - The history is ECS's own (ListServiceDeployments), which reaches back 90 days
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
    description: Revision of the same family to go to instead; it has to be ACTIVE.
    type: int
attributes:
  check_mode:
    description: It only reads.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Find the way back
  magiclub.fargate.ecs_rollback_info:
    cluster: magiclub-an2p-ecs
    service: magiclub-an2p-lotto
  register: way_back

- name: Go there
  magiclub.fargate.ecs_service:
    cluster: magiclub-an2p-ecs
    name: magiclub-an2p-lotto
    task_definition: "{{ way_back.to_arn }}"
"""

RETURN = r"""
from_arn:
  description: ARN of the task definition that the service is set to.
  returned: success
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:5
to_arn:
  description: ARN of the task definition to go back to.
  returned: success
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:3
under_way:
  description: Whether a deployment is under way; one to I(to_arn) ends it.
  returned: success
  type: bool
  sample: false
message:
  description: The same in one sentence.
  returned: success
  type: str
  sample: magiclub-an2p-lotto goes from magiclub-an2p-lotto:5 to magiclub-an2p-lotto:3.
"""

import contextlib
import typing as t

# AnsibleAWSModule says what is missing
with contextlib.suppress(ImportError):
    from botocore import exceptions

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, fail, if_there
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs import decide
from ansible_collections.magiclub.fargate.plugins.module_utils._operate import read, rollback

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "revision": {"type": "int"},
}
# API_ListServiceDeployments
RECORDS = 100


def way_back(ecs: t.Any, cluster: str, name: str, revision: int | None) -> dict[str, t.Any]:
    """Return where the service is and where it is to go; raises NoWayBackError where there is nowhere."""
    found = read.service(ecs, cluster, name)
    if found is None:
        raise rollback.NoWayBackError(f"There is no service '{name}' in cluster '{cluster}'. Look with status.yml.")
    records = read.service_deployments(ecs, cluster, name, RECORDS, required=not revision)
    current, failed = found["taskDefinition"], decide.has_failed(found)
    if revision:
        to_arn = rollback.of_revision(current, revision)
        if (to_arn != current or failed) and not is_active(ecs, to_arn):
            raise rollback.NoWayBackError(
                f"There is no ACTIVE revision {rollback.last(to_arn)}, and no other can be deployed."
                f" Look with: aws ecs list-task-definitions --family-prefix {rollback.last(to_arn).partition(':')[0]}"
            )
    else:
        candidates = rollback.candidates(current, records, read.revisions(ecs, records))
        to_arn = rollback.choice(name, current, candidates, lambda arn: is_active(ecs, arn), failed=failed)
    ends = rollback.under_way(records)
    return {
        "from_arn": current,
        "to_arn": to_arn,
        "under_way": ends is not None,
        "message": rollback.message(name, current, to_arn, ends, failed=failed),
    }


def is_active(ecs: t.Any, arn: str) -> bool:
    """Return whether a revision is there and can be deployed."""
    # DescribeTaskDefinition answers with ClientException where there is no such revision
    found = if_there(lambda: call(ecs, "describe_task_definition", taskDefinition=arn), "ClientException")
    return found is not None and bool(found["taskDefinition"]["status"] == "ACTIVE")


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    try:
        found = way_back(module.client("ecs"), params["cluster"], params["service"], params["revision"])
    except rollback.NoWayBackError as error:
        module.fail_json(msg=str(error))
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        fail(module, error, f"find a way back for {params['service']}")
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
