#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_answer_info
version_added: 1.1.0
short_description: Send HTTP requests before DNS knows the name, and prove who answered
description:
  - Sends GET requests in parallel, and repeats them until each answer is right or the time is over.
  - With I(connect_to) it connects there, as to a load balancer, while Host header, SNI and certificate are of the name in
    I(url). So a new domain can be asked for before this machine's resolver knows it. A resolver that was asked too early
    may remember for up to 15 minutes that a name does not exist.
  - With I(expected) an answer is right only if nobody else can have given it. Before and after the request the first rule
    of the listener that takes it forwards to that target group alone, and all targets of it that get requests are tasks of
    that revision.
  - Redirects are not followed. The environment's C(http_proxy), C(https_proxy) and C(no_proxy) are honoured.
  - It does not fail for a wrong answer, or if there is none.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  requests:
    description: What to ask.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the answer is known by.
        type: str
        required: true
      url:
        description: What to ask, with C(http) or C(https).
        type: str
        required: true
      connect_to:
        description: Host to connect to, at the port of I(url). Without it, the name in I(url).
        type: str
        default: ""
      headers:
        description: Headers of the request.
        type: dict
        default: {}
      check_name:
        description:
          - Whether the certificate has to be for the name in I(url). Only where nobody knows a name of the certificate is there
            reason to set it to false; that the certificate is valid and issued by an authority is checked all the same.
        type: bool
        default: true
      status:
        description: The right status.
        type: int
        default: 200
      expected:
        description: Who has to answer. Without it, AWS is asked nothing.
        type: dict
        suboptions:
          listener_arn:
            description: ARN of the listener that is asked.
            type: str
            required: true
          target_group_arn:
            description: ARN of the target group that gets the request.
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
            description: ARN of the revision that they have to be of.
            type: str
            required: true
  within:
    description: Seconds in which right answers have to come.
    type: int
    default: 30
  timeout:
    description: Seconds that a server may be silent.
    type: int
    default: 10
notes:
  - "IAM actions, with I(expected): C(elasticloadbalancing:DescribeRules), C(DescribeTargetHealth), C(ecs:ListTasks),
    C(DescribeTasks)."
  - A rule in front that asks for the sender's address, or by a regular expression, may have taken a request. Then
    I(answered_by) says so.
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: ansible.builtin.uri
"""

EXAMPLES = r"""
- name: Ask the load balancer for a domain that is new
  magiclub.fargate.http_answer_info:
    requests:
      - name: lotto
        url: https://lotto.your.company.com/api/healthz
        connect_to: magiclub-an2p-pub-alb-1234567890.ap-northeast-2.elb.amazonaws.com
  register: asked

- name: Fail if an answer is not right
  ansible.builtin.assert:
    that: asked.answers | map(attribute='problem') | select | length == 0
"""

RETURN = r"""
answers:
  description: What came back of each request, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the request.
      type: str
      sample: lotto
    url:
      description: What was asked.
      type: str
      sample: https://lotto.your.company.com/api/healthz
    problem:
      description: What is wrong with the answer, after the name of who was asked; empty if it is right.
      type: str
      sample: answered https://lotto.your.company.com/api/healthz with 503, and 200 is right.
    answered_by:
      description: Which tasks can have answered; empty without I(expected), and where others can have.
      type: str
      sample: one of 2 tasks of magiclub-an2p-lotto:4
    status:
      description: Status of the last answer, -1 where there was none.
      type: int
      sample: 200
    msg:
      description: What the server says to the status, or why there was no answer.
      type: str
      sample: OK
    content:
      description: The first MiB of the answer.
      type: str
      sample: ok
    json:
      description: The answer as data, null if it is not JSON.
      type: raw
      sample: {"version": "2"}
    headers:
      description: Headers of the answer, their names in small letters and with underscores.
      type: dict
      sample: {"content_type": "application/json"}
    name_known:
      description:
        - Whether this machine's resolver knows the name in I(url). It is asked only where I(connect_to) is another one, and
          after the right answer; else null.
      type: bool
      sample: true
"""

import functools
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import answering, ask

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


def question(given: dict[str, t.Any], timeout: int) -> ask.Question:
    """Return a request of the options."""
    headers = {name: str(value) for name, value in given["headers"].items()}
    request = ask.Request(given["url"], given["connect_to"], headers, given["check_name"], timeout)
    return ask.Question(request, given["status"], given["expected"])


def name_known(module: OneSessionModule, outcome: ask.Outcome) -> bool | None:
    """Return whether the resolver knows the name, and warn if it does not; None if that is not asked."""
    request = outcome.question.request
    if outcome.problem or request.connect_to in ("", request.name):
        return None
    known = ask.is_known(request.name)
    if not known:
        module.warn(
            f"{request.name} is not known to this machine's resolver yet. The load balancer answers for it. Where its "
            "record is new, resolvers that were asked before it was there may take up to 15 minutes; else point "
            f"{request.name} at {request.connect_to}."
        )
    return known


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params["requests"]
    ecs, elb = (module.client(name) if any(one["expected"] for one in given) else None for name in ("ecs", "elbv2"))
    questions = [question(one, module.params["timeout"]) for one in given]
    with failing(module, "see who answers"):
        outcomes = ask.until_right(questions, module.params["within"], see=functools.partial(answering.see, ecs, elb))
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
