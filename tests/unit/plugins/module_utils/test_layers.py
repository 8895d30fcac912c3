# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One plan of all layers: what it asks AWS, refuses, and is known by."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import identity, platform
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import layer as alb_layer
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.model import Asked, Place
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import layer as vpc
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import defaults_of_new

from tests.unit.plugins.module_utils.service_definitions import PREFIX
from tests.unit.plugins.module_utils.service_definitions import service as definition

REGION = "ap-northeast-2"
HERE = Place(REGION, "", PREFIX)
TAGS = {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"}
OWN = {"name_prefix": PREFIX, "region": REGION, "endpoint_url": "", "state": "present", "tags": TAGS}
VPC = {
    **OWN,
    "cleanup": True,
    **defaults_of_new("vpc"),
    "zones": ["apne2-az1", "apne2-az3"],
    "permissions_boundary": "",
}
ALB = {
    **OWN,
    **defaults_of_new("alb"),
    "vpc_name_prefix": PREFIX,
    "https": False,
    "domain": "",
    "records": [],
    "identity_provider_cidrs": [],
    "test_ports": [],
}
CLUSTER = {
    **OWN,
    "wait_timeout": 600,
    "used_namespaces": None,
    "container_insights": "disabled",
    "capacity_providers": ["FARGATE"],
    "default_capacity_provider_strategy": [],
    "configuration": {},
    "execution_role_policies": [],
    "permissions_boundary": "platform",
    "private_domain": "magiclub.internal",
    "http_namespace": "",
}
ECR = {
    **OWN,
    "docker_host": "",
    "force_delete": False,
    "check_mode": False,
    "key": "k",
    "repository": {"name": f"{PREFIX}-lotto", "tags": TAGS},
    "build": {"path": "."},
    "image": "",
}
SERVICES = {
    **OWN,
    "permissions_boundary": "",
    "show_environment": False,
    "check_mode": False,
    "services": [definition(rule={"paths": ["/*"]})],
    "image_inputs": None,
    "needs_image": False,
    "below": {},
}
EVERY = [
    Asked("vpc", "vpc", VPC),
    Asked("alb", "alb", ALB),
    Asked("ecs_cluster", "ecs_cluster", CLUSTER),
    Asked("ecr_push", "ecr_push", ECR),
    Asked("services", "services", SERVICES),
]
THERE = {
    "name": "web",
    "full_name": f"{PREFIX}-web",
    "resources": [],
    "task_definitions": [],
    "leaving": [],
    "rule": None,
}


def nothing(**more: t.Any) -> dict[Place, dict[str, t.Any]]:
    """Return what is read of an account that holds nothing, with I(more) in a layer."""
    network = {
        "wrong": [],
        "resources": [],
        "zones": {"apne2-az1": f"{REGION}a", "apne2-az3": f"{REGION}c"},
        "endpoint_services": {},
    }
    balancer = {"wrong": [], "resources": [], "problems": [], "zones": {}, "certificate_arn": None}
    cluster = {"wrong": [], "resources": [], "account_id": "123456789012"}
    image = {"tag": "abc", "digest": None, "uri": None}
    registry = {"repository": None, "image": image, "scanned_by_registry": False, "obstacle": None}
    service = {**THERE, "ids": {}, "steady": False, "service": None, "roles": {}}
    read = {
        "vpc": network,
        "alb": balancer,
        "ecs_cluster": cluster,
        "ecr_push": {"wrong": [], "resources": [], **registry},
        "services": {"services": {"web": service}, "rules": [], "missing_images": []},
    }
    return {HERE: {kind: {**found, **more.get(kind, {})} for kind, found in read.items()}}


def planned(layers: t.Sequence[Asked] = EVERY, reads: t.Any = None, **known: t.Any) -> platform.Plan:
    return platform.plan(layers, reads or nothing(), known)


def only(*names: str) -> list[Asked]:
    return [layer for layer in EVERY if layer.name in names]


def changed(layer: Asked, **inputs: t.Any) -> list[Asked]:
    return [Asked(layer.name, layer.kind, {**layer.inputs, **inputs})]


def test_one_read_of_one_place_is_all_that_is_asked():
    assert {place: sorted(query) for place, query in platform.queries(EVERY).items()} == {
        HERE: ["alb", "ecr_push", "ecs_cluster", "services", "vpc"]
    }


def test_a_repository_in_another_region_is_read_there():
    elsewhere = changed(EVERY[3], region="us-east-1")
    assert {place.region: sorted(query) for place, query in platform.queries([*only("vpc"), *elsewhere]).items()} == {
        REGION: ["vpc"],
        "us-east-1": ["ecr_push"],
    }


def test_everything_is_planned_before_anything_is_there():
    plan = planned()
    assert plan.refused == []
    assert {name: {change["action"] for change in changes} for name, changes in plan.changes.items()} == {
        layer.name: {"add"} for layer in EVERY
    }
    assert plan.facts["alb_info"]["service_listener"] == {"port": 80, "arn": None, "protocol": "HTTP"}
    assert plan.facts["vpc_info"]["planned"] is True
    assert plan.facts["vpc_info"]["exists"] is False


def test_a_moment_that_has_passed_is_left_out_with_a_warning():
    past = {"name": "sale", "cron": None, "rate": None, "at": "2020-01-01T00:00:00", "timezone": "UTC", "min": 2}
    scaling = {"min": 1, "max": 4, "cpu": 60, "schedules": [{**past, "max": None}]}
    web = definition(rule={"paths": ["/*"]}, autoscaling=scaling)
    plan = planned([*EVERY[:4], *changed(EVERY[4], services=[web])])
    assert plan.refused == []
    assert [one for one in plan.warnings if "'sale' is at 2020-01-01T00:00:00 UTC, which has passed" in one]
    types = {change["type"] for changes in plan.changes.values() for change in changes}
    assert "scaling_policy" in types
    assert "scheduled_action" not in types


def test_what_is_wrong_in_every_layer_is_said_at_once():
    reads = nothing(
        vpc={"wrong": ["2 VPCs"]},
        ecr_push={"obstacle": "no engine"},
        services={
            "services": {},
            "missing_images": ["x"],
            "rules": [],
        },
    )
    refused = planned(reads=reads).refused
    assert refused == ["2 VPCs", "no engine"]


def test_a_refusal_of_the_last_layer_is_known_with_those_of_the_first():
    taken = {"arn": "arn:rule", "name": "theirs", "priority": 7, "hosts": [], "paths": ["/y"], "other_conditions": []}
    services = changed(EVERY[4], services=[definition(rule={"paths": ["/*"], "priority": 7})])
    reads = nothing(alb={"problems": ["no certificate"]})
    reads[HERE]["services"]["rules"] = [taken]
    refused = planned([*EVERY[:4], *services], reads).refused
    assert refused[0] == "no certificate"
    assert refused[1].startswith("Service 'web': rule.priority 7 is taken by rule theirs (/y)")


@pytest.mark.parametrize("layer", ["alb", "ecs_cluster"])
def test_a_layer_alone_gets_the_facts_of_those_below_it(layer):
    [network] = [entry for entry in planned(only("vpc")).parts["vpc"].desired if entry["type"] == "vpc"]
    facts = planned(only(layer), nothing(vpc={"resources": [{**network, "id": "vpc-1"}]})).facts
    assert facts["vpc_info"]["vpc"]["id"] == "vpc-1"


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        ("alb", "No VPC tagged Name=magiclub-an2p-vpc in ap-northeast-2."),
        ("ecs_cluster", "No VPC tagged Name=magiclub-an2p-vpc in ap-northeast-2."),
        ("services", "No VPC tagged Name=magiclub-an2p-vpc in ap-northeast-2."),
        ("services", "No load balancer magiclub-an2p-pub-alb in ap-northeast-2."),
        ("services", "No ECS cluster magiclub-an2p-ecs in ap-northeast-2."),
    ],
)
def test_a_layer_alone_needs_those_below_it(layer, says):
    refused = planned(only(layer)).refused
    assert any(sentence.startswith(says) for sentence in refused), refused


def test_in_check_mode_a_layer_below_that_this_run_has_planned_will_do():
    network = planned(only("vpc")).facts["vpc_info"]
    assert planned(only("alb"), vpc_info=network).refused == []
    assert planned(only("alb"), vpc_info={**network, "region": "us-east-1"}).refused != []


def test_an_image_that_this_run_builds_is_no_obstacle_and_one_that_nobody_builds_is():
    services = changed(EVERY[4], services=[definition(image="(known after build)", rule={"paths": ["/*"]})])
    assert planned([*EVERY[:4], *services]).refused == []
    assert "its image is not built yet" in " ".join(planned([*EVERY[:3], *services]).refused)


@pytest.mark.parametrize(
    ("found", "check_mode", "says"),
    [
        ({}, False, []),
        ({"obstacle": "No Docker engine answers."}, False, ["Service 'web': No Docker engine answers."]),
        ({"obstacle": "No Docker engine answers."}, True, []),
        ({"wrong": ["No Dockerfile in app."]}, True, ["Service 'web': No Dockerfile in app."]),
    ],
)
def test_a_service_is_built_by_the_run_that_deploys_it(found: t.Any, check_mode: bool, says: list[str]) -> None:
    wanted = definition(image=None, build={"path": "app"}, rule={"paths": ["/*"]})
    [services] = changed(EVERY[4], services=[wanted], check_mode=check_mode, docker_host="tcp://x")
    reads = nothing()
    reads[HERE]["services"]["services"]["web"]["built"] = {"image": {"tag": "1f"}, **found}
    assert planned([*EVERY[:3], services], reads).refused == says
    [query] = platform.queries([services]).values()
    assert query["services"]["repositories"] == {"web": {"build": {"path": "app"}, "docker_host": "tcp://x"}}
    assert query["services"]["images"] == []


def there(*names: str, without: str = "") -> dict[Place, dict[str, t.Any]]:
    """Return what is read of an account that holds these layers, but for the resource I(without)."""
    every = planned(only(*names))
    reads = nothing()
    for name in names:
        made = [{**entry, "id": f"id-{entry['name']}", "state": "available"} for entry in every.parts[name].desired]
        reads[HERE][name]["resources"] = [entry for entry in made if entry["name"] != without]
    return reads


@pytest.mark.parametrize(
    ("without", "says"),
    [
        ("", None),
        (f"{PREFIX}-ecs-execution", f"the role {PREFIX}-ecs-execution is missing. Run playbooks/site.yml with '--tags"),
        ("magiclub.internal", "the namespace magiclub.internal is missing."),
        (f"{PREFIX}-pub-alb:80", f"Load balancer {PREFIX}-pub-alb has no listener for the rules of services."),
    ],
)
def test_services_alone_are_refused_if_a_part_of_a_layer_below_is_missing(without, says):
    below = {"alb": {"domain": ""}, "ecs_cluster": {"used_namespaces": ["magiclub.internal"]}}
    refused = planned(changed(EVERY[4], below=below), there("vpc", "alb", "ecs_cluster", without=without)).refused
    assert bool(refused) is bool(says)
    assert not says or says in refused[0]


@pytest.mark.parametrize(
    ("nat", "endpoints", "is_warned"),
    [
        ("single", [], False),
        ("none", [], True),
        ("none", ["ecr.api", "ecr.dkr", "logs"], False),
        ("none", ["logs"], True),
    ],
)
def test_services_without_a_way_out_are_warned_of(nat, endpoints, is_warned):
    network = changed(EVERY[0], nat=nat, interface_endpoints=endpoints)
    assert any("can't pull their image" in one for one in planned([*network, *EVERY[1:]]).warnings) is is_warned


def test_a_listener_that_is_only_planned_is_the_one_that_rules_belong_to():
    there = {"type": "listener", "name": "x:80", "id": "arn:80", "values": {"port": 80, "protocol": "HTTP", "tags": {}}}
    https = changed(EVERY[1], https=True)
    plan = planned([*only("vpc"), *https, *EVERY[2:]], nothing(alb={"resources": [there]}))
    [rule] = [change for change in plan.changes["services"] if change["type"] == "listener_rule"]
    assert rule["values"]["listener"] == "magiclub-an2p-pub-alb:443"


def test_two_layers_of_services_get_priorities_of_one_row():
    other = changed(EVERY[4], services=[definition(name="api", rule={"paths": ["/api/*"]})])[0]._replace(name="more")
    reads = nothing()
    reads[HERE]["services"]["services"]["api"] = {**reads[HERE]["services"]["services"]["web"], "name": "api"}
    plan = planned([*EVERY, other], reads)
    numbers = [
        change["values"]["priority"]
        for changes in plan.changes.values()
        for change in changes
        if change["type"] == "listener_rule"
    ]
    assert len(numbers) == len(set(numbers)) == 2


@pytest.mark.parametrize(
    ("change", "is_other"),
    [
        ({}, False),
        ({"nat": "per_zone"}, True),
        ({"cidr_block": "10.0.0.0/16"}, True),
        ({"wait_timeout": 1}, False),
    ],
)
def test_a_plan_is_known_by_what_it_would_do(change, is_other):
    assert (planned(changed(EVERY[0], **change)).id != planned(only("vpc")).id) is is_other


def test_a_secret_value_counts_for_the_id_and_is_not_in_it():
    one, two = (
        planned([*EVERY[:4], *changed(EVERY[4], services=[definition(environment={"A": value})])]).id
        for value in ("s3cret", "other")
    )
    assert one != two
    assert "s3cret" not in one


def test_a_stale_plan_says_which_layers_differ():
    before, now = planned(only("vpc", "alb")), planned([*changed(EVERY[0], nat="none"), *only("alb")])
    told = {"id": before.id, "lines": ["+ vpc x"]}
    assert identity.stale(before.id, before.id, ["vpc", "alb"]) == []
    [sentence] = identity.stale(before.id, now.id, ["vpc", "alb"], told)
    assert "different now: vpc." in sentence
    assert "Approved was: + vpc x." in sentence
    [others] = identity.stale("-.-", now.id, ["vpc", "alb", "ecr_push"], None)
    assert "it was made of other layers than vpc, alb, ecr_push" in others


def test_a_plan_of_another_commit_is_stale_in_a_workflow_of_awx():
    """A push while the approval waited: the next job runs what nobody has seen."""
    before, now = planned(only("vpc", "alb")), planned([*changed(EVERY[0], nat="none"), *only("alb")])
    told, layers = {"id": before.id, "lines": ["+ vpc x"], "revision": "aaa111"}, ["vpc", "alb"]
    assert identity.stale(before.id, before.id, layers, told, "aaa111") == []
    assert identity.stale(before.id, before.id, layers, told) == []
    assert identity.stale(before.id, before.id, layers, {"id": "other", "revision": "x"}, "bbb222") == []
    [same] = identity.stale(before.id, before.id, layers, told, "bbb222")
    assert same.startswith("The plan is stale: it was approved for commit aaa111, and this job runs bbb222;")
    assert "the plan itself is the same" in same
    [other] = identity.stale(before.id, now.id, layers, told, "bbb222")
    assert "different now: vpc. Approved was: + vpc x. Nothing was changed. Launch the workflow again" in other


def test_what_is_left_after_a_run_is_named_with_its_field():
    plan = planned(only("vpc"))
    [wanted] = [entry for entry in plan.parts["vpc"].desired if entry["type"] == "vpc"]
    there = copy.deepcopy(plan.parts["vpc"].desired)
    for number, entry in enumerate(there):
        entry["id"] = f"id-{number}"
    [found] = [entry for entry in there if entry["name"] == wanted["name"]]
    found["values"]["dns_support"] = False
    sentences = platform.left(planned(only("vpc"), nothing(vpc={"resources": there})), [])
    assert len(sentences) == 1
    assert sentences[0].startswith(
        f"vpc: vpc {wanted['name']} is not as described after the run: dns_support is false, not true."
    )
    assert platform.left(planned(only("vpc"), nothing(vpc={"resources": there})), [wanted["name"]]) == []


HOLDER = {"id": "i", "leaving": False, "moves": False, "platform": False, "guardduty": False, "text": "database"}


@pytest.mark.parametrize(
    ("state", "holder", "is_held"),
    [
        ("absent", HOLDER, True),
        ("absent", {**HOLDER, "leaving": True}, False),
        ("absent", {**HOLDER, "platform": True}, False),
        ("present", {**HOLDER, "platform": True}, True),
        ("present", {**HOLDER, "moves": True}, True),
    ],
)
def test_who_keeps_the_network_from_being_removed(state, holder, is_held):
    assert bool(vpc.held({**VPC, "state": state}, [holder])) is is_held


def test_a_nat_gateway_that_keeps_the_network_may_be_taken_over():
    (said,) = vpc.held({**VPC, "state": "absent"}, [{**HOLDER, "id": "nat-1", "text": "NAT gateway nat-1"}])
    assert "is taken over where it is, by the tag Name=magiclub-an2p-nat" in said
    (other,) = vpc.held({**VPC, "state": "absent"}, [HOLDER])
    assert "taken over" not in other


def test_a_load_balancer_that_moves_in_this_run_keeps_nothing():
    assert vpc.held({**VPC, "cleanup": False}, [{**HOLDER, "moves": True}]) == []


GROUP = {"id": "sg-1", "leaving": False, "guardduty": False, "text": "security group old"}


@pytest.mark.parametrize(
    ("platform", "going", "is_held"),
    [
        pytest.param(False, ["sg-1"], False, id="one that was taken over, under a name of its own"),
        pytest.param(False, [], True, id="somebody else's"),
        pytest.param(True, [], False, id="of the platform, if it is not all removed"),
        pytest.param(True, ["cluster"], True, id="of a service that nobody asks for, though all is removed"),
        pytest.param(True, ["cluster", "sg-1"], False, id="of a service that is removed with all"),
    ],
)
def test_a_security_group_that_no_layer_removes_is_found_before_the_removal_begins(platform, going, is_held):
    types = {"cluster": "ecs_cluster", "sg-1": "security_group"}
    changes = [{"action": "remove", "type": types[one], "id": one} for one in going]
    changes.append({"action": "change", "type": "security_group", "id": "sg-1"})
    holder = {**GROUP, "platform": platform}
    assert bool(vpc.held({**VPC, "state": "absent"}, [holder], changes)) is is_held


def test_only_vpc_and_subnets_are_held():
    gone = [{"type": kind, "name": kind, "id": kind, "values": {}} for kind in ("vpc", "subnet", "route_table")]
    assert sorted(vpc.removed_ids(compare.changes([], gone))) == ["subnet", "vpc"]


@pytest.mark.parametrize("given", ["foo", "a.b", "0123456", "-..-"])
def test_what_is_not_the_id_of_a_plan_is_said_so(given):
    [sentence] = identity.stale(given, planned().id, [layer.name for layer in EVERY])
    assert sentence.startswith(f"plan_id '{given}' is not the id of a plan")


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"vpc_id": "vpc-0a1b2c3d", "vpc_name_prefix": PREFIX}, {"vpc_id": "vpc-0a1b2c3d"}),
        ({"vpc_id": "", "vpc_name_prefix": "shared-an2p"}, {"vpc_name": "shared-an2p-vpc"}),
        ({"vpc_id": "vpc-0a1b2c3d", "arn": "arn:kept"}, {"arn": "arn:kept"}),
    ],
)
def test_layers_above_look_for_a_load_balancer_s_group_where_its_own_layer_does(inputs, expected):
    assert alb_layer.lookup(inputs) == expected
    assert expected.items() <= alb_layer.query({**ALB, **inputs}).items()
