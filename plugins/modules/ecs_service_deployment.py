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
  - Answers the lifecycle hook of type PAUSE at which the newest deployment of a service waits
    (C(ContinueServiceDeployment)).
  - With O(action=rollback), a deployment that does not wait at a hook is rolled back, too (C(StopServiceDeployment)),
    also in its bake time. With V(BLUE_GREEN), V(LINEAR) and V(CANARY) the old tasks still run, and get all requests
    again at once.
  - Does nothing if that was answered already, and fails if the opposite was.
  - It does not wait for the end. M(magiclub.fargate.ecs_service_wait) does.
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
    description: Where the deployment is to go.
    type: str
    choices: [continue, rollback]
    required: true
  hook_id:
    description:
      - The hook that is meant, as RV(magiclub.fargate.ecs_service_wait#module:services[].hook) names it. It fails if the
        newest deployment waits at another one.
      - Left out, whichever waits is answered.
    type: str
    default: ""
attributes:
  check_mode:
    description: Reads, and says what it would do.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
notes:
  - "IAM actions: C(ecs:ListServiceDeployments), C(ecs:DescribeServiceDeployments), C(ecs:ContinueServiceDeployment),
    C(ecs:StopServiceDeployment)."
  - Needs a botocore that knows C(ContinueServiceDeployment), which AWS has had since May 2026.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service_wait
  - module: magiclub.fargate.ecs_rollback_info
    description: Goes back from a deployment that has ended.
"""

EXAMPLES = r"""
- name: Wait until the new version is up
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services: [magiclub-an2p-shop]
    at_hook: return
  register: waited

- name: Have it go on
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
    - The hook that it waited at, C(id), C(expires_at) (UTC) and C(timeout_action). Empty where it waited at none.
  returned: success
  type: dict
  sample:
    id: ecs-pause-e7tK9G_WRJqNF_EOMjztDXfKenlJuEUVjsNStf4WLKw
    expires_at: "2026-11-30 12:00:00Z"
    timeout_action: ROLLBACK
message:
  description: One sentence that says it all.
  returned: success
  type: str
  sample: magiclub-an2p-shop goes on.
"""

import contextlib
import typing as t

# AnsibleAWSModule says what is missing
with contextlib.suppress(ImportError):
    import botocore
    from botocore.exceptions import ClientError

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, error_code, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, newest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import answer
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout import stages
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.shapes import ServiceDeployment

# ECS lists the newest first, and does not promise it.
LOOKED_AT = 20
ARGUMENTS: dict[str, t.Any] = {
    "cluster": {"required": True},
    "service": {"required": True},
    "action": {"choices": ["continue", "rollback"], "required": True},
    "hook_id": {"default": ""},
}


def look(ecs: t.Any, params: dict[str, t.Any]) -> ServiceDeployment | None:
    """Return the newest service deployment as it is now."""
    asked = {"cluster": params["cluster"], "service": params["service"]}
    records = newest(ecs, "list_service_deployments", "serviceDeployments", LOOKED_AT, **asked)
    record = answer.newest(t.cast("list[ServiceDeployment]", records))
    if record is None:
        return None
    arns = [record["serviceDeploymentArn"]]
    found = call(ecs, "describe_service_deployments", serviceDeploymentArns=arns)["serviceDeployments"]
    return t.cast("ServiceDeployment", found[0])


def give(module: Module, ecs: t.Any, arn: str, step: answer.Step) -> None:
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
    """Answer, and return the module's result; somebody else may answer at the same moment."""
    params = module.params
    for last in (False, True):
        record = look(ecs, params)
        step = answer.step(params["service"], record, params["action"], params["hook_id"])
        arn = (record or {})["serviceDeploymentArn"]
        result = {"deployment_arn": arn, "hook": stages.hook_of(record or {}), "message": step.message}
        if not step.call or module.check_mode:
            return {"changed": bool(step.call), **result}
        try:
            give(module, ecs, arn, step)
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
    doing = f"have the deployment of {params['service']} {'go on' if params['action'] == 'continue' else 'go back'}"
    with failing(module, doing):
        module.exit_json(**run(module, module.client("ecs")))


if __name__ == "__main__":
    main()
