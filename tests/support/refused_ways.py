# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that can't be taken over as they are, created by plain API calls."""

from __future__ import annotations

import typing as t

from .ground import Ground, Options, balanced, container


def code_deploy(ground: Ground) -> str:
    """Blue/green by CodeDeploy."""
    group = ground.target_group("deployed-blue")
    ground.rule(group, 80, paths=["/deployed"])
    definition = ground.task_definition("deployed", container("web"))
    more: Options = {"deploymentController": {"type": "CODE_DEPLOY"}, "loadBalancers": balanced(group, "web")}
    return ground.service("deployed", definition, [ground.group("deployed-sg", 80)], **more)


def weighted(ground: Ground) -> str:
    """A rule that sends a tenth of the requests to another target group, as for a manual canary."""
    own, other = ground.target_group("weighted-a"), ground.target_group("weighted-b")
    rule = ground.rule(own, 81, paths=["/weighted"])
    groups = [{"TargetGroupArn": own, "Weight": 9}, {"TargetGroupArn": other, "Weight": 1}]
    ground.client("elbv2").modify_rule(
        RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    )
    definition = ground.task_definition("weighted", container("web"))
    more: Options = {"loadBalancers": balanced(own, "web")}
    return ground.service("weighted", definition, [ground.group("weighted-sg", 80)], **more)


def on_one_group(ground: Ground) -> str:
    """Two services that register their tasks in one target group."""
    group = ground.target_group("of-both")
    ground.rule(group, 82, paths=["/both"])
    definition, own = ground.task_definition("both", container("web")), ground.group("both-sg", 80)
    for name in ("both-old", "both-new"):
        ground.service(name, definition, [own], loadBalancers=balanced(group, "web"))
    return "both-old"


def two_on_one_port(ground: Ground) -> str:
    """One port in two target groups, as with an internal and an internet-facing load balancer."""
    groups = [ground.target_group(f"twice-{number}") for number in (1, 2)]
    for number, group in enumerate(groups):
        ground.rule(group, 83 + number, paths=[f"/twice-{number}"])
    definition = ground.task_definition("twice", container("web"))
    more: Options = {"loadBalancers": [one for group in groups for one in balanced(group, "web")]}
    return ground.service("twice", definition, [ground.group("twice-sg", 80)], **more)


REFUSED: dict[str, tuple[t.Callable[[Ground], str], str]] = {
    "deployed": (code_deploy, "CodeDeploy deploys it"),
    "weighted": (weighted, "sends a share of its requests to weighted-b"),
    "both-old": (on_one_group, "its target group of-both has the tasks of both-new and both-old"),
    "twice": (two_on_one_port, "its target groups twice-1 and twice-2 both have its port 80"),
}
"""By the name of a service that can't be taken over as it is: the function that creates it, and the reason."""
