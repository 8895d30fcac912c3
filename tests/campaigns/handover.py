# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drop or change each argument that the role passes on, once; the next plan has to show it.

The modules' own functions are called on a local AWS; a resource is removed first and created with the wrong argument.
The resulting resources in AWS are compared as in a plan.
"""

from __future__ import annotations

import contextlib
import copy
import json
import typing as t
from importlib import import_module

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

PACKAGE = "ansible_collections.magiclub.fargate.plugins"
Data = dict[str, t.Any]
# Fields that differ between any two resources, whatever they were created with.
VOLATILE = frozenset(
    (
        *("createdAt", "updatedAt", "registeredAt", "CreationTime", "CreateDate", "CreatedAt", "events", "deployments"),
        *(
            "revision",
            "taskDefinitionArn",
            "taskDefinition",
            "serviceArn",
            "runningCount",
            "pendingCount",
            "registeredBy",
        ),
        *("TargetGroupArn", "RuleArn", "Id", "Arn", "CreatorRequestId", "PolicyARN", "Alarms", "ScalableTargetARN"),
        "ScheduledActionARN",
        *("LoadBalancerArns", "ResponseMetadata", "currentServiceDeployment", "currentServiceRevisions"),
        *("ResourceLabel", "targetGroupArn", "registryArn", "InstanceCount"),
    )
)


def mutations(value: t.Any, path: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[str, t.Any]]:
    """Yield C(what, mutated) for each place of I(value), dropped if it is a key and changed if it is a leaf."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield (
                f"drop {'.'.join(map(str, (*path, key)))}",
                {name: item for name, item in value.items() if name != key},
            )
            for what, mutant in mutations(one, (*path, key)):
                yield what, {**value, key: mutant}
    elif isinstance(value, list):
        for index, one in enumerate(value):
            for what, mutant in mutations(one, (*path, index)):
                yield what, [*value[:index], mutant, *value[index + 1 :]]
        if len(value) > 1:
            yield f"drop {'.'.join(map(str, path))}[0]", value[1:]
    else:
        for other in _others(value):
            yield f"change {'.'.join(map(str, path))} to {other!r}", other


_WORDS = {"ENABLED": "DISABLED", "DISABLED": "ENABLED", "SERVICE": "TASK_DEFINITION", "FARGATE": "FARGATE_SPOT"}
_WORDS |= {
    "FARGATE_SPOT": "FARGATE",
    "ARM64": "X86_64",
    "HEALTHY": "START",
    "SUCCESS": "COMPLETE",
    "COMPLETE": "SUCCESS",
}
_WORDS |= {"HTTP": "HTTPS", "ip": "instance", "MULTIVALUE": "WEIGHTED", "A": "AAAA", "1.4.0": "LATEST", "tcp": "udp"}


def _others(value: t.Any) -> list[t.Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value * 2 or 1]
    return [_WORDS.get(value, f"{value}1")] if isinstance(value, str) else []


class Mutation(t.NamedTuple):
    """The result of a mutation: C(refused), C(found) by a plan, without effect in AWS (C(same)), or C(missed)."""

    kind: str
    what: str
    outcome: str
    says: str


def ours(name: str) -> t.Any:
    """Return a module of the collection's plugins."""
    return import_module(f"{PACKAGE}.{name}")


def parameters(module: str, given: Data) -> Data:
    """Return the arguments of a module as Ansible passes them to it; raises ValueError if it refuses them."""
    checked = ArgumentSpecValidator(ours(f"modules.{module}").ARGUMENTS).validate(copy.deepcopy(given))
    if checked.error_messages:
        raise ValueError("; ".join(checked.error_messages))
    return t.cast("Data", checked.validated_parameters)


def stable(value: t.Any) -> str:
    """Return a description without the volatile fields."""

    def without(one: t.Any) -> t.Any:
        if isinstance(one, dict):
            return {key: without(item) for key, item in one.items() if key not in VOLATILE}
        return [without(item) for item in one] if isinstance(one, list) else one

    return json.dumps(without(value), sort_keys=True, default=str)


class Calls:
    """The calls of our modules in an account, by kind of resource, and AWS's descriptions.

    C(right) are their arguments as the role passes them, by kind.
    """

    def __init__(self, client: t.Callable[[str], t.Any], right: t.Mapping[str, Data]) -> None:
        retries = import_module("ansible_collections.amazon.aws.plugins.module_utils.retries")
        tagging = import_module("ansible_collections.amazon.aws.plugins.module_utils.tagging")
        self.right = right
        self.ecs = retries.RetryingBotoClientWrapper(client("ecs"), retries.AWSRetry.jittered_backoff(retries=1))
        self.elb, self.scaling, self.discovery = (
            client("elbv2"),
            client("application-autoscaling"),
            client("servicediscovery"),
        )
        self.name, self.cluster = right["ecs_service"]["name"], right["ecs_service"]["cluster"]
        self.plain = {
            "scalable_target": ("application_autoscaling_target", "_resources.autoscaling.target", self.scaling),
            "listener_rule": ("elbv2_listener_rule", "_resources.elbv2.rule", client),
            "target_group": ("elbv2_target_group", "_resources.elbv2.target_group", self.elb),
            "cloud_map_service": (
                "servicediscovery_service",
                "_resources.servicediscovery.service",
                ours("module_utils._resources.servicediscovery.namespace").Cloud(
                    client=self.discovery,
                    route53=lambda: client("route53"),
                    clock=lambda: 0.0,
                    sleep=lambda _seconds: None,
                    boto3_tags=tagging.ansible_dict_to_boto3_tag_list,
                ),
            ),
        }

    def make(self, kind: str, given: Data) -> None:
        if kind == "ecs_task_definition":
            self._start({**self.right["ecs_service"], "task_definition": self._register(given)})
        elif kind == "ecs_service":
            self._start(given)
        else:
            module, home, client = self.plain[kind]
            ours(f"module_utils.{home}").ensure_present(client, parameters(module, given), False)

    def remove(self, kind: str, given: Data) -> None:
        """Remove the resource of these arguments, and its obstacles."""
        if kind == "ecs_task_definition":
            for arn in self.ecs.list_task_definitions(familyPrefix=given["family"])["taskDefinitionArns"]:
                self.ecs.deregister_task_definition(taskDefinition=arn)
        elif kind == "ecs_service":
            # missing after a mutation that was refused
            with contextlib.suppress(self.ecs.exceptions.ServiceNotFoundException):
                self.ecs.delete_service(cluster=given["cluster"], service=given["name"], force=True)
        else:
            if kind == "target_group":
                self.remove("listener_rule", self.right["listener_rule"])
            module, home, client = self.plain[kind]
            force = {"deregister_instances": True} if kind == "cloud_map_service" else {}
            ours(f"module_utils.{home}").ensure_absent(client, parameters(module, {**given, **force}), False)

    def describe(self, kind: str) -> t.Any:
        """Return AWS's whole description of a resource."""
        return getattr(self, f"_{kind}")()

    def _register(self, given: Data) -> str:
        options = parameters("ecs_task_definition", given)
        fields = {name: options[name] for name in ours("modules.ecs_task_definition").FIELDS}
        home = ours("module_utils._resources.ecs.task_definition")
        return str(home.present(self.ecs, fields, purge_tags=options["purge_tags"])["task_definition_arn"])

    def _start(self, given: Data) -> None:
        home, options = ours("module_utils._resources.ecs.service"), parameters("ecs_service", given)
        fields = home.create_fields({name: options[name] for name in ours("modules.ecs_service").FIELDS})
        home.present(home.Calls(self.ecs, str), home.Wanted(fields=fields, purge_tags=options["purge_tags"]))

    def _ecs_task_definition(self) -> t.Any:
        described = self.ecs.describe_task_definition(taskDefinition=self.name, include=["TAGS"])
        return [described["taskDefinition"], described.get("tags")]

    def _ecs_service(self) -> t.Any:
        return self.ecs.describe_services(cluster=self.cluster, services=[self.name], include=["TAGS"])["services"]

    def _scalable_target(self) -> t.Any:
        own = {"ServiceNamespace": "ecs", "ResourceId": self.right["scalable_target"]["resource_id"]}
        (target,) = self.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[own["ResourceId"]])[
            "ScalableTargets"
        ]
        policies = self.scaling.describe_scaling_policies(**own)["ScalingPolicies"]
        actions = self.scaling.describe_scheduled_actions(**own)["ScheduledActions"]
        tags = self.scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
        by_name = sorted(actions, key=lambda action: str(action["ScheduledActionName"]))
        return [target, sorted(policies, key=lambda policy: str(policy["PolicyName"])), by_name, tags]

    def _target_group(self) -> t.Any:
        (group,) = self.elb.describe_target_groups(Names=[self.name])["TargetGroups"]
        attributes = self.elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
        return [group, sorted(map(str, attributes)), self._elb_tags(group["TargetGroupArn"])]

    def _listener_rule(self) -> t.Any:
        rules = self.elb.describe_rules(ListenerArn=self.right["listener_rule"]["listener_arn"])["Rules"]
        return [rules, [self._elb_tags(rule["RuleArn"]) for rule in rules]]

    def _elb_tags(self, arn: str) -> t.Any:
        return self.elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]

    def _cloud_map_service(self) -> t.Any:
        listed = self.discovery.list_services()["Services"]
        (own,) = [one for one in listed if one["Name"] == self.right["cloud_map_service"]["name"]]
        tags = self.discovery.list_tags_for_resource(ResourceARN=own["Arn"])["Tags"]
        return [self.discovery.get_service(Id=own["Id"])["Service"], tags]


TYPES = {
    "ecs_task_definition": ("ecs_task_definition",),
    "ecs_service": ("ecs_service",),
    "scalable_target": ("scalable_target", "scaling_policy", "scheduled_action"),
    "cloud_map_service": ("cloud_map_service",),
    "listener_rule": ("listener_rule",),
    "target_group": ("target_group",),
}
"""By kind of arguments, the types of a plan's resources that they affect, in the order of mutation."""


def campaign(
    calls: Calls, plan: t.Callable[[], t.Iterable[t.Mapping[str, t.Any]]], kinds: t.Iterable[str]
) -> t.Iterator[Mutation]:
    """Create each of I(kinds) with each of its arguments mutated, and yield the result by the next plan."""

    def left(kind: str) -> list[str]:
        changes = [change for change in plan() if change["type"] in TYPES[kind]]
        return [field["path"] for change in changes for field in change["fields"] or [{"path": change["action"]}]]

    def wronged(kind: str, right: Data, whole: str, what: str, mutant: Data) -> Mutation:
        calls.remove(kind, right)
        try:
            calls.make(kind, mutant)
        except Exception as error:  # whatever the refusal, a run ends there
            return Mutation(kind, what, "refused", str(error))
        found = left(kind)
        outcome = "found" if found else "same" if stable(calls.describe(kind)) == whole else "missed"
        with contextlib.suppress(Exception):
            calls.remove(kind, mutant)
        return Mutation(kind, what, outcome, ", ".join(found))

    for kind in kinds:
        right = calls.right[kind]
        calls.remove(kind, right)
        calls.make(kind, right)
        whole = stable(calls.describe(kind))
        assert (kind, left(kind)) == (kind, [])
        for what, mutant in mutations(right):
            yield wronged(kind, right, whole, what, mutant)
        calls.remove(kind, right)
        calls.make(kind, right)


class Plans:
    """Plans of one service, as the role creates them: C(layers) is the answer of platform_info."""

    def __init__(self, client: t.Callable[[str], t.Any], prefix: str, layers: Data, given: Data, spec: Data) -> None:
        own = {
            "name_prefix": prefix,
            "region": "ap-northeast-2",
            "tags": {"Project": "magiclub", "ManagedBy": "ansible"},
        }
        facts = (layers["vpc_info"], layers["alb_info"], layers["ecs_cluster_info"])
        self.platform = ours("module_utils._layers.services.platform").of({**own, "check_mode": False}, *facts)
        self.service = ours("module_utils._layers.services.inputs").complete([given], spec)[0]
        self.client, self.names = client, ours("module_utils._layers.services.names").Names(prefix, given["name"])

    def info(self) -> Data:
        platform = self.platform
        query = ours("module_utils._layers.services.read").Query(
            services=[self.names],
            cluster=platform["cluster"],
            listener_arn=platform["listener_arn"],
            namespace_id=platform["namespace_id"],
            other_listeners={},
            other_namespaces={},
            inactive_revisions=False,
        )
        around = {"names": ours("module_utils._layers.services.platform").known(platform), "other_listeners": {}}
        around |= {key: platform[key] for key in ("listener", "namespace", "namespaces_by_id")} | {
            "other_namespaces": {}
        }
        found = ours("module_utils._layers.services.info").info(self.client, query, around)
        return {**found, "name_prefix": platform["name_prefix"]}

    def changes(self) -> list[Data]:
        both = ours("module_utils._layers.services.plan").compared([self.service], self.platform, self.info())
        return t.cast("list[Data]", ours("module_utils._plan.compare").changes(both["desired"], both["found"]))

    def arguments(self) -> dict[str, Data]:
        """Return by kind the arguments that the role passes for a new service, which runs the newest revision."""
        home, info = ours("module_utils._layers.services.arguments"), self.info()
        there = info["services"][self.service["name"]]
        wanted = ours("module_utils._layers.services.plan").compared(
            [self.service], self.platform, {**info, "services": {}}
        )
        entries = ours("module_utils._plan.compare").changes(wanted["desired"], [])
        around = home.Around(self.platform, info["resources"], {}, False)
        made = {entry["type"]: home.of(entry, around) for entry in entries if entry["type"] in home.OF_TYPE}
        (values,) = [entry["values"] for entry in entries if entry["type"] == "ecs_service"]
        start = home.ecs_service(self.service, self.platform, there, values)
        return {
            **{kind: made[kind] for kind in ("target_group", "listener_rule", "cloud_map_service")},
            "ecs_task_definition": home.task_definition(self.service, self.platform, there),
            "ecs_service": {**start, "task_definition": self.names.full},
            "scalable_target": home.scaling(self.service, self.platform, there),
        }
