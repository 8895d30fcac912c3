# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    desired,
    desired_ecs_service,
    desired_task,
    policies,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.iam.policy import EXEC_ACTIONS

from tests.unit.plugins.module_utils.service_definitions import ACCOUNT, FULL, PLATFORM, PREFIX, TAGS, service

SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:db-AbCdEf"
OWN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def made(found=None, **given):
    """Return the desired resources by type and name."""
    resources = desired.resources(service(**given), PLATFORM, found or {})
    return {(resource["type"], resource["name"]): resource["values"] for resource in resources}


def container(name="web", **given):
    return made(**given)["ecs_task_definition", FULL]["container_definitions"][name]


def test_a_minimal_service_has_all_its_resources_in_order_of_dependencies():
    assert list(made()) == [
        ("log_group", f"/ecs/{FULL}"),
        ("iam_role", f"{FULL}-task"),
        ("security_group", f"{FULL}-sg"),
        ("target_group", FULL),
        ("listener_rule", FULL),
        ("cloud_map_service", "web.magiclub.internal"),
        ("ecs_task_definition", FULL),
        ("ecs_service", FULL),
    ]


def test_everything_is_tagged_with_its_name_and_the_tags_of_platform_and_service():
    for (_, name), values in made(tags={"Cost": "1"}).items():
        own = f"{FULL}-sg" if name.endswith("-sg") else FULL
        assert values["tags"] == {**TAGS, "Cost": "1", "Name": own}


def test_only_the_load_balancer_reaches_the_container_port():
    assert made(port=9000)["security_group", f"{FULL}-sg"]["ingress"] == [
        {"protocol": "tcp", "ports": "9000", "source": f"{PREFIX}-pub-alb-sg"}
    ]


def test_allow_from_adds_sources():
    ingress = made(allow_from=["sg-0a1b", "172.25.0.0/16"])["security_group", f"{FULL}-sg"]["ingress"]
    assert [rule["source"] for rule in ingress] == ["172.25.0.0/16", f"{PREFIX}-pub-alb-sg", "sg-0a1b"]
    assert {rule["ports"] for rule in ingress} == {"8080"}


@pytest.mark.parametrize("rule", [{"paths": ["/*"]}, None])
def test_the_load_balancers_group_is_a_source_only_once_and_by_name(rule):
    ingress = made(rule=rule, allow_from=["sg-alb"])["security_group", f"{FULL}-sg"]["ingress"]
    assert [rule["source"] for rule in ingress] == [f"{PREFIX}-pub-alb-sg"]


ALWAYS = ["log_group", "iam_role", "security_group", "ecs_task_definition", "ecs_service"]
NAMED = [*ALWAYS[:3], "cloud_map_service", *ALWAYS[3:]]


@pytest.mark.parametrize(
    ("given", "kinds", "sources", "registries", "ports"),
    [
        ({}, NAMED, [], ["web.magiclub.internal"], ["8080/tcp"]),
        ({"allow_from": ["sg-0a1b"]}, NAMED, ["sg-0a1b"], ["web.magiclub.internal"], ["8080/tcp"]),
        ({"service_discovery": False}, ALWAYS, [], [], ["8080/tcp"]),
        ({"port": None}, ALWAYS, [], [], []),
        ({"port": None, "service_discovery": True}, NAMED, [], ["web.magiclub.internal"], []),
    ],
    ids=["backend", "backend with a caller", "backend without a name", "worker", "worker with a name"],
)
def test_a_service_without_a_rule_has_no_load_balancer_resources(given, kinds, sources, registries, ports):
    resources = made(rule=None, **given)

    assert [kind for kind, _name in resources] == kinds
    assert [rule["source"] for rule in resources["security_group", f"{FULL}-sg"]["ingress"]] == sources
    values = resources["ecs_service", FULL]
    assert (values["load_balancers"], values["service_registries"]) == ([], registries)
    assert values["health_check_grace_period_seconds"] is None
    assert list(container(rule=None, **given).get("port_mappings") or {}) == ports


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, {"stickiness.enabled": "false"}),
        (
            60,
            {
                "stickiness.enabled": "true",
                "stickiness.type": "lb_cookie",
                "stickiness.lb_cookie.duration_seconds": "60",
            },
        ),
    ],
)
def test_stickiness_can_be_turned_off_as_well_as_on(seconds, expected):
    attributes = made(stickiness_duration=seconds)["target_group", FULL]["attributes"]

    assert {key: value for key, value in attributes.items() if key.startswith("stickiness")} == expected


def test_without_service_discovery_there_is_no_registry():
    resources = made(service_discovery=False)

    assert ("cloud_map_service", "web.magiclub.internal") not in resources
    assert resources["ecs_service", FULL]["service_registries"] == []


def test_tasks_in_public_subnets_get_public_addresses():
    assert made(subnets="public")["ecs_service", FULL]["network"] == {
        "subnets": [f"{PREFIX}-pub-a1"],
        "security_groups": [f"{FULL}-sg"],
        "assign_public_ip": True,
    }


def test_a_service_without_secrets_starts_with_the_role_of_the_cluster():
    resources = made()

    assert resources["ecs_task_definition", FULL]["execution_role"] == f"{PREFIX}-ecs-execution"
    assert ("iam_role", f"{FULL}-execution") not in resources


def test_both_roles_have_the_permissions_boundary():
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    bounded = desired.resources(service(secrets={"A": "/app/a"}), {**PLATFORM, "permissions_boundary": boundary}, {})
    roles = {entry["name"]: entry["values"] for entry in bounded if entry["type"] == "iam_role"}
    assert {name: values["permissions_boundary"] for name, values in roles.items()} == {
        f"{FULL}-task": boundary,
        f"{FULL}-execution": boundary,
    }
    assert made()["iam_role", f"{FULL}-task"]["permissions_boundary"] == ""


def test_the_execution_role_may_read_only_the_secrets_of_the_service():
    resources = made(
        secrets={"A": "/app/a", "B": f"{SECRET}:key::"},
        secrets_kms_keys=["arn:aws:kms:ap-northeast-2:123456789012:key/1"],
        sidecars=[{"name": "s", "image": "t", "secrets": {"A": "app/a"}}],
    )

    role = resources["iam_role", f"{FULL}-execution"]
    assert role["managed_policies"] == ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"]
    assert role["inline_policies"]["read-secrets"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "ssm:GetParameters",
            "Resource": f"arn:aws:ssm:ap-northeast-2:{ACCOUNT}:parameter/app/a",
        },
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": SECRET},
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:ap-northeast-2:123456789012:key/1",
        },
    ]
    assert resources["ecs_task_definition", FULL]["execution_role"] == f"{FULL}-execution"
    assert container(secrets={"B": f"{SECRET}:key::"})["secrets"] == {"B": f"{SECRET}:key::"}


def test_only_tasks_of_this_account_may_assume_the_roles():
    statement = made()["iam_role", f"{FULL}-task"]["trust_policy"]["Statement"][0]

    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_ecs_exec_uses_the_clusters_policy_or_an_inline_one():
    definition = service(enable_execute_command=True)
    with_policy = {**PLATFORM, "exec_policy": f"{PREFIX}-ecs-exec"}

    assert policies.managed_policies(definition, with_policy) == [f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-ecs-exec"]
    assert policies.task_policies(definition, with_policy) == {}
    assert policies.task_policies(definition, PLATFORM)["ecs-exec"]["Statement"][0]["Action"] == EXEC_ACTIONS
    assert policies.managed_policies(service(), with_policy) == []


def test_an_inline_policy_created_by_hand_is_removed():
    found = {"roles": {f"{FULL}-task": {"inline_policies": {"hand": OWN, "own": OWN}}}}

    inline = made(found, task_policies={"own": OWN})["iam_role", f"{FULL}-task"]["inline_policies"]

    assert inline == {"own": OWN, "hand": compare.GONE}


def entry(action="change", fields=(), **inline):
    changed = [{"path": path, "before": None, "after": None} for path in fields]
    return {"name": "role", "action": action, "fields": changed, "values": {"inline_policies": inline}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (entry("add", a=OWN, b=OWN), {"a": OWN, "b": OWN}),
        (entry(fields=["tags.Team"], a=OWN), {}),
        (entry(fields=["inline_policies.a.Statement"], a=OWN, b=OWN), {"a": OWN}),
        (entry(fields=["inline_policies.x.y"], **{"x.y": "(none)", "x": OWN}), {"x.y": None, "x": OWN}),
    ],
)
def test_only_inline_policies_that_differ_are_written(given, expected):
    assert {policy["name"]: policy["document"] for policy in policies.inline([given])} == expected


def test_containers_have_the_options_of_the_definition():
    main = container(
        command=["serve"],
        environment={"N": "1", "YES": "true"},
        readonly_root=True,
        ulimits=[{"name": "nofile", "soft": 1, "hard": 2}],
        container_health_check={"command": ["CMD", "x"]},
        volumes=[{"name": "v"}],
        mounts=[{"volume": "v", "path": "/v", "read_only": True}],
        sidecars=[{"name": "s", "image": "t", "cpu": 10}],
        depends_on=[{"container": "s", "condition": "HEALTHY"}],
        stop_timeout=9,
    )

    assert main["command"] == ["serve"]
    assert main["environment"] == {"N": "1", "YES": "true"}
    assert main["readonly_root_filesystem"] is True
    assert main["linux_parameters"] == {"init_process_enabled": True}
    assert main["ulimits"] == {"nofile": {"soft_limit": 1, "hard_limit": 2}}
    assert main["health_check"]["command"] == ["CMD", "x"]
    assert main["mount_points"] == {"/v": {"source_volume": "v", "read_only": True}}
    assert main["depends_on"] == {"s": "HEALTHY"}
    assert (main["stop_timeout"], main["cpu"], main["essential"]) == (9, 0, True)
    assert main["port_mappings"] == {"8080/tcp": {"container_port": 8080, "host_port": 8080}}
    assert main["log_configuration"]["options"] == {
        "awslogs-group": f"/ecs/{FULL}",
        "awslogs-region": "ap-northeast-2",
        "awslogs-stream-prefix": "web",
    }


def test_a_sidecar_is_not_essential_and_has_its_share_of_cpu():
    sidecar = container("s", sidecars=[{"name": "s", "image": "t", "cpu": 10, "memory_reservation": 64}])

    assert (sidecar["essential"], sidecar["cpu"], sidecar["memory_reservation"]) == (False, 10, 64)


@pytest.mark.parametrize(
    ("efs", "expected"),
    [
        ({}, {"root_directory": "/"}),
        ({"root_directory": "/d"}, {"root_directory": "/d"}),
        (
            {"access_point_id": "fsap-1"},
            {"root_directory": "/", "authorization_config": {"access_point_id": "fsap-1", "iam": "DISABLED"}},
        ),
        ({"iam": True}, {"root_directory": "/", "authorization_config": {"iam": "ENABLED"}}),
    ],
)
def test_an_efs_volume_is_encrypted_in_transit(efs, expected):
    volume = {"name": "v", "efs": {"file_system_id": "fs-1", **efs}}

    assert made(volumes=[volume])["ecs_task_definition", FULL]["volumes"]["v"]["efs_volume_configuration"] == {
        "file_system_id": "fs-1",
        "transit_encryption": "ENABLED",
        **expected,
    }


def test_ephemeral_storage_is_set_only_if_given():
    assert made(ephemeral_storage=30)["ecs_task_definition", FULL]["ephemeral_storage"] == {"size_in_gib": 30}
    assert "ephemeral_storage" not in made()["ecs_task_definition", FULL]


def test_environment_is_hidden_by_default():
    hidden = desired_task.task_definition(service(environment={"A": "1"}), PLATFORM, {})
    shown = desired_task.task_definition(service(), {**PLATFORM, "show_environment": True}, {})

    assert hidden["sensitive"] == ["container_definitions.web.environment"]
    assert shown["sensitive"] == []


RAW_LOG = {"logDriver": "awsfirelens", "options": {"http_Passwd": "hunter2"}}
LOGGED = {
    "logging": {"driver": "splunk", "options": {"splunk-token": "hunter2", "splunk-url": "https://in"}},
    "sidecars": [{"name": "a", "image": "a:1", "container_options": {"logConfiguration": RAW_LOG}}],
    "service_connect": {"log": {"driver": "splunk", "options": {"splunk-token": "hunter2"}}},
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, LOGGED),
        (LOGGED, {}),
        (LOGGED, {**LOGGED, "logging": {"driver": "splunk", "options": {"splunk-token": "hunter2-new"}}}),
        (LOGGED, {**LOGGED, "service_connect": {"log": {"driver": "splunk", "options": {"splunk-url": "u"}}}}),
        (LOGGED, None),
    ],
    ids=["added", "removed", "changed", "without the option", "with the service"],
)
@pytest.mark.parametrize("show_environment", [False, True])
def test_a_log_option_that_looks_like_a_secret_is_in_no_plan(before, after, show_environment):
    platform = {**PLATFORM, "show_environment": show_environment}
    there = [
        {**one, "id": one["name"], "revision": f"{FULL}:1"}
        for one in desired.resources(service(**before), platform, {})
        if one["type"] in ("ecs_task_definition", "ecs_service")
    ]
    found = {"resources": there, "task_definitions": [one for one in there if one["type"] == "ecs_task_definition"]}
    wanted = [] if after is None else desired.resources(service(**after), platform, found)
    plan = compare.changes(wanted, there)
    assert plan
    assert "hunter2" not in str(plan)


def revision(number, **given):
    """Return a found revision that equals a definition."""
    values = made(**given)["ecs_task_definition", FULL]
    return {"type": "ecs_task_definition", "name": FULL, "revision": f"{FULL}:{number}", "values": values}


RUNS = {"name": FULL, "arn": "arn:service"}


@pytest.mark.parametrize(
    ("candidates", "compared_with", "runs"),
    [
        ([], None, f"{FULL} (new revision)"),
        ([revision(3)], 3, f"{FULL}:3"),
        ([revision(2, cpu=512, memory=1024), revision(3)], 3, f"{FULL}:3"),
        ([revision(3), revision(4, command=["x"])], 3, f"{FULL}:3"),
        ([revision(2, command=["x"]), revision(3, command=["y"])], 2, f"{FULL} (new revision)"),
        # ECS starts no new tasks of it except the service's, and may delete it
        ([{**revision(3), "inactive": True}], None, f"{FULL} (new revision)"),
        ([{**revision(3), "inactive": True}, revision(4)], 4, f"{FULL}:4"),
    ],
    ids=[
        "none yet",
        "as wanted",
        "the newest is",
        "rolled back to it",
        "none is",
        "deregistered",
        "and another is there",
    ],
)
def test_a_service_runs_an_equal_revision_or_a_new_one(candidates, compared_with, runs):
    found = {"service": RUNS, "task_definitions": candidates}
    wanted = desired_task.task_definition(service(), PLATFORM, found)

    same = desired_task.current(wanted["values"], candidates)

    assert (same or {}).get("revision") == (f"{FULL}:{compared_with}" if compared_with else None)
    assert made(found)["ecs_service", FULL]["task_definition"] == runs


def test_after_a_rollback_the_equal_revision_with_the_desired_tags_is_used():
    running, newest = revision(4), revision(6)
    running = {**running, "values": {**running["values"], "tags": {"Team": "before"}}}
    wanted = {**newest["values"], "tags": {"Team": "after"}}
    newest = {**newest, "values": wanted}
    assert (desired_task.current(wanted, [running, newest]) or {})["revision"] == f"{FULL}:6"
    assert (desired_task.current(wanted, [newest, running]) or {})["revision"] == f"{FULL}:6"
    other = {**wanted, "tags": {"Team": "other"}}
    assert (desired_task.current(other, [running, newest]) or {})["revision"] == f"{FULL}:4"


def test_a_changed_tag_creates_no_revision():
    found = revision(3)
    found = {**found, "values": {**found["values"], "tags": {"Name": "x"}}}

    resources = made({"service": RUNS, "task_definitions": [found]})

    assert resources["ecs_service", FULL]["task_definition"] == f"{FULL}:3"


@pytest.mark.parametrize("value", ["2", "(none)"])
def test_a_variable_no_longer_given_is_removed_whatever_its_value(value):
    found = revision(3, environment={"A": "1", "B": value})

    resources = made({"task_definitions": [found]}, environment={"A": "1"})

    fields = compare.differences(found["values"], resources["ecs_task_definition", FULL])
    assert fields == [{"path": "container_definitions.web.environment.B", "before": value, "after": compare.GONE}]


@pytest.mark.parametrize(
    ("policy", "running", "expected"),
    [
        ("managed", True, "registry.example/web:1"),
        ("preserve", True, "registry.example/web:9"),
        ("preserve", False, "registry.example/web:1"),
    ],
)
def test_an_image_is_preserved_only_if_the_service_exists(policy, running, expected):
    found = {"service": RUNS if running else None, "task_definitions": [revision(3, image="registry.example/web:9")]}

    assert desired_task.image(service(image_policy=policy), found) == expected


SCALING = {"min": 2, "max": 4, "cpu": 60}


@pytest.mark.parametrize(
    ("given", "running", "expected"),
    [
        ({"desired_count": 3}, True, 3),
        ({"desired_count": 0}, False, 0),
        ({"desired_count": 3, "desired_count_policy": "preserve"}, True, None),
        ({"desired_count": 3, "desired_count_policy": "preserve"}, False, 3),
        ({"autoscaling": SCALING}, True, None),
        ({"autoscaling": SCALING}, False, 2),
        ({"autoscaling": SCALING, "desired_count": 9}, False, 4),
    ],
)
def test_the_desired_count_is_set_only_if_nothing_else_keeps_it(given, running, expected):
    assert desired_ecs_service.desired_count(service(**given), {"service": RUNS if running else None}) == expected


def test_only_a_service_behind_the_load_balancer_has_a_grace_period():
    assert made(health_check_grace_period=45)["ecs_service", FULL]["health_check_grace_period_seconds"] == 45


def watched(**alarms):
    values = {"deployment_configuration": {"alarms": alarms} if alarms else {}}
    group = {"type": "log_group", "name": f"/ecs/{FULL}", "values": {}}
    return {"resources": [group, {"type": "ecs_service", "name": FULL, "values": values}]}


@pytest.mark.parametrize(
    ("given", "found", "expected"),
    [
        pytest.param({}, {}, None, id="a new service without alarms"),
        pytest.param({}, watched(), None, id="nothing to turn off"),
        pytest.param({}, watched(enable=False, rollback=False), None, id="turned off already"),
        pytest.param(
            {},
            watched(enable=True, rollback=True, alarm_names=["a"]),
            {"alarm_names": [], "enable": False, "rollback": False},
            id="turned off",
        ),
        pytest.param(
            {"deployment_alarms": ["b", "a", "b"]},
            {},
            {"alarm_names": ["a", "b"], "enable": True, "rollback": True},
            id="without duplicates",
        ),
        pytest.param(
            {"deployment_alarms": ["a"], "circuit_breaker": {"enable": True, "rollback": False}},
            watched(enable=True, rollback=True, alarm_names=["a"]),
            {"alarm_names": ["a"], "enable": True, "rollback": False},
            id="rollback of the circuit breaker",
        ),
    ],
)
def test_alarms_are_set_or_turned_off(given, found, expected):
    values = made(found, **given)["ecs_service", FULL]
    assert values["deployment_configuration"].get("alarms") == expected


def test_scaling_has_a_policy_for_each_target():
    resources = made(autoscaling={**SCALING, "requests": 100})

    assert resources["scalable_target", FULL]["min_capacity"] == 2
    assert ("scaling_policy", f"{FULL}-memory") not in resources
    assert resources["scaling_policy", f"{FULL}-cpu"] == {
        "metric": "ECSServiceAverageCPUUtilization",
        "target_value": 60.0,
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 60,
        "disable_scale_in": False,
    }
    assert resources["scaling_policy", f"{FULL}-requests"]["requests_of"] == f"{PREFIX}-pub-alb/{FULL}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/app/a", f"arn:aws:ssm:ap-northeast-2:{ACCOUNT}:parameter/app/a"),
        ("a", f"arn:aws:ssm:ap-northeast-2:{ACCOUNT}:parameter/a"),
        ("arn:aws:ssm:r:1:parameter/a", "arn:aws:ssm:r:1:parameter/a"),
        (SECRET, SECRET),
        (f"{SECRET}:key:AWSCURRENT:", SECRET),
    ],
)
def test_a_permission_has_the_arn_of_the_secret_without_key_and_version(source, expected):
    assert policies.secret_arn(source, PLATFORM) == expected
