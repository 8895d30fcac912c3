# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options are checked against botocore's own model: what is wrong is named with its path."""

from __future__ import annotations

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import model

SERVICE_MODEL = botocore.session.get_session().get_service_model("ecs")


def shape(operation):
    return SERVICE_MODEL.operation_model(operation).input_shape


def definition(**fields):
    options = {"family": "f", "container_definitions": [{"name": "api", "image": "i", **fields}]}
    return model.request(shape("RegisterTaskDefinition"), options)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"enviroment": {}}, ".enviroment: no such key; did you mean 'environment'?"),
        ({"portMapping": []}, ".portMapping: no such key; did you mean 'port_mappings'?"),
        (
            {"repository_credentials": {"xyz": 1, "credentials_parameter": "a"}},
            ".repository_credentials.xyz: no such key. The installed botocore knows credentials_parameter.",
        ),
        (
            {"port_mappings": [{"container_port": 80}, {"container_prot": 81}]},
            ".port_mappings[1].container_prot: no such key; did you mean 'container_port'?",
        ),
        ({"health_check": {"interval": 5}}, ".health_check.command: is required."),
        ({"command": "sleep 1"}, ".command: has to be a list, and is a string."),
        ({"docker_labels": ["a"]}, ".docker_labels: has to be a map, and is a list."),
        ({"environment": "A=s3cret"}, ".environment: has to be a list of pairs or a map, and is a string."),
        ({"environment": {"A": ["s3cret"]}}, ".environment.A: has to be a string, and is a list."),
        ({"environment": {"A": {"B": "s3cret"}}}, ".environment.A: has to be a string, and is a map."),
        ({"cpu": "half"}, ".cpu: has to be a whole number, and is a string, 'half'."),
        ({"cpu": True}, ".cpu: has to be a whole number, and is a boolean, True."),
        ({"cpu": 1.5}, ".cpu: has to be a whole number, and is a number, 1.5."),
        ({"essential": "maybe"}, ".essential: has to be true or false, and is a string, 'maybe'."),
        ({"log_configuration": "awslogs"}, ".log_configuration: has to be a map, and is a string."),
        (
            {"port_mappings": [{"container_port": 80, "protocol": "TCP"}]},
            ".port_mappings[0].protocol: 'TCP' is not one of tcp, udp; did you mean 'tcp'?",
        ),
        (
            {"port_mappings": [{"container_port": 80, "protocol": "quic"}]},
            ".port_mappings[0].protocol: 'quic' is not one of tcp, udp.",
        ),
        (
            {"secrets": [{"name": "A", "value_from": "a"}, {"name": "A", "value_from": "b"}]},
            ".secrets: name 'A' is there more than once.",
        ),
        ({"secrets": [{"name": "A"}]}, ".secrets[0].value_from: is required."),
        ({"environment": ["A=s3cret"]}, ".environment[0]: has to be a map, and is a string."),
        ({"docker_labels": 5}, ".docker_labels: has to be a map, and is a number, 5."),
        ({"docker_labels": 1.5}, ".docker_labels: has to be a map, and is a number, 1.5."),
        ({"docker_labels": True}, ".docker_labels: has to be a map, and is a boolean, True."),
    ],
)
def test_problems(fields, problem):
    assert definition(**fields)[1] == [f"container_definitions[0]{problem}"]


def test_all_problems_are_named_at_once():
    assert len(definition(enviroment={}, cpu="x", command="a")[1]) == 3


@pytest.mark.parametrize(
    ("fields", "member", "expected"),
    [
        (
            {"environment": {"A": 1, "B": True, "C": None, "D": ""}},
            "environment",
            [("A", "1"), ("B", "true"), ("D", "")],
        ),
        ({"environment": [{"name": "A", "value": 1.5}]}, "environment", [("A", "1.5")]),
    ],
)
def test_pairs(fields, member, expected):
    request, problems = definition(**fields)
    assert problems == []
    assert [(item["name"], item["value"]) for item in request["containerDefinitions"][0][member]] == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"cpu": "10"}, {"cpu": 10}),
        ({"cpu": 10.0}, {"cpu": 10}),
        ({"essential": "no"}, {"essential": False}),
        ({"user": 10001}, {"user": "10001"}),
        ({"readonlyRootFilesystem": True}, {"readonlyRootFilesystem": True}),
        ({"secrets": {"A": "arn"}}, {"secrets": [{"name": "A", "valueFrom": "arn"}]}),
        ({"system_controls": {"net.x": 1}}, {"systemControls": [{"namespace": "net.x", "value": "1"}]}),
        ({"docker_labels": {"camelCase_x": 1}}, {"dockerLabels": {"camelCase_x": "1"}}),
        ({"version_consistency": True}, {"versionConsistency": "enabled"}),
        ({"version_consistency": False}, {"versionConsistency": "disabled"}),
        ({"version_consistency": "disabled"}, {"versionConsistency": "disabled"}),
        (
            {"log_configuration": {"log_driver": "awslogs", "options": {"awslogs-create-group": True}}},
            {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-create-group": "true"}}},
        ),
        ({"command": ["sleep", 1, None]}, {"command": ["sleep", "1"]}),
        ({"health_check": None}, {}),
    ],
)
def test_values(fields, expected):
    request, problems = definition(**fields)
    assert problems == []
    assert request["containerDefinitions"] == [{"name": "api", "image": "i", **expected}]


@pytest.mark.parametrize(
    ("operation", "options", "expected"),
    [
        ("RegisterTaskDefinition", {"cpu": 256}, {"cpu": "256"}),
        (
            "RegisterTaskDefinition",
            {"ephemeral_storage": {"size_in_gib": "30"}},
            {"ephemeralStorage": {"sizeInGiB": 30}},
        ),
        ("RegisterTaskDefinition", {"tags": {"a": 1}}, {"tags": [{"key": "a", "value": "1"}]}),
        ("CreateCluster", {"settings": {"containerInsights": "enabled"}}, None),
        (
            "CreateService",
            {"network_configuration": {"awsvpc_configuration": {"subnets": ["a"], "assign_public_ip": True}}},
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "assignPublicIp": "ENABLED"}}},
        ),
        (
            "CreateService",
            {"deployment_configuration": {"linear_configuration": {"step_percent": "12.5"}}},
            {"deploymentConfiguration": {"linearConfiguration": {"stepPercent": 12.5}}},
        ),
        (
            "CreateService",
            {"deployment_configuration": {"lifecycle_hooks": [{"hook_details": {"anyKey": [1]}}]}},
            {"deploymentConfiguration": {"lifecycleHooks": [{"hookDetails": {"anyKey": [1]}}]}},
        ),
    ],
)
def test_requests(operation, options, expected):
    request, problems = model.request(shape(operation), options)
    assert problems == []
    assert request == (expected or {"settings": [{"name": "containerInsights", "value": "enabled"}]})


@pytest.mark.parametrize(
    ("operation", "options", "problem"),
    [
        (
            "CreateService",
            {
                "service_connect_configuration": {
                    "enabled": True,
                    "services": [{"port_name": "a", "ingress_port_override": 70000}],
                }
            },
            "service_connect_configuration.services[0].ingress_port_override: 70000 is out of range: 0 to 65535."
            " Change it.",
        ),
        (
            "CreateService",
            {"deployment_configuration": {"linear_configuration": {"step_percent": "much"}}},
            "deployment_configuration.linear_configuration.step_percent: has to be a number, and is a string, 'much'.",
        ),
        (
            "CreateService",
            {"placement_constraints": {"memberOf": "x"}},
            "placement_constraints: has to be a list, and is a map.",
        ),
        (
            "CreateCluster",
            {"settings": {"containerInsight": "enabled"}},
            (
                "settings.containerInsight: 'containerInsight' is not one of containerInsights;"
                " did you mean 'containerInsights'?"
            ),
        ),
    ],
)
def test_problems_of_requests(operation, options, problem):
    assert model.request(shape(operation), options)[1] == [problem]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("true", True), ("yes", True), ("on", True), ("True", True), ("false", False), ("no", False), ("off", False)],
)
def test_words_for_booleans(word, expected):
    assert definition(essential=word)[0]["containerDefinitions"][0]["essential"] is expected


@pytest.mark.parametrize(
    ("port", "problems"),
    [(0, 0), (65535, 0), (65536, 1), (-1, 1), ("-1", 1), ("80 ", 0), ("80.0", 0), ("80.5", 1), ("8 0", 1)],
)
def test_ranges_of_numbers(port, problems):
    connect = {"enabled": True, "services": [{"port_name": "a", "ingress_port_override": port}]}
    found = model.request(shape("CreateService"), {"service_connect_configuration": connect})[1]
    assert len(found) == problems


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"environment": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, [".environment: name 'A'"]),
        ({"environment": [{"name": "A", "value": "1"}, {"value": "2"}, {"value": "3"}]}, []),
        ({"command": ["a", "a"]}, []),
        (
            {"system_controls": [{"namespace": "a", "value": "1"}, {"namespace": "a", "value": "2"}]},
            [".system_controls: namespace 'a'"],
        ),
        ({"mount_points": [{"source_volume": "v"}, {"source_volume": "v"}]}, []),
    ],
)
def test_duplicate_names(fields, problems):
    expected = [f"container_definitions[0]{problem} is there more than once." for problem in problems]
    assert definition(**fields)[1] == expected


def test_duplicate_tags():
    tags = [{"key": key, "value": "1"} for key in ("b", "a", "b", "a")]
    assert model.request(shape("CreateCluster"), {"tags": tags})[1] == [
        "tags: key 'a' is there more than once.",
        "tags: key 'b' is there more than once.",
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("Environment", "environment"),
        ("entrypoint", "entry_point"),
        ("EnViRoNmEnT", "environment"),
        ("dockerLabel", "docker_labels"),
        ("HEALTH_CHECK", "health_check"),
    ],
)
def test_the_nearest_key_is_suggested(key, meant):
    assert definition(**{key: "x"})[1] == [f"container_definitions[0].{key}: no such key; did you mean '{meant}'?"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, "a map"),
        ([1], "a list"),
        (None, None),
        (("a",), "a tuple"),
    ],
)
def test_the_type_of_a_wrong_value_is_named(value, expected):
    problems = definition(essential=value)[1]
    path = "container_definitions[0].essential"
    sentence = f"{path}: has to be true or false, and is {expected}, {value!r}."
    assert problems == ([sentence] if expected else [])


def test_an_option_that_botocore_is_too_old_for():
    problems = model.request(shape("CreateService"), {"brand_new": 1, "older": None}, "1.34.0")[1]
    assert problems == [
        "brand_new: the installed botocore 1.34.0 doesn't know it. Install a newer one (pip install --upgrade boto3)."
    ]


@pytest.mark.parametrize("operation", ["RegisterTaskDefinition", "CreateService", "UpdateService", "CreateCluster"])
def test_option_names_are_unambiguous(operation):
    def check(structure, seen):
        if structure.type_name == "list":
            return check(structure.member, seen)
        if structure.type_name != "structure" or structure.name in seen:
            return None
        assert len(model.members(structure)) == len(structure.members), structure.name
        for member in structure.members.values():
            check(member, {*seen, structure.name})
        return None

    check(shape(operation), set())
