#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elbv2_listener_rule
version_added: 1.0.0
short_description: Manage a listener rule of an Application Load Balancer
description:
  - Creates, updates, moves and deletes one rule of a listener of an Application Load Balancer, which forwards to a target
    group, redirects, or returns a fixed response.
  - The rule is identified by its tag C(Name). A rule without the tag that forwards to the target group is used, too, so
    that a removed tag does not result in a second rule.
  - Conditions are compared as a whole, so conditions that were added by hand are removed.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  listener_arn:
    description: ARN of the listener.
    type: str
    required: true
  name:
    description: Name of the rule, stored in its tag C(Name).
    type: str
    required: true
  priority:
    description:
      - Priority, 1 to 50000. Of the matching rules, the one with the lowest number applies.
      - If omitted, an existing rule keeps its priority, and a new one gets the number after the highest one in use, not
        counting a contiguous block that ends at 50000. A new rule that matches every request, such as one with the path V(/*)
        and no host, gets the highest free number, so that later rules fit before it.
      - A number that another rule has is an error that names that rule.
    type: int
  paths:
    description:
      - Path patterns, one of which has to match, with V(*) and V(?) as wildcards.
      - A rule has at least one condition, and at most five values in all its conditions (quotas of Application Load Balancers).
    type: list
    elements: str
    default: []
  hosts:
    description: Host patterns, one of which has to match.
    type: list
    elements: str
    default: []
  methods:
    description: HTTP methods, one of which has to match, in upper case.
    type: list
    elements: str
    default: []
  source_ips:
    description: CIDR blocks, one of which has to contain the source address. V(X-Forwarded-For) is ignored.
    type: list
    elements: str
    default: []
  headers:
    description:
      - Headers that a request needs to have, all of them. One of the values of each has to match, with V(*) and V(?) as
        wildcards, ignoring case.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the header, 1 to 40 characters.
        type: str
        required: true
      values:
        description: Values of the header.
        type: list
        elements: str
        required: true
  query:
    description:
      - Query parameters that a request needs to have, all of them. One of the values of each has to match, with V(*) and
        V(?) as wildcards, ignoring case.
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: Name of the parameter. If omitted, any parameter.
        type: str
      values:
        description: Values of the parameter.
        type: list
        elements: str
        required: true
  rule_arn:
    description: ARN of an existing rule that was created outside this collection with another C(Name). It gets O(name).
    type: str
  target_group_arn:
    description:
      - ARN of the target group to forward to. One of this, O(redirect) and O(fixed_response) is required for O(state=present).
    type: str
  authenticate:
    description:
      - How users log in before requests are forwarded to O(target_group_arn). Needs an HTTPS listener.
      - If omitted, it is removed from an existing rule.
      - The load balancer connects to the token and user info endpoints with HTTPS over IPv4, which its security groups and
        network have to allow.
    type: dict
    suboptions:
      oidc:
        description: An identity provider with OpenID Connect.
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
            description: OAuth 2.0 client identifier.
            type: str
            required: true
          client_secret_from:
            description:
              - Source of the client secret, in the form that ECS uses for containers. The ARN of a secret in Secrets Manager,
                optionally with C(:json-key:version-stage:version-id), or the name or ARN of an SSM parameter.
              - It is read when the rule is written, and never shown. AWS does not return it, so a changed value is not detected.
                A changed source is, as the rule stores it in its tag C(ClientSecret).
            type: str
          client_secret:
            description: The client secret, instead of O(authenticate.oidc.client_secret_from). It is written only with other changes.
            type: str
          session_cookie_name:
            description: Name of the session cookie.
            type: str
            default: AWSELBAuthSessionCookie
          scope:
            description: Claims to request, separated by spaces.
            type: str
            default: openid
          session_timeout:
            description: Duration of a session in seconds, at most 604800 (seven days).
            type: int
            default: 604800
          on_unauthenticated_request:
            description: Whether to redirect a request without a session to the login, to forward it, or to return 401.
            type: str
            choices: [authenticate, allow, deny]
            default: authenticate
          authentication_request_extra_params:
            description: Additional parameters of the request to the authorization endpoint, at most 10.
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
            description: Id of the user pool's client, which needs a client secret.
            type: str
            required: true
          user_pool_domain:
            description: Domain prefix or custom domain of the user pool.
            type: str
            required: true
          session_cookie_name:
            description: Name of the session cookie.
            type: str
            default: AWSELBAuthSessionCookie
          scope:
            description: Claims to request, separated by spaces.
            type: str
            default: openid
          session_timeout:
            description: Duration of a session in seconds, at most 604800 (seven days).
            type: int
            default: 604800
          on_unauthenticated_request:
            description: Whether to redirect a request without a session to the login, to forward it, or to return 401.
            type: str
            choices: [authenticate, allow, deny]
            default: authenticate
          authentication_request_extra_params:
            description: Additional parameters of the request to the authorization endpoint, at most 10.
            type: dict
            default: {}
  redirect:
    description:
      - Where to redirect requests. Omitted parts stay as requested (C(#{host}) and so on).
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
        description: Path, which may contain C(#{path}).
        type: str
        default: "/#{path}"
      query:
        description: Query, which may contain C(#{query}).
        type: str
        default: "#{query}"
      status_code:
        description: Permanent (V(HTTP_301)) or temporary (V(HTTP_302)) redirect.
        type: str
        choices: [HTTP_301, HTTP_302]
        default: HTTP_301
  fixed_response:
    description: The fixed response of the load balancer.
    type: dict
    suboptions:
      status_code:
        description: HTTP status code, 2XX, 4XX or 5XX.
        type: str
        required: true
      content_type:
        description: Content type of the body.
        type: str
        choices: [text/plain, text/css, text/html, application/javascript, application/json]
        default: text/plain
      message_body:
        description: Body, at most 1024 characters.
        type: str
        default: ""
  alternate_target_group_arn:
    description:
      - ARN of a second target group, for a service that ECS deploys with V(BLUE_GREEN), V(LINEAR) or V(CANARY).
      - ECS shifts the traffic between the two, so their weights are neither compared nor changed. A rule that does not
        forward to both yet starts with all traffic on O(target_group_arn).
    type: str
  state:
    description: Whether the rule should exist.
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
- name: Forward requests for the API to a service
  magiclub.fargate.elbv2_listener_rule:
    listener_arn: "{{ alb_info.service_listener.arn }}"
    name: magiclub-an2p-lotto
    paths: ["/api/*", "/health"]
    target_group_arn: "{{ group.target_group.arn }}"

- name: Forward requests of gRPC clients to a gRPC server
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

- name: Redirect www to the apex domain
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
  description: The rule. Null if it does not exist, or would be created in check mode.
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
      description: Path patterns, sorted like the values of all conditions.
      type: list
      elements: str
      sample: ["/api/*", "/health"]
    hosts:
      description: Host patterns.
      type: list
      elements: str
      sample: []
    methods:
      description: HTTP methods.
      type: list
      elements: str
      sample: []
    source_ips:
      description: CIDR blocks of source addresses.
      type: list
      elements: str
      sample: []
    headers:
      description: Required headers, each C({name, values}).
      type: list
      elements: dict
      sample: []
    query:
      description: Required query parameters, each C({key, values}).
      type: list
      elements: dict
      sample: []
    other_conditions:
      description: Types of conditions that the options don't support, such as regular expressions.
      type: list
      elements: str
      sample: []
    transforms:
      description: Transforms of host or path, each C({type, regex, replace}). The module removes them.
      type: list
      elements: dict
      sample: []
    authenticate:
      description: How users log in, C({type, …}) with all fields that AWS returns. Empty without a login.
      type: dict
      sample: {}
    action:
      description: The redirect or the fixed response, C({type, …}). Null if the rule forwards.
      type: dict
      sample: null
    target_group_arns:
      description: ARNs of all target groups that the rule forwards to, sorted, regardless of their weights.
      type: list
      elements: str
      sample: ["arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-lotto/73e2d6bc24d8a067"]
    target_group_arn:
      description: ARN of the target group, or a text with the actions if the rule does not forward to exactly one.
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
    **{option: {"type": "list", "elements": "str", "default": []} for option in conditions.LISTS},
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
