# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments of a plan, the services to wait for, and the state after the wait."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import deploying, desired, desired_task

from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, TAGS, backend, service, worker
from tests.unit.plugins.module_utils.test_service_plan import GROUP, info, own_rule, planned, rule, there


def found_of(definition, **more):
    """Return the state of a service after it was deployed."""
    made = desired.resources(
        {**definition, "rules": [{**rule, "priority": 3} for rule in definition["rules"]]}, PLATFORM, {}
    )
    entries = [{**entry, "id": f"id:{entry['type']}"} for entry in made]
    (revision,) = [{**entry, "revision": f"{FULL}:1"} for entry in entries if entry["type"] == "ecs_task_definition"]
    others = [entry for entry in entries if entry["type"] != "ecs_task_definition"]
    next(entry for entry in others if entry["type"] == "ecs_service")["values"]["task_definition"] = f"{FULL}:1"
    return there(
        service={"name": FULL},
        resources=others,
        task_definitions=[revision],
        rules=[own_rule(priority=3)] if definition["rules"] else [],
        ids={f"{entry['type']} {entry['name']}": entry["id"] for entry in others},
        **more,
    )


RULE_GOES = {
    ("listener_rule", "remove"),
    ("target_group", "remove"),
    ("security_group", "change"),
    ("ecs_service", "change"),
}


RULE_COMES = {
    ("listener_rule", "add"),
    ("target_group", "add"),
    ("security_group", "change"),
    ("ecs_service", "change"),
}


REVISED = ("ecs_task_definition", "change")
NAME_GOES, NAME_COMES = ("cloud_map_service", "remove"), ("cloud_map_service", "add")


@pytest.mark.parametrize(
    ("before", "after", "expected", "balancers"),
    [
        (service(), service(), set(), None),
        (backend(), backend(), set(), None),
        (worker(), worker(), set(), None),
        (service(), backend(), RULE_GOES, []),
        (backend(), service(), RULE_COMES, ["id:target_group"]),
        (service(), worker(), {*RULE_GOES, REVISED, NAME_GOES}, []),
        (worker(), service(), {*RULE_COMES, REVISED, NAME_COMES}, ["id:target_group"]),
        (
            backend(allow_from=["sg-1"]),
            worker(),
            {("security_group", "change"), ("ecs_service", "change"), REVISED, NAME_GOES},
            [],
        ),
    ],
    ids=[
        "as it is",
        "backend as it is",
        "worker as it is",
        "loses its rule",
        "gets a rule",
        "becomes a worker",
        "worker gets port and rule",
        "backend loses its port",
    ],
)
def test_changes_if_a_rule_or_port_is_added_or_removed(before, after, expected, balancers):
    known = info([rule(FULL, 3, "arn:web")] if before["rule"] else [], web=found_of(before))

    made = planned(after, known)

    assert {(change["type"], change["action"]) for change in made["changes"]} == expected
    known["services"]["web"]["ids"] |= {
        f"target_group {FULL}": "id:target_group",
        "cloud_map_service web.magiclub.internal": "s",
    }
    deployments = deploying.deployments([after], PLATFORM, known, made)
    assert [len(deployments), *(made["service"]["load_balancers"] for made in deployments)] == (
        [0]
        if balancers is None
        else [1, [{"target_group_arn": arn, "container_name": "web", "container_port": 8080} for arn in balancers]]
    )


def test_scaling_a_worker_needs_no_target_group():
    changes = {"changes": [{"type": "scalable_target", "name": FULL, "action": "add", "values": {}}]}
    definition = worker(autoscaling={"min": 1, "max": 3, "cpu": 60})

    (made,) = deploying.deployments([definition], PLATFORM, info(web=there(ids={})), changes)

    assert [(policy["name"], policy.get("resource_label")) for policy in made["scaling"]["policies"]] == [
        (f"{FULL}-cpu", None)
    ]


@pytest.mark.parametrize(
    ("state", "started"), [("FAILED", True), ("IN_PROGRESS", True), ("COMPLETED", False), ("IN_PROGRESS", False)]
)
def test_a_failed_deployment_is_planned_and_started_again(state, started):
    values = desired_task.task_definition(service(), PLATFORM, {})["values"]
    newest = {"type": "ecs_task_definition", "name": FULL, "revision": f"{FULL}:4", "values": values}
    known = there(task_definitions=[newest], deployment={"rollout_state": state, "given_up": started})
    wanted = next(one for one in desired.resources(service(), PLATFORM, known) if one["type"] == "ecs_service")
    running = {**wanted, "id": "arn:web", "values": {**wanted["values"], "rollout_state": state}}
    known = info(web={**known, "resources": [running]})

    changes = planned(service(), known)
    deployed = deploying.deployments([service()], PLATFORM, known, changes)

    fields = [entry["fields"] for entry in changes["changes"] if entry["type"] == "ecs_service"]
    assert fields == ([[{"path": "rollout_state", "before": state, "after": "COMPLETED"}]] if started else [])
    assert [one["service"]["task_definition"] for one in deployed if one["service"]] == [f"{FULL}:4"] * started


def test_changes_of_other_resources_deploy_nothing():
    changes = {"changes": [{"type": "log_group", "name": f"/ecs/{FULL}", "action": "change", "values": {}}]}

    assert deploying.deployments([service()], PLATFORM, info(web=there()), changes) == []


def test_a_new_service_is_registered_and_started_with_the_ids_of_its_resources():
    known = info(web=there())

    (made,) = deploying.deployments([service()], PLATFORM, known, planned(service(), known))

    assert made["name"] == FULL
    assert made["task_definition"]["family"] == FULL
    assert made["scaling"] is None
    start = made["service"]
    assert "task_definition" not in start
    assert start["network_configuration"] == {
        "subnets": ["subnet-a", "subnet-c"],
        "security_groups": ["sg-web"],
        "assign_public_ip": False,
    }
    assert start["load_balancers"] == [{"target_group_arn": GROUP, "container_name": "web", "container_port": 8080}]
    assert start["service_registries"] == [{"registry_arn": "arn:srv"}]


def test_an_existing_revision_is_deployed_without_registering_another():
    values = desired_task.task_definition(service(), PLATFORM, {})["values"]
    newest = {"type": "ecs_task_definition", "name": FULL, "revision": f"{FULL}:4", "values": values}
    running = {**newest, "revision": f"{FULL}:3", "values": {**values, "cpu": 512}}
    known = info(web=there(service={"name": FULL}, task_definitions=[running, newest]))

    (made,) = deploying.deployments([service()], PLATFORM, known, planned(service(), known))

    assert made["task_definition"] is None
    assert made["service"]["task_definition"] == f"{FULL}:4"


def scaled(**more):
    return service(autoscaling={"min": 1, "max": 3, "cpu": 60, "requests": 100, **more})


MIGRATION = {"command": ["migrate"], "container": None, "timeout": 600}


def deployed(known, action, *paths):
    fields = [{"path": path, "before": None, "after": "x"} for path in paths]
    wanted = next(one for one in desired.resources(service(), PLATFORM, known) if one["type"] == "ecs_service")
    change = {**wanted, "action": action, "fields": fields}
    (made,) = deploying.deployments([service(before=MIGRATION)], PLATFORM, info(web=known), {"changes": [change]})
    return made["before"]


def test_the_task_before_a_deployment_uses_the_network_of_the_planned_service():
    assert deployed(there(), "add") == {
        "cluster": f"{PREFIX}-ecs",
        "service": FULL,
        "container": "",
        "command": ["migrate"],
        "timeout": 600,
        "once": True,
        "network_configuration": {
            "subnets": ["subnet-a", "subnet-c"],
            "security_groups": ["sg-web"],
            "assign_public_ip": False,
        },
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}],
        "platform_version": "LATEST",
    }


@pytest.mark.parametrize(
    ("action", "paths", "runs"),
    [
        ("add", (), True),
        ("change", ("desired_count", "task_definition"), True),
        ("change", ("desired_count",), False),
        ("change", ("rollout_state",), False),
    ],
)
def test_the_task_before_a_deployment_runs_only_for_a_new_revision(action, paths, runs):
    assert (deployed(there(), action, *paths) is not None) is runs


def test_scaling_changes_start_no_deployment():
    changes = {"changes": [{"type": "scaling_policy", "name": f"{FULL}-requests", "action": "add", "values": {}}]}

    (made,) = deploying.deployments([scaled()], PLATFORM, info(web=there()), changes)

    assert (made["task_definition"], made["service"]) == (None, None)
    assert made["scaling"]["resource_id"] == f"service/{PREFIX}-ecs/{FULL}"
    assert made["scaling"]["tags"] == {**TAGS, "Name": FULL}
    cpu, requests = made["scaling"]["policies"]
    assert (cpu["name"], cpu["target_value"], cpu.get("resource_label")) == (f"{FULL}-cpu", 60, None)
    assert requests["resource_label"] == f"app/{PREFIX}-pub-alb/50dc/targetgroup/{FULL}/73e2"


def test_scaling_no_longer_desired_is_removed():
    target = {"type": "scalable_target", "name": FULL, "action": "remove", "values": {}}

    (made,) = deploying.deployments([service()], PLATFORM, info(web=there()), {"changes": [target]})

    assert made["scaling"] == {"state": "absent", "resource_id": f"service/{PREFIX}-ecs/{FULL}"}


def test_a_policy_created_by_hand_belongs_to_its_service():
    hand = {"type": "scaling_policy", "name": "hand", "action": "remove", "values": {}}
    known = info(web=there(resources=[hand]), other=there(full_name=f"{PREFIX}-other"))

    made = deploying.deployments([scaled(), service(name="other")], PLATFORM, known, {"changes": [hand]})

    assert [each["name"] for each in made] == [FULL]


def test_unsteady_and_changed_services_are_waited_for():
    known = info(
        steady=there(full_name="steady", steady=True),
        unsteady=there(full_name="unsteady"),
        started=there(full_name="started", steady=True),
        counted=there(full_name="counted", steady=True),
    )

    assert deploying.awaited(known, {"started": "ecs-svc/1", "counted": None, "elsewhere": "ecs-svc/2"}) == [
        {"name": "unsteady"},
        {"name": "started", "deployment_id": "ecs-svc/1"},
        {"name": "counted"},
    ]


@pytest.mark.parametrize("outcome", ["steady", "timed_out"])
def test_info_after_a_wait_has_the_last_observed_state(outcome):
    known = info(
        web=there(full_name="web", steady=False, running_count=0, image="nginx:1"),
        api=there(full_name="api", steady=True, running_count=2),
    )
    waited = {
        "name": "web",
        "outcome": outcome,
        "counts": {"desired": 2, "running": 1, "pending": 1, "failed": 3},
        "deployment": {
            "id": "ecs-svc/2",
            "status": "PRIMARY",
            "rollout_state": "COMPLETED",
            "task_definition": "arn:revision:2",
            "primary_id": "ecs-svc/2",
        },
        "target_health": [
            {
                "target_group": "web",
                "target": "10.0.0.1",
                "port": 80,
                "state": "healthy",
                "reason": "",
                "description": "",
            },
            {
                "target_group": "web",
                "target": "10.0.0.2",
                "port": 80,
                "state": "draining",
                "reason": "R",
                "description": "",
            },
        ],
    }

    after = deploying.after_wait(known, [waited])

    assert after["services"]["api"] == known["services"]["api"]
    assert after["services"]["web"] == known["services"]["web"] | {
        "desired_count": 2,
        "running_count": 1,
        "pending_count": 1,
        "task_definition_arn": "arn:revision:2",
        "deployment": {
            "id": "ecs-svc/2",
            "status": "PRIMARY",
            "rollout_state": "COMPLETED",
            "task_definition_arn": "arn:revision:2",
        },
        "targets": [
            {"address": "10.0.0.1", "port": 80, "state": "healthy", "reason": None},
            {"address": "10.0.0.2", "port": 80, "state": "draining", "reason": "R"},
        ],
        "steady": outcome == "steady",
    }
    assert after["steady"] is (outcome == "steady")


def test_in_use_tags_have_the_revision():
    arn = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/p-{}:12"
    services = {
        name: {"full_name": f"p-{name}", "image": f"i/{name}@d", "task_definition_arn": arn.format(name)}
        for name in ("web", "other", "without", "gone")
    }
    services["without"]["image"] = services["gone"]["task_definition_arn"] = None
    info = {"name_prefix": "p", "services": services}
    place = {"name_prefix": "p", "account_id": "123456789012"}
    expected = [{"name": "p-web", "image": "i/web@d", "service": "web", "revision": 12, **place}]
    assert deploying.in_use(info, {"p-web", "p-without", "p-gone"}) == expected
