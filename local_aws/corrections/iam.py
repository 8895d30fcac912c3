# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM: the resources of a request, the roles that it passes, and the names of service-linked roles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from local_aws import reference
from local_aws.corrections._patch import corrects, part, replace, service
from local_aws.corrections.iam_resources import (
    SERVICES,
    Asked,
    association_table,
    context_of,
    known_context,
    resources,
    tagging,
)
from local_aws.reference import Action

Data = dict[str, Any]

SERVICE_LINKED_ROLES = {
    "ecs.amazonaws.com": "AWSServiceRoleForECS",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
}

ROLES_OF_A_SERVICE = (
    "loadBalancers.advancedConfiguration.roleArn",
    "serviceConnectConfiguration.services.tls.roleArn",
)
# The fields of a request that name a role (a path through objects and lists), and the service that it is passed to.
PASSED_ROLES = {
    ("ecs", "RegisterTaskDefinition"): (("executionRoleArn", "taskRoleArn"), "ecs-tasks.amazonaws.com"),
    ("ecs", "CreateService"): (ROLES_OF_A_SERVICE, "ecs.amazonaws.com"),
    ("ecs", "UpdateService"): (ROLES_OF_A_SERVICE, "ecs.amazonaws.com"),
    ("application-autoscaling", "RegisterScalableTarget"): (("RoleARN",), "application-autoscaling.amazonaws.com"),
    ("scheduler", "POST /schedules"): (("Target.RoleArn",), "scheduler.amazonaws.com"),
    ("scheduler", "PUT /schedules"): (("Target.RoleArn",), "scheduler.amazonaws.com"),
}

BATCHES = frozenset({"sqs:SendMessageBatch", "sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"})

# The request that is being authorized: its service and its content.
_ASKED: ContextVar[tuple[str, Asked] | None] = ContextVar("asked", default=None)
# The resource and the action that were refused.
_REFUSED: ContextVar[tuple[str, str] | None] = ContextVar("refused", default=None)


def asked_of(name: str, resource: str, request: tuple[Any, ...]) -> Asked:
    """Return MiniStack's view of a request as plain data."""
    _method, path, _headers, body, query, region, account = request
    data = {"xml": body.decode(errors="replace")} if name == "route53" else parsed(body)
    params = {key: value[0] if isinstance(value, list) else value for key, value in query.items()}
    if name == "route53" and "/change/" in path:
        resource = f"arn:aws:route53:::change/{path.rsplit('/', 1)[-1]}"
    if name == "iam":
        resource = existing_arn(params) or resource
    table = association_table(service("ec2")._route_tables, params.get("AssociationId", "")) if name == "ec2" else ""
    return Asked(data, {**params, "": table}, resource, region, account)


def existing_arn(params: Data) -> str:
    """Return the ARN, with its path, of the role or user of a request to IAM; '' for none."""
    iam = service("iam")
    for key, stored in (("RoleName", iam._roles), ("UserName", iam._users)):
        if params.get(key):
            return str((stored.get(params[key]) or {}).get("Arn") or "")
    return ""


def boundary_of(params: Data) -> str:
    """Return the ARN of the permissions boundary of a request's role, '' for none."""
    role = service("iam")._roles.get(params.get("RoleName", "")) or {}
    held = role.get("PermissionsBoundary") or ""
    return str(held.get("PermissionsBoundaryArn", "") if isinstance(held, dict) else held)


@corrects(
    "iam",
    aws="an action is authorized on each resource that it names or creates, and on every type that it requires",
    evidence="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
)
def authorize_on_resources() -> None:
    iam_actions, evaluator = part("core.iam_actions"), part("core.iam_evaluator")

    def extract(original: Any) -> Any:
        def call(name: str, *request: Any) -> str:
            resource = str(original(name, *request))
            _ASKED.set((name, asked_of(name, resource, request)) if name in SERVICES else None)
            _REFUSED.set(None)
            return resource

        return call

    def enforce(original: Any) -> Any:
        def call(key: str, name: str, called: str, region: str, **rest: Any) -> Any:
            held = _ASKED.get()
            action = known_action(name) if held and held[0] == called and name != "iam:PassRole" else None
            if held is None or action is None:
                return original(key, name, called, region, **rest)
            _service, asked = held
            context = {
                **(rest.get("service_context") or {}),
                **context_of(action, asked, boundary_of(dict(asked.params))),
            }
            for beside, arn in checks(action, asked, context):
                known = known_context(beside, arn, {**context, **created_by(action, beside)})
                denied = original(key, beside.name, called, region, resource_arn=arn, service_context=known)
                if denied:
                    _REFUSED.set((beside.name, arn))
                    return denied
            return None

        return call

    replace(iam_actions, "extract_resource_arn", extract)
    replace(evaluator, "enforce", enforce)


@corrects(
    "iam",
    aws="permission to send, delete or hide a message includes batches of them, for which IAM has no separate action",
    evidence="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html",
)
def authorize_batches_as_single_messages() -> None:
    def extract(original: Any) -> Any:
        def call(*request: Any) -> Any:
            name = original(*request)
            return name.removesuffix("Batch") if name in BATCHES else name

        return call

    replace(part("core.iam_actions"), "extract_iam_action", extract)


def known_action(name: str) -> Action | None:
    """Return the reference's entry of an action; None without it, and MiniStack's own view of the resource is used.

    This matters for tasks, whose requests are authorized even if ``up`` did not require IAM and the reference.
    """
    try:
        return reference.action(name)
    except reference.MissingReferenceError:
        return None


def checks(action: Action, asked: Asked, context: Data) -> Iterator[tuple[Action, str]]:
    """Return each action and resource to authorize for a request: its own, then the tagging of new resources."""
    arns = resources(action, asked)
    yield from ((action, arn) for arn in arns)
    made = [arn for arn in arns if (kind := action.type_of(arn)) and kind.made]
    for name in tagging(action, context):
        beside = reference.action(name)
        if beside:
            yield from ((beside, arn) for arn in (made if beside.types else ["*"]))


def created_by(action: Action, beside: Action) -> Data:
    """Return the key with the action that creates a tagged resource: ec2:CreateAction and similar."""
    prefix, _colon, verb = action.name.partition(":")
    return {} if action is beside else {f"{prefix}:CreateAction": verb}


def parsed(body: bytes) -> Data:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


@corrects(
    "iam",
    aws="a refusal names the resource, if the action has one, and EC2's begins with its own sentence",
    evidence="https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
)
def name_the_refused_resource() -> None:
    iam_actions = part("core.iam_actions")

    def refuse(original: Any) -> Any:
        def call(name: str, action: str, who: str, request_id: str, **rest: Any) -> Any:
            action, resource = _REFUSED.get() or (action, rest.get("resource_arn", "*"))
            rest["resource_arn"] = resource
            if resource != "*" and not any(rest.get(key) for key in ("error_code", "message", "resource_policy_arn")):
                said = iam_actions.identity_denial_message(action, who, resource, rest.get("explicit_deny", False))
                start = "You are not authorized to perform this operation. " if name == "ec2" else ""
                rest["message"] = f"{start}{said}"
            return original(name, action, who, request_id, **rest)

        return call

    replace(iam_actions, "access_denied_response", refuse)


@corrects(
    "iam",
    aws="aws:RequestTag and aws:TagKeys contain the tag specifications of new EC2 resources",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html",
)
def see_tag_specifications() -> None:
    iam_actions = part("core.iam_actions")
    iam_actions._TAG_MEMBERS = iam_actions._TAG_MEMBERS | {"TagSpecifications"}
    iam_actions._TAG_OPERATIONS.clear()


class Passed(NamedTuple):
    """A role in a request, the service that it is passed to, and the service that was called."""

    service: str
    role_arn: str
    principal: str


def at(data: Any, path: list[str]) -> list[Any]:
    """Return the values at a path, through all items of lists."""
    if isinstance(data, list):
        return [value for item in data for value in at(item, path)]
    if not path:
        return [data]
    return at(data[path[0]], path[1:]) if isinstance(data, dict) and path[0] in data else []


def passed_roles(action: str, body: bytes) -> list[Passed]:
    account = part("core.responses").get_account_id()
    return [
        Passed(name, role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}", principal)
        for (name, passing), (fields, principal) in PASSED_ROLES.items()
        if action == passing
        for role in filter(None, (role for field in fields for role in at(parsed(body), field.split("."))))
    ]


def who_may_not_pass(passed: Passed, access_key: str) -> str | None:
    """Return the ARN of the key's owner if its policies don't allow iam:PassRole on the role."""
    evaluator = part("core.iam_evaluator")
    denied = evaluator.enforce(
        access_key,
        "iam:PassRole",
        "iam",
        part("core.responses").get_region(),
        resource_arn=passed.role_arn,
        service_context={"iam:PassedToService": passed.principal},
    )
    return str(denied.principal_arn) if denied and not isinstance(denied, evaluator.AuthError) else None


def passing_action(method: str, path: str, headers: Data) -> str:
    """Return the identifier of a request: its action, or its method and the start of its path."""
    named = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    return named or f"{method} /{path.lstrip('/').split('/')[0]}"


def refuse_passing(action: str, headers: Data, body: bytes, query: Data, request_id: str) -> Any:
    access_key = part("core.router").extract_access_key_id(headers, query)
    for passed in passed_roles(action, body):
        who = who_may_not_pass(passed, access_key)
        if who is not None:
            message = (
                f"User: {who} is not authorized to perform: iam:PassRole on resource: {passed.role_arn} because no "
                "identity-based policy allows the iam:PassRole action"
            )
            return part("core.iam_actions").access_denied_response(
                passed.service, "iam:PassRole", who, request_id, message=message, headers=headers
            )
    return None


@corrects(
    "iam",
    aws="naming a role in a task definition, scalable target or service requires iam:PassRole on it",
    evidence="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def check_passed_roles() -> None:
    app = part("app")

    def guarded(original: Any) -> Any:
        async def call(*request: Any) -> Any:
            method, path, headers, body, query, request_id = request
            refused = None
            action = passing_action(method, path, headers)
            if app.AUTH and any(action == known for _service, known in PASSED_ROLES):
                part("core.iam_evaluator").pin_request_caller(headers, query)
                refused = refuse_passing(action, headers, body, query, request_id)
            return refused or await original(*request)

        return call

    replace(app, "_dispatch_service_request", guarded)


@corrects(
    "iam",
    aws="service-linked roles have their real names, and a second one is InvalidInput",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html",
)
def name_service_linked_roles() -> None:
    iam = service("iam")

    def create(original: Any) -> Any:
        def call(params: Data) -> Any:
            named = iam._p(params, "AWSServiceName")
            role = SERVICE_LINKED_ROLES.get(named)
            if role is None:
                return original(params)
            if role in iam._roles:
                message = f"Service role name {role} has been taken in this account, please try a different suffix."
                return iam._error(400, "InvalidInput", message, ns="iam")
            before = set(iam._roles.keys())
            status, headers, body = original(params)
            for wrong in set(iam._roles.keys()) - before:
                record = iam._roles.pop(wrong)
                record.update(RoleName=role, Arn=record["Arn"].replace(wrong, role))
                iam._roles[role] = record
                body = re.sub(re.escape(wrong), role, body.decode()).encode()
            return status, headers, body

        return call

    replace(iam, "_create_service_linked_role", create)


@corrects(
    "iam",
    aws="SetDefaultPolicyVersion makes another version of a managed policy the default",
    evidence="https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html",
)
def set_default_policy_versions() -> None:
    iam = service("iam")

    def set_default(params: Data) -> Any:
        policy = iam._policies.get(iam._p(params, "PolicyArn"))
        chosen = iam._p(params, "VersionId")
        if policy is None or chosen not in policy["Versions"]:
            return iam._error(404, "NoSuchEntity", f"Policy version {chosen} not found.", ns="iam")
        for version in policy["Versions"].values():
            version["IsDefaultVersion"] = version["VersionId"] == chosen
        policy["DefaultVersionId"] = chosen
        return iam._xml(200, "SetDefaultPolicyVersionResponse", "", ns="iam")

    iam._IAM_HANDLERS["SetDefaultPolicyVersion"] = set_default
