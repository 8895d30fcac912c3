# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules accept what the plan accepts: the plan covers every refusal of a module, or a reason is given here."""

from __future__ import annotations

import ast
import re
import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._constraints import ours, resources
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import planned
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import desired, desired_task, validate
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare

from tests.support.cloud import ROOT
from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, service
from tests.unit.plugins.module_utils.whole_platform import LAYERS, SERVICE, changed

RESOURCES = ROOT / "plugins" / "module_utils" / "_resources"
# The modules that carry out a plan, and their packages.
MODULES = (
    *("application_autoscaling_target", "ec2_delete", "ec2_flow_log", "ec2_route_tables", "ec2_subnets", "ecr_image"),
    "ecr_repository",
    *(
        "ecs_cluster",
        "ecs_service",
        "ecs_task_definition",
        "fargate_service_delete",
        "elbv2_listener",
        "elbv2_listener_rule",
    ),
    *("elbv2_target_group", "iam_service_linked_role", "log_group_retention", "scheduler_schedule"),
    *("servicediscovery_namespace", "servicediscovery_service"),
)
PACKAGES = ("autoscaling", "ec2", "ecr", "ecs", "elbv2", "scheduler", "servicediscovery")
# Files of these packages that only read, wait or diagnose, or are part of the plan.
READS = ("in_use", "diagnose", "messages", "wait", "outcomes", "precedence", "wheels", "engine")
NAMED = re.compile(r"problems?$|refus|immutable|^_wrong$")

PASSES_ON = "it says what one that is asked has found"
LATER = "it is what AWS or the Docker engine answers in the run"
REMOVAL = "it is of removals, before which the roles look who uses what"
BUILD = "it is of the build context, which is read for the image's tag before anything is made"
FIXED = "the resource has these fields in C(fixed), and compare.immutable_changes says so"
SHAPES = "the plan asks the same of botocore's shapes (_constraints/shapes.py)"
FOUND = "the plan names just what it found"
READING = "the network is read by it, before there is a plan"
EXPRESSIONS = "_layers/services asks it of jobs and of scheduled scaling"

REASONS = {
    "ec2.delete._raise_first": LATER,
    "ec2.delete._wait_for_gateways": LATER,
    "ec2.route_table._find": FOUND,
    "ec2.route_table.ensure": "each route table of a plan has a name of its own",
    "ec2.twice._refusal": READING,
    "ec2.twice.choose": READING,
    "ec2.zones.suffix": "_layers/vpc/validate.py asks it",
    "ec2_delete.main": PASSES_ON,
    "fargate_service_delete.main": PASSES_ON,
    "log_group_retention.ensure": "the role makes the group before",
    "scheduler.expression._field_problem": EXPRESSIONS,
    "scheduler.expression._part_problem": EXPRESSIONS,
    "scheduler.expression.cron_problem": EXPRESSIONS,
    "scheduler.expression.rate_problem": EXPRESSIONS,
    "autoscaling.scheduled.problems": "_layers/services/validate_schedules.py asks the same of the inventory",
    "ecr.api.describe_image": "an image in ECR's archive is missing to _layers.services.obstacles",
    "ecr.api.put_scanning": LATER,
    "ecr.buildkit.build": LATER,
    "ecr.buildkit.secret_problems": "_layers/ecr_push/validate.py asks it",
    "ecr.content.entries": BUILD,
    "ecr.decide.immutable": FIXED,
    "ecr.decide.parse_reference": "_layers/ecr_push/validate.py asks it",
    "ecr.decide.scanning_refused": LATER,
    "ecr.image._elsewhere": LATER,
    "ecr.image._in_ecr": LATER,
    "ecr.image._text": BUILD,
    "ecr.image.ensure": LATER,
    "ecr.image.inputs": BUILD,
    "ecr.image.push": LATER,
    "ecr.image.tag": BUILD,
    "ecr.repository.ensure_absent": REMOVAL,
    "ecr.repository.ensure_present": FIXED,
    "ecs.answer._roll_back": LATER,
    "ecs.answer._continue": LATER,
    "ecs.answer.step": LATER,
    "ecs.cluster._delete": REMOVAL,
    "ecs.cluster._refuse_if_used": REMOVAL,
    "ecs.cluster._settled": LATER,
    "ecs.cluster.present": PASSES_ON,
    "ecs.decide._launch_type_refusal": "a plan has no launch_type",
    "ecs.decide._refusal": FIXED,
    "ecs.decide.refusals": FIXED,
    "ecs.model._wrong": SHAPES,
    "ecs.model.request_for": SHAPES,
    "ecs.service._create": PASSES_ON,
    "ecs.service._refuse_inactive": FOUND,
    "ecs.service._request": SHAPES,
    "ecs.service._resolve_task_definition": FOUND,
    "ecs.service._update": PASSES_ON,
    "ecs.service._wait_until_gone": REMOVAL,
    "ecs.service._wait_until_stopped": REMOVAL,
    "ecs.service.present": PASSES_ON,
    "ecs.task_definition._delete": REMOVAL,
    "ecs.task_definition.present": PASSES_ON,
    "elbv2.authentication._common_problems": PASSES_ON,
    "elbv2.authentication._own_problems": PASSES_ON,
    "elbv2.authentication.problems": "_layers/services/validate_routes.py asks it",
    "elbv2.conditions.pattern_problems": "_layers/services/validate_routes.py and _layers/alb/rules.py ask it",
    "elbv2.decide.target_group_fields": FIXED,
    "elbv2.rule._refuse_taken": "_layers.services.obstacles says whose the priority is",
    "elbv2.rule.ensure_present": PASSES_ON,
    "servicediscovery.decide.service_immutable": FIXED,
    "servicediscovery.namespace._start": LATER,
    "servicediscovery.namespace.ensure_absent": REMOVAL,
    "servicediscovery.namespace.find": "a VPC, and for HTTP an account, has one namespace of a name",
    "servicediscovery.service.ensure_absent": REMOVAL,
    "servicediscovery.service.ensure_present": FIXED,
    "servicediscovery.service.namespace_id": "the role gives the id of the namespace",
    "application_autoscaling_target.main": PASSES_ON,
    "ec2_flow_log.create": LATER,
    "ecr_repository.main": PASSES_ON,
    "ecs_task_definition.main": "the role gives no keep",
    "ecs_task_definition.whole": "the role gives a family",
    "servicediscovery_namespace.main": PASSES_ON,
    "servicediscovery_service.main": PASSES_ON,
}


def functions() -> t.Iterator[tuple[str, ast.AST]]:
    """Yield each function of the modules and their packages, as C(ecs.rules.service_problems)."""
    files = [ROOT / "plugins" / "modules" / f"{name}.py" for name in MODULES]
    files += [path for one in PACKAGES for path in sorted((RESOURCES / one).glob("*.py")) if path.stem not in READS]
    for path in files:
        place = path.stem if path.parent.name == "modules" else f"{path.parent.name}.{path.stem}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{place}.{node.name}", node


def refuses(node: ast.AST) -> bool:
    """Whether a function raises an error or fails the module."""
    for one in ast.walk(node):
        if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call):
            return True
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "fail_json":
            return True
    return False


def refusals() -> set[str]:
    return {name for name, node in functions() if NAMED.search(name.rpartition(".")[2]) or refuses(node)}


def asked() -> set[str]:
    """Return the functions that the plan calls, and those of the same files that these call."""
    bodies = dict(functions())
    functions_asked = [one.problems for one in ours.CHECKS.values()]
    result = {f"{one.__module__.partition('_resources.')[2]}.{one.__name__}" for one in functions_asked}
    result.add("ecs.rules.placement_problems")
    todo = list(result)
    while todo:
        name = todo.pop()
        calls = [
            one.func.id
            for one in ast.walk(bodies[name])
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
        ]
        new = {f"{name.rpartition('.')[0]}.{call}" for call in calls} & set(bodies) - result
        result |= new
        todo += new
    return result


def test_the_plan_covers_every_refusal_of_a_module_or_has_a_reason():
    assert refusals() - asked() == set(REASONS)


def test_the_covered_resources_are_those_of_plans():
    made = {entry["type"] for kind, inputs in LAYERS.items() for entry in planned.RESOURCES[kind](inputs)}
    assert set(ours.CHECKS) <= made


def refused(kind: str, path: str, value: t.Any) -> list[str]:
    """Return the errors of the action C(validate) for a layer with one input changed."""
    inputs = changed(kind, path, value)
    said = validate.service(inputs) if kind == "service" else []
    return said or planned.wrong(kind, inputs)


CONTAINER = f"ecs_task_definition {FULL}: container_definitions.app"
MOUNT = {"volume": "data", "path": "/data", "read_only": True}
LIMIT = {"name": "nofile", "soft": 1, "hard": 2}
SIDECAR = SERVICE["sidecars"][0]
FARGATE = {"capacity_provider": "FARGATE", "weight": 1, "base": 0}
EXEC = {"logging": "OVERRIDE", "log_configuration": {"cloud_watch_log_group_name": "/exec"}}


@pytest.mark.parametrize(
    ("kind", "path", "value", "sentence"),
    [
        ("service", "services.0.environment", {"BY_NAME": 1}, "container 'app': BY_NAME is in environment and in"),
        ("service", "services.0.mounts", [MOUNT, MOUNT],
         f"{CONTAINER}.mount_points: container_path '/data' is there more"),
        ("service", "services.0.ulimits", [LIMIT, LIMIT],
         f"{CONTAINER}.ulimits: name 'nofile' is there more than once."),
        ("service", "services.0.depends_on",
         [{"container": "proxy", "condition": "START"}, {"container": "proxy", "condition": "HEALTHY"}],
         f"{CONTAINER}.depends_on: container_name 'proxy' is there more than once."),
        ("service", "services.0.volumes", [{"name": "data", "efs": None}, {"name": "data", "efs": None}],
         f"ecs_task_definition {FULL}: volumes: name 'data' is there more than once."),
        (
            "service",
            "services.0.volumes.0.efs",
            {"file_system_id": "fs-0a1b2c3d", "root_directory": "/x", "access_point_id": "fsap-0a1b2c3d", "iam": True},
            f"ecs_task_definition {FULL}: volumes.data.efs_volume_configuration.root_directory: an access point has",
        ),
        ("service", "services.0.sidecars.0.name", "app", "Service 'web': 2 of its containers are named 'app'"),
        ("service", "services.0.sidecars.0.port", 8080, "Service 'web': 2 of its containers listen on port 8080"),
        ("service", "services.0.sidecars.0.essential", True, None),
        ("service", "services.0.depends_on.0.condition", "COMPLETE", None),
        ("service", "services.0.sidecars.0.container_health_check", None,
         f"{CONTAINER}.depends_on: 'proxy' has no health_check, so it never is HEALTHY."),
        ("service", "services.0.sidecars.0.depends_on", [{"container": "app", "condition": "START"}],
         f"ecs_task_definition {FULL}: container_definitions: app, proxy wait for each other by depends_on"),
        (
            "service",
            "services.0.sidecars.0.depends_on",
            [{"container": "app", "condition": "SUCCESS"}],
            "container_definitions.proxy.depends_on: 'app' is essential, so its end ends the task, and can't be waited",
        ),
        ("service", "services.0.sidecars.0.cpu", 513, f"ecs_task_definition {FULL}: cpu: the containers ask for 513"),
        ("service", "services.0.sidecars.0.memory_reservation", 1025, "memory: the containers ask for 1025"),
        ("service", "services.0.sidecars.0.memory_reservation", 5, "memory_reservation '5' is out of range: 6 to any"),
        ("service", "services.0.sidecars.0.stop_timeout", 121, "Service 'web': container 'proxy': stop_timeout 121"),
        ("service", "services.0.container_health_check.command", ["curl", "localhost"],
         f"{CONTAINER}.health_check.command: has to begin with CMD or CMD-SHELL"),
        ("service", "services.0.container_health_check.command", [], f"{CONTAINER}.health_check.command: has to begin"),
        ("service", "services.0.container_health_check.command", ["CMD"], f"{CONTAINER}.health_check.command: has to"),
        (
            "service",
            "services.0.sidecars",
            [
                SIDECAR,
                *({**SIDECAR, "name": f"s{n}", "port": None, "cpu": 1, "memory_reservation": 6} for n in range(9)),
            ],
            "container_definitions with 11 entries has to have 0 to 10 (ECS, RegisterTaskDefinition)",
        ),
        ("service", "services.0.capacity_provider_strategy", [FARGATE, FARGATE],
         f"ecs_service {FULL}: capacity_provider_strategy: FARGATE is there more than once."),
        ("service", "services.0.rules.0.paths", ["/a", "/a"], "Service 'web': rules[0]: paths has '/a' more than once"),
        ("service", "services.0.rules.0.hosts", ["a.b", "A.b"],
         "Service 'web': rules[0]: hosts has 'a.b' more than once"),
        ("service", "services.0.rules.0.paths", ["/*?*?", "/?*?"], "Service 'web': rules[0]: 8 wildcards"),
        ("service", "services.0.autoscaling.min", 5, "Service 'web': autoscaling.min 5 is greater than"),
        ("ecs_cluster", "capacity_providers", ["FARGATE_SPOT"],
         "ecs_cluster magiclub-an2p-ecs: default_capacity_provider"),
        ("ecs_cluster", "default_capacity_provider_strategy", [FARGATE, FARGATE],
         "default_capacity_provider_strategy: FARGATE is there more than once."),
        ("ecs_cluster", "configuration", {"execute_command": EXEC}, "configuration.execute_command"),
        ("ecs_cluster", "configuration", {"execute_command_configuration": "x"}, "'x' must be a map"),
        ("ecs_cluster", "configuration", {"execute_command_configuration": {"logging": ["x"]}},
         "must be a single value"),
        ("ecs_cluster", "tags.Team", ["a"], "Tag Team: "),
        ("vpc", "tags.Team", ["a"], "Tag Team: \"['a']\" must be a single value"),
        ("ecs_cluster", "private_domain", "x" * 254, "Namespace name"),
        ("ecs_cluster", "capacity_providers", ["FARGATE", "FARGATE"], "capacity_providers: FARGATE is there more than"),
        ("ecr_push", "repository.image_tag_mutability_exclusion_filters", ["x", "x"],
         "has 'x' more than once in image"),
        ("ecr_push", "repository.image_tag_mutability_exclusion_filters", ["a", "b", "c", "d", "e", "f"],
         "image_tag_mutability_exclusion_filters with 6 entries has to have 1 to 5 (ECR, CreateRepository)"),
        ("ecr_push", "repository.kms_key", "k", None),
        ("ecr_push", "repository.encryption_type", "AES256", "which needs encryption_type: KMS or KMS_DSSE"),
        ("ecr_push", "repository.image_tag_mutability", "IMMUTABLE", "image_tag_mutability_exclusion_filters go with"),
    ],
)  # fmt: skip
def test_a_refusal_of_a_module_is_one_of_the_plan(kind, path, value, sentence):
    said = refused(kind, path, value)
    assert [one for one in said if sentence and sentence in one] != [] or (not sentence and not said), said


def revision(**given: t.Any) -> dict[str, t.Any]:
    entry = desired_task.task_definition(service(**{**SERVICE, **given}), PLATFORM, {})
    return {"task_definitions": [{**entry, "id": "arn", "revision": f"{FULL}:1"}]}


@pytest.mark.parametrize(
    "option", sorted(set(SERVICE) - {"name", "image", "volumes", "cpu", "memory", "rules", "sidecars"})
)
def test_removing_an_option_is_never_refused(option):
    """A plan marks what is to be removed, and no rule applies to the mark."""
    without = {key: value for key, value in SERVICE.items() if key != option}
    made = desired.resources(service(**without), PLATFORM, revision())
    assert [one for one in resources.refusals(made) if "(none)" in one] == []


def test_a_container_that_the_load_balancer_does_not_find():
    made = desired.resources(service(**SERVICE), PLATFORM, {})
    one = next(entry for entry in made if entry["type"] == "ecs_service")
    one["values"]["load_balancers"][0] |= {"container_name": "other"}
    assert resources.refusals(made) == [
        f"ecs_service {FULL}: load_balancers[0].container_name: 'other' is not one of the containers app, proxy."
    ]


RECORD = {"dns_records": [{"type": "A", "ttl": 60}], "routing_policy": "MULTIVALUE", "health_check_custom_config": True}


@pytest.mark.parametrize(
    ("kind", "name", "values", "words"),
    [
        ("target_group", FULL, {"protocol": "HTTPS"}, "can't change protocol from HTTPS to HTTP."),
        ("target_group", FULL, {"target_type": "instance"}, "can't change target_type from instance to ip."),
        ("target_group", FULL, {"vpc": "vpc-of-others"}, "can't change vpc from vpc-of-others to"),
        ("cloud_map_service", "web.magiclub.internal", RECORD, None),
        (
            "cloud_map_service",
            "web.magiclub.internal",
            {**RECORD, "routing_policy": "WEIGHTED"},
            "change routing_policy",
        ),
        (
            "cloud_map_service",
            "web.magiclub.internal",
            {**RECORD, "dns_records": [{"type": "SRV", "ttl": 15}]},
            "can't change dns_records from [{'type': 'SRV'",
        ),
        (
            "cloud_map_service",
            "web.magiclub.internal",
            {**RECORD, "health_check_custom_config": False},
            "can't change health_check_custom_config",
        ),
        ("ecs_service", FULL, {"deployment_controller": "ECS", "deployment_configuration": {}}, None),
        (
            "ecs_service",
            FULL,
            {"deployment_controller": "CODE_DEPLOY", "deployment_configuration": {}, "platform_version": "1.4.0"},
            "can't change platform_version from 1.4.0 to LATEST.",
        ),
    ],
)
def test_immutable_fields_are_refused_by_the_plan(kind, name, values, words):
    there = {"type": kind, "name": name, "id": "x"}
    whole = {**there, "values": values}
    wanted = desired.resources(service(), PLATFORM, {"service": None, "resources": [whole]})
    own = next(entry for entry in wanted if (entry["type"], entry["name"]) == (kind, name))
    has = {**there, "values": {**own["values"], **values}}
    said = compare.immutable_changes(compare.changes([own], [has]), [own])
    assert bool(said) is bool(words)
    assert (words or "") in " ".join(said)
