# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the reasons why a service can't be adopted, with the next step.  Plain dicts in."""

from __future__ import annotations

import collections
import typing as t

from ..._resources.ecs.rollout import answers
from ..._resources.elbv2.decide import priority, weights
from . import balanced, describe

Raw = t.Mapping[str, t.Any]

CONTROLLERS = {
    "CODE_DEPLOY": (
        "CodeDeploy deploys it, and ECS refuses changes by anybody else. Have ECS do so: UpdateService takes another"
        " deploymentController, with the target group that serves (see 'Migrating from CodeDeploy' in the ECS guide)."
    ),
    "EXTERNAL": (
        "an external controller deploys it by task sets, which ECS refuses to change. Make a service that ECS itself"
        " deploys beside it, and move the requests by the weights of its rule."
    ),
}


def problems(service: Raw, live: Raw) -> list[str]:
    """Return the reasons why a service can't be adopted; empty if it can."""
    found = [*_kind(service, live), *_deploying(service)]
    if not found:
        found = [*_requests(service, live), *_shared(service, live)]
    return [f"Service {service['serviceName']}: {sentence}" for sentence in [*found, *_held(service, live)]]


def _kind(service: Raw, live: Raw) -> t.Iterator[str]:
    controller = (service.get("deploymentController") or {}).get("type", "ECS")
    if controller in CONTROLLERS:
        yield CONTROLLERS[controller]
        return
    launch = service.get("launchType", "FARGATE")
    providers = {one["capacityProvider"] for one in service.get("capacityProviderStrategy") or []}
    if launch != "FARGATE" or providers - {"FARGATE", "FARGATE_SPOT"}:
        where = ", ".join(sorted(providers - {"FARGATE", "FARGATE_SPOT"})) or launch
        yield f"its tasks run on {where}, and only Fargate is supported. Move it to Fargate first."
    elif service.get("schedulingStrategy", "REPLICA") != "REPLICA":
        yield "it is a DAEMON service, which Fargate does not support."
    elif service["taskDefinition"] not in live["definitions"]:
        yield "its task definition can't be read."
    if describe.shifts(service) and not answers.shifting(service).get("productionListenerRule"):
        yield (
            "ECS shifts its requests with something other than a listener rule. Adopt it with rolling deployments:"
            " UpdateService with deploymentConfiguration.strategy ROLLING."
        )
    if answers.shifting(service).get("testListenerRule"):
        yield (
            "its deployments use an existing test listener rule. Adopt it without: UpdateService with loadBalancers"
            " that have no testListenerRule; deployment.test of its definition creates a new one."
        )


def _deploying(service: Raw) -> t.Iterator[str]:
    primary = answers.primary_of(t.cast("t.Any", service)) or {}
    if len(service.get("deployments") or []) > 1 or primary.get("rolloutState", "COMPLETED") != "COMPLETED":
        yield (
            f"a deployment is in progress ({primary.get('taskDefinition', '').rpartition('/')[2]},"
            f" {primary.get('rolloutState')}). Run again when it has ended."
        )


def _requests(service: Raw, live: Raw) -> t.Iterator[str]:
    balancers = [one for one in service.get("loadBalancers") or [] if one.get("targetGroupArn")]
    if any(not one.get("targetGroupArn") for one in service.get("loadBalancers") or []):
        yield "it is behind a Classic Load Balancer, which Fargate does not support."
    gone = [one["targetGroupArn"] for one in balancers if one["targetGroupArn"] not in live["target_groups"]]
    for arn in gone:
        yield f"its target group {arn} is gone. Update the service to one that is there."
    if gone:
        return
    found = balanced.balancers(service, live)
    yield from _ports(found)
    without = [sentence for one in found for sentence in _to_group(one, service, live)]
    yield from without
    if not without and len(found) > 1 and not balanced.listeners(service, live):
        yield (
            f"its target groups {_named(found)} get their requests from different listeners, and the rules of a service"
            " are of one. Take those of the other away by UpdateService first, or leave this service to who keeps it."
        )


def _named(found: t.Iterable[balanced.Balancer]) -> str:
    return " and ".join(str(one.group["TargetGroupName"]) for one in found)


def _ports(found: t.Sequence[balanced.Balancer]) -> t.Iterator[str]:
    by_port: dict[int, list[balanced.Balancer]] = collections.defaultdict(list)
    for one in found:
        by_port[one.port].append(one)
    for port, some in by_port.items():
        if len(some) > 1:
            yield (
                f"its target groups {_named(some)} both have its port {port}, and a port has one here. Have the rules"
                " of both forward to one of them (ModifyRule), and take the other away by UpdateService first."
            )


def _to_group(one: balanced.Balancer, service: Raw, live: Raw) -> t.Iterator[str]:
    """Yield the problems of a target group and of the rules that forward to it."""
    if one.group.get("Protocol") != "HTTP":
        yield (
            f"its target group {one.group['TargetGroupName']} has protocol {one.group.get('Protocol')}, and AWS changes"
            " that of none: services are asked by HTTP here. Make it a target group of HTTP first."
        )
    rules = balanced.rules_to(one.arn, live)
    ours = {one.arn, answers.shifting(service).get("alternateTargetGroupArn")}
    weighted = [rule for rule in rules if len(weights(rule)) > 1 and not weights(rule).keys() <= ours]
    for rule in weighted:
        others = sorted(arn.split("/")[1] for arn in weights(rule) if arn not in ours)
        yield (
            f"rule {rule['RuleArn']} sends a share of its requests to {', '.join(others)}, too, and the rule of a"
            " service forwards to its own target group alone. Give all of them to one target group first (ModifyRule)."
        )
    if not weighted and not any(priority(rule) is not None for rule in rules):
        yield _without_rule(rules, one.group["TargetGroupName"])


def _without_rule(rules: t.Sequence[Raw], group: str) -> str:
    if rules:
        return (
            f"the default action of a listener forwards to its target group {group}, and a service has a rule here."
            " Give it one, which changes nothing: CreateRule with the condition path-pattern /*, priority 50000 and the"
            " same target group."
        )
    return f"no rule of a listener forwards to its target group {group}, so that nobody reaches it. Give it one first."


def _shared(service: Raw, live: Raw) -> t.Iterator[str]:
    own = set(describe.target_groups(service))
    users: dict[str, list[str]] = collections.defaultdict(list)
    for other in live["every_service"]:
        for arn in own & set(describe.target_groups(other)):
            users[arn].append(str(other["serviceName"]))
    for arn, names in sorted(users.items()):
        if len(names) > 1:
            yield (
                f"its target group {arn.split('/')[1]} has the tasks of {' and '.join(sorted(names))}, and one service"
                " would take the other's away. Give each a target group of its own first (UpdateService)."
            )


def _held(service: Raw, live: Raw) -> t.Iterator[str]:
    """Yield the CloudFormation stacks that manage resources of the service."""
    stacks: dict[str, list[str]] = collections.defaultdict(list)
    for title, physical_id in describe.own(service, live):
        if physical_id in live["held"]:
            stacks[live["held"][physical_id]].append(title)
    for stack, titles in sorted(stacks.items()):
        yield (
            f"the stack {stack} of CloudFormation keeps {', '.join(titles)}, and would undo what is changed here, or"
            " delete it. Let go first: add 'DeletionPolicy: Retain' to each of these in the template and update the"
            " stack, then take them out of the template and update it again. They go on running. Then run this again."
        )
