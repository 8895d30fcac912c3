#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: alb_info
version_added: 1.0.0
short_description: Read an application load balancer, its listeners and its DNS records
description:
  - Finds the load balancer C(PREFIX-pub-alb), its security group, listeners and records, in two rounds of parallel calls.
  - Reports what the account lacks for it, such as an issued certificate or a hosted zone.
  - Resources refer to each other by name, so that M(magiclub.fargate.plan) can compare them with the desired state.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of the load balancer's names.
    type: str
    required: true
  vpc_name:
    description: Name tag of the VPC. If omitted, C(PREFIX-vpc).
    type: str
  records:
    description:
      - Domain names whose records and hosted zones are read, in addition to previous ones, which the load balancer's tags name.
      - If omitted, no records are read.
    type: list
    elements: str
  hosted_zone_id:
    description:
      - Id of the hosted zone of all I(records).
      - If omitted, the zone of a record is the public hosted zone with the longest matching name.
    type: str
  certificate_names:
    description: Domain names that an issued ACM certificate has to cover. If empty, and without I(certificate_arn), none is searched.
    type: list
    elements: str
    default: []
  certificate_arn:
    description: ARN of the ACM certificate to use. If omitted, one is searched.
    type: str
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.platform_info
  - module: amazon.aws.elb_application_lb_info
"""

EXAMPLES = r"""
- name: Read the load balancer
  magiclub.fargate.alb_info:
    name_prefix: magiclub-an2p
    records: [lotto.your.company.com]
    certificate_names: [lotto.your.company.com]
    region: ap-northeast-2
  register: balancer
"""

RETURN = r"""
name_prefix:
  description: The prefix, as given.
  returned: success
  type: str
  sample: magiclub-an2p
region:
  description: The region.
  returned: success
  type: str
  sample: ap-northeast-2
exists:
  description: Whether the load balancer exists.
  returned: success
  type: bool
planned:
  description: Whether it exists, or in check mode of the role, would exist.
  returned: success
  type: bool
ready:
  description: Whether it is active.
  returned: success
  type: bool
load_balancer:
  description: The load balancer. If it does not exist, all but I(name) is null.
  returned: success
  type: dict
  contains:
    name:
      description: Name.
      type: str
      sample: magiclub-an2p-pub-alb
    arn:
      description: ARN.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/magiclub-an2p-pub-alb/50dc6c495c0c9188
    arn_suffix:
      description: Last part of the ARN, as used by CloudWatch and Application Auto Scaling.
      type: str
      sample: app/magiclub-an2p-pub-alb/50dc6c495c0c9188
    dns_name:
      description: DNS name.
      type: str
      sample: magiclub-an2p-pub-alb-1234567890.ap-northeast-2.elb.amazonaws.com
    hosted_zone_id:
      description: Id of the hosted zone for alias records.
      type: str
      sample: ZWKZPGTI48KDX
    state:
      description: C(provisioning), C(active), C(active_impaired) or C(failed).
      type: str
      sample: active
security_group:
  description: Its security group. I(id) is null if it does not exist.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-pub-alb-sg", "id": "sg-0a1b2c3d"}
listeners:
  description: ARNs of the listeners by port.
  returned: success
  type: dict
  sample: {"80": "arn:aws:elasticloadbalancing:...:listener/app/magiclub-an2p-pub-alb/50dc6c495c0c9188/0467ef3c8400ae65"}
service_listener:
  description: The listener for the rules of services, on port 443 if there is one, else on port 80. Null without a listener.
  returned: success
  type: dict
  sample: {"port": 443, "arn": "arn:aws:elasticloadbalancing:...", "protocol": "HTTPS"}
domain:
  description: Empty. The role alb sets it.
  returned: success
  type: str
  sample: ""
certificate_arn:
  description:
    - ARN of the certificate to use. Null if none was searched or found.
    - Of several, that of a listener as long as ACM renews it, else the one with the latest expiry.
  returned: success
  type: str
  sample: arn:aws:acm:ap-northeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
zones:
  description: Names of the hosted zones of I(records). Null for a record without one.
  returned: success
  type: dict
  sample: {"lotto.your.company.com": "your.company.com"}
zone_ids:
  description: Ids of these zones by name.
  returned: success
  type: dict
  sample: {"your.company.com": "Z0123456789ABCDEFGHIJ"}
problems:
  description: What the load balancer needs but the account lacks, one message each.
  returned: success
  type: list
  elements: str
  sample: []
resources:
  description: All resources of the load balancer, each with I(type), I(name), I(id) and I(values), as input of M(magiclub.fargate.plan).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import facts
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb.read import read


def main() -> None:
    module = OneSessionModule(
        argument_spec=dict(
            name_prefix=dict(type="str", required=True),
            vpc_name=dict(type="str"),
            records=dict(type="list", elements="str"),
            hosted_zone_id=dict(type="str"),
            certificate_names=dict(type="list", elements="str", default=[]),
            certificate_arn=dict(type="str"),
        ),
        supports_check_mode=True,
    )
    with failing(module, "read the load balancer"):
        found = read(module, module.params)
    known = {key: found[key] for key in ("certificate_arn", "zones", "zone_ids", "problems")}
    module.exit_json(
        changed=False, **known, **facts.of_resources(module.params["name_prefix"], module.region, found["resources"])
    )


if __name__ == "__main__":
    main()
