# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters hand their arguments on in the right order, and their errors are Ansible's."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.filter import service, summary
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import obstacles, plan
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import platform as platform_of

from tests.unit.plugins.filter.templates import as_in_templates
from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM
from tests.unit.plugins.module_utils.service_definitions import service as definition

FILTERS = as_in_templates(service.FilterModule().filters() | summary.FilterModule().filters())
OPTIONS = {
    "name": {"type": "str", "required": True},
    "cpu": {"type": "int", "default": 256},
    "image": {"type": "str"},
    "task_policies": {"type": "dict"},
}
VPC = {
    "vpc": {"name": "magiclub-an2p-vpc", "id": "vpc-1"},
    "apps_subnets": [
        {"name": "magiclub-an2p-apps-a1", "id": "subnet-a"},
        {"name": "magiclub-an2p-apps-c1", "id": None},
    ],
    "public_subnets": [],
}
ALB = {
    "load_balancer": {
        "name": "magiclub-an2p-pub-alb",
        "arn_suffix": "app/magiclub-an2p-pub-alb/50dc",
        "dns_name": "magiclub-an2p-pub-alb-1.ap-northeast-2.elb.amazonaws.com",
    },
    "security_group": {"name": "magiclub-an2p-pub-alb-sg", "id": "sg-alb"},
    "service_listener": {"port": 443, "arn": "arn:listener", "protocol": "HTTPS"},
    "domain": "",
}
CLUSTER = {
    "cluster": {"name": "magiclub-an2p-ecs"},
    "account_id": "123456789012",
    "execution_role": None,
    "namespace": {"name": "magiclub.internal", "id": "ns-1"},
}
OWN = {"name_prefix": "magiclub-an2p", "region": "cn-north-1", "tags": {}, "check_mode": False}


@pytest.fixture
def platform():
    return FILTERS["service_platform"](OWN, VPC, ALB, CLUSTER)


@pytest.fixture
def argument_specs(tmp_path):
    main = {"options": {"fargate_service_services": {"options": OPTIONS}}}
    file = tmp_path / "argument_specs.yml"
    file.write_text(yaml.safe_dump({"argument_specs": {"main": main}}), encoding="utf-8")
    return str(file)


def test_services_are_completed_by_the_spec(argument_specs):
    completed = FILTERS["service_inputs"](
        [{"name": "web", "image": "i", "cpu": "512"}, {"name": "api", "image": "i"}], argument_specs
    )
    assert [(entry["name"], entry["cpu"], entry["container_name"]) for entry in completed] == [
        ("web", 512, "web"),
        ("api", 256, "api"),
    ]


def test_the_version_of_a_policy_is_text_though_yaml_has_dates(argument_specs):
    policy = yaml.safe_load("{Version: 2012-10-17, Statement: []}")
    (completed,) = FILTERS["service_inputs"](
        [{"name": "web", "image": "i", "task_policies": {"s3": policy}}], argument_specs
    )
    assert completed["task_policies"]["s3"]["Version"] == "2012-10-17"


def test_all_wrong_services_are_named_at_once(argument_specs):
    with pytest.raises(AnsibleFilterError) as caught:
        FILTERS["service_inputs"]([{"name": "web", "colour": "red"}, {"cpu": 512}], argument_specs)
    assert "Service 'web': unknown option colour." in str(caught.value)
    assert "Service number 2: missing required arguments: name" in str(caught.value)


def test_a_platform_has_each_layers_names_and_ids(platform):
    assert platform["partition"] == "aws-cn"
    assert platform["subnets"] == {
        "apps": {"magiclub-an2p-apps-a1": "subnet-a", "magiclub-an2p-apps-c1": None},
        "public": {},
    }
    assert (platform["cluster"], platform["namespace_id"], platform["execution_role"]) == (
        "magiclub-an2p-ecs",
        "ns-1",
        None,
    )
    assert platform["listener"] == "magiclub-an2p-pub-alb:443"


def test_names_are_known_by_id_where_there_is_one(platform):
    assert platform_of.known(platform) == {
        "vpc-1": "magiclub-an2p-vpc",
        "sg-alb": "magiclub-an2p-pub-alb-sg",
        "subnet-a": "magiclub-an2p-apps-a1",
    }


def test_a_priority_that_is_taken_is_an_obstacle(platform):
    other = {"arn": "arn:rule", "name": "theirs", "priority": 7, "hosts": [], "paths": ["/x"]}
    web = definition(rule={"paths": ["/*"], "priority": 7})
    found = {"name_prefix": "magiclub-an2p", "rules": [other], "services": {}, "missing_images": []}
    (obstacle,) = obstacles.obstacles([web], platform, found)
    assert obstacle.startswith("Service 'web': rule.priority 7 is taken by rule theirs (/x)")
    assert obstacles.obstacles([web], platform, {**found, "rules": []}) == []


def test_a_new_service_is_planned_and_then_deployed():
    platform = {**PLATFORM, "check_mode": True}
    there = {"resources": [], "task_definitions": [], "rules": [], "ids": {}}
    info = {"name_prefix": "magiclub-an2p", "rules": [], "services": {"web": there}}
    both = plan.compared([definition()], platform, info)
    assert both["found"] == []
    assert ("ecs_service", FULL) in {(resource["type"], resource["name"]) for resource in both["desired"]}
    added = [{**entry, "action": "add", "fields": []} for entry in both["desired"]]
    registered = [entry for entry in added if entry["type"] == "ecs_task_definition"]
    (deployment,) = FILTERS["service_deployments"]({"changes": registered}, [definition()], platform, info)
    assert (deployment["name"], deployment["task_definition"]["family"]) == (FULL, FULL)
    assert deployment["service"] is deployment["scaling"] is None
    assert FILTERS["service_deployments"]({"changes": []}, [definition()], platform, info) == []


def test_of_two_equal_revisions_the_one_with_the_wanted_tags_is_compared():
    there = {"resources": [], "task_definitions": [], "rules": [], "ids": {}}
    info = {"name_prefix": "magiclub-an2p", "rules": [], "services": {"web": there}}
    (wanted,) = [
        resource
        for resource in plan.compared([definition()], PLATFORM, info)["desired"]
        if resource["type"] == "ecs_task_definition"
    ]
    tagged = {**wanted, "revision": f"{FULL}:6"}
    running = {**tagged, "revision": f"{FULL}:4", "values": {**wanted["values"], "tags": {"Team": "before"}}}
    there["task_definitions"] = [running, tagged]
    both = plan.compared([definition()], PLATFORM, info)
    assert [resource["revision"] for resource in both["found"]] == [f"{FULL}:6"]


def test_the_ids_of_what_was_made_are_those_that_a_read_would_show():
    info = {
        "cluster": "c",
        "services": {"web": {"name": "web", "ids": {"target_group a": "arn:a", "iam_role r": "arn:0"}}},
    }
    made = {"target_group": {"b": "arn:b"}, "iam_role": {"r": "arn:r"}, "security_group": {}}
    after = FILTERS["services_made"](info, made)
    ids = {"target_group a": "arn:a", "target_group b": "arn:b", "iam_role r": "arn:r"}
    assert after == {"cluster": "c", "services": {"web": {"name": "web", "ids": ids}}}
    assert info["services"]["web"]["ids"] == {"target_group a": "arn:a", "iam_role r": "arn:0"}


def test_what_is_steady_and_was_not_changed_is_not_waited_for():
    info = {
        "services": {
            "web": {"full_name": FULL, "steady": True},
            "api": {"full_name": "magiclub-an2p-api", "steady": False},
            "job": {"full_name": "magiclub-an2p-job", "steady": True},
        }
    }
    assert FILTERS["watched_services"](info, {"magiclub-an2p-job": "ecs-svc/2"}) == [
        {"name": "magiclub-an2p-api"},
        {"name": "magiclub-an2p-job", "deployment_id": "ecs-svc/2"},
    ]
    assert FILTERS["watched_services"](info, {FULL: None})[0] == {"name": FULL}


@pytest.mark.parametrize(
    ("endpoint", "url", "headers"),
    [
        (None, "https://lotto.example.com/health", {}),
        (
            "http://127.0.0.1:4566",
            "http://127.0.0.1:4566/health",
            {"Host": "magiclub-an2p-pub-alb.123456789012.alb.localhost:443"},
        ),
    ],
)
def test_a_smoke_request_goes_to_aws_or_to_the_local_endpoint(endpoint, url, headers):
    smoke = {"path": "/health", "status": 200, "that": [], "host": "lotto.example.com"}
    services = [definition(smoke=smoke), {"name": "silent", "smoke": None}]
    there = {
        "full_name": FULL,
        "desired_count": 1,
        "target_group": {"arn": "arn:group"},
        "task_definition_arn": "arn:1",
    }
    info = {"services": {"web": there}, "cluster": "magiclub-an2p-ecs"}
    (request,) = FILTERS["smoke_requests"](services, ALB, "123456789012", endpoint, info)
    assert (request["name"], request["ask"]["url"], request["ask"]["headers"]) == ("web", url, headers)


def test_only_the_inline_policies_that_change_are_written_and_those_that_went_are_deleted():
    document = {"Version": "2012-10-17", "Statement": []}
    policies = {"kept": document, "changed": document, "gone": "(removed)"}
    role = {"name": "magiclub-an2p-web-task", "values": {"inline_policies": policies}}
    changed = {
        **role,
        "action": "change",
        "fields": [{"path": "inline_policies.changed.Statement"}, {"path": "inline_policies.gone"}],
    }
    assert FILTERS["inline_policies"]([changed]) == [
        {"role": role["name"], "name": "changed", "document": document},
        {"role": role["name"], "name": "gone", "document": None},
    ]
    added = {**role, "action": "add", "fields": []}
    assert [entry["name"] for entry in FILTERS["inline_policies"]([added])] == ["kept", "changed", "gone"]


def test_the_summary_goes_from_what_serves_to_lines_and_artifacts():
    info = {"services": {"web": {"steady": True, "image": "registry.example/web:1", "desired_count": 1}}}
    request = {"name": "web", "address": "https://lotto.example.com"}
    answer = {"name": "web", "content": "7", "answered_by": "task 1 of web:1"}
    serving = FILTERS["services_serving"](info, [request], [answer])
    assert FILTERS["service_lines"](serving) == {
        "Address": "https://lotto.example.com",
        "Answer": "7 by task 1 of web:1",
        "Image": "registry.example/web:1",
        "Tasks": "0 of 1 running",
    }
    assert FILTERS["service_stats"](serving)["fargate_result"]["outcome"] == "steady"


def test_what_there_is_of_a_service_is_claimed_by_its_own_tags():
    entries = {kind: {"type": kind, "name": FULL, "values": {"tags": {"Project": "x"}}} for kind in "abcd"}
    there = {"resources": [entries["a"]], "task_definitions": [entries["b"], entries["c"]], "leaving": [entries["d"]]}
    claims = plan.claims([definition(tags={"Environment": "shared"})], {"services": {"web": there}})
    assert claims == [
        {"type": kind, "name": FULL, "values": {"tags": {"Environment": "shared"}}} for kind in ("a", "b", "d")
    ]
