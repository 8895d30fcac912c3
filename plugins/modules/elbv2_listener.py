#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_listener
version_added: 1.1.0
short_description: Manage tags and additional certificates of a listener
description:
  - Sets what M(amazon.aws.elb_application_lb) does not manage. That gives listeners no tags, and additional
    certificates only to new ones.
  - An HTTPS listener answers with the certificate for the name that a client asks for (SNI), or else with its default
    certificate, which this module leaves alone.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  listener_arn:
    description: ARN of the listener, which has to exist.
    type: str
    required: true
  certificates:
    description:
      - ARNs of its certificates besides the default one. Others are removed.
      - If omitted, they are left alone, and not read.
    type: list
    elements: str
  tags:
    description: Tags of the listener.
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
    description: Shows the tags and certificates that differ.
    support: full
notes:
  - "IAM actions: C(elasticloadbalancing:DescribeTags), C(AddTags), C(RemoveTags), C(DescribeListenerCertificates),
    C(AddListenerCertificates), C(RemoveListenerCertificates)."
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.elb_application_lb
  - module: magiclub.fargate.elbv2_listener_rule
"""

EXAMPLES = r"""
- name: Have a listener answer for a second domain
  magiclub.fargate.elbv2_listener:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    certificates:
      - arn:aws:acm:ap-northeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
    tags:
      Name: magiclub-an2p-pub-alb:443
      Owner: ops
"""

RETURN = r"""
tags:
  description: All tags of the listener. In check mode as they would be.
  returned: always
  type: dict
  sample: {"Name": "magiclub-an2p-pub-alb:443", "Owner": "ops"}
certificates:
  description: ARNs of its certificates beside the default one, sorted. In check mode as they would be. Null if O(certificates) is omitted.
  returned: always
  type: list
  elements: str
  sample: ["arn:aws:acm:ap-northeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"]
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import api, decide

ARGUMENTS = {
    "listener_arn": {"required": True},
    "certificates": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "required": True, "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": False},
}


def ensure(client: t.Any, params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    arn, wanted = params["listener_arn"], params["certificates"]
    found = api.tags(client, [arn]).get(arn, {})
    has = None if wanted is None else api.further_certificates(client, arn)
    tags = decide.tag_fields(params["tags"], found, params["purge_tags"])
    certificates = decide.certificate_fields(wanted, has)
    if not check_mode:
        if tags:
            api.write_tags(client, arn, tags)
        api.write_certificates(client, arn, set(wanted or []), set(has or []))
    after = {**found, **{field["path"].removeprefix("tags."): field["after"] for field in tags}}
    return {
        "changed": bool(tags or certificates),
        "diff": decide.diff(tags + certificates),
        "tags": {key: value for key, value in after.items() if value is not None},
        "certificates": None if wanted is None else sorted(set(wanted)),
    }


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    with failing(module, f"set up listener {module.params['listener_arn']}"):
        module.exit_json(**ensure(module.client("elbv2"), module.params, module.check_mode))


if __name__ == "__main__":
    main()
