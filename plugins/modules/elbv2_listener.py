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
  - Complements M(amazon.aws.elb_application_lb), which does not tag listeners, and sets additional certificates only on
    new ones.
  - An HTTPS listener uses the certificate for the requested host name (SNI), else its default certificate, which this
    module does not change.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  listener_arn:
    description: ARN of an existing listener.
    type: str
    required: true
  certificates:
    description:
      - ARNs of its certificates other than the default one. Others are removed.
      - If omitted, they are neither read nor changed.
    type: list
    elements: str
  tags:
    description: Tags of the listener.
    type: dict
    required: true
    aliases: [resource_tags]
  purge_tags:
    description: Whether to remove its other tags. Tags of AWS, which begin with C(aws:), stay.
    type: bool
    default: false
notes:
  - "IAM actions: C(elasticloadbalancing:DescribeTags), C(AddTags), C(RemoveTags), C(DescribeListenerCertificates),
    C(AddListenerCertificates), C(RemoveListenerCertificates)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.elb_application_lb
  - module: magiclub.fargate.elbv2_listener_rule
"""

EXAMPLES = r"""
- name: Add the certificate of a second domain to a listener
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
  description: All tags of the listener. In check mode, as they would be.
  returned: always
  type: dict
  sample: {"Name": "magiclub-an2p-pub-alb:443", "Owner": "ops"}
certificates:
  description: Sorted ARNs of its certificates other than the default one. In check mode, as they would be. Null if O(certificates) is omitted.
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
