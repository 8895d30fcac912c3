#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_service_linked_role
version_added: 1.0.0
short_description: Ensure that the account has a service-linked role
description:
  - Creates the role with which an AWS service, such as ECS (V(ecs.amazonaws.com)), acts in the account.
  - The role belongs to the whole account, so the module never deletes it.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  service:
    description:
      - Principal of the service, such as V(ecs.amazonaws.com).
    type: str
    required: true
notes:
  - "IAM actions: C(iam:ListRoles), C(iam:CreateServiceLinkedRole)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.iam_role
"""

EXAMPLES = r"""
- name: Ensure that the account has the service-linked role of ECS
  magiclub.fargate.iam_service_linked_role:
    service: ecs.amazonaws.com
"""

RETURN = r"""
arn:
  description: ARN of the role. Null if it would be created in check mode.
  returned: success
  type: str
  sample: arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, pages

ARGUMENTS = {"service": {"required": True}}


def find(iam: t.Any, service: str) -> str | None:
    roles = pages(iam, "list_roles", "Roles", PathPrefix=f"/aws-service-role/{service}/")
    return roles[0]["Arn"] if roles else None


def create(iam: t.Any, service: str) -> tuple[str, bool]:
    try:
        return call(iam, "create_service_linked_role", AWSServiceName=service)["Role"]["Arn"], True
    except is_boto3_error_code(["InvalidInput", "EntityAlreadyExists"]):
        # IAM has no specific error code for a role that another run has just created.
        arn = find(iam, service)
        if arn is None:
            raise
        return arn, False


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    iam = module.client("iam")
    service = module.params["service"]
    with failing(module, f"create the service-linked role of {service}"):
        arn = find(iam, service)
        changed = arn is None
        if changed and not module.check_mode:
            arn, changed = create(iam, service)
    module.exit_json(changed=changed, arn=arn)


if __name__ == "__main__":
    main()
