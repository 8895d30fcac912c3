# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments that the role passes to modules, compared with the modules' options and with the plan."""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import typing as t
from pathlib import Path

import botocore.session
import botocore.validate
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import planned
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    deploying,
    desired,
    inputs,
    priorities,
    validate,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import HIDDEN
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import model, normal, rules
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.service import create_fields
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import decide as elbv2
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery import (
    decide as servicediscovery,
)

from tests.support.cloud import ROOT
from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, SPEC, service
from tests.unit.plugins.module_utils.whole_platform import LAYERS, SERVICE

MODULE_OF = {
    "log_group": "amazon.aws.cloudwatchlogs_log_group",
    "iam_role": "amazon.aws.iam_role",
    "security_group": "amazon.aws.ec2_security_group",
    "target_group": "magiclub.fargate.elbv2_target_group",
    "listener_rule": "magiclub.fargate.elbv2_listener_rule",
    "cloud_map_service": "magiclub.fargate.servicediscovery_service",
    "ecs_task_definition": "magiclub.fargate.ecs_task_definition",
    "ecs_service": "magiclub.fargate.ecs_service",
    "scalable_target": "magiclub.fargate.application_autoscaling_target",
}
DEPLOYED = {"ecs_task_definition": "task_definition", "ecs_service": "service", "scalable_target": "scaling"}
GROUP = f"arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/{FULL}/73e2"
IDS = {
    f"target_group {FULL}": GROUP,
    f"target_group {FULL}-9090": f"{GROUP}9",
    f"security_group {FULL}-sg": "sg-web",
    "cloud_map_service web.magiclub.internal": "arn:srv",
}
THERE = {"service": None, "ids": IDS, "resources": [], "task_definitions": [], "deployment": None, "rules": []}
# Options of the account, or of Ansible.
CONNECTION = {"access_key", "aws_ca_bundle", "aws_config", "debug_botocore_endpoint_logs", "endpoint_url", "profile"}
CONNECTION |= {"region", "secret_key", "session_token", "validate_certs"}

PRESENT = {"state": "its default is present"}
REMOVAL = "it is of removals"
NOT_FARGATE = "Fargate has none"
NO_OPTION = "the role has no option for it"
DEFAULT = "its default is what the role is for"
NOT_HANDED_OVER: dict[str, dict[str, str]] = {
    "amazon.aws.cloudwatchlogs_log_group": {
        **PRESENT,
        "kms_key_id": NO_OPTION,
        "log_group_class": NO_OPTION,
        "overwrite": "it deletes the log group first",
        "purge_retention_policy": "a retention is always given",
    },
    "amazon.aws.iam_role": {
        **PRESENT,
        **dict.fromkeys(("description", "max_session_duration", "path"), NO_OPTION),
        **dict.fromkeys(("wait", "wait_timeout"), DEFAULT),
    },
    "amazon.aws.ec2_security_group": {**PRESENT, "group_id": "it is found by its name in the VPC"},
    "magiclub.fargate.elbv2_target_group": PRESENT,
    "magiclub.fargate.elbv2_listener_rule": {
        **PRESENT,
        "alternate_target_group_arn": NO_OPTION,
        **dict.fromkeys(("fixed_response", "redirect"), "alb_rules of the role alb gives them"),
        "rule_arn": "it is of a rule that is there",
    },
    "magiclub.fargate.servicediscovery_service": {
        **PRESENT,
        **dict.fromkeys(("description", "health_check_config"), NO_OPTION),
        "namespace": "namespace_id says which",
        "deregister_instances": REMOVAL,
        **dict.fromkeys(("wait", "wait_timeout"), DEFAULT),
    },
    "magiclub.fargate.ecs_task_definition": {
        **PRESENT,
        **dict.fromkeys(("cluster", "delete", "revision"), REMOVAL),
        **dict.fromkeys(("inference_accelerators", "ipc_mode", "placement_constraints"), NOT_FARGATE),
        **dict.fromkeys(("enable_fault_injection", "pid_mode", "proxy_configuration"), NO_OPTION),
        "trusted_execution_configuration": NO_OPTION,
        "definition": "the role gives each field",
        "keep": NO_OPTION,
        "show_environment": "no result is shown",
    },
    "magiclub.fargate.ecs_service": {
        **PRESENT,
        **dict.fromkeys(("force", "wait", "wait_timeout"), REMOVAL),
        **dict.fromkeys(("placement_constraints", "placement_strategy", "role", "volume_configurations"), NOT_FARGATE),
        **dict.fromkeys(("gateway_connectors", "monitoring"), NO_OPTION),
        **dict.fromkeys(("deployment_controller", "scheduling_strategy", "vpc_lattice_configurations"), NO_OPTION),
        "desired_count_policy": "without a desired_count, that of the service stays",
        "force_new_deployment": "the module starts one by itself after one that has failed",
        "launch_type": "capacity_provider_strategy stands in its place",
        "task_definition": "that of a new revision is what ecs_task_definition has registered",
    },
    "magiclub.fargate.application_autoscaling_target": {
        **PRESENT,
        **dict.fromkeys(("purge_policies", "scalable_dimension", "service_namespace"), DEFAULT),
        "absent_scheduled_actions": "it is of schedules that are there",
    },
}
# Fields of a plan whose argument has another name, and that name; null for none.
ARGUMENT_OF: dict[str, dict[str, str | None]] = {
    "iam_role": {
        "trust_policy": "assume_role_policy_document",
        "permissions_boundary": "boundary",
        "inline_policies": None,  # amazon.aws.iam_policy writes them
    },
    "security_group": {"ingress": "rules", "egress": "rules_egress"},
    "target_group": {"vpc": "vpc_id"},
    "listener_rule": {
        "listener": "listener_arn",
        "target_group": "target_group_arn",
        "other_conditions": None,
        "transforms": None,
    },
    "ecs_task_definition": {"task_role": "task_role_arn", "execution_role": "execution_role_arn"},
    "ecs_service": {
        "network": "network_configuration",
        "service_connect": "service_connect_configuration",
        "task_definition": None,  # of a new revision, see above
        "rollout_state": None,  # the module starts a deployment after one that has failed
    },
}
BOUNDED = {**PLATFORM, "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary"}


def entries(definition: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the plan of a new service."""
    (ruled,) = priorities.with_priorities([definition], PREFIX, {"rules": [], "services": {}})
    return compare.changes(desired.resources(ruled, BOUNDED, THERE), [])


def handed_over(definition: dict[str, t.Any], revoke: bool = False) -> dict[str, list[dict[str, t.Any]]]:
    """Return the arguments of the modules by type of resource, as the role passes them."""
    changes = entries(definition)
    around = arguments.Around(BOUNDED, [], {FULL: GROUP, f"{FULL}-9090": f"{GROUP}9"}, revoke)
    result: dict[str, list[dict[str, t.Any]]] = {}
    for entry in changes:
        if entry["type"] in arguments.OF_TYPE:
            result.setdefault(entry["type"], []).append(arguments.of(entry, around))
    (deployment,) = deploying.deployments([definition], BOUNDED, {"services": {"web": THERE}}, {"changes": changes})
    return result | {kind: [deployment[key]] for kind, key in DEPLOYED.items() if deployment[key]}


def options_of(module: str) -> set[str]:
    """Return the documented options of a module."""
    *collection, name = module.split(".")
    if collection == ["magiclub", "fargate"]:
        return set(
            importlib.import_module(f"ansible_collections.{'.'.join(collection)}.plugins.modules.{name}").ARGUMENTS
        )
    package = importlib.import_module(f"ansible_collections.{'.'.join(collection)}.plugins.modules")
    tree = ast.parse((Path(next(iter(package.__path__))) / f"{name}.py").read_text(encoding="utf-8"))
    (text,) = [one.value for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id == "DOCUMENTATION"]
    documentation = yaml.safe_load(ast.literal_eval(text))
    tags = {"tags", "purge_tags"} if "amazon.aws.tags" in documentation["extends_documentation_fragment"] else set()
    return set(documentation["options"]) | tags


def test_no_argument_is_a_masked_value():
    tags = {"environment": "prod", "a.options.auth-token": "x"}
    log = {"driver": "splunk", "options": {"splunk-token": "hunter2"}}
    connected = {**SERVICE["service_connect"], "log": log}
    given = handed_over(service(**{**SERVICE, "tags": tags, "service_connect": connected}))
    assert HIDDEN not in str(given)
    assert given["ecs_service"][0]["tags"].items() >= tags.items()


@pytest.mark.parametrize("kind", MODULE_OF)
def test_every_argument_is_an_option_and_every_unused_option_has_a_reason(kind):
    module = MODULE_OF[kind]
    given = {key for one in handed_over(service(**SERVICE))[kind] for key in one}
    options = options_of(module)
    assert given - options == set()
    left = options - given - CONNECTION
    assert left - set(NOT_HANDED_OVER[module]) == set()
    # The options of amazon.aws differ between its releases.
    assert module.startswith("amazon.aws") or left == set(NOT_HANDED_OVER[module])


@pytest.mark.parametrize("kind", MODULE_OF)
def test_every_planned_field_becomes_an_argument(kind):
    for definition in (service(**SERVICE), service()):
        given = handed_over(definition).get(kind, [])
        wanted = [entry for entry in entries(definition) if entry["type"] == kind]
        for entry, one in zip(wanted, given, strict=True):
            names = ARGUMENT_OF.get(kind, {})
            fields = [names.get(key, key) for key, value in entry["values"].items() if value is not None]
            assert {field for field in fields if field} - set(one) == set()


def test_scaling_policies_become_arguments():
    wanted = {
        entry["name"]: entry["values"] for entry in entries(service(**SERVICE)) if entry["type"] == "scaling_policy"
    }
    (given,) = handed_over(service(**SERVICE))["scalable_target"]
    told = {one["name"]: {key: value for key, value in one.items() if key != "name"} for one in given["policies"]}
    for values in wanted.values():
        if "requests_of" in values:
            values["resource_label"] = f"{PLATFORM['load_balancer_suffix']}/targetgroup/{FULL}/73e2"
            del values["requests_of"]
    assert told == wanted


def nulls(value: t.Any) -> bool:
    if isinstance(value, t.Mapping):
        return any(map(nulls, value.values()))
    return any(map(nulls, value)) if isinstance(value, list) else value is None


@pytest.mark.parametrize("definition", [service(**SERVICE), service()])
def test_no_argument_is_null(definition):
    assert [kind for kind, given in handed_over(definition).items() if nulls(given)] == []


@pytest.mark.parametrize(
    ("action", "boundary", "expected"),
    [("add", "arn:b", {"boundary": "arn:b"}), ("add", "", {}), ("change", "", {"boundary": ""})],
)
def test_a_permissions_boundary_is_set_or_removed(action, boundary, expected):
    values = {"trust_policy": {}, "managed_policies": [], "permissions_boundary": boundary, "tags": {}}
    entry = {"type": "iam_role", "name": "r", "action": action, "values": values}
    given = arguments.of(entry, arguments.Around(PLATFORM, [], {}, False))
    assert {key: value for key, value in given.items() if key == "boundary"} == expected


@pytest.mark.parametrize("revoke", [False, True])
def test_what_only_previous_tasks_needed_is_revoked_last(revoke):
    given = handed_over(service(**SERVICE), revoke=revoke)
    assert {one["purge_policies"] for one in given["iam_role"]} == {revoke}
    (group,) = given["security_group"]
    assert (group["purge_rules"], group["purge_rules_egress"]) == (revoke, revoke)


def test_the_description_of_a_security_group_does_not_change():
    found = [{"type": "security_group", "id": "sg-1", "name": "g-sg", "description": "by hand"}]
    values = {"ingress": [], "egress": [], "tags": {}}
    told = [
        arguments.of(
            {"type": "security_group", "name": "g-sg", "id": one, "values": values},
            arguments.Around(PLATFORM, found, {}, False),
        )["description"]
        for one in ("sg-1", None)
    ]
    assert told == ["by hand", "To the tasks of g"]


def test_the_tasks_of_the_role_pass_arguments_whole():
    """A field that a task copied could be forgotten without any test noticing."""
    tasks = [
        task
        for name in ("deploy", "permissions", "needed")
        for task in yaml.safe_load((ROOT / "roles/fargate_service/tasks" / f"{name}.yml").read_text(encoding="utf-8"))
    ]
    found = {module: task for task in tasks for module in MODULE_OF.values() if module in task}
    assert set(found) == set(MODULE_OF.values())
    copied = {module: set(task[module] or ()) for module, task in found.items()}
    assert {module: fields for module, fields in copied.items() if fields} == {
        "magiclub.fargate.ecs_service": {"task_definition"}
    }
    assert all(set(task["module_defaults"]) == {module} for module, task in found.items())


@functools.cache
def shape(api: str, operation: str) -> t.Any:
    loaded = botocore.session.get_session().get_service_model(api)
    return loaded.operation_model(operation).input_shape


def as_botocore(api: str, operation: str, request: dict[str, t.Any]) -> list[str]:
    report = botocore.validate.ParamValidator().validate(request, shape(api, operation))
    return [report.generate_report()] if report.has_errors() else []


def of_options(module: str, given: dict[str, t.Any]) -> tuple[list[str], dict[str, t.Any]]:
    """Return Ansible's errors for a module's arguments, and the arguments that the module gets."""
    known = importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.modules.{module}")
    checked = ArgumentSpecValidator(known.ARGUMENTS).validate(copy.deepcopy(given))
    return checked.error_messages, checked.validated_parameters


def ecs_refuses(operation: str, module: str, given: dict[str, t.Any]) -> list[str]:
    wrong, options = of_options(module, given)
    fields = {key: value for key, value in options.items() if key in given and key != "purge_tags"}
    if operation == "CreateService":
        fields = create_fields(fields)
    request, problems = model.request(shape("ecs", operation), fields)
    if wrong or problems:
        return [*wrong, *problems]
    if operation == "CreateService":
        return rules.service_problems(normal.normalise_service(request)) or as_botocore("ecs", operation, request)
    canonical = normal.normalise_task_definition(request)
    return rules.task_definition_problems(canonical) or as_botocore("ecs", operation, request)


def modules_refuse(definition: dict[str, t.Any]) -> list[str]:
    """Return the errors of our modules, and of botocore, for the arguments that the role passes for a service."""
    given = handed_over(definition)
    said = ecs_refuses("RegisterTaskDefinition", "ecs_task_definition", given["ecs_task_definition"][0])
    said += ecs_refuses("CreateService", "ecs_service", given["ecs_service"][0])
    for one in given.get("target_group", []):
        wrong, options = of_options("elbv2_target_group", one)
        said += wrong or as_botocore("elbv2", "CreateTargetGroup", elbv2.target_group_request(one["name"], options))
    for one in given.get("listener_rule", []):
        said += of_options("elbv2_listener_rule", one)[0] or conditions.problems(one)
    for one in given.get("cloud_map_service", []):
        said += of_options("servicediscovery_service", one)[0] or servicediscovery.service_problems(one)
    for one in given.get("scalable_target", []):
        said += of_options("application_autoscaling_target", one)[0]
    return said


ODD = ("", "x" * 300, "a b", -1, 0, 10**9, True, [], ["x"], {"x": 1}, {"x": ["y"]}, {"x": {"y": 1}})


def mutated() -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """Yield the definition with every option, each time with one option removed, doubled or changed.

    In a list, an option is changed in the first entry that has it.
    """
    looked_at: set[tuple[t.Any, ...]] = set()

    def places(value: t.Any, path: tuple[t.Any, ...]) -> t.Iterator[tuple[t.Any, ...]]:
        yield path
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, one in items:
            yield from places(one, (*path, key))

    for path in places(SERVICE, ()):
        option = tuple("*" if isinstance(key, int) else key for key in path)
        # options that a sidecar shares with the service are changed there
        if (
            option in looked_at
            or not path
            or path[0] in ("task_policies", "smoke")
            or (path[0] == "sidecars" and path[2:3] and path[2] in SERVICE)
        ):
            continue
        looked_at.add(option)
        for odd in (None, "twice", *ODD):
            if made := _made_odd(SERVICE, path, odd):
                yield f"{'.'.join(map(str, path))} = {odd!r:.40}", made


def _made_odd(value: t.Any, path: tuple[t.Any, ...], odd: t.Any) -> t.Any:
    """Return a copy with another value at a path, which shares the rest; None if there is nothing to double."""
    key, *rest = path
    other = copy.copy(value)
    if rest:
        other[key] = _made_odd(value[key], tuple(rest), odd)
        return None if other[key] is None else other
    if odd == "twice":
        return [*value, value[key]] if isinstance(value, list) else None
    if odd is None and isinstance(value, dict):
        del other[key]
    else:
        other[key] = odd
    return other


def test_modules_accept_every_service_that_the_plan_accepts():
    passed, missed = 0, {}
    for title, given in mutated():
        try:
            (definition,) = inputs.complete([given], SPEC)
        except ValueError:
            continue
        values = {**LAYERS["service"], "services": [definition]}
        if validate.service(values) or planned.wrong("service", values):
            continue
        passed += 1
        if said := modules_refuse(definition):
            missed[title] = said
    assert missed == {}
    assert passed > 300
