#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_service_deployment
version_added: 1.1.0
short_description: Continue or roll back a deployment that is in progress
description:
  - Continues or rolls back the newest deployment of a service that waits at a lifecycle hook of type PAUSE
    (C(ContinueServiceDeployment)).
  - With O(action=rollback), also rolls back a deployment that does not wait at a hook (C(StopServiceDeployment)), even in
    its bake time. With V(BLUE_GREEN), V(LINEAR) and V(CANARY) the old tasks are still running, and get all traffic again
    immediately.
  - Does nothing if the deployment has already been continued or rolled back as requested, and fails if the opposite has
    happened.
  - Does not wait for the end of the deployment. Use M(magiclub.fargate.ecs_service_wait) for that.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name or ARN of the ECS cluster.
    type: str
    required: true
  service:
    description: Name of the ECS service.
    type: str
    required: true
  action:
    description: Whether to continue or to roll back the deployment.
    type: str
    choices: [continue, rollback]
    required: true
  hook_id:
    description:
      - Id of the hook, from RV(magiclub.fargate.ecs_service_wait#module:services[].hook). The module fails if the newest
        deployment waits at another one.
      - If omitted, any hook.
    type: str
    default: ""
notes:
  - "IAM actions: C(ecs:ListServiceDeployments), C(ecs:DescribeServiceDeployments), C(ecs:ContinueServiceDeployment),
    C(ecs:StopServiceDeployment)."
  - Needs a botocore with C(ContinueServiceDeployment), which AWS added in May 2026.
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service_wait
  - module: magiclub.fargate.ecs_rollback_info
    description: Finds the revision to roll back to after a deployment has ended.
"""

EXAMPLES = r"""
- name: Wait until the new version is running
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services: [magiclub-an2p-shop]
    at_hook: return
  register: waited

- name: Continue the deployment
  magiclub.fargate.ecs_service_deployment:
    cluster: magiclub-an2p-ecs
    service: magiclub-an2p-shop
    action: continue
    hook_id: "{{ waited.services[0].hook.id }}"
  when: waited.services[0].outcome == 'waiting'
"""

RETURN = r"""
deployment_arn:
  description: ARN of the newest service deployment.
  returned: success
  type: str
  sample: arn:aws:ecs:ap-northeast-2:123456789012:service-deployment/magiclub-an2p-ecs/magiclub-an2p-shop/ejGvqq2ilnbKT9qj0vLJe
hook:
  description:
    - The hook that it waited at, with C(id), C(expires_at) (UTC) and C(timeout_action). Empty if it waited at none.
  returned: success
  type: dict
  sample:
    id: ecs-pause-e7tK9G_WRJqNF_EOMjztDXfKenlJuEUVjsNStf4WLKw
    expires_at: "2026-11-30 12:00:00Z"
    timeout_action: ROLLBACK
message:
  description: Summary in one sentence.
  returned: success
  type: str
  sample: magiclub-an2p-shop goes on.
"""

import contextlib
import typing as t

# AnsibleAWSModule reports what is missing
with contextlib.suppress(ImportError):
    import botocore
    from botocore.exceptions import ClientError

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, error_code, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, newest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import answer
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout import stages
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.shapes import ServiceDeployment

# ECS lists the newest first, but does not guarantee it.
COMPARED = 20
ARGUMENTS: dict[str, t.Any] = {
    "cluster": {"required": True},
    "service": {"required": True},
    "action": {"choices": ["continue", "rollback"], "required": True},
    "hook_id": {"default": ""},
}


def newest_deployment(ecs: t.Any, cluster: str, service: str) -> ServiceDeployment | None:
    """Return the newest service deployment, or None."""
    records = newest(ecs, "list_service_deployments", "serviceDeployments", COMPARED, cluster=cluster, service=service)
    record = answer.newest(t.cast("list[ServiceDeployment]", records))
    if record is None:
        return None
    arns = [record["serviceDeploymentArn"]]
    found = call(ecs, "describe_service_deployments", serviceDeploymentArns=arns)["serviceDeployments"]
    return t.cast("ServiceDeployment", found[0])


def carry_out(module: Module, ecs: t.Any, arn: str, step: answer.Step) -> None:
    """Make the call of a step."""
    if step.call == "StopServiceDeployment":
        ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        return
    if not hasattr(ecs, "continue_service_deployment"):
        raise RefusedError(
            f"botocore {botocore.__version__} does not know ContinueServiceDeployment, which answers a hook. Upgrade"
            " boto3 and botocore, or answer in the console of ECS."
        )
    action = module.params["action"].upper()
    ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=step.hook_id, action=action)


def run(module: Module, ecs: t.Any) -> dict[str, t.Any]:
    """Carry out the action and return the module's result, even if someone else does so at the same time."""
    params = module.params
    for last in (False, True):
        record = newest_deployment(ecs, params["cluster"], params["service"])
        step = answer.step(params["service"], record, params["action"], params["hook_id"])
        arn = (record or {})["serviceDeploymentArn"]
        result = {"deployment_arn": arn, "hook": stages.hook_of(record or {}), "message": step.message}
        if not step.call or module.check_mode:
            return {"changed": bool(step.call), **result}
        try:
            carry_out(module, ecs, arn, step)
        except ClientError as error:
            taken = ("InvalidParameterException", "ConflictException", "ClientException")
            if last or error_code(error) not in taken:
                raise
            continue
        return {"changed": True, **result}
    raise AssertionError  # the loop returns or raises


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    with failing(module, f"{params['action'].replace('rollback', 'roll back')} the deployment of {params['service']}"):
        module.exit_json(**run(module, module.client("ecs")))


if __name__ == "__main__":
    main()
