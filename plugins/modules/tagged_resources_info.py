#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: tagged_resources_info
version_added: 1.0.0
short_description: List what is left of a platform
description:
  - Lists the resources of one account and region that bear the tags and the name prefix of a platform, whatever made
    them.
  - It asks the Resource Groups Tagging API, and the services that this API lists late or not at all
    (EC2, Elastic Load Balancing, CloudWatch Logs, IAM).
  - What AWS only still lists after its end, such as deleted NAT gateways, is left out.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of the names, without the hyphen after it.
    type: str
    required: true
  tags:
    description: Tags that the resources bear, all of them.
    type: dict
    required: true
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
- name: See what is left
  magiclub.fargate.tagged_resources_info:
    name_prefix: magiclub-an2p
    tags:
      Project: magiclub
      Environment: PoC
  register: left_over
"""

RETURN = r"""
resources:
  description: What is there, by ARN.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: ARN.
      type: str
      sample: arn:aws:ec2:ap-northeast-2:123456789012:vpc/vpc-0a1b2c3d
    name:
      description: Name tag, or the name in the ARN.
      type: str
      sample: magiclub-an2p-vpc
"""

import contextlib
import typing as t

# AnsibleAWSModule says what is missing
with contextlib.suppress(ImportError):
    import botocore

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.magiclub.fargate.plugins.module_utils._tagged import api, decide


def left_over(module: AnsibleAWSModule) -> list[dict[str, t.Any]]:
    """Return what is still there of the platform."""
    prefix, tags = module.params["name_prefix"], module.params["tags"]
    retry = AWSRetry.jittered_backoff()

    def call(client: str, function: t.Callable[[t.Any], t.Any]) -> t.Any:
        return retry(lambda: function(module.client(client)))()

    account = call("sts", lambda client: client.get_caller_identity())["Account"]
    tagged = [
        *call("resourcegroupstaggingapi", lambda client: list(api.by_tagging_api(client, tags))),
        *call("ec2", lambda client: list(api.by_ec2(client, tags, module.region, account))),
        *call("iam", lambda client: list(api.by_iam(client, prefix))),
        *call("logs", lambda client: list(api.by_logs(client, prefix))),
        *call("elbv2", lambda client: list(api.by_elbv2(client, prefix))),
    ]
    lingering = [entry["arn"] for entry in decide.left(tagged, prefix) if decide.may_linger(entry["arn"])]
    gone = call("ecs", lambda client: api.gone_from_ecs(client, [arn for arn in lingering if ":ecs:" in arn]))
    gone |= call("ec2", lambda client: api.gone_nat_gateways(client, module.region, account))
    return decide.left(tagged, prefix, gone)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name_prefix": {"type": "str", "required": True},
            "tags": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        resources = left_over(module)
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        module.fail_json_aws(error, msg=f"Can't list what is left of {module.params['name_prefix']}")
    module.exit_json(changed=False, resources=resources)


if __name__ == "__main__":
    main()
