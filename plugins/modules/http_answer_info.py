#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_answer_info
version_added: 1.1.0
short_description: Send HTTP requests to services, even before DNS has their names
description:
  - Sends GET requests in parallel, and repeats them until all responses are as expected or the time is over.
  - With I(connect_to), it connects to that host, such as a load balancer, but uses the name in I(url) for the Host header, SNI
    and the certificate. So a new domain can be tested before this machine's resolver has it. A resolver that is asked too
    early may cache for up to 15 minutes that a name does not exist.
  - With I(expected), a response counts only if no other tasks can have sent it. Before and after the request, the first
    matching rule of the listener has to forward to that target group only, and all targets in use have to be tasks of that
    revision.
  - Redirects are not followed. The environment variables C(http_proxy), C(https_proxy) and C(no_proxy) are used.
  - The module does not fail for an unexpected or missing response.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  requests:
    description: The requests.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the request in RV(answers).
        type: str
        required: true
      url:
        description: URL of the request, with C(http) or C(https).
        type: str
        required: true
      connect_to:
        description: Host to connect to, at the port of I(url). If empty, the host in I(url).
        type: str
        default: ""
      headers:
        description: Headers of the request.
        type: dict
        default: {}
      check_name:
        description:
          - Whether the certificate has to be for the name in I(url). Set it to false only if the names of the certificate are
            unknown. Whether it is valid and issued by a trusted authority is always checked.
        type: bool
        default: true
      status:
        description: Expected status.
        type: int
        default: 200
      expected:
        description: The tasks that have to respond. If omitted, AWS is not called.
        type: dict
        suboptions:
          listener_arn:
            description: ARN of the listener.
            type: str
            required: true
          target_group_arn:
            description: ARN of the target group.
            type: str
            required: true
          cluster:
            description: Name or ARN of the cluster.
            type: str
            required: true
          service:
            description: Name of the ECS service whose tasks are the targets.
            type: str
            required: true
          task_definition:
            description: ARN of the task definition of these tasks.
            type: str
            required: true
  within:
    description: Seconds to repeat the requests until all responses are as expected.
    type: int
    default: 30
  timeout:
    description: Seconds to wait for a server to respond.
    type: int
    default: 10
notes:
  - "IAM actions, with I(expected): C(elasticloadbalancing:DescribeRules), C(DescribeTargetHealth), C(ecs:ListTasks),
    C(DescribeTasks)."
  - A rule before it with a condition on the source address, or a regular expression, may have taken a request. Then
    I(answered_by) reports it.
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: ansible.builtin.uri
"""

EXAMPLES = r"""
- name: Request a new domain from the load balancer
  magiclub.fargate.http_answer_info:
    requests:
      - name: lotto
        url: https://lotto.your.company.com/api/healthz
        connect_to: magiclub-an2p-pub-alb-1234567890.ap-northeast-2.elb.amazonaws.com
  register: responses

- name: Fail if a response is not as expected
  ansible.builtin.assert:
    that: responses.answers | map(attribute='problem') | select | length == 0
"""

RETURN = r"""
answers:
  description: The results of the requests, in the same order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the request.
      type: str
      sample: lotto
    url:
      description: URL of the request.
      type: str
      sample: https://lotto.your.company.com/api/healthz
    problem:
      description: The problem with the response, as a phrase after the name of the server. Empty if it is as expected.
      type: str
      sample: answered https://lotto.your.company.com/api/healthz with 503, and 200 is right.
    answered_by:
      description: The tasks that can have responded. Empty without I(expected), and if other tasks can have responded.
      type: str
      sample: one of 2 tasks of magiclub-an2p-lotto:4
    status:
      description: Status of the last response. -1 if there was none.
      type: int
      sample: 200
    msg:
      description: Reason phrase of the status, or the error if there was no response.
      type: str
      sample: OK
    content:
      description: The first MiB of the response.
      type: str
      sample: ok
    json:
      description: The parsed response. Null if it is not JSON.
      type: raw
      sample: {"version": "2"}
    headers:
      description: Headers of the response, with names in lower case and with underscores.
      type: dict
      sample: {"content_type": "application/json"}
    name_known:
      description:
        - Whether this machine's resolver has the name in I(url). Null if I(connect_to) is not another name, or the response
          is not as expected.
      type: bool
      sample: true
"""

import functools
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import answered_by_read, http_request

EXPECTED = ("listener_arn", "target_group_arn", "cluster", "service", "task_definition")
REQUEST = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "connect_to": {"type": "str", "default": ""},
    "headers": {"type": "dict", "default": {}},
    "check_name": {"type": "bool", "default": True},
    "status": {"type": "int", "default": 200},
    "expected": {"type": "dict", "options": {name: {"type": "str", "required": True} for name in EXPECTED}},
}
ARGUMENTS = {
    "requests": {"type": "list", "elements": "dict", "required": True, "options": REQUEST},
    "within": {"type": "int", "default": 30},
    "timeout": {"type": "int", "default": 10},
}


def question(given: dict[str, t.Any], timeout: int) -> http_request.Question:
    """Return the question of an entry of C(requests)."""
    headers = {name: str(value) for name, value in given["headers"].items()}
    request = http_request.Request(given["url"], given["connect_to"], headers, given["check_name"], timeout)
    return http_request.Question(request, given["status"], given["expected"])


def name_known(module: OneSessionModule, outcome: http_request.Outcome) -> bool | None:
    """Return whether the resolver has the name, and warn if not; None if that was not checked."""
    request = outcome.question.request
    if outcome.problem or request.connect_to in ("", request.name):
        return None
    known = http_request.is_known(request.name)
    if not known:
        module.warn(
            f"{request.name} is not known to this machine's resolver yet. The load balancer answers for it. If its "
            "record is new, resolvers that were asked too early may take up to 15 minutes; else point "
            f"{request.name} at {request.connect_to}."
        )
    return known


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params["requests"]
    ecs, elb = (module.client(name) if any(one["expected"] for one in given) else None for name in ("ecs", "elbv2"))
    questions = [question(one, module.params["timeout"]) for one in given]
    with failing(module, "see who answers"):
        outcomes = http_request.until_right(
            questions, module.params["within"], see=functools.partial(answered_by_read.see, ecs, elb)
        )
    answers = [
        {
            "name": one["name"],
            "url": one["url"],
            "problem": outcome.problem,
            "answered_by": outcome.proof.answered_by if one["expected"] else "",
            "status": outcome.answer.status,
            "msg": outcome.answer.msg,
            "content": outcome.answer.content,
            "json": outcome.answer.json,
            "headers": dict(outcome.answer.headers),
            "name_known": name_known(module, outcome),
        }
        for one, outcome in zip(given, outcomes, strict=True)
    ]
    module.exit_json(changed=False, answers=answers)


if __name__ == "__main__":
    main()
