# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Services of an inventory: how they are completed, and problems between them.

Problems of a single one are in mistakes.yml of the action validate.
"""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import inputs

from tests.unit.plugins.module_utils.service_definitions import PREFIX, SPEC, problems, service

DIGEST = "sha256:" + "0" * 64
HEALTHY = {"command": ["CMD", "true"]}
ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("", []),
        ("arn:aws:iam::123456789012:policy/boundary", []),
        (
            "boundary",
            [
                "fargate_service_permissions_boundary: 'boundary' is not an ARN of a policy."
                " Write one as in arn:aws:iam::123456789012:policy/name."
            ],
        ),
    ],
)
def test_a_boundary_is_the_arn_of_a_policy(boundary, expected):
    assert problems(permissions_boundary=boundary) == expected


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"image": "nginx"},
        {"image": "localhost:4566/123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/a/b_c__d-e.f:v1.2"},
        {"image": f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/lotto@{DIGEST}"},
        {"image": f"lotto:1@{DIGEST}"},
        {"image": "(known after build)"},
        {"name": "a-b2"},
        {"name": "a" * 18},
        {"cpu": 16384, "memory": 122880},
        {"ephemeral_storage": 21},
        {"ephemeral_storage": 200},
        {"port": 1},
        {"port": 65535},
        {"rule": {"hosts": ["*.example.com"]}},
        {"rule": {"paths": ["/a", "/b?", "/c/*"], "hosts": ["a.b", "c.d"], "priority": 50000}},
        {"rule": {"paths": ["/"], "priority": 1}},
        {"allow_from": ["172.25.0.0/16", "fd00::/8", "sg-0a1b", "pl-0a1b"]},
        {"secrets": {"A": "/app/a", "B": "name", "C": "arn:aws:ssm:ap-northeast-2:123456789012:parameter/x"}},
        {"secrets": {"A": "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:x-AbCdEf:key::"}},
        {"secrets_kms_keys": ["arn:aws:kms:ap-northeast-2:123456789012:key/1"]},
        {"task_managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::123456789012:policy/own"]},
        {"task_policies": {"own": {"Version": "2012-10-17", "Statement": [ALL]}}},
        {"health_check": {"interval": 5, "timeout": 2, "healthy_threshold": 10, "unhealthy_threshold": 2}},
        {"health_check": {"matcher": "200,204"}},
        {"health_check": {"matcher": "200-299,301"}},
        {"ulimits": [{"name": "nofile", "soft": 1024, "hard": -1}]},
        {"container_health_check": {**HEALTHY, "interval": 5, "timeout": 2, "retries": 10, "start_period": 300}},
        {"slow_start": 30},
        {"slow_start": 900},
        {"stickiness_duration": 604800},
        {"stop_timeout": 120},
        {"desired_count": 0},
        {"minimum_healthy_percent": 0, "maximum_percent": 100, "availability_zone_rebalancing": False},
        {"autoscaling": {"min": 0, "max": 0, "requests": 0.5}},
        {"autoscaling": {"min": 1, "max": 2, "cpu": 100}},
        {"sidecars": [{"name": "s", "image": "t", "port": 9090}], "depends_on": [{"container": "s"}]},
        {"volumes": [{"name": "v"}], "mounts": [{"volume": "v", "path": "/v"}]},
        {"cpu_architecture": "ARM64", "image_architectures": ["X86_64", "ARM64"]},
    ],
)
def test_valid_inputs_have_no_problems(given):
    assert problems(service(**given)) == []


THE_GROUP_S = "{} needs a rule: it is the target group's. Set rule, or take {} away."


@pytest.mark.parametrize("port", [8080, None])
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, None),
        ({"container_health_check": HEALTHY, "autoscaling": {"min": 1, "max": 2, "cpu": 50}}, None),
        ({"smoke": None, "autoscaling": None}, None),
        (
            {"health_check": {"path": "/health"}},
            'health_check {"path": "/health", "matcher": "200", "interval": 15, "timeout": 5, "healthy_threshold": 2,'
            ' "unhealthy_threshold": 3} needs a rule: it is the target group\'s. Set rule, or take health_check away;'
            " container_health_check looks at the container itself.",
        ),
        ({"deregistration_delay": 30}, THE_GROUP_S.format("deregistration_delay 30", "deregistration_delay")),
        ({"slow_start": 0}, THE_GROUP_S.format("slow_start 0", "slow_start")),
        ({"stickiness_duration": 60}, THE_GROUP_S.format("stickiness_duration 60", "stickiness_duration")),
        (
            {"health_check_grace_period": 30},
            "health_check_grace_period 30 needs a rule: ECS takes it for services behind a load balancer only."
            " Set rule, or take health_check_grace_period away; container_health_check.start_period is the container's"
            " own.",
        ),
        (
            {"smoke": {"path": "/"}},
            'smoke {"path": "/", "status": 200} needs a rule: the request goes through the load balancer.'
            " Set rule, or take smoke away.",
        ),
        (
            {"autoscaling": {"min": 1, "max": 2, "requests": 100}},
            "autoscaling.requests 100 needs a rule: the load balancer counts the requests."
            " Set rule, or scale by autoscaling.cpu or autoscaling.memory.",
        ),
    ],
)
def test_load_balancer_options_are_refused_without_a_rule(given, sentence, port):
    expected = [f"Service 'web': {sentence}"] if sentence else []
    assert problems(service(rule=None, port=port, **given)) == expected
    assert problems(service(**given)) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            'rule {"paths": ["/*"]} needs a port: the load balancer sends requests to that of a task.'
            " Set port, or take rule away from a service that nobody connects to.",
        ),
        (
            {"rule": None, "allow_from": ["sg-0a1b", "10.0.0.0/8"]},
            "allow_from sg-0a1b, 10.0.0.0/8 needs a port to let in on, and without one nobody connects to the service."
            " Set port, or take allow_from away.",
        ),
    ],
)
def test_options_that_need_a_port_are_refused_without_one(given, sentence):
    assert problems(service(port=None, **given)) == [f"Service 'web': {sentence}"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"port": 80}, True),
        ({"port": 80, "service_discovery": False}, False),
        ({}, False),
        ({"service_discovery": True}, True),
    ],
)
def test_service_discovery_defaults_to_services_with_a_port(given, expected):
    (made,) = inputs.complete([{"name": "web", "image": "i", **given}], SPEC)
    assert (made["service_discovery"], made["given"]) == (expected, sorted(["name", "image", *given]))


def test_a_name_or_priority_is_used_once():
    rule = {"paths": ["/"], "priority": 7}
    services = [service(rule=rule), service(), service(name="other", rule={**rule, "paths": ["/other"]})]

    assert problems(*services) == [
        "Service name 'web' is given 2 times: it names everything that a service has. Rename the others.",
        (
            "Rule priority 7 is given to services web and other: a listener has each once."
            " Give each another, or leave rule.priority out to get the next free."
        ),
    ]


def test_a_priority_is_used_once_within_a_service_too():
    rules = [{"paths": ["/a"], "priority": 7}, {"paths": ["/b"], "priority": 7}]
    assert problems(service(rules=rules)) == [
        "Rule priority 7 is given to 2 rules of service 'web': a listener has each once. Give each another, or leave"
        " rule.priority out to get the next free."
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"paths": ["/*"]}, {"paths": ["/*"]}, True),
        ({"paths": ["/a", "/b"]}, {"paths": ["/b", "/a"]}, True),
        ({"paths": ["/a*"]}, {"paths": ["/a*", "/ab"]}, True),
        ({"hosts": ["A.io"]}, {"hosts": ["a.io"]}, True),
        ({"hosts": ["a.io"]}, {"hosts": ["b.io"]}, False),
        ({"paths": ["/a"]}, {"paths": ["/a", "/b"]}, False),
        ({"paths": ["/a"]}, {"paths": ["/A"]}, False),
    ],
)
def test_two_services_for_the_same_requests_are_refused(one, other, same):
    services = [service(name="one", rule=one), service(name="other", rule=other)]
    sentences = problems(*services)
    assert [text.startswith("Services 'one' and 'other' ask for the same requests, ") for text in sentences] == [
        True
    ] * same


@pytest.mark.parametrize(
    ("rule", "smoke", "reached"),
    [
        ({"paths": ["/shop/*"]}, {"path": "/shop/health?full=1"}, True),
        ({"paths": ["/shop/*"]}, {"path": "/"}, False),
        ({"paths": ["/shop/*"]}, {"path": "/shop"}, False),
        ({"hosts": ["shop.io"]}, {"path": "/"}, True),
        ({"hosts": ["shop.io"]}, {"path": "/", "host": "SHOP.io"}, True),
        ({"hosts": ["shop.io"]}, {"path": "/", "host": "other.io"}, False),
        ({"hosts": ["*.shop.io"]}, {"path": "/"}, True),
        ({"hosts": ["*.shop.io"], "paths": ["/x"]}, {"path": "/y"}, False),
    ],
)
def test_a_smoke_request_that_no_own_rule_matches_is_refused(rule, smoke, reached):
    given = inputs.complete([{"name": "web", "image": "i", "port": 80, "rule": rule, "smoke": smoke}], SPEC)
    sentences = problems(*given)
    assert [text.startswith("Service 'web': smoke asks for ") for text in sentences] == [True] * (not reached)


def test_a_definition_is_completed_by_the_argument_spec():
    made = inputs.complete([{"name": "web", "image": "i", "port": "8080", "rule": {"priority": "5"}}], SPEC)[0]

    assert (made["port"], made["rule"]["priority"]) == (8080, 5)
    assert made["container_name"] == "web"
    assert made["health_check"] == {
        "path": "/",
        "matcher": "200",
        "interval": 15,
        "timeout": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 3,
    }
    assert made["circuit_breaker"] == {
        "enable": True,
        "rollback": True,
        "reset_on_healthy_task": True,
        "threshold": None,
    }
    assert (made["deployment"]["strategy"], made["deployment"]["canary"]) == ("rolling", None)
    assert made["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}]
    assert made["autoscaling"] is None


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({"name": "web"}, "Service 'web' has neither image nor build. Set the one or the other."),
        ({"name": "web", "image": ""}, "Service 'web' has neither image nor build."),
        ({"name": "web", "image": "i", "build": {"path": "."}}, "Service 'web' has both image and build."),
        (
            {"name": "web", "build": {"dockerfile": "D"}},
            "Service 'web': missing required arguments: path found in build",
        ),
        (
            {"name": "web", "build": {"path": ".", "paht": "."}},
            "Service 'web': unknown option build.paht. Did you mean path?",
        ),
        (
            {"name": "web", "build": {"path": ".", "platform": "linux/s390x"}},
            "Service 'web': value of platform must be one of: linux/amd64, linux/arm64",
        ),
        ({}, "Service number 1: missing required arguments: name"),
        (
            {"name": "web", "image": "i", "port": 1, "rule": {"pths": []}},
            "Service 'web': unknown option rule.pths. Did you mean paths?",
        ),
        (
            {"name": "web", "image": "i", "port": "x", "rule": {}},
            "Service 'web': port is the text 'x', and has to be a whole number. Change port.",
        ),
        (
            {"name": "web", "image": "i", "port": 1, "rule": {}, "log_retention": 1095},
            "Service 'web': value of log_retention must be one of: 1, 3, 5, 7, 14",
        ),
    ],
)
def test_an_unknown_missing_or_wrong_option_is_named_with_its_service(given, begins):
    with pytest.raises(ValueError, match="Service") as caught:
        inputs.complete([given], SPEC)

    assert str(caught.value).startswith(begins)


@pytest.mark.parametrize(
    ("platform", "given", "runs_on"),
    [("linux/amd64", None, "X86_64"), ("linux/arm64", None, "ARM64"), ("linux/arm64", "X86_64", "X86_64")],
)
def test_the_build_platform_sets_the_architecture_of_the_tasks(platform, given, runs_on):
    wanted = {"name": "web", "build": {"path": "~/app", "platform": platform}}
    [made] = inputs.complete([{**wanted, "cpu_architecture": given} if given else wanted], SPEC)
    built_for = {"linux/amd64": "X86_64", "linux/arm64": "ARM64"}[platform]
    assert (made["image"], made["image_architectures"]) == ("(known after build)", [built_for])
    assert (made["cpu_architecture"], made["build"]) == (runs_on, wanted["build"])
    wrong = problems(made)
    assert [sentence for sentence in wrong if "cpu_architecture" in sentence] == (
        [] if runs_on == built_for else [sentence for sentence in wrong if "is not in its image" in sentence]
    )


@pytest.mark.parametrize(("kept", "refused"), [(f"{PREFIX}-web", 1), (f"{PREFIX}-lotto", 0), ("", 0)])
def test_no_service_is_built_into_the_repository_of_ecr_push(kept, refused):
    services = inputs.complete([{"name": "web", "build": {"path": "."}}, {"name": "lotto", "image": "i"}], SPEC)
    found = problems(*services, repository_of_lotto=kept)
    assert sum("set ecr_push_app to another name" in sentence for sentence in found) == refused


@pytest.mark.parametrize(("option", "value"), [("rule", 5), ("autoscaling", True), ("health_check", 1.5)])
def test_a_number_instead_of_a_dictionary_is_refused_with_the_service_name(option, value):
    with pytest.raises(ValueError, match=rf"^Service 'web': {option} is read as .* and has to be a dictionary\."):
        inputs.complete([{"name": "web", "image": "i", option: value}], SPEC)
