# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services with every option of the role's argument spec are deployed once, and leave nothing to plan.

Tasks have no containers here, so nothing answers: the run does not wait and sends no smoke request.
"""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from tests.campaigns.handover import TYPES, Calls, Mutation, Plans, campaign
from tests.support.account import REGION
from tests.support.ansible_run import Run, Runner
from tests.support.certificate import self_signed
from tests.support.cloud import ROOT, Cloud
from tests.support.every_option import OPTIONS, SERVICE_SPEC, SERVICES, made_before, set_options
from tests.support.no_containers import PREFIX, Bare

from .conftest import NOT_COPIED

DOMAIN = "magiclub.internal"
# logins need HTTPS
HTTPS = {"alb_https": True, "alb_domain": "every.example.com", "alb_records": []}
TASKS = [{"name": "Keep them so", "ansible.builtin.include_role": {"name": "magiclub.fargate.fargate_service"}}]


@pytest.fixture(scope="module")
def bare(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """The layers below, and resources that the services refer to, shared by the tests of this file in their order."""
    folder = tmp_path_factory.mktemp("options")
    bare = Bare.fresh(cloud, folder / "run")
    made_before(bare.account.client)
    certificate, key = self_signed("every.example.com")
    bare.account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    run = bare.site("--tags", "vpc,alb,ecs_cluster", **HTTPS)
    assert run.rc == 0, run.text
    return bare


def play(
    bare: Bare, runner: Runner | None = None, *, own: t.Mapping[str, t.Any] | None = None, **options: t.Any
) -> Run:
    """Run the role alone, as in a user's playbook, with the test's variables I(own)."""
    variables = {
        "fargate_name_prefix": PREFIX,
        "fargate_region": REGION,
        "fargate_endpoint_url": bare.account.endpoint,
        "fargate_private_domain": DOMAIN,
        "fargate_tags": {"Project": "magiclub", "ManagedBy": "ansible"},
        **HTTPS,
        "fargate_service_wait": False,
        "fargate_service_services": SERVICES,
        **(own or {}),
    }
    return (runner or bare.run)([{"vars": variables, "tasks": TASKS}], **options)


@pytest.fixture(scope="module")
def deployed(bare: Bare) -> Run:
    run = play(bare)
    assert run.rc == 0, run.text
    return run


def changes(run: Run) -> list[dict[str, t.Any]]:
    return t.cast("list[dict[str, t.Any]]", run.of("Plan the services")["layers"]["fargate_service"]["changes"])


def test_every_option_of_the_spec_is_set() -> None:
    # the former needs a running container: test_before.py; existing resources have to exist: test_adopt.py;
    # traffic shifts: test_strategies*.py; an image from source: test_cluster_and_image.py
    elsewhere = (
        "before",
        "build",
        "deployment",
        "names",
        "task_role_arn",
        "execution_role_arn",
        "shift_role_arn",
        "security_group_ids",
        "log_group_name",
    )
    # the header is only for test requests of a strategy: test_service_strategy.py
    left = {one for one in OPTIONS if one.partition(".")[0] not in elsewhere and ".test_header." not in one}
    assert left - set_options(SERVICES) == set()


def test_all_of_them_are_made(deployed: Run) -> None:
    added = {(one["type"], one["name"]) for one in changes(deployed) if one["type"] in ("ecs_service", "schedule")}
    kinds = {("schedule" if "schedule" in one else "ecs_service", f"{PREFIX}-{one['name']}") for one in SERVICES}
    assert added == kinds


def test_planned_again_nothing_is_left(bare: Bare, deployed: Run) -> None:
    plan = play(bare, check=True)
    assert (plan.rc, changes(plan)) == (0, []), plan.text


def test_run_again_nothing_changes(bare: Bare, deployed: Run) -> None:
    run = play(bare)
    assert (run.rc, run.changed_tasks) == (0, []), run.text


EVERY = {**SERVICES[0], "rules": SERVICES[0]["rules"][:1]}
ONE_RULE = {"fargate_service_services": [EVERY, *SERVICES[1:]]}


class Fewer(t.NamedTuple):
    """A run in which a service has one rule instead of two, the run after its deployment, and the changes left."""

    first: Run
    second: Run
    plan: Run


@pytest.fixture(scope="module")
def fewer(bare: Bare, deployed: Run) -> Fewer:
    first = play(bare, own=ONE_RULE)
    assert first.rc == 0, first.text
    services = [f"{PREFIX}-{one['name']}" for one in SERVICES if "schedule" not in one]
    often = {"Delay": 1, "MaxAttempts": 120}
    waiter = bare.account.client("ecs").get_waiter("services_stable")
    waiter.wait(cluster=f"{PREFIX}-ecs", services=services, WaiterConfig=often)
    second = play(bare, own=ONE_RULE)
    assert second.rc == 0, second.text
    plan = play(bare, own=ONE_RULE, check=True)
    assert plan.rc == 0, plan.text
    return Fewer(first, second, plan)


def test_a_rule_less_is_gone_once_a_run_finds_the_service_steady(fewer: Fewer) -> None:
    """Regression: with fargate_service_wait=false, each run planned to remove it, and none did."""
    gone = {("target_group", f"{PREFIX}-every-9091"), ("listener_rule", f"{PREFIX}-every/2")}
    assert {(one["type"], one["name"]) for one in changes(fewer.first) if one["action"] == "remove"} == gone
    # earlier tasks may still need it
    assert gone <= {(one["type"], one["name"]) for one in changes(fewer.second)}
    assert changes(fewer.plan) == [], fewer.second.text


# Dropped or changed, these make no difference in AWS: they are the defaults of AWS or the module.
SAME = {
    "cloud_map_service: drop dns_records.0.ttl",
    "cloud_map_service: drop routing_policy",
    "ecs_service: drop capacity_provider_strategy.1.base",
    "ecs_service: drop enable_execute_command",
    "ecs_service: drop network_configuration.assign_public_ip",
    "ecs_task_definition: drop container_definitions.0.essential",
    "ecs_task_definition: drop container_definitions.0.port_mappings.0.protocol",
    "ecs_task_definition: drop container_definitions.1.essential",
    "ecs_task_definition: drop container_definitions.1.port_mappings.0.protocol",
    "ecs_task_definition: drop network_mode",
    "listener_rule: change tags.Name to 'magiclub-an2p-every1'",
    "listener_rule: drop tags.Name",
    # none of them
    *(f"listener_rule: drop {word}" for word in ("headers", "methods", "query", "source_ips")),
    *(f"scalable_target: drop policies.{index}.disable_scale_in" for index in range(5)),
    *(f"scalable_target: drop policies.3.metrics.{index}.return_data" for index in (1, 2)),
    "scalable_target: drop scheduled_actions.1.timezone",
    "scalable_target: change scheduled_actions.1.timezone to 'UTC1'",
    "scalable_target: drop scheduled_actions.2.timezone",
    "target_group: drop attributes.stickiness.type",
    "target_group: drop health_check.port",
    "target_group: drop health_check.protocol",
    "target_group: drop port",
    "target_group: drop protocol",
    "target_group: drop protocol_version",
    "target_group: drop target_type",
    # A new resource has no other tags.
    *(f"{kind}: {what}" for kind in TYPES for what in ("drop purge_tags", "change purge_tags to True")),
}
# Found, unless the action that runs every 12 hours, and on creation, has reverted it by then.
SET_BACK = {"scalable_target: change max_capacity to 12"}
MISSED = {
    # Only registrations without a port use that of a target group, and each of ECS's has one.
    "target_group: change port to 160",
    # An omitted value is described as omitted, and means the same: false, LINUX.
    "ecs_task_definition: drop container_definitions.0.mount_points.0.read_only",
    "ecs_task_definition: drop container_definitions.0.mount_points.2.read_only",
    "ecs_task_definition: drop container_definitions.1.mount_points.0.read_only",
    "ecs_task_definition: drop container_definitions.2.readonly_root_filesystem",
    "ecs_task_definition: drop runtime_platform.operating_system_family",
    # A policy that scales by the metric keeps its name, because AWS can't rename it.
    *(
        f"scalable_target: change policies.{index}.name to '{PREFIX}-every-{end}1'"
        for index, end in enumerate(("cpu", "memory", "requests", "backlog", "lag"))
    ),
}


def test_a_mutation_of_each_argument_is_told_by_the_next_plan(bare: Bare, fewer: Fewer) -> None:
    # the campaign handles one resource of each kind, so one rule
    layers = fewer.plan.of("Plan the services")["facts"]
    # With autoscaling, runs never change the number of tasks.
    results = [
        *mutated(bare, layers, EVERY, ["scalable_target"]),
        *mutated(bare, layers, {**EVERY, "autoscaling": None}, [kind for kind in TYPES if kind != "scalable_target"]),
    ]
    missed, same = (
        {f"{one.kind}: {one.what}" for one in results if one.outcome == outcome} - SET_BACK
        for outcome in ("missed", "same")
    )
    assert missed == MISSED, sorted(missed ^ MISSED)
    assert same == SAME, sorted(same ^ SAME)
    assert sum(one.outcome == "found" for one in results) > 250


def mutated(bare: Bare, layers: dict[str, t.Any], service: dict[str, t.Any], kinds: list[str]) -> list[Mutation]:
    plans = Plans(bare.account.client, PREFIX, layers, service, SERVICE_SPEC)
    return list(campaign(Calls(bare.account.client, plans.arguments()), plans.changes, kinds))


SIMPLE = {"name": "simple", "image": "registry.example/simple:1", "port": 8080, "rule": {"paths": ["/simple/*"]}}


def test_an_argument_that_is_forgotten_fails_the_run_by_name(bare: Bare, deployed: Run, tmp_path: Path) -> None:
    """Regression: the run ended with 'Done: 1 changed', and so did each one after it."""
    clone = tmp_path / "fargate"
    shutil.copytree(ROOT, clone, symlinks=True, ignore=NOT_COPIED)
    source = clone / "plugins" / "module_utils" / "_layers" / "services" / "arguments.py"
    text = source.read_text(encoding="utf-8")
    kept = '        "rollout_state",\n'
    forgot = f'{kept}        "propagate_tags",\n'
    assert text.count(kept) == 1
    source.write_text(text.replace(kept, forgot), encoding="utf-8")
    wrong = Runner(bare.account.environment, tmp_path, clone)
    own = {"fargate_service_services": [SIMPLE], "fargate_service_wait": True}
    run = play(bare, wrong, own=own)
    assert run.rc != 0, run.text
    assert f"ecs_service {PREFIX}-simple" in run.message
    assert "propagate_tags" in run.message
    right = play(bare, own=own)
    assert right.rc == 0, right.text
