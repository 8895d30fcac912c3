# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    images,
    obstacles,
    plan,
    platform,
    priorities,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions

from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, TAGS, backend, service, worker

GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-web/73e2"
IDS = {
    f"security_group {FULL}-sg": "sg-web",
    f"target_group {FULL}": GROUP,
    "cloud_map_service web.magiclub.internal": "arn:srv",
}


def there(**more):
    return {
        "full_name": FULL,
        "service": None,
        "steady": False,
        "task_definitions": [],
        "resources": [],
        "rules": [],
        "ids": IDS,
        **more,
    }


def info(rules=(), missing=(), **services):
    known = {"services": services, "rules": list(rules), "resources": []}
    return {**known, "missing_images": list(missing)}


def own_rule(name="web", priority=None):
    """Return a rule as its own service has it."""
    return {"name": f"{PREFIX}-{name}", "arn": f"arn:{name}", "priority": priority, **conditions.canonical({})}


def rule(name, priority, arn=None, paths=("/x/*",)):
    return {"arn": arn or f"arn:{name}", "name": name, "priority": priority, "paths": list(paths), "hosts": []}


def planned(definition, known):
    both = plan.compared([definition], PLATFORM, known)
    return {"changes": compare.changes(both["desired"], both["found"])}


@pytest.mark.parametrize(
    ("wanted", "has", "rules", "expected"),
    [
        (None, None, [], 1),
        (None, None, [rule("other", 4)], 5),
        (None, own_rule(priority=3), [rule(FULL, 3, "arn:web"), rule("other", 4)], 3),
        (9, own_rule(priority=3), [rule(FULL, 3, "arn:web")], 9),
    ],
    ids=["first", "after the last", "as it is", "as given"],
)
def test_a_rule_has_its_given_or_current_priority_or_the_next_free_one(wanted, has, rules, expected):
    definition = service(rule={"paths": ["/"], "priority": wanted})

    result = priorities.with_priorities([definition], PREFIX, info(rules, web=there(rules=[has] if has else [])))

    assert result[0]["rule"]["priority"] == expected


def test_services_in_one_list_get_different_priorities():
    services = [
        service(name="a", rule={"paths": ["/a"]}),
        service(name="b", rule={"paths": ["/"], "priority": 7}),
        service(name="c", rule={"paths": ["/c"]}),
    ]

    assert [each["rule"]["priority"] for each in priorities.with_priorities(services, PREFIX, info())] == [8, 7, 9]


@pytest.mark.parametrize(
    ("rules", "own", "sentences"),
    [
        ([rule("other", 5)], None, []),
        ([rule(FULL, 9, "arn:web")], own_rule(), []),
        ([rule(None, 9, "arn:web")], own_rule(), []),
        (
            [rule(f"{PREFIX}-other", 9)],
            None,
            [
                (
                    "Service 'web': rule.priority 9 is taken by rule magiclub-an2p-other (/x/*):"
                    " a listener has each once. Give another, or leave rule.priority out to get the next free."
                )
            ],
        ),
        (
            [rule(None, 9, "arn:foreign")],
            None,
            [
                (
                    "Service 'web': rule.priority 9 is taken by rule arn:foreign (/x/*): a listener has each once."
                    " Give another, or leave rule.priority out to get the next free."
                )
            ],
        ),
    ],
)
def test_a_priority_taken_by_another_rule_is_an_obstacle_that_names_it(rules, own, sentences):
    definition = service(rule={"paths": ["/"], "priority": 9})

    assert obstacles.obstacles([definition], PLATFORM, info(rules, web=there(rules=[own] if own else []))) == sentences


def test_a_rule_for_all_requests_is_last_whatever_the_order_of_services():
    services = [service(name=name, rule={"paths": [path]}) for name, path in (("shop", "/*"), ("a", "/a/*"))]
    assert [each["rule"]["priority"] for each in priorities.with_priorities(services, PREFIX, info())] == [50000, 1]
    known = info([rule("magiclub-an2p-shop", 50000, "arn:shop")], shop=there(rules=[own_rule("shop", 50000)]))
    assert [each["rule"]["priority"] for each in priorities.with_priorities(services, PREFIX, known)] == [50000, 1]


def test_a_priority_still_held_by_another_planned_service_is_an_obstacle():
    services = [service(name=name, rule={"paths": [f"/{name}"], "priority": at}) for name, at in (("a", 20), ("b", 10))]
    known = {name: there(rules=[own_rule(name, at)]) for name, at in (("a", 10), ("b", 20))}
    rules = [rule(f"{PREFIX}-{name}", at, f"arn:{name}") for name, at in (("a", 10), ("b", 20))]

    assert [sentence[:61] for sentence in obstacles.obstacles(services, PLATFORM, info(rules, **known))] == [
        "Service 'a': rule.priority 20 is still that of service 'b', a",
        "Service 'b': rule.priority 10 is still that of service 'a', a",
    ]
    same = [service(name=name, rule={"paths": [f"/{name}"], "priority": at}) for name, at in (("a", 10), ("b", 20))]
    assert obstacles.obstacles(same, PLATFORM, info(rules, **known)) == []


def test_services_without_a_rule_take_no_priority():
    services = [
        service(name="a", rule={"paths": ["/a"]}),
        backend(name="b"),
        worker(name="c"),
        service(name="d", rule={"paths": ["/d"]}),
    ]

    assert [(each["rule"] or {}).get("priority") for each in priorities.with_priorities(services, PREFIX, info())] == [
        1,
        None,
        None,
        2,
    ]


def test_the_priority_of_a_removed_rule_is_free_only_in_the_next_run():
    services = [
        backend(name="a"),
        service(name="b", rule={"paths": ["/"], "priority": 10}),
        service(name="c", rule={"paths": ["/c"]}),
    ]
    known = {"a": there(rules=[own_rule("a", 10)]), "b": there(), "c": there()}
    rules = [rule(f"{PREFIX}-a", 10, "arn:a")]

    assert obstacles.obstacles(services, PLATFORM, info(rules, **known)) == [
        "Service 'b': rule.priority 10 is still that of service 'a', and goes only once that serves without it."
        " Take this service out of the list, or leave its rule.priority out, and put it back in a second run."
    ]
    assert obstacles.obstacles([services[0], services[2]], PLATFORM, info(rules, **known)) == []
    assert (
        priorities.with_priorities([services[0], services[2]], PREFIX, info(rules, **known))[1]["rule"]["priority"]
        == 11
    )


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("image", "missing", "named"),
    [
        ("registry.example/web:1", ["registry.example/web:1"], ["registry.example/web:1"]),
        ("registry.example/web:1", ["registry.example/proxy:2"], ["registry.example/proxy:2"]),
        ("registry.example/web:1", [], []),
        ("registry.example/web:1", ["registry.example/web:2"], []),
    ],
)
def test_an_image_missing_in_ecr_is_an_obstacle(image, missing, named, check_mode):
    definition = service(image=image, sidecars=[{"name": "proxy", "image": "registry.example/proxy:2"}])

    found = obstacles.obstacles([definition], {**PLATFORM, "check_mode": check_mode}, info(missing=missing))

    assert found == [
        f"Service 'web': ECR has no image {one} that can be pulled."
        " Push it first, restore it from the archive, or correct its repository, tag or digest."
        for one in named
    ]


def test_a_missing_image_is_no_obstacle_if_the_running_one_is_preserved():
    definition = service(image="registry.example/web:gone", image_policy="preserve")
    web = {"image": "registry.example/web:9"}
    running = there(service={"name": FULL}, task_definitions=[{"values": {"container_definitions": {"web": web}}}])

    assert obstacles.obstacles([definition], PLATFORM, info(missing=["registry.example/web:gone"], web=running)) == []


def test_images_are_listed_once_and_without_those_to_be_built():
    services = [
        service(image="(known after build)", sidecars=[{"name": "proxy", "image": "registry.example/proxy:2"}]),
        service(image="registry.example/web:1", sidecars=[{"name": "proxy", "image": "registry.example/proxy:2"}]),
    ]

    assert images.named(services) == ["registry.example/proxy:2", "registry.example/web:1"]


SETTINGS = {
    "name": "",
    "image_tag_mutability": "IMMUTABLE",
    "image_tag_mutability_exclusion_filters": None,
    "scan_on_push": True,
    "encryption_type": "AES256",
    "kms_key": None,
    "lifecycle_policy": {},
    "repository_policy": {},
    "tags": {},
}
URI = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/{FULL}@sha256:1f"


def built(policy="managed", digest=None, **known):
    """Return the plan of a service that is built, given what ECR has and what else exists."""
    uri = URI if digest else None
    web = there(**known) | {"built": {"image": {"tag": "1f", "digest": digest, "uri": uri}}}
    wanted = service(image=None, build={"path": "."}, image_policy=policy)
    around = {**PLATFORM, "repository": SETTINGS}
    return plan.compared([wanted], around, info(web=web))["desired"], obstacles.obstacles(
        [wanted], around, info(web=web)
    )


def image_of(resources):
    [definition] = [entry for entry in resources if entry["type"] == "ecs_task_definition"]
    return definition["values"]["container_definitions"]["web"]["image"]


@pytest.mark.parametrize(("digest", "image"), [(None, "(known after build)"), ("sha256:1f", URI)])
def test_a_built_service_has_a_repository_and_an_image_with_a_known_tag(digest, image):
    resources, obstacles = built(digest=digest)
    assert [(entry["type"], entry["name"]) for entry in resources[:2]] == [
        ("ecr_repository", FULL),
        ("image", f"{FULL}:1f"),
    ]
    assert resources[0]["values"]["tags"] == {**TAGS, "Name": FULL}
    assert (image_of(resources), obstacles) == (image, [])


def test_a_preserved_image_is_not_built():
    web = {"image": "registry.example/web:9"}
    resources, _obstacles = built(
        policy="preserve",
        service={"name": FULL},
        task_definitions=[{"type": "ecs_task_definition", "values": {"container_definitions": {"web": web}}}],
    )
    assert [entry["type"] for entry in resources if entry["type"] in ("ecr_repository", "image")] == ["ecr_repository"]
    assert image_of(resources) == web["image"]


@pytest.mark.parametrize(
    ("check_mode", "policy", "running", "stands"),
    [
        (True, "managed", False, False),
        (False, "managed", False, True),
        (False, "preserve", True, False),
        (False, "preserve", False, True),
    ],
)
def test_an_unbuilt_image_is_an_obstacle_to_a_run_that_needs_it(check_mode, policy, running, stands):
    definition = service(image="(known after build)", image_policy=policy)
    web = {"image": "registry.example/web:9"}
    known = there(
        service={"name": FULL} if running else None,
        task_definitions=[{"values": {"container_definitions": {"web": web}}}],
    )

    found = obstacles.obstacles([definition], {**PLATFORM, "check_mode": check_mode}, info(web=known))

    assert found == (
        [
            (
                "Service 'web': its image is not built yet, so there is nothing to run."
                " Build and push it first, or set image to one that is there."
            )
        ]
        if stands
        else []
    )


OWN = {"name_prefix": PREFIX, "region": "ap-northeast-2", "tags": TAGS, "permissions_boundary": "platform"}
VPC = {
    "vpc": {"name": f"{PREFIX}-vpc", "id": "vpc-1"},
    "apps_subnets": [{"name": f"{PREFIX}-apps-a1", "id": "subnet-a"}],
    "public_subnets": [{"name": f"{PREFIX}-pub-a1", "id": None}],
}
ALB = {
    "load_balancer": {"name": "alb", "arn_suffix": "app/alb/1"},
    "security_group": {"name": "alb-sg", "id": "sg-1"},
    "service_listener": {"port": 443, "arn": "arn:listener"},
}
CLUSTER = {
    "account_id": "1",
    "cluster": {"name": "c", "arn": None},
    "execution_role": {"name": "r"},
    "exec_policy": None,
    "namespace": {"name": "n", "id": "ns-1"},
}


def test_the_platform_is_composed_of_the_lower_layers_facts():
    made = platform.of(OWN, VPC, ALB, CLUSTER)

    assert (made["listener"], made["listener_arn"]) == ("alb:443", "arn:listener")
    assert (made["execution_role"], made["exec_policy"], made["namespace"]) == ("r", None, "n")
    assert made["permissions_boundary"] == f"arn:aws:iam::1:policy/fargate-boundary/{PREFIX}-boundary"
    assert platform.known(made) == {"vpc-1": f"{PREFIX}-vpc", "subnet-a": f"{PREFIX}-apps-a1", "sg-1": "alb-sg"}


def test_the_ids_of_missing_layers_are_null():
    made = platform.of(OWN, VPC, {**ALB, "service_listener": None}, {**CLUSTER, "namespace": None})

    assert (made["listener_arn"], made["namespace"], made["namespace_id"]) == (None, "", None)
