#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fargate_verify_info
version_added: 1.0.0
short_description: Check the prerequisites of the next deployment
description:
  - Checks, for each service, everything that its next task needs. The image is in ECR and has the architecture of the
    tasks, the secrets exist and the execution role may read them, the roles exist, trust ECS tasks and may be passed by the
    caller, the subnets have a route to the internet or endpoints, the log groups exist, the target groups have the right
    type, VPC and port, the targets are healthy, the health check path responds through the load balancer, and no other rule
    takes all requests of the service.
  - Values of secrets are never read.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name of the ECS cluster.
    type: str
    required: true
  services:
    description: Names of ECS services. If empty, all of the cluster.
    type: list
    elements: str
    default: []
  image:
    description: Image to be deployed, which is checked instead of that of the first container.
    type: str
    default: ""
  domain:
    description: Domain name of the load balancer's certificate. If empty, requests use the load balancer's DNS name.
    type: str
    default: ""
  local_endpoint:
    description: URL of a local AWS. Empty for AWS itself.
    type: str
    default: ""
  timeout:
    description: Seconds to wait for a response through the load balancer.
    type: int
    default: 10
notes:
  - "IAM actions: C(ecs:ListServices), C(DescribeServices), C(DescribeTaskDefinition), C(ecr:DescribeImages),
    C(BatchGetImage), C(GetDownloadUrlForLayer), C(ssm:DescribeParameters), C(secretsmanager:DescribeSecret),
    C(iam:GetRole), C(SimulatePrincipalPolicy), C(sts:GetCallerIdentity), C(ec2:DescribeSubnets),
    C(DescribeRouteTables), C(DescribeVpcEndpoints), C(logs:DescribeLogGroups),
    C(elasticloadbalancing:DescribeTargetGroups), C(DescribeTargetHealth), C(DescribeLoadBalancers),
    C(DescribeListeners), C(DescribeRules)."
  - Without C(iam:SimulatePrincipalPolicy), the policies of a role are read instead. Conditions, permissions boundaries and
    organization policies are then not evaluated.
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.fargate_status_info
  - module: magiclub.fargate.ecs_service_wait
"""

EXAMPLES = r"""
- name: Check services before a deployment
  magiclub.fargate.fargate_verify_info:
    cluster: magiclub-an2p-ecs
    image: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto:2f7c1d9e
    services: [magiclub-an2p-lotto]
  register: verified

- name: Fail if the deployment would fail
  ansible.builtin.assert:
    that: verified.findings | length == 0
    fail_msg: "{{ verified.lines | join(' ') }}"
"""

RETURN = r"""
findings:
  description: Problems that would make a deployment fail. Empty if none were found.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: Name of the service.
      type: str
      sample: magiclub-an2p-lotto
    what:
      description: Type of the resource.
      type: str
      sample: log group
    value:
      description: Name or value of the resource.
      type: str
      sample: /ecs/magiclub-an2p-lotto
    rule:
      description: What is needed, and why.
      type: str
      sample: The awslogs driver ends a task whose log group is not there.
    next_step:
      description: What to do next.
      type: str
      sample: Run site.yml, which creates it.
notes:
  description: What could not be checked, and why, and the rules that take some requests of a service.
  returned: success
  type: list
  elements: str
  sample: []
lines:
  description: The same as text.
  returned: success
  type: list
  elements: str
  sample: ["magiclub-an2p-lotto: nothing found that would make a deployment fail."]
"""

import http.client
import typing as t
import urllib.error

from ansible.module_utils.urls import open_url
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import read, verify, verify_read

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "image": {"type": "str", "default": ""},
    "domain": {"type": "str", "default": ""},
    "local_endpoint": {"type": "str", "default": ""},
    "timeout": {"type": "int", "default": 10},
}


def requester(timeout: float) -> t.Callable[[str, t.Mapping[str, str]], tuple[int, str]]:
    """Return a function that requests a URL: it returns the status and no error, or 0 and the error."""

    def request(url: str, headers: t.Mapping[str, str]) -> tuple[int, str]:
        try:
            with open_url(
                url, headers=dict(headers), timeout=timeout, follow_redirects="none", use_proxy=False
            ) as answer:
                return answer.getcode(), ""
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError as error:
            return 0, str(getattr(error, "reason", error))
        except http.client.HTTPException as error:
            return 0, f"no HTTP ({type(error).__name__}: {str(error).strip()})"

    return request


def verified(module: OneSessionModule, notes: list[str]) -> dict[str, list[dict[str, t.Any]]]:
    """Return the findings of each service by name."""
    params = module.params
    account = call(module.client("sts"), "get_caller_identity")["Account"]
    platform = verify_read.Platform(
        module.client,
        lambda balancer: verify_read.address(balancer, params["domain"], params["local_endpoint"], account),
        requester(params["timeout"]),
        notes,
    )
    found = {name: [verify.no_service(name, params["cluster"])] for name in params["services"]}
    for service in read.services(module.client("ecs"), params["cluster"], params["services"]):
        name = service["serviceName"]
        found[name] = verify.findings(verify_read.service(platform, name, dict(service), params["image"]))
    return found


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    cluster = module.params["cluster"]
    notes: list[str] = []
    with failing(module, f"check the services of {cluster}"):
        found = verified(module, notes)
    findings = [finding for of_service in found.values() for finding in of_service]
    module.exit_json(
        changed=False,
        findings=findings,
        notes=sorted(set(notes)),
        lines=verify.lines(found, cluster, sorted(set(notes))),
    )


if __name__ == "__main__":
    main()
