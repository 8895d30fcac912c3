# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names set in the inventory, as of resources taken over, in desired and found resources and arguments."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import unasked
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    desired,
    found,
    priorities,
    scaling,
    taken_over,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import (
    OPTIONS,
    Names,
    all_names,
    as_option,
    given_names,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import decide as elbv2
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged.decide import Known

from tests.unit.plugins.module_utils.service_definitions import ACCOUNT, FULL, PLATFORM, PREFIX, nothing, service

NAMES = {
    "service": "Web_API",
    "task_family": "web-api-family",
    "target_group": "legacy-web-tg",
    "alternate_target_group": "legacy-web-tg-2",
    "log_group": "/aws/legacy/web",
    "task_role": "legacyWebRole",
    "execution_role": "legacyExecutionRole",
    "security_group": "legacy-web-sg",
    "repository": "legacy/web",
    "discovery": "legacy-web",
    "connect": "legacy-web-connect",
    "queue": "legacy-work",
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/theirs"
THERE = {"service": None, "ids": {}, "resources": [], "task_definitions": [], "deployment": None, "rules": []}


def by_type(**given):
    (ruled,) = priorities.with_priorities([service(**given)], PREFIX, {"rules": [], "services": {}})
    return {entry["type"]: entry for entry in desired.resources(ruled, PLATFORM, THERE)}


def test_every_name_can_be_set_and_has_a_default():
    assert all_names(PREFIX, {"name": "web", "names": NAMES}) == {"name": "web", **NAMES}
    defaults = all_names(PREFIX, {"name": "web", "names": {}})
    assert set(defaults) == {"name", *OPTIONS}
    assert defaults["service"] == FULL and defaults["log_group"] == f"/ecs/{FULL}"


def test_queue_name_has_precedence_over_names_queue():
    given = {"name": "web", "names": {"queue": "legacy-work"}}
    assert all_names(PREFIX, {**given, "queue": {"name": None}})["queue"] == "legacy-work"
    assert all_names(PREFIX, {**given, "queue": {"name": "work"}})["queue"] == "work"


def test_desired_resources_have_the_given_names_and_the_services_name_tag():
    wanted = by_type(names=NAMES, secrets={"A": "/a"}, autoscaling={"min": 1, "max": 2, "cpu": 50})
    names = {kind: entry["name"] for kind, entry in wanted.items()}
    assert names == {
        "log_group": "/aws/legacy/web",
        "iam_role": "legacyExecutionRole",
        "security_group": "legacy-web-sg",
        "target_group": "legacy-web-tg",
        "listener_rule": FULL,
        "cloud_map_service": "legacy-web.magiclub.internal",
        "ecs_task_definition": "web-api-family",
        "ecs_service": "Web_API",
        "scalable_target": "Web_API",
        "scaling_policy": f"{FULL}-cpu",
    }
    tags = {kind: entry["values"]["tags"]["Name"] for kind, entry in wanted.items() if "tags" in entry["values"]}
    assert set(tags.values()) == {FULL, f"{FULL}-sg"}
    values = wanted["ecs_service"]["values"]
    assert values["network"]["security_groups"] == ["legacy-web-sg"]
    assert values["load_balancers"][0]["target_group"] == "legacy-web-tg"
    definition = wanted["ecs_task_definition"]["values"]
    assert (definition["family"], definition["task_role"]) == ("web-api-family", "legacyWebRole")
    logs = definition["container_definitions"]["web"]["log_configuration"]["options"]
    assert logs["awslogs-group"] == "/aws/legacy/web"


def test_existing_resources_are_used_and_not_planned():
    wanted = by_type(
        task_role_arn=ROLE,
        execution_role_arn=ROLE,
        secrets={"A": "/a"},
        security_group_ids=["sg-2", "sg-1", PLATFORM["load_balancer_group_id"]],
        log_group_name="/all",
        log_stream_prefix="ecs",
        capacity_provider_strategy=[],
    )
    assert not {"iam_role", "security_group", "log_group"} & set(wanted)
    values = wanted["ecs_service"]["values"]
    assert values["network"]["security_groups"] == sorted(["sg-1", "sg-2", PLATFORM["load_balancer_group"]])
    assert (values["launch_type"], values["capacity_provider_strategy"]) == ("FARGATE", [])
    definition = wanted["ecs_task_definition"]["values"]
    assert (definition["task_role"], definition["execution_role"]) == ("theirs", "theirs")
    logs = definition["container_definitions"]["web"]["log_configuration"]["options"]
    assert (logs["awslogs-group"], logs["awslogs-stream-prefix"]) == ("/all", "ecs")
    assert "task_role" not in by_type(task_role_arn="none")["ecs_task_definition"]["values"]


def test_ecs_shifts_requests_with_an_existing_role():
    given = {"shift_role_arn": ROLE, "deployment": {"strategy": "blue_green"}}
    wanted = by_type(**given)
    assert wanted["iam_role"]["name"] == f"{FULL}-task"
    values = wanted["ecs_service"]["values"]
    assert values["load_balancers"][0]["role"] == "theirs"
    ids = {f"target_group {name}": name for name in (FULL, f"{FULL}-alt")} | {f"listener_rule {FULL}": "arn:rule"}
    there = {**THERE, "ids": {**ids, f"security_group {FULL}-sg": "sg-1"}}
    sent = arguments.ecs_service(service(**given), PLATFORM, there, {**values, "service_registries": []})
    assert sent["load_balancers"][0]["advanced_configuration"]["role_arn"] == ROLE


def test_arguments_have_existing_groups_and_a_launch_type_or_a_strategy():
    given = service(security_group_ids=["sg-2", "sg-1"], capacity_provider_strategy=[], rule=None)
    values = by_type(security_group_ids=["sg-2", "sg-1"], capacity_provider_strategy=[])["ecs_service"]["values"]
    sent = arguments.ecs_service(given, PLATFORM, THERE, {**values, "load_balancers": [], "service_registries": []})
    assert sent["network_configuration"]["security_groups"] == ["sg-1", "sg-2"]
    assert sent["launch_type"] == "FARGATE" and "capacity_provider_strategy" not in sent


def test_arguments_have_the_tags_of_the_service_and_not_those_of_the_plan():
    given = service(security_group_ids=["sg-1"], rule=None, tags={"environment": "prod"})
    values = by_type(security_group_ids=["sg-1"])["ecs_service"]["values"]
    masked = {**values, "tags": {"environment": "(sensitive)"}, "load_balancers": [], "service_registries": []}
    assert arguments.ecs_service(given, PLATFORM, THERE, masked)["tags"]["environment"] == "prod"


def test_the_strategy_of_an_existing_service_is_emptied():
    has = {"type": "ecs_service", "name": FULL, "values": {"capacity_provider_strategy": [{"x": 1}]}}
    there = {**THERE, "resources": [{**has, "values": {**has["values"], "deployment_configuration": {}}}]}
    entries = desired.resources(service(capacity_provider_strategy=[], rule=None), PLATFORM, there)
    values = next(entry["values"] for entry in entries if entry["type"] == "ecs_service")
    assert (values["capacity_provider_strategy"], values["launch_type"]) == ([], None)


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ([], f"{FULL}-cpu"),
        ([("theirs", "ECSServiceAverageCPUUtilization")], "theirs"),
        ([("theirs", "ECSServiceAverageMemoryUtilization")], f"{FULL}-cpu"),
        ([("b", "ECSServiceAverageCPUUtilization"), ("a", "ECSServiceAverageCPUUtilization")], "a"),
        ([("a", "ECSServiceAverageCPUUtilization"), (f"{FULL}-cpu", "ECSServiceAverageCPUUtilization")], f"{FULL}-cpu"),
    ],
)
def test_an_existing_policy_for_the_metric_keeps_its_name(policies, expected):
    there = [{"type": "scaling_policy", "name": name, "values": {"metric": metric}} for name, metric in policies]
    assert (
        scaling.policy_name(Names(PREFIX, "web"), {"resources": there}, "cpu", {"metric": scaling.METRICS["cpu"]})
        == expected
    )


def rule(arn, group="arn:group"):
    return {"RuleArn": arn, "Priority": "1", "Actions": [{"Type": "forward", "TargetGroupArn": group}]}


def test_the_rule_of_a_group_taken_over_is_found_whatever_its_name():
    rules, tags = [rule("a"), rule("b", "arn:other")], {"a": {"Name": "theirs"}, "b": {"Name": "others"}}
    assert elbv2.pick_rule(rules, tags, "web", "arn:group") is None
    assert elbv2.pick_rule(rules, tags, "web", "arn:group", taken_over=True) == rules[0]
    assert elbv2.pick_rule(rules, tags, "web", None, arn="b") == rules[1]


def test_an_existing_rule_is_changed_by_arn():
    entry = {**by_type(names=NAMES)["listener_rule"], "id": "arn:rule"}
    around = arguments.Around(PLATFORM, [], {"legacy-web-tg": "arn:group"}, revoke=False)
    assert arguments.of(entry, around)["rule_arn"] == "arn:rule"
    assert "rule_arn" not in arguments.of({**entry, "id": None}, around)


def test_resources_are_found_by_their_given_names():
    names = Names(PREFIX, "web", NAMES)
    raw = {
        **nothing(),
        "security_groups": [{"GroupId": "sg-1", "GroupName": "legacy-web-sg"}],
        "log_groups": [{"logGroupName": "/aws/legacy/web", "arn": "arn:logs", "tags": {}}],
    }
    there = found.services(raw, [names], {"names": {}, "listener": "", "namespace": ""})["web"]
    assert {(entry["type"], entry["name"]) for entry in there["resources"]} == {
        ("log_group", "/aws/legacy/web"),
        ("security_group", "legacy-web-sg"),
    }
    assert there["full_name"] == "Web_API"


WRONG = [
    ({"names": {"log_group": "arn:aws:logs:x"}}, "names.log_group 'arn:aws:logs:x' is an ARN."),
    ({"task_role_arn": "theirs"}, "task_role_arn 'theirs' is not the ARN of a role:"),
    ({"execution_role_arn": "none"}, "execution_role_arn 'none' is not the ARN of a role:"),
    ({"security_group_ids": ["web-sg"]}, "security_group_ids 'web-sg' is not the id of a security group: sg-…."),
    ({"task_role_arn": ROLE, "task_policies": {"a": {"Statement": []}}}, "task_policies would change"),
    ({"task_role_arn": ROLE, "names": {"task_role": "x"}}, "names.task_role would change"),
    ({"security_group_ids": ["sg-1"], "allow_from": ["10.0.0.0/8"]}, "allow_from would change"),
    ({"log_group_name": "/all", "names": {"log_group": "/x"}}, "names.log_group would change"),
    ({"task_role_arn": "none", "enable_execute_command": True}, "enable_execute_command needs a role"),
    (
        {"names": {"service": "my service"}},
        "names.service 'my service' has ' '; allowed are letters, digits, _ and - (ECS, CreateService). Change"
        " names.service.",
    ),
    ({"names": {"task_family": "web:3"}}, "names.task_family 'web:3' has ':'"),
    ({"names": {"target_group": "my_group"}}, "names.target_group 'my_group' does not match a name of letters"),
    ({"names": {"target_group": "x" * 33}}, f"names.target_group '{'x' * 33}' has 33 characters; 32 at most"),
    ({"names": {"log_group": "aws/web"}}, "names.log_group 'aws/web' begins with 'aws/', which AWS reserves"),
    ({"names": {"execution_role": "a/b"}}, "names.execution_role 'a/b' has '/'"),
    ({"names": {"security_group": "sg-1"}}, "names.security_group 'sg-1' begins with 'sg-'"),
    ({"names": {"repository": "Web"}}, "names.repository 'Web' does not match a name of lower-case"),
    ({"names": {"discovery": "a.b"}}, "names.discovery 'a.b' is not the first part of a DNS name: 1 to 63 letters,"),
    ({"names": {"discovery": "-a"}}, "names.discovery '-a' is not the first part of a DNS name"),
    ({"log_group_name": "my group"}, "log_group_name 'my group' has ' '; allowed are"),
    ({"log_stream_prefix": "web:1"}, "log_stream_prefix 'web:1' has ':', which the name of a log stream can't"),
    ({"log_stream_prefix": "x" * 300}, "log_stream_prefix has 300 characters, and"),
    ({"security_group_ids": ["sg-1", "sg-1"]}, "security_group_ids has sg-1 more than once."),
    ({"security_group_ids": [f"sg-{number}" for number in range(6)]}, "security_group_ids has 6, and tasks take 5"),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_problems_are_reported(given, says):
    (sentence,) = taken_over.problems(service(**given))
    assert sentence.startswith(says)


def test_valid_names_are_accepted():
    right = service(names=NAMES, security_group_ids=[])
    assert list(taken_over.problems(right)) == []
    assert list(taken_over.problems(service(task_role_arn="none", execution_role_arn=ROLE))) == []


def test_two_services_can_not_share_a_name():
    services = [service(names={"log_group": "/all"}), {**service(names={"log_group": "/all"}), "name": "api"}]
    (sentence,) = taken_over.twice(services, PREFIX)
    assert sentence.startswith("Services 'web' and 'api' both have names.log_group /all")
    # a given name that is another's default
    services[1]["names"] = {"service": FULL}
    services[0]["names"] = {}
    assert len(taken_over.twice(services, PREFIX)) == 1


BLUE_GREEN = {"deployment": {"strategy": "blue_green"}}
TWO_PORTS = {"rules": [{"paths": ["/a"]}, {"paths": ["/b"], "port": 81}]}


@pytest.mark.parametrize(
    ("web", "api", "says"),
    [
        (
            {"names": {"target_group": "same", "alternate_target_group": "same"}, **BLUE_GREEN},
            None,
            "Service 'web': names.target_group same is the name of another target group, its own"
            " names.alternate_target_group. Change one of them.",
        ),
        (
            {"names": {"alternate_target_group": FULL}, **BLUE_GREEN},
            None,
            f"Service 'web': names.alternate_target_group {FULL} is the name of another target group, its own"
            " names.target_group. Change one of them.",
        ),
        (
            {"names": {"target_group": f"{FULL}-81"}, **TWO_PORTS},
            None,
            f"Service 'web': names.target_group {FULL}-81 is the name of another target group, its own of port 81."
            " Change one of them.",
        ),
        (
            {"names": {"task_role": "Same", "execution_role": "same"}, "secrets": {"A": "/a"}},
            None,
            "Service 'web': names.task_role Same is the name of another role, its own names.execution_role. Change one"
            " of them.",
        ),
        (
            {"names": {"target_group": f"{PREFIX}-api-alt"}},
            BLUE_GREEN,
            f"Service 'web': names.target_group {PREFIX}-api-alt is the name of another target group,"
            " names.alternate_target_group of service 'api'. Change one of them.",
        ),
        (
            {"secrets": {"A": "/a"}},
            {"names": {"task_role": f"{FULL}-execution"}},
            f"Service 'api': names.task_role {FULL}-execution is the name of another role, names.execution_role of"
            " service 'web'. Change one of them.",
        ),
        (
            {"names": {"task_role": f"{PREFIX}-ecs-execution"}},
            None,
            f"Service 'web': names.task_role {PREFIX}-ecs-execution is the name of another role, that of the layer"
            " ecs_cluster. Change names.task_role.",
        ),
        (
            {"names": {"security_group": f"{PREFIX}-pub-alb-sg"}},
            None,
            f"Service 'web': names.security_group {PREFIX}-pub-alb-sg is the name of another security group, that of"
            " the layer alb. Change names.security_group.",
        ),
        (
            {"names": {"security_group": "default"}},
            None,
            "Service 'web': names.security_group default is the name of another security group, that of each VPC."
            " Change names.security_group.",
        ),
    ],
)
def test_two_resources_of_a_kind_can_not_share_a_name(web, api, says):
    services = [service(**web), *([service(name="api", rule={"paths": ["/z"]}, **api)] if api is not None else [])]
    assert taken_over.twice(services, PREFIX) == [says]


def test_resources_that_are_not_desired_reserve_no_name():
    services = [service(names={"target_group": f"{PREFIX}-api-alt"}), service(name="api")]
    assert taken_over.twice(services, PREFIX) == []


def listed(arn, name):
    return Known(f"arn:aws:{arn}", {"Project": "p", "Environment": "e", "ManagedBy": "ansible", "Name": name})


SERVICE = listed(f"ecs:r:{ACCOUNT}:service/{PREFIX}-ecs/Web_API", FULL)
GROUP = listed(f"logs:r:{ACCOUNT}:log-group:/aws/legacy/web", FULL)


def inventory(*services, **named):
    return unasked.Inventory(PREFIX, services, (), named=named)


def test_resources_taken_over_are_found_by_tag_after_their_service_left_the_inventory():
    targets = [
        listed(f"elasticloadbalancing:r:{ACCOUNT}:targetgroup/{name}/1", FULL) for name in ("legacy-a", "legacy-b")
    ]
    (entry,) = unasked.unasked([SERVICE, GROUP, *targets], inventory())
    assert (entry["kind"], entry["name"], len(entry["resources"])) == ("service", "web", 4)
    given = unasked.given_names([entry])["web"]
    assert as_option(given) == {
        "service": "Web_API",
        "log_group": "/aws/legacy/web",
        "target_groups": {"0": "legacy-a", "1": "legacy-b"},
    }
    names = Names(PREFIX, "web", given)
    assert all(names.is_group(name, FULL) for name in ("legacy-a", "legacy-b", FULL, f"{FULL}-alt"))
    assert names.is_by_tags and given_names({"names": as_option(given)}) == given


def test_resources_taken_over_are_kept_though_another_service_could_have_their_name():
    family = Known(f"arn::ecs:::task-definition/{FULL}-td:", {})
    role = Known(f"arn:aws:iam::{ACCOUNT}:role/{FULL}-of-tasks-task", {})
    given = {"task_family": f"{FULL}-td", "task_role": f"{FULL}-of-tasks-task"}
    names = Names(PREFIX, "web", given).by_type
    assert unasked.candidates([family, role], inventory("web", web=names)) == []
    assert unasked.candidates([family, role], inventory("web", web=Names(PREFIX, "web").by_type)) == [family, role]


def test_the_target_group_of_an_additional_port_belongs_to_its_service():
    """The service's own plan removes it if no rule forwards to the port any more."""
    groups = [
        listed(f"elasticloadbalancing:r:{ACCOUNT}:targetgroup/{name}/1", FULL)
        for name in (FULL, f"{FULL}-9090", "legacy-a")
    ]
    assert unasked.candidates(groups, inventory("web", web=Names(PREFIX, "web").by_type)) == [groups[2]]


def test_a_service_keeps_its_name_and_other_renames_are_reported():
    given = {key: NAMES[key] for key in ("service", "log_group")}
    assert unasked.unasked([SERVICE, GROUP], inventory("web", web=Names(PREFIX, "web", given).by_type)) == []
    left = unasked.unasked([SERVICE, GROUP], inventory("web", web=Names(PREFIX, "web").by_type))
    assert [entry["kind"] for entry in left] == ["former", "former"]
    (refused,) = unasked.renamed(left)
    assert "is Web_API in ECS, which renames no service" in refused
    assert unasked.renamed([entry for entry in left if entry["resources"][0]["type"] != "ecs_service"]) == []
    assert "log_group /aws/legacy/web: service web has one of another name now; remove arn:aws:logs" in "\n".join(
        unasked.lines(left, prune=False)
    )
