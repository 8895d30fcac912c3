# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody asks for: which resources are a service that no inventory lists, a former prefix, or something else."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import unasked
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import pruned
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import owner
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged.decide import DELETING, Known

P = "magiclub-an2p"
TAGS = {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"}
START = "arn:aws:{}:ap-northeast-2:123456789012:{}".format


def tagged(service, resource, name=None, **more):
    return Known(START(service, resource), {**TAGS, **({"Name": name} if name else {})}, **more)


def log_group(name):
    return tagged("logs", f"log-group:{name}")


def role(name):
    return tagged("iam", f"role/{name}", f"{P}-whatever")


def service(app, prefix=P):
    """Return all that a service has: of Cloud Map and EC2 the ARN has ids, elsewhere names."""
    full = f"{prefix}-{app}"
    return [
        tagged("ecs", f"service/{prefix}-ecs/{full}", full),
        tagged("ecs", f"task-definition/{full}:4", full),
        tagged("elasticloadbalancing", f"targetgroup/{full}/73e2", full),
        tagged("elasticloadbalancing", f"listener-rule/app/{prefix}-pub-alb/50dc/1/{app}", full),
        tagged("application-autoscaling", f"scalable-target/{full}", full),
        tagged("servicediscovery", f"service/srv-{full}", full),
        tagged("ec2", f"security-group/sg-{full}", f"{full}-sg"),
        log_group(f"/ecs/{full}"),
        role(f"{full}-task"),
        role(f"{full}-execution"),
    ]


def second(app):
    """Return what a service has besides whose deployments shift requests."""
    full = f"{P}-{app}"
    return [
        tagged("elasticloadbalancing", f"targetgroup/{full}-alt/73e3", f"{full}-alt"),
        tagged("elasticloadbalancing", f"listener-rule/app/{P}-pub-alb/50dc/1/{app}-test", f"{full}-test"),
        role(f"{full}-shift"),
    ]


def network(prefix=P):
    """Return some of what the layers below have."""
    return [
        tagged("ec2", f"vpc/vpc-{prefix}", f"{prefix}-vpc"),
        tagged("ec2", f"security-group/sg-{prefix}", f"{prefix}-pub-alb-sg"),
        tagged("elasticloadbalancing", f"loadbalancer/app/{prefix}-pub-alb/50dc", f"{prefix}-pub-alb"),
        tagged("elasticloadbalancing", f"listener/app/{prefix}-pub-alb/50dc/1", f"{prefix}-pub-alb:443"),
        tagged("ecs", f"cluster/{prefix}-ecs", f"{prefix}-ecs"),
        tagged("ecr", f"repository/{prefix}-lotto", f"{prefix}-lotto"),
        tagged("servicediscovery", f"namespace/ns-{prefix}", f"{prefix}-namespace"),
        role(f"{prefix}-ecs-execution"),
    ]


OURS = [
    {"type": "vpc", "name": f"{P}-vpc", "id": f"vpc-{P}"},
    {"type": "security_group", "name": f"{P}-pub-alb-sg", "id": f"sg-{P}"},
    {"type": "load_balancer", "name": f"{P}-pub-alb", "id": network()[2].arn},
    {"type": "listener", "name": f"{P}-pub-alb:443", "id": network()[3].arn},
    {"type": "ecs_cluster", "name": f"{P}-ecs", "id": network()[4].arn},
    # only planned: what a read shows late is not unasked for
    {"type": "ecr_repository", "name": f"{P}-lotto", "id": None},
    {"type": "namespace", "name": "magiclub.internal", "id": f"ns-{P}"},
    {"type": "iam_role", "name": f"{P}-ecs-execution", "id": network()[7].arn},
]


def inventory(*services, resources=OURS, **more):
    return unasked.Inventory(P, services, unasked.known(resources), **more)


def told(there, services=("lotto",), **more):
    found = unasked.unasked([*network(), *service("lotto"), *there], inventory(*services, **more))
    return {(entry["kind"], entry["name"]): len(entry["resources"]) for entry in found}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        pytest.param([], {}, id="nothing but what is asked for"),
        pytest.param(service("shop"), {("service", "shop"): 10}, id="a service taken out of the inventory"),
        pytest.param([*service("shop"), *service("shop-2")],
            {("service", "shop"): 10, ("service", "shop-2"): 10}, id="two of them"),
        pytest.param(second("lotto"), {}, id="what shifts the requests of a service that is asked for"),
        pytest.param(
            [*service("shop"), *second("shop")], {("service", "shop"): 13}, id="what shifts a former service's requests"
        ),
        pytest.param([*service("shop-alt"), *service("shop-test"), *service("shop")],
            {("service", "shop"): 10, ("service", "shop-alt"): 10, ("service", "shop-test"): 10},
            id="services whose names end as what shifts requests"),
        pytest.param(
            [*service("lotto-alt")], {("service", "lotto-alt"): 10}, id="a former service lotto-alt beside lotto"
        ),
        pytest.param([*service("shop"), tagged("ec2", "security-group/sg-1", f"{P}-shop-sg-old")],
            {("service", "shop"): 10, ("resource", f"{P}-shop-sg-old"): 1},
            id="a name that only begins as a service's does"),
        pytest.param([log_group(f"/ecs/{P}-ecs")], {("resource", f"/ecs/{P}-ecs"): 1},
            id="a service that would have others' names"),
        pytest.param(service("lotto", f"{P}2"), {}, id="a name that goes on without a separator"),
        pytest.param(
            [tagged("ecs", f"cluster/{P}-jobs", f"{P}-jobs")], {("resource", f"{P}-jobs"): 1}, id="another cluster"
        ),
        pytest.param([log_group(f"/ecs/{P}-shop")], {("service", "shop"): 1}, id="an interrupted removal's log group"),
        pytest.param([role(f"{P}-shop-task")], {("resource", f"{P}-shop-task"): 1}, id="a role alone is not a service"),
        pytest.param([tagged("ec2", "security-group/sg-1", f"{P}-db-sg")], {("resource", f"{P}-db-sg"): 1},
            id="a database's group"),
        pytest.param([tagged("ecs", f"service/other/{P}-shop", f"{P}-shop")], {("resource", f"{P}-shop"): 1},
            id="a service of that name in another cluster"),
        pytest.param(
            [*network("old-an2p"), *service("lotto", "old-an2p")], {("platform", "old-an2p"): 17}, id="a former prefix"
        ),
        pytest.param([*network(f"{P}2"), *service("lotto", f"{P}2")], {("platform", f"{P}2"): 17},
            id="a prefix that begins with this one"),
        pytest.param([*network(f"{P}-x"), *service("lotto", f"{P}-x")], {("platform", f"{P}-x"): 17},
            id="a prefix that begins with this one and a hyphen"),
        pytest.param([*network("magiclub"), *service("lotto", "magiclub")], {("platform", "magiclub"): 17},
            id="a prefix that this one begins with"),
        pytest.param(service("x-lotto"), {("service", "x-lotto"): 10}, id="a service of two words is not a platform"),
        pytest.param(
            service("lotto", "old-an2p"), {}, id="no platform without a network, load balancer or cluster of that name"
        ),
        pytest.param([tagged("ec2", "security-group/sg-1", "bastion-sg")], {}, id="others' things with the same tags"),
        pytest.param([tagged("dynamodb", f"table/{P}-table")], {}, id="what this collection does not make"),
        pytest.param([tagged("ecs", f"task/{P}-ecs/0f3c"), tagged("ec2", "network-interface/eni-1", f"{P}-lotto")], {},
            id="tasks and their interfaces"),
        pytest.param(
            [tagged("ecs", f"service/{P}-ecs/{P}-shop", f"{P}-shop", state=DELETING)], {}, id="what is on its way out"
        ),
        pytest.param([log_group(f"/vpc/{P}-flow-log"), tagged("ec2", "vpc-flow-log/fl-1", f"{P}-flow-log")],
            {("resource", f"/vpc/{P}-flow-log"): 1, ("resource", f"{P}-flow-log"): 1},
            id="a flow log that no layer has"),
        pytest.param(
            [tagged("ecr", f"repository/{P}-old")], {("resource", f"{P}-old"): 1}, id="a repository of another name"
        ),
    ],
)  # fmt: skip
def test_what_nobody_asks_for_is_told_by_service_and_platform(there, expected):
    assert told(there) == expected


def test_a_renamed_service_is_told_though_the_repository_has_its_name():
    there = [*service("lotto-2")]
    assert told(there, services=("lotto-2",)) == {("service", "lotto"): 10}


def test_what_a_layer_has_left_is_no_service():
    """Of the forms of a service's names: a group of the load balancer, the role that the cluster starts tasks with."""
    assert all(kind == "resource" for kind, _name in told([], resources=[]))


def test_a_network_that_layers_share_is_asked_for():
    there = [*network("shared"), *service("lotto", "shared")]
    assert told(there, other_prefixes=["shared"]) == {}
    assert told(there) == {("platform", "shared"): 17}


def test_what_is_asked_for_needs_no_call():
    there = [*network(), *service("lotto"), *service("shop")]
    assert unasked.candidates(there, inventory("lotto", "shop")) == []


def test_a_platform_that_is_only_still_listed_hides_no_service():
    ghost = network(f"{P}-x")
    listed = [*network(), *ghost, *service("x-lotto")]
    left = unasked.candidates(listed, inventory("x-lotto"))
    there = [entry for entry in left if entry not in ghost]
    assert unasked.unasked(there, inventory("x-lotto")) == []
    assert unasked.services(unasked.unasked(there, inventory())) == ["x-lotto"]


def test_each_is_told_with_what_removes_it():
    there = [
        *service("shop"),
        log_group(f"/ecs/{P}-cart"),
        tagged("ecr", f"repository/{P}-cart"),
        tagged("ecr", f"repository/{P}-old"),
        tagged("ec2", "security-group/sg-1", f"{P}-db-sg"),
        *network("old-an2p"),
    ]
    found = unasked.unasked(there, inventory())
    nobody, group = "not in the inventory;", START("ec2", "security-group/sg-1")
    destroy = "playbooks/destroy.yml"
    lines = [
        f"service cart (2 tagged resources): {nobody} -e prune=true removes it, and its images with"
        " -e ecr_push_force_delete=true",
        f"service shop (10 tagged resources): {nobody} -e prune=true removes it",
        f"security_group {P}-db-sg: {nobody} remove {group} by hand if nothing needs it",
        f"ecr_repository {P}-old: {nobody} {destroy} --tags ecr_push -e ecr_push_repository={P}-old -e confirm={P}"
        " removes it",
        f"platform old-an2p (7 tagged resources): {nobody} {destroy} -e fargate_name_prefix=old-an2p"
        " -e confirm=old-an2p removes it",
    ]
    assert unasked.lines(found, prune=False) == lines
    assert unasked.lines(found, prune=True) == lines[2:]
    assert unasked.services(found) == ["cart", "shop"]


@pytest.mark.parametrize(
    ("tags", "refused"),
    [
        ({"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible", "Team": "x"}, None),
        ({"Project": "magiclub", "ManagedBy": "ansible"}, "no Environment:"),
        ({"Project": "", "Environment": None}, "no ManagedBy and no Project and no Environment:"),
    ],
)
def test_tags_that_do_not_tell_a_platform_from_others_are_refused(tags, refused):
    if refused:
        with pytest.raises(RefusedError, match=refused):
            owner.identity(tags)
    else:
        assert owner.identity(tags) == TAGS


def resource(kind, name, **values):
    return {"type": kind, "name": name, "id": "x", "values": values}


@pytest.mark.parametrize(
    ("tags", "refused"),
    [
        (TAGS, []),
        ({**TAGS, "Name": "x", "Team": "other"}, []),
        ({**TAGS, "Environment": "Prod"}, ["iam_role r"]),
        ({**TAGS, "ManagedBy": "terraform"}, ["iam_role r"]),
        ({}, ["iam_role r"]),
    ],
)
def test_a_service_of_which_something_is_others_is_not_pruned(tags, refused):
    found = [
        resource("iam_role", "r", tags=tags),
        resource("scaling_policy", "p"),
        resource("log_group", "l", tags=TAGS),
    ]
    assert [sentence.partition(" is not")[0] for sentence in pruned.foreign(found, TAGS)] == refused
