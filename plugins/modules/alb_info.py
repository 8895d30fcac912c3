#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: alb_info
version_added: 1.0.0
short_description: Read an application load balancer with all that belongs to it
description:
  - Finds the load balancer C(PREFIX-pub-alb), its security group, listeners and records, in two rounds of parallel calls.
  - Says what the account lacks for it, such as an issued certificate or a hosted zone.
  - Every reference between resources is by name, so M(magiclub.fargate.plan) can compare it with the desired state.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: What all names of the load balancer begin with.
    type: str
    required: true
  vpc_name:
    description: Name tag of the VPC that it is in. The default is C(PREFIX-vpc).
    type: str
  records:
    description:
      - Domain names whose records and hosted zones to look at, beside those that the load balancer's tags say it had before.
      - Without it no record is looked for.
    type: list
    elements: str
  hosted_zone_id:
    description:
      - Hosted zone of all I(records).
      - Without it, each is held by the public zone with the longest name that matches.
    type: str
  certificate_names:
    description: Domain names that an issued certificate of ACM has to cover. None is looked for where empty and no ARN is given.
    type: list
    elements: str
    default: []
  certificate_arn:
    description: Certificate of ACM to use, in place of one that is found.
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
  description: The prefix that was asked for.
  returned: success
  type: str
  sample: magiclub-an2p
region:
  description: The region that was read.
  returned: success
  type: str
  sample: ap-northeast-2
exists:
  description: Whether there is a load balancer of that name.
  returned: success
  type: bool
planned:
  description: Whether there is one, or in check mode of the role will be one.
  returned: success
  type: bool
ready:
  description: Whether it is active.
  returned: success
  type: bool
load_balancer:
  description: The load balancer; all but I(name) is null if there is none.
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
      description: Last part of the ARN, as CloudWatch and autoscaling name it.
      type: str
      sample: app/magiclub-an2p-pub-alb/50dc6c495c0c9188
    dns_name:
      description: DNS name.
      type: str
      sample: magiclub-an2p-pub-alb-1234567890.ap-northeast-2.elb.amazonaws.com
    hosted_zone_id:
      description: Hosted zone that an alias to it names.
      type: str
      sample: ZWKZPGTI48KDX
    state:
      description: C(provisioning), C(active), C(active_impaired) or C(failed).
      type: str
      sample: active
security_group:
  description: Its security group; I(id) is null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-pub-alb-sg", "id": "sg-0a1b2c3d"}
listeners:
  description: ARN of each listener by its port.
  returned: success
  type: dict
  sample: {"80": "arn:aws:elasticloadbalancing:...:listener/app/magiclub-an2p-pub-alb/50dc6c495c0c9188/0467ef3c8400ae65"}
service_listener:
  description: The listener that services hang their rules on, of port 443, or 80 if there is no other; null if there is none.
  returned: success
  type: dict
  sample: {"port": 443, "arn": "arn:aws:elasticloadbalancing:...", "protocol": "HTTPS"}
domain:
  description: Empty; the role alb fills it in.
  returned: success
  type: str
  sample: ""
certificate_arn:
  description:
    - The certificate to use, null if none was looked for or found.
    - Of several, that of a listener for as long as ACM renews it, or else the one that is valid the longest.
  returned: success
  type: str
  sample: arn:aws:acm:ap-northeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
zones:
  description: Name of the hosted zone of each of I(records), null if there is none.
  returned: success
  type: dict
  sample: {"lotto.your.company.com": "your.company.com"}
zone_ids:
  description: Id of each of these zones by its name.
  returned: success
  type: dict
  sample: {"your.company.com": "Z0123456789ABCDEFGHIJ"}
problems:
  description: A sentence for each thing that the load balancer needs and the account has not.
  returned: success
  type: list
  elements: str
  sample: []
resources:
  description: Everything of the load balancer, each with I(type), I(name), I(id) and I(values), as M(magiclub.fargate.plan) takes it.
  returned: success
  type: list
  elements: dict
"""

import datetime

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import api, found
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb.facts import facts
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.names import alb_name, vpc_name


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
    given = module.params
    prefix, records = given["name_prefix"], given["records"]
    wanted = found.Certificates(given["certificate_arn"] or "", given["certificate_names"])
    vpc = given["vpc_name"] or vpc_name(prefix)
    name = alb_name(prefix)
    with failing(module, "read the load balancer"):
        raw = api.read(module.client, name, vpc, records, given["hosted_zone_id"] or "", wanted.are_wanted)
    module.exit_json(
        changed=False,
        certificate_arn=found.certificate_arn(raw, wanted, datetime.datetime.now(datetime.UTC)),
        zones=found.zones(raw),
        zone_ids=found.zone_ids(raw),
        problems=found.problems(raw, records or [], wanted),
        **facts(prefix, module.region, found.resources(raw, name)),
    )


if __name__ == "__main__":
    main()
