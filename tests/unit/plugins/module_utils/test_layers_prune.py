# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan says of what nobody asks for, and what of it goes."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import prune
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.model import Asked, Part, Place
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import layer as services
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import overlaps, priorities, pruned

from .service_definitions import service

P = "magiclub-an2p"
TAGS = {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"}
HERE = Place("ap-northeast-2", "", P)
SHOP = {
    "kind": "service",
    "name": "shop",
    "resources": [{"type": "ecs_service", "name": f"{P}-shop", "arn": "arn:1"}],
    "remove": "-e prune=true removes it",
}
OLD = {
    "kind": "platform",
    "name": "old",
    "resources": [{"type": "vpc", "name": "old-vpc", "arn": "arn:2"}],
    "remove": "destroy.yml removes it",
}
SHOP_LINE = "service shop (1 tagged resource): not in the inventory; -e prune=true removes it"
OLD_LINE = "platform old (1 tagged resource): not in the inventory; destroy.yml removes it"
NOTHING = "prune=true removes nothing: every service that has the platform's tags is in the inventory"
DENIED = {"unasked": {"wrong": "tag:GetResources is denied.", "found": []}}


def found(*entries):
    return {"unasked": {"wrong": "", "found": list(entries)}}


@pytest.mark.parametrize(
    ("read", "removes", "refused", "lines", "further"),
    [
        pytest.param({}, False, [], [], [], id="not looked for"),
        pytest.param(found(), False, [], [], [], id="nothing"),
        pytest.param(found(), True, [], [NOTHING], [], id="nothing, though it was asked to go"),
        pytest.param(found(OLD), True, [], [OLD_LINE, NOTHING], [], id="no service, though it was asked to go"),
        pytest.param(found(SHOP, OLD), False, [], [SHOP_LINE, OLD_LINE], [], id="both stay"),
        pytest.param(found(SHOP, OLD), True, [], [OLD_LINE], [], id="the service goes, in lines of the plan"),
        pytest.param(
            found(SHOP, OLD),
            False,
            [f"Service 'shop2': rule {P}-shop takes all."],
            [SHOP_LINE, OLD_LINE],
            [f"{SHOP_LINE}."],
            id="it is in the way",
        ),
        pytest.param(
            found(SHOP),
            False,
            [f"Service 'shop2': rule {P}-shop-2 takes all."],
            [SHOP_LINE],
            [],
            id="another one with a name that begins like it is",
        ),
        pytest.param(found(SHOP), True, [f"rule {P}-shop takes all."], [], [], id="it is in the way, and goes"),
        pytest.param(DENIED, False, [], ["tag:GetResources is denied."], [], id="it can't be told"),
        pytest.param(DENIED, True, [], [], ["tag:GetResources is denied."], id="it can't be told, and is asked for"),
    ],
)
def test_what_nobody_asks_for_is_told_with_what_removes_it(read, removes, refused, lines, further):
    assert prune.told(read, removes, refused) == (lines, further)


def test_prefixes_of_other_layers_are_asked_for():
    assert prune.query(HERE, TAGS, ["lotto"], {P, "shared-an2p"}, prune=True, repository=f"{P}-lotto") == {
        "tags": TAGS,
        "services": ["lotto"],
        "beside": ["shared-an2p"],
        "read": True,
        "repositories": [f"{P}-lotto"],
    }
    assert prune.query(HERE, TAGS, [], [], prune=False, repository="")["repositories"] == []


def rule(name, priority, paths):
    return {"arn": f"arn:{name}", "name": f"{P}-{name}", "priority": priority, "paths": paths, "hosts": []}


def there(name, tags):
    resources = [{"type": "log_group", "name": f"/ecs/{P}-{name}", "id": "arn", "values": {"tags": tags}}]
    about = {"resources": resources, "task_definitions": [], "leaving": [], "steady": True}
    return {**about, "rules": [{"name": f"{P}-{name}", "arn": f"arn:{name}", "priority": 1}]}


def removal(name, layer, tags):
    inputs = {"region": HERE.region, "endpoint_url": "", "name_prefix": P, "state": "absent", "tags": TAGS}
    asked = Asked(layer, "services", {**inputs, "services": [service(name=name)]})
    read = {"services": {name: there(name, tags), "lotto": there("lotto", {})}, "rules": []}
    return services.parts([asked], read, {}, built=False)[layer]


def test_a_service_goes_with_all_that_it_has():
    part = removal("shop", "prune", TAGS)
    assert (part.desired, [entry["name"] for entry in part.found], part.obstacles) == ([], [f"/ecs/{P}-shop"], [])


REPOSITORY = {"type": "ecr_repository", "name": f"{P}-shop", "id": "arn:ecr", "values": {"tags": TAGS}}
IMAGE = {"type": "image", "name": f"{P}-shop:1f", "id": "sha256:1f", "values": {}}


def of_a_built_service(others=(), **inputs):
    """Return the part of a service that goes, of which there are a repository and an image."""
    own = {"region": HERE.region, "endpoint_url": "", "name_prefix": P, "state": "absent", "tags": TAGS}
    asked = Asked("prune", "services", {**own, "services": [service(name="shop")], **inputs})
    read = {"services": {"shop": {**there("shop", TAGS), "resources": [REPOSITORY, IMAGE]}}, "rules": []}
    return services.parts([asked], read, {}, built=False, others=others)["prune"]


@pytest.mark.parametrize(
    ("inputs", "refused"),
    [
        ({"force_delete": True}, []),
        (
            {"force_delete": False},
            [
                f"Repository {P}-shop was not removed, as its images would be lost (1): {P}-shop:1f."
                " Set ecr_push_force_delete to true to delete them, too."
            ],
        ),
    ],
)
def test_a_service_that_was_built_goes_with_its_repository_as_ecr_pushs_rules_say(inputs, refused):
    part = of_a_built_service(**inputs)
    assert ([entry["type"] for entry in part.found], part.obstacles) == (["ecr_repository", "image"], refused)


def test_the_repository_of_another_layer_stays_with_that():
    assert of_a_built_service(repository_of_lotto=f"{P}-shop").found == []
    assert of_a_built_service(others=[Part([], [REPOSITORY, IMAGE], {})]).found == []


@pytest.mark.parametrize(("layer", "refused"), [("prune", True), ("services", False)])
def test_a_service_of_which_something_is_others_goes_only_by_its_name_in_the_inventory(layer, refused):
    assert bool(removal("shop", layer, {**TAGS, "Environment": "Prod"}).obstacles) is refused


GOING = {"type": "security_group", "name": f"{P}-shop-sg", "id": "sg-shop", "values": {"tags": TAGS}}
LOTTO = {"group_id": "sg-lotto", "group_name": f"{P}-lotto-sg"}


def naming(group, **directions):
    named = {name: [{"user_id_group_pairs": [{"group_id": one}]}] for name, one in directions.items()}
    return {**group, "ip_permissions": [], "ip_permissions_egress": [], **named}


def lets_in(*sources):
    rules = [{"protocol": "tcp", "ports": "8080", "source": source} for source in sources]
    return {"type": "security_group", "name": f"{P}-lotto-sg", "values": {"ingress": rules}}


@pytest.mark.parametrize(
    ("groups", "planned", "refused"),
    [
        pytest.param([], [], False, id="nobody names it"),
        pytest.param([naming(LOTTO, ip_permissions="sg-shop")], [], True, id="somebody does"),
        pytest.param([naming(LOTTO, ip_permissions_egress="sg-shop")], [], True, id="on the way out"),
        pytest.param([naming(LOTTO, ip_permissions="sg-other")], [], False, id="another group is named"),
        pytest.param([naming(LOTTO, ip_permissions="sg-shop")], [lets_in("sg-shop")], True, id="and goes on to do so"),
        pytest.param([naming(LOTTO, ip_permissions="sg-shop")], [lets_in("alb-sg")], False, id="not after this run"),
        pytest.param(
            [naming({"group_id": "sg-shop", "group_name": f"{P}-shop-sg"}, ip_permissions="sg-shop")],
            [],
            False,
            id="it names itself",
        ),
    ],
)
def test_a_service_whose_group_is_named_stays(groups, planned, refused):
    sentences = pruned.obstacles([GOING], TAGS, groups, planned)
    assert [f"{P}-lotto-sg (sg-lotto) names {P}-shop-sg (sg-shop)" in sentence for sentence in sentences] == [
        True
    ] * refused


def test_rules_of_services_that_go_are_in_nobodys_way():
    read = {"services": {"lotto": there("lotto", TAGS), "shop": there("shop", TAGS), "job": {"rules": []}}}
    assert prune.rules_of(read, ["shop", "job"]) == {"arn:shop"}
    assert prune.rules_of({}, ["shop"]) == set()


@pytest.mark.parametrize(("leaving", "refused"), [(True, 0), (False, 1)])
def test_a_renamed_service_gets_its_requests_once_the_former_one_goes(leaving, refused):
    info = {"services": {}, "rules": [{**rule("lotto", 1, ["/*"]), "other_conditions": [], "leaving": leaving}]}
    renamed = service(name="lotto-2", rule={"paths": ["/*"], "hosts": [], "priority": 2, "accept_overlap": False})
    numbered = priorities.with_priorities([renamed], P, info)
    assert len(overlaps.refusals(overlaps.Listener.of(numbered, P, info))) == refused
