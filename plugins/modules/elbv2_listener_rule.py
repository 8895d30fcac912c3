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
  - The rule is identified by its tag C(Name). A rule without the tag that forwards to the target group is used as
    well, so a removed tag leads to no second rule.
  - Conditions are compared as a whole, so one that was added by hand is removed.
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
  authenticate:
    description:
      - How users log in before requests are forwarded to O(target_group_arn). Needs a listener by HTTPS.
      - One that the rule has and that is not given is taken away.
      - The load balancer connects to the token and user info endpoints by HTTPS and IPv4, so that its security groups and
        network have to let it.
    type: dict
    suboptions:
      oidc:
        description: An identity provider that speaks OpenID Connect.
        type: dict
        suboptions:
          issuer:
            description: Issuer of the provider, an HTTPS URL.
            type: str
            required: true
          authorization_endpoint:
            description: Authorization endpoint, an HTTPS URL.
            type: str
            required: true
          token_endpoint:
            description: Token endpoint, an HTTPS URL.
            type: str
            required: true
          user_info_endpoint:
            description: User info endpoint, an HTTPS URL.
            type: str
            required: true
          client_id:
            description: Client identifier of OAuth 2.0.
            type: str
            required: true
          client_secret_from:
            description:
              - Where the client secret is, as ECS takes it for containers. The ARN of a secret of Secrets Manager, with
                C(:json-key:version-stage:version-id) behind it if need be, or the name or ARN of a parameter of SSM.
              - It is read when the rule is written, and nowhere shown. AWS does not return it, so that another value in the
                same place is not seen. Another place is, as the rule keeps it in its tag C(ClientSecret).
            type: str
          client_secret:
            description: The client secret itself, in the place of O(authenticate.oidc.client_secret_from). Written with other changes alone.
            type: str
          session_cookie_name:
            description: Name of the cookie that keeps the session.
            type: str
            default: AWSELBAuthSessionCookie
          scope:
            description: Claims to ask for, with blanks between them.
            type: str
            default: openid
          session_timeout:
            description: Seconds that a session lasts, at most 604800, which are seven days.
            type: int
            default: 604800
          on_unauthenticated_request:
            description: Whether a request without a session is led to the login, let through, or answered with 401.
            type: str
            choices: [authenticate, allow, deny]
            default: authenticate
          authentication_request_extra_params:
            description: Further parameters of the request to the authorization endpoint, at most 10.
            type: dict
            default: {}
      cognito:
        description: A user pool of Amazon Cognito.
        type: dict
        suboptions:
          user_pool_arn:
            description: ARN of the user pool.
            type: str
            required: true
          user_pool_client_id:
            description: Id of the user pool's client, which has to have a client secret.
            type: str
            required: true
          user_pool_domain:
            description: Prefix of the user pool's domain, or its own domain name.
            type: str
            required: true
          session_cookie_name:
            description: Name of the cookie that keeps the session.
            type: str
            default: AWSELBAuthSessionCookie
          scope:
            description: Claims to ask for, with blanks between them.
            type: str
            default: openid
          session_timeout:
            description: Seconds that a session lasts, at most 604800, which are seven days.
            type: int
            default: 604800
          on_unauthenticated_request:
            description: Whether a request without a session is led to the login, let through, or answered with 401.
            type: str
            choices: [authenticate, allow, deny]
            default: authenticate
          authentication_request_extra_params:
            description: Further parameters of the request to the authorization endpoint, at most 10.
            type: dict
            default: {}
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
    C(SetRulePriorities), C(DeleteRule), C(AddTags), C(RemoveTags). With O(authenticate.oidc.client_secret_from)
    C(secretsmanager:GetSecretValue) or C(ssm:GetParameter), with O(authenticate.cognito)
    C(cognito-idp:DescribeUserPoolClient)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - magiclub.fargate.requirements
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

- name: Have users log in before they reach the back office
  magiclub.fargate.elbv2_listener_rule:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    name: magiclub-an2p-office
    paths: ["/office/*"]
    authenticate:
      oidc:
        issuer: https://login.your.company.com
        authorization_endpoint: https://login.your.company.com/authorize
        token_endpoint: https://login.your.company.com/token
        user_info_endpoint: https://login.your.company.com/userinfo
        client_id: office
        client_secret_from: /magiclub-an2p/office/client-secret
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
    transforms:
      description: What rewrites host or path before a request is forwarded, C({type, regex, replace}) each. None is asked for.
      type: list
      elements: dict
      sample: []
    authenticate:
      description: How users log in first, C({type, …}) with all that AWS returns. Empty if they need not.
      type: dict
      sample: {}
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
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
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
SESSION = {
    "session_cookie_name": {"default": "AWSELBAuthSessionCookie"},
    "scope": {"default": "openid"},
    "session_timeout": {"type": "int", "default": 604800},
    "on_unauthenticated_request": {"choices": ["authenticate", "allow", "deny"], "default": "authenticate"},
    "authentication_request_extra_params": {"type": "dict", "default": {}},
}
OIDC = {
    **{
        key: {"required": True, "no_log": False}
        for key in ("issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint", "client_id")
    },
    "client_secret_from": {"no_log": False},
    "client_secret": {"no_log": True},
    **SESSION,
}
COGNITO = {
    **{key: {"required": True} for key in ("user_pool_arn", "user_pool_client_id", "user_pool_domain")},
    **SESSION,
}
AUTHENTICATE = {
    "oidc": {
        "type": "dict",
        "options": OIDC,
        "mutually_exclusive": [["client_secret_from", "client_secret"]],
        "required_one_of": [["client_secret_from", "client_secret"]],
    },
    "cognito": {"type": "dict", "options": COGNITO},
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
    "authenticate": {
        "type": "dict",
        "options": AUTHENTICATE,
        "mutually_exclusive": [["oidc", "cognito"]],
    },
    "redirect": {"type": "dict", "options": REDIRECT},
    "fixed_response": {"type": "dict", "options": FIXED_RESPONSE},
    "alternate_target_group_arn": {},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = OneSessionModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ACTIONS, True)],
        mutually_exclusive=[ACTIONS, *(["authenticate", other] for other in ACTIONS[1:])],
    )
    present = module.params["state"] == "present"
    run = rule.ensure_present if present else rule.ensure_absent
    with failing(module, f"{'set up' if present else 'delete'} listener rule {module.params['name']}"):
        module.exit_json(**run(module.client, module.params, module.check_mode))


if __name__ == "__main__":
    main()
