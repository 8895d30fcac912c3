# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import normal, rules


@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        (256, 512, []),
        (256, 2048, []),
        (512, 4096, []),
        (1024, 2048, []),
        (2048, 16384, []),
        (4096, 30720, []),
        (8192, 61440, []),
        (16384, 122880, []),
        (
            256,
            4096,
            ["memory: Fargate has no task of 256 CPU units with 4096 MiB; it has 512 to 2048 by doubling."],
        ),
        (256, 1536, ["memory: Fargate has no task of 256 CPU units with 1536 MiB; it has 512 to 2048 by doubling."]),
        (
            512,
            512,
            ["memory: Fargate has no task of 512 CPU units with 512 MiB; it has 1024 to 4096 in steps of 1024."],
        ),
        (
            8192,
            17408,
            ["memory: Fargate has no task of 8192 CPU units with 17408 MiB; it has 16384 to 61440 in steps of 4096."],
        ),
        (
            300,
            512,
            [
                (
                    "cpu: Fargate has no tasks of 300 CPU units;"
                    " it has 256, 512, 1024, 2048, 4096, 8192, 16384 (1024 is one vCPU)."
                )
            ],
        ),
        (None, 512, ["cpu: Fargate needs it."]),
        (256, None, ["memory: Fargate needs it."]),
    ],
)
def test_fargate_size(cpu, memory, expected):
    assert rules.fargate_size_problems(cpu, memory) == expected


# Lowest, highest and step in MiB by CPU units: 'Task size' in the Amazon ECS Developer Guide.
SIZES = [
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122880, 8192),
]


@pytest.mark.parametrize(("cpu", "lowest", "highest", "step"), SIZES)
def test_the_limits_of_fargate_sizes(cpu, lowest, highest, step):
    taken = [memory for memory in range(0, 131072, 512) if rules.fargate_size_problems(cpu, memory) == []]
    assert taken == list(range(lowest, highest + 1, step))


def test_the_smallest_size_of_fargate():
    assert [memory for memory in range(0, 8192, 256) if not rules.fargate_size_problems(256, memory)] == [
        512,
        1024,
        2048,
    ]


def test_both_sizes_are_needed():
    assert rules.fargate_size_problems(None, 0) == ["cpu: Fargate needs it.", "memory: Fargate needs it."]


def definition(*containers, **fields):
    listed = [{"name": f"c{index}", "image": "i", **container} for index, container in enumerate(containers)]
    return normal.normalise_task_definition({"family": "f", "container_definitions": listed, **fields})


FARGATE = {"requires_compatibilities": ["FARGATE"], "cpu": 256, "memory": 512}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (definition({}), []),
        (definition({}, **FARGATE), []),
        (definition(), ["container_definitions: at least one container is required."]),
        (definition({"image": ""}), ["container_definitions.c0.image: is required."]),
        (definition({"essential": False}), ["container_definitions: at least one container has to be essential."]),
        (definition({"depends_on": [{"container_name": "x", "condition": "START"}]}),
         ["container_definitions.c0.depends_on: 'x' is not another container of this task definition."]),
        (definition({"depends_on": [{"container_name": "c0", "condition": "START"}]}),
         ["container_definitions.c0.depends_on: 'c0' is not another container of this task definition."]),
        (
            definition(
                {"depends_on": [{"container_name": "c1", "condition": when} for when in ("START", "HEALTHY")]}, {}
            ),
            ["container_definitions.c0.depends_on: container_name 'c1' is there more than once."],
        ),
        (
            definition(
                {"mount_points": [{"container_path": path, "source_volume": "v"} for path in ("/b", "/a", "/b")]},
                volumes=[{"name": "v"}],
            ),
            ["container_definitions.c0.mount_points: container_path '/b' is there more than once."],
        ),
        (definition({"mount_points": [{"source_volume": "v"}, {"source_volume": "v"}]}),
         ["container_definitions.c0.mount_points: each needs a container_path of its own."]),
        (definition({"environment": [{"value": "1"}, {"value": "2"}]}),
         ["container_definitions.c0.environment: each needs a name of its own."]),
        (definition({"depends_on": [{"container_name": "c1", "condition": "START"}]}, {}), []),
        (definition({}, {"depends_on": [{"container_name": "c0", "condition": "START"}]}), []),
        (definition({"mount_points": [{"container_path": "/a", "source_volume": "v"}]}),
         ["container_definitions.c0.mount_points./a: there is no volume 'v'; add it to volumes."]),
        (
            definition({"mount_points": [{"container_path": "/a", "source_volume": "v"}]}, volumes=[{"name": "v"}]),
            [],
        ),
        (definition({"environment": {"A": 1}, "secrets": {"A": "arn"}}),
         ["container_definitions.c0: 'A' is in environment and in secrets; keep one."]),
        (definition({}, network_mode="host", **FARGATE), ["network_mode: Fargate takes awsvpc only, not host."]),
        (definition({"memory": 300}, {"memory": 300}, **FARGATE),
         ["memory: the containers ask for 600 (c0 300, c1 300), the task has 512."]),
        (definition({"cpu": 200}, {"cpu": 100}, **FARGATE),
         ["cpu: the containers ask for 300 (c0 200, c1 100), the task has 256."]),
        (definition({"cpu": 200}, {"cpu": 56}, **FARGATE), []),
        (definition({"memory": 256}, {"memory": 256}, **FARGATE), []),
        (definition({"cpu": 300}, {}, **FARGATE), ["cpu: the containers ask for 300 (c0 300), the task has 256."]),
        (definition({"cpu": 300}, requires_compatibilities=["FARGATE"], memory=512), ["cpu: Fargate needs it."]),
        (definition({"cpu": 300}, requires_compatibilities=["EC2"], cpu=256), []),
        (definition({"essential": False}, {}), []),
        (
            definition({"environment": {"B": 1, "A": 1}, "secrets": {"A": "arn", "B": "arn"}}),
            [
                "container_definitions.c0: 'A' is in environment and in secrets; keep one.",
                "container_definitions.c0: 'B' is in environment and in secrets; keep one.",
            ],
        ),
        (
            definition({"image": ""}, {"image": ""}, cpu=300, memory=512, requires_compatibilities=["FARGATE"]),
            [
                "container_definitions.c0.image: is required.",
                "container_definitions.c1.image: is required.",
                (
                    "cpu: Fargate has no tasks of 300 CPU units;"
                    " it has 256, 512, 1024, 2048, 4096, 8192, 16384 (1024 is one vCPU)."
                ),
            ],
        ),
    ],
)  # fmt: skip
def test_task_definition(found, expected):
    assert rules.task_definition_problems(found) == expected


def test_duplicate_containers():
    found = normal.normalise_task_definition({"container_definitions": [{"name": "a"}, {"name": "a"}]})
    assert rules.task_definition_problems(found) == ["container_definitions: name 'a' is there more than once."]


def item(name, weight=0, base=0):
    return {"capacity_provider": name, "weight": weight, "base": base}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ([], []),
        ([item("A", 1, 1), item("B", 3)], []),
        ([item("A", 1, 1), item("B", 1, 1)], ["s: only one provider can have a base, and A, B have."]),
        ([item("A", 0, 1), item("B", 1)], []),
        ([item("A"), item("B", 1)], []),
        (
            [item("A", 0, 1), item("B", 0, 2)],
            [
                "s: only one provider can have a base, and A, B have.",
                "s: at least one provider needs a weight above 0, or no task is placed.",
            ],
        ),
        ([item("A")], ["s: at least one provider needs a weight above 0, or no task is placed."]),
    ],
)
def test_strategy(strategy, expected):
    assert rules.strategy_problems(strategy, "s") == expected


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ({"desired_count": 1}, None),
        ({"scheduling_strategy": "DAEMON"}, None),
        ({"scheduling_strategy": "REPLICA", "desired_count": 1}, None),
        ({"scheduling_strategy": "DAEMON", "desired_count": 1}, "leave desired_count out"),
        ({"scheduling_strategy": "DAEMON", "desired_count": 0}, "leave desired_count out"),
        ({"deployment_configuration": {"minimum_healthy_percent": 100}}, None),
        ({"deployment_configuration": {"maximum_percent": 100}}, None),
        ({"deployment_configuration": {"minimum_healthy_percent": 99, "maximum_percent": 100}}, None),
        ({"deployment_configuration": {"minimum_healthy_percent": 100, "maximum_percent": 101}}, None),
        ({"deployment_configuration": {"minimum_healthy_percent": 0, "maximum_percent": 100}}, None),
        (
            {"deployment_configuration": {"minimum_healthy_percent": 150, "maximum_percent": 50}},
            "with minimum_healthy_percent 150 and maximum_percent 50",
        ),
        ({"deployment_configuration": {"minimum_healthy_percent": 100, "maximum_percent": 200}}, None),
        ({"deployment_configuration": {"minimum_healthy_percent": 50, "maximum_percent": 100}}, None),
        (
            {"deployment_configuration": {"minimum_healthy_percent": 100, "maximum_percent": 100}},
            "no task can be replaced",
        ),
        ({"capacity_provider_strategy": [item("A")]}, "capacity_provider_strategy: at least one provider"),
    ],
)
def test_service(service, words):
    problems = rules.service_problems(service)
    assert len(problems) == (words is not None)
    assert (words or "") in "".join(problems)


WEB = definition({"port_mappings": [{"container_port": 8080}]}, network_mode="awsvpc")
NETWORK = {"subnets": ["a"]}


@pytest.mark.parametrize(
    ("service", "found", "expected"),
    [
        ({"network_configuration": NETWORK}, WEB, []),
        ({}, definition({}), []),
        ({}, WEB, ["network_configuration: the task definition's network mode is awsvpc: subnets are needed."]),
        (
            {"network_configuration": NETWORK, "load_balancers": [{"container_name": "c0", "container_port": 8080}]},
            WEB,
            [],
        ),
        (
            {"network_configuration": NETWORK, "load_balancers": [{"container_name": "x", "container_port": 8080}]},
            WEB,
            ["load_balancers[0].container_name: 'x' is not one of the containers c0."],
        ),
        (
            {"network_configuration": NETWORK, "load_balancers": [{"container_name": "c0", "container_port": 80}]},
            WEB,
            ["load_balancers[0].container_port: the container c0 maps 8080, not 80."],
        ),
        ({"load_balancers": [{"container_name": "c0", "container_port": 80}]}, definition({}),
         ["load_balancers[0].container_port: the container c0 maps no port, not 80."]),
        ({"load_balancers": [{"container_name": "c0", "container_port": 85}]},
         definition({"port_mappings": [{"container_port_range": "80-90"}]}), []),
        ({"load_balancers": [{"container_name": "c0", "container_port": 81}]},
         definition({"port_mappings": [{"container_port": 80}, {"container_port": 80}]}),
         ["load_balancers[0].container_port: the container c0 maps 80, 80, not 81."]),
        (
            {"load_balancers": [{"container_name": name, "container_port": 80} for name in ("x", "c0", "c1")]},
            definition({}, {"port_mappings": [{"container_port": 80}]}),
            [
                "load_balancers[0].container_name: 'x' is not one of the containers c0, c1.",
                "load_balancers[1].container_port: the container c0 maps no port, not 80.",
            ],
        ),
        ({"load_balancers": [{"container_name": "c0"}]}, {},
         ["load_balancers[0].container_name: 'c0' is not one of the containers ."]),
    ],
)  # fmt: skip
def test_placement(service, found, expected):
    assert rules.placement_problems(service, found) == expected
