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
  - Finds the last deployment of a service that succeeded with another task definition than the one that it is set to.
    Deployments that failed or that ECS rolled back are passed over, however many there were in a row.
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
"""

import contextlib

# AnsibleAWSModule says what is missing
with contextlib.suppress(ImportError):
    from botocore import exceptions

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._aws.read import call, fail
from ..module_utils._operate import read, rollback

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "revision": {"type": "int"},
}
# API_ListServiceDeployments
RECORDS = 100


def way_back(ecs, cluster, name, revision):
    """Return where the service is and where it is to go; raises NoWayBackError where there is nowhere."""
    found = read.service(ecs, cluster, name)
    if found is None:
        raise rollback.NoWayBackError(f"There is no service '{name}' in cluster '{cluster}'. Look with status.yml.")
    records = read.service_deployments(ecs, cluster, name, RECORDS)
    current = found["taskDefinition"]
    if revision:
        to_arn = rollback.of_revision(current, revision)
        status = call(ecs, "describe_task_definition", taskDefinition=to_arn)["taskDefinition"]["status"]
        if status != "ACTIVE":
            raise rollback.NoWayBackError(f"Revision {to_arn.rpartition('/')[2]} is {status}. Name one that is ACTIVE.")
    else:
        to_arn = rollback.target(current, records, read.revisions(ecs, records), name)
    return {"from_arn": current, "to_arn": to_arn, "under_way": rollback.under_way(records) is not None}


def main():
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
