#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_tag
version_added: 1.1.0
short_description: Manage the tags of a load balancer, listener, listener rule or target group
description:
  - Sets tags of one resource of Elastic Load Balancing v2, as of a listener, to which
    M(amazon.aws.elb_application_lb) gives none.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  resource_arn:
    description: ARN of the resource. It has to be there.
    type: str
    required: true
  tags:
    description: Tags that the resource is to have.
    type: dict
    required: true
    aliases: [resource_tags]
  purge_tags:
    description: Whether its other tags are removed. Those of AWS, which begin with C(aws:), stay.
    type: bool
    default: false
attributes:
  check_mode:
    description: Makes only reading calls and says what a run would do.
    support: full
  diff_mode:
    description: Shows the tags that differ.
    support: full
notes:
  - "IAM actions: C(elasticloadbalancing:DescribeTags), C(AddTags), C(RemoveTags)."
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Tag a listener
  magiclub.fargate.elbv2_tag:
    resource_arn: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/magiclub-an2p-pub-alb/50dc/f2f7
    tags:
      Name: magiclub-an2p-pub-alb:443
      Owner: ops
"""

RETURN = r"""
tags:
  description: All tags of the resource. In check mode as they would be.
  returned: always
  type: dict
  sample: {"Name": "magiclub-an2p-pub-alb:443", "Owner": "ops"}
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import api, decide

ARGUMENTS = {
    "resource_arn": {"required": True},
    "tags": {"type": "dict", "required": True, "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": False},
}


def ensure(client: t.Any, params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    arn = params["resource_arn"]
    found = api.tags(client, [arn]).get(arn, {})
    fields = decide.tag_fields(params["tags"], found, params["purge_tags"])
    if fields and not check_mode:
        api.write_tags(client, arn, fields)
    after = {**found, **{field["path"].removeprefix("tags."): field["after"] for field in fields}}
    kept = {key: value for key, value in after.items() if value is not None}
    return {"changed": bool(fields), "diff": decide.diff(fields), "tags": kept}


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    with failing(module, f"tag {module.params['resource_arn']}"):
        module.exit_json(**ensure(module.client("elbv2"), module.params, module.check_mode))


if __name__ == "__main__":
    main()
