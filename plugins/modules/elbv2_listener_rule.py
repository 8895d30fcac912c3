#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_listener_rule
version_added: 1.0.0
short_description: Manage one listener rule that forwards to a target group, redirects or answers by itself
description:
  - Creates, changes, moves and deletes one rule of a listener of an Application Load Balancer, and no other.
  - The rule is known by its tag C(Name). One without the tag that forwards to the target group is taken as well, so
    that a lifted tag makes no second rule.
  - Conditions are compared as a whole, so that one that was added by hand is taken away.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  listener_arn:
    description: ARN of the listener.
    type: str
    required: true
  name:
    description: Name of the rule, kept in its tag C(Name).
    type: str
    required: true
  priority:
    description:
      - Priority, 1 to 50000; of the rules that match a request, the one with the lowest number is taken.
      - Left out, an existing rule stays where it is, and a new one gets the number after the highest taken, those
        without a gap up to 50000 not counted; one that matches every request, as with the path V(/*) and no host, gets
        the highest free number, so that rules that come later still get theirs.
      - A number that another rule has is an error that names the rule.
    type: int
  paths:
    description:
      - Path patterns, any of which has to match, with V(*) and V(?) as wildcards.
      - A rule takes five values in all, those of all conditions together (quotas of Application Load Balancers), and one
        condition at least.
    type: list
    elements: str
    default: []
  hosts:
    description: Host patterns, any of which has to match.
    type: list
    elements: str
    default: []
  methods:
    description: Methods of the request, any of which has to match, in capital letters.
    type: list
    elements: str
    default: []
  source_ips:
    description: CIDR blocks that the sender's address has to be in one of. That of V(X-Forwarded-For) does not count.
    type: list
    elements: str
    default: []
  headers:
    description:
      - Headers that a request has to have, all of them. Of each any of the values has to match, with V(*) and V(?) as
        wildcards and whatever the case.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the header, 1 to 40 characters.
        type: str
        required: true
      values:
        description: Its values.
        type: list
        elements: str
        required: true
  query:
    description:
      - What the query has to have, all of it. Of each any of the values has to match, with V(*) and V(?) as wildcards and
        whatever the case.
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: Name of the parameter. If omitted, a parameter of any name will do.
        type: str
      values:
        description: Its values.
        type: list
        elements: str
        required: true
  rule_arn:
    description: ARN of the rule, for one that somebody else made and that has a C(Name) of theirs. It gets O(name).
    type: str
  target_group_arn:
    description:
      - ARN of the target group to forward to. This, O(redirect) or O(fixed_response) is required for O(state=present).
    type: str
  redirect:
    description:
      - Where requests are redirected to. What is not given stays as it was asked for, C(#{host}) and so on.
    type: dict
    suboptions:
      protocol:
        description: Protocol, or C(#{protocol}).
        type: str
        default: "#{protocol}"
      port:
        description: Port, or C(#{port}).
        type: str
        default: "#{port}"
      host:
        description: Host, or C(#{host}).
        type: str
        default: "#{host}"
      path:
        description: Path, which may have C(#{path}) in it.
        type: str
        default: "/#{path}"
      query:
        description: Query, which may have C(#{query}) in it.
        type: str
        default: "#{query}"
      status_code:
        description: Permanent or temporary.
        type: str
        choices: [HTTP_301, HTTP_302]
        default: HTTP_301
  fixed_response:
    description: The answer that the load balancer gives by itself.
    type: dict
    suboptions:
      status_code:
        description: HTTP code, 2XX, 4XX or 5XX.
        type: str
        required: true
      content_type:
        description: Type of the body.
        type: str
        choices: [text/plain, text/css, text/html, application/javascript, application/json]
        default: text/plain
      message_body:
        description: Body, 1024 characters at most.
        type: str
        default: ""
  alternate_target_group_arn:
    description:
      - ARN of a second target group, for a service that ECS deploys by V(BLUE_GREEN), V(LINEAR) or V(CANARY).
      - ECS shifts the requests between the two, so that their weights are neither compared nor written. A rule that does
        not forward to both yet sends all requests to O(target_group_arn).
    type: str
  state:
    description: Whether the rule is to be there.
    type: str
    choices: [present, absent]
    default: present
notes:
  - "IAM actions: C(elasticloadbalancing:DescribeRules), C(DescribeTags), C(CreateRule), C(ModifyRule),
    C(SetRulePriorities), C(DeleteRule), C(AddTags), C(RemoveTags)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - amazon.aws.boto3
seealso:
  - module: magiclub.fargate.elbv2_target_group
"""

EXAMPLES = r"""
- name: Send requests for the API to the service
  magiclub.fargate.elbv2_listener_rule:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    name: magiclub-an2p-lotto
    paths: ["/api/*", "/health"]
    target_group_arn: "{{ group.target_group.arn }}"

- name: Send what a new client posts to a gRPC server
  magiclub.fargate.elbv2_listener_rule:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    name: magiclub-an2p-quotes
    paths: ["/quotes.Quotes/*"]
    methods: [POST]
    headers:
      - {name: User-Agent, values: ["grpc-*"]}
    target_group_arn: "{{ group.target_group.arn }}"

- name: Lead www to the bare domain
  magiclub.fargate.elbv2_listener_rule:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    name: www
    hosts: [www.your.company.com]
    redirect: {host: your.company.com}

- name: Delete the rule
  magiclub.fargate.elbv2_listener_rule:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    name: magiclub-an2p-lotto
    state: absent
"""

RETURN = r"""
rule:
  description: The rule. Null if it is absent or only planned (check mode).
  returned: success
  type: dict
  contains:
    arn:
      description: ARN of the rule.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener-rule/app/alb/50dc/f2f7/9683
    priority:
      description: Priority.
      type: int
      sample: 1
    paths:
      description: Path patterns, sorted, as are the values of all conditions.
      type: list
      elements: str
      sample: ["/api/*", "/health"]
    hosts:
      description: Host patterns.
      type: list
      elements: str
      sample: []
    methods:
      description: Methods.
      type: list
      elements: str
      sample: []
    source_ips:
      description: CIDR blocks of senders.
      type: list
      elements: str
      sample: []
    headers:
      description: Headers that a request has to have, C({name, values}) each.
      type: list
      elements: dict
      sample: []
    query:
      description: What the query has to have, C({key, values}) each.
      type: list
      elements: dict
      sample: []
    other_conditions:
      description: Kinds of conditions that the options have no word for, as regular expressions.
      type: list
      elements: str
      sample: []
    action:
      description: What the rule does if it redirects or answers by itself, C({type, …}). Null if it forwards.
      type: dict
      sample: null
    target_group_arns:
      description: ARNs of all target groups that the rule forwards to, sorted, whatever their weights.
      type: list
      elements: str
      sample: ["arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-lotto/73e2d6bc24d8a067"]
    target_group_arn:
      description: ARN of the target group, or the actions in words where the rule does not forward to one alone.
      type: str
      sample: arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-lotto/73e2d6bc24d8a067
    tags:
      description: Tags.
      type: dict
      sample: {"Name": "magiclub-an2p-lotto"}
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions, rule

REDIRECT = {
    **{key: {"default": f"#{{{key}}}"} for key in ("protocol", "port", "host", "query")},
    "path": {"default": "/#{path}"},
    "status_code": {"choices": ["HTTP_301", "HTTP_302"], "default": "HTTP_301"},
}
FIXED_RESPONSE = {
    "status_code": {"required": True},
    "content_type": {
        "choices": ["text/plain", "text/css", "text/html", "application/javascript", "application/json"],
        "default": "text/plain",
    },
    "message_body": {"default": ""},
}
ACTIONS = ["target_group_arn", "redirect", "fixed_response"]
VALUES = {"values": {"type": "list", "elements": "str", "required": True}}
ARGUMENTS = {
    "listener_arn": {"required": True},
    "name": {"required": True},
    "priority": {"type": "int"},
    **{word: {"type": "list", "elements": "str", "default": []} for word in conditions.LISTS},
    "headers": {"type": "list", "elements": "dict", "default": [], "options": {"name": {"required": True}, **VALUES}},
    "query": {"type": "list", "elements": "dict", "default": [], "options": {"key": {"no_log": False}, **VALUES}},
    "rule_arn": {},
    "target_group_arn": {},
    "redirect": {"type": "dict", "options": REDIRECT},
    "fixed_response": {"type": "dict", "options": FIXED_RESPONSE},
    "alternate_target_group_arn": {},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ACTIONS, True)],
        mutually_exclusive=[ACTIONS],
    )
    present = module.params["state"] == "present"
    run = rule.ensure_present if present else rule.ensure_absent
    with failing(module, f"{'set up' if present else 'delete'} listener rule {module.params['name']}"):
        module.exit_json(**run(module.client("elbv2"), module.params, module.check_mode))


if __name__ == "__main__":
    main()
