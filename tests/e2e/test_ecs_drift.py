# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drift, one field after another: changed out of band, named by check mode, fixed by one call, then no difference.

The modules run in this process against the local AWS.
"""

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.modules import ecs_cluster, ecs_service, ecs_task_definition

from tests.support.account import REGION, SECRET, Account

Data = dict[str, t.Any]


class Place(t.NamedTuple):
    account: Account
    ecs: t.Any
    subnets: list[str]
    groups: list[str]
    target_groups: list[str]
    registries: list[str]


@pytest.fixture(scope="module")
def place(emulator: t.Any) -> t.Iterator[Place]:
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    ec2, elb = account.client("ec2"), account.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for number, zone in enumerate("ac")
    ]
    groups = [ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"] for name in ("a", "b")]
    target_groups = [
        elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")["TargetGroups"][0][
            "TargetGroupArn"
        ]
        for name in ("a", "b")
    ]
    balancer = elb.create_load_balancer(Name="drift", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    for port, arn in enumerate(target_groups, 80):
        elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol="HTTP",
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
        )
    yield Place(account, account.client("ecs"), subnets, groups, target_groups, list(_registries(account, vpc)))
    account.stop_services()


def _registries(account: Account, vpc: str) -> t.Iterator[str]:
    cloud_map = account.client("servicediscovery")
    operation = cloud_map.create_private_dns_namespace(Name="drift.internal", Vpc=vpc)["OperationId"]
    namespace = cloud_map.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    for name in ("a", "b"):
        dns = {"DnsRecords": [{"Type": "A", "TTL": 10}]}
        created = cloud_map.create_service(Name=name, NamespaceId=namespace, DnsConfig=dns)
        yield created["Service"]["Arn"]


class Runner:
    """Run modules in this process, in the account of the place."""

    def __init__(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        self.place = place
        self._capsys = capsys

    def __call__(self, module: t.Any, options: Data, *, check: bool = False) -> Data:
        account = self.place.account
        connection = {"access_key": account.key, "secret_key": SECRET, "region": REGION}
        arguments = {**options, **connection, "endpoint_url": account.endpoint, "_ansible_check_mode": check}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        result: Data = json.loads(self._capsys.readouterr().out.splitlines()[-1])
        assert not result.get("failed"), result["msg"]
        return result

    def fixes(self, module: t.Any, options: Data, paths: str, call: str) -> None:
        """Assert that check mode names the paths and writes nothing, and that one call fixes the drift."""
        writes = self.place.account.writes
        start = len(writes())
        checked = self(module, options, check=True)
        assert [change["path"] for change in checked["changes"]] == paths.split()
        assert writes()[start:] == []

        fixed = self(module, options)
        assert (fixed["changed"], fixed["changes"]) == (True, checked["changes"])
        assert [write["action"] for write in writes()[start:]] == [call]

        again = self(module, options)
        assert (again["changed"], again["changes"]) == (False, [])


@pytest.fixture(scope="module")
def connect() -> t.Callable[..., t.Any]:
    """Connect as the modules do, but once for all tests, because connecting would take most of their time."""
    clients: dict[str, t.Any] = {}
    client = Module.client

    def connect(module: t.Any, service: str) -> t.Any:
        if service not in clients:
            clients[service] = client(module, service)
        return clients[service]

    return connect


@pytest.fixture
def run(place: Place, connect: t.Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(Module, "client", connect)
    return Runner(place, capsys)


CONTAINER: Data = {
    "name": "api",
    "image": "nowhere/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "command": ["serve"],
    "entry_point": ["/bin/api"],
    "environment": {"LOG_LEVEL": "info", "WORKERS": 2},
    "secrets": {"PASSWORD": "arn:aws:ssm:ap-northeast-2:123456789012:parameter/password"},
    "port_mappings": [{"container_port": 8080, "name": "http", "app_protocol": "http"}],
    "cpu": 128,
    "memory": 256,
    "memory_reservation": 128,
    "health_check": {"command": ["CMD", "/health"], "interval": 10},
    "depends_on": [{"container_name": "router", "condition": "START"}],
    "stop_timeout": 20,
    "start_timeout": 30,
    "log_configuration": {
        "log_driver": "awslogs",
        "options": {"awslogs-group": "/ecs/drift", "awslogs-region": REGION, "awslogs-stream-prefix": "ecs"},
    },
    "mount_points": [{"source_volume": "scratch", "container_path": "/tmp"}],
    "readonly_root_filesystem": True,
    "linux_parameters": {"init_process_enabled": True, "capabilities": {"drop": ["ALL"]}},
    "ulimits": [{"name": "nofile", "soft_limit": 1024, "hard_limit": 4096}],
    "system_controls": {"net.core.somaxconn": 512},
    "user": "10001",
    "working_directory": "/srv",
    "docker_labels": {"team": "platform"},
    "restart_policy": {"enabled": True, "ignored_exit_codes": [0]},
    "environment_files": [{"value": "arn:aws:s3:::bucket/file.env", "type": "s3"}],
}

DEFINITION: Data = {
    "family": "drift",
    "requires_compatibilities": ["FARGATE"],
    "cpu": 512,
    "memory": 1024,
    "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
    "task_role_arn": "arn:aws:iam::123456789012:role/task",
    "runtime_platform": {"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
    "ephemeral_storage": {"size_in_gib": 30},
    "pid_mode": "task",
    "volumes": [{"name": "scratch"}],
    "container_definitions": [CONTAINER, {"name": "router", "image": "nowhere/router", "essential": False}],
    "tags": {"Project": "drift"},
}

Change = t.Callable[[Data], t.Any]

# A field in AWS's spelling of the registered definition, its change, and the path that must be named.
OF_THE_TASK: list[tuple[str, Change]] = [
    ("cpu", lambda d: d.update(cpu="1024", memory="2048")),
    ("memory", lambda d: d.update(memory="2048")),
    ("execution_role_arn", lambda d: d.update(executionRoleArn="arn:aws:iam::123456789012:role/other")),
    ("task_role_arn", lambda d: d.pop("taskRoleArn")),
    ("runtime_platform.cpu_architecture", lambda d: d["runtimePlatform"].update(cpuArchitecture="ARM64")),
    ("ephemeral_storage.size_in_gib", lambda d: d["ephemeralStorage"].update(sizeInGiB=40)),
    ("pid_mode", lambda d: d.pop("pidMode")),
    ("volumes.more", lambda d: d["volumes"].append({"name": "more"})),
    ("requires_compatibilities", lambda d: d["requiresCompatibilities"].append("EC2")),
    ("container_definitions.router.essential", lambda d: d["containerDefinitions"][1].update(essential=True)),
]

OF_THE_CONTAINER: list[tuple[str, Change]] = [
    ("image", lambda c: c.update(image="nowhere/api:latest")),
    ("command", lambda c: c.update(command=["serve", "--debug"])),
    ("entry_point", lambda c: c.pop("entryPoint")),
    ("environment.LOG_LEVEL", lambda c: c["environment"][0].update(value="debug")),
    ("environment.MORE", lambda c: c["environment"].append({"name": "MORE", "value": "1"})),
    ("environment.WORKERS", lambda c: c["environment"].pop()),
    ("secrets.PASSWORD", lambda c: c["secrets"][0].update(valueFrom="arn:aws:ssm:x:1:parameter/other")),
    ("port_mappings.8080/tcp.app_protocol", lambda c: c["portMappings"][0].update(appProtocol="http2")),
    ("cpu", lambda c: c.update(cpu=64)),
    ("memory", lambda c: c.update(memory=300)),
    ("memory_reservation", lambda c: c.update(memoryReservation=64)),
    ("essential", lambda c: c.update(essential=False)),
    ("health_check.interval", lambda c: c["healthCheck"].update(interval=30)),
    ("health_check.command", lambda c: c["healthCheck"].update(command=["CMD", "true"])),
    ("depends_on.router", lambda c: c["dependsOn"][0].update(condition="HEALTHY")),
    ("stop_timeout", lambda c: c.update(stopTimeout=60)),
    ("start_timeout", lambda c: c.update(startTimeout=60)),
    (
        "log_configuration.options.awslogs-group",
        lambda c: c["logConfiguration"]["options"].update({"awslogs-group": "/ecs/other"}),
    ),
    ("mount_points./tmp.read_only", lambda c: c["mountPoints"][0].update(readOnly=True)),
    ("readonly_root_filesystem", lambda c: c.update(readonlyRootFilesystem=False)),
    ("linux_parameters.capabilities.drop", lambda c: c["linuxParameters"]["capabilities"].update(drop=["NET_RAW"])),
    ("linux_parameters.init_process_enabled", lambda c: c["linuxParameters"].pop("initProcessEnabled")),
    ("ulimits.nofile.soft_limit", lambda c: c["ulimits"][0].update(softLimit=2048)),
    ("system_controls.net.core.somaxconn", lambda c: c["systemControls"][0].update(value="1024")),
    ("user", lambda c: c.update(user="0")),
    ("working_directory", lambda c: c.update(workingDirectory="/")),
    ("docker_labels.team", lambda c: c["dockerLabels"].update(team="other")),
    ("restart_policy.ignored_exit_codes", lambda c: c["restartPolicy"].update(ignoredExitCodes=[0, 1])),
    ("environment_files", lambda c: c["environmentFiles"].append({"value": "arn:aws:s3:::bucket/2.env", "type": "s3"})),
    ("interactive", lambda c: c.update(interactive=True)),
    ("credential_specs", lambda c: c.update(credentialSpecs=["credentialspec:arn:aws:s3:::bucket/spec"])),
    ("version_consistency", lambda c: c.update(versionConsistency="disabled")),
]


@pytest.fixture
def definition(run: Runner, place: Place) -> Data:
    """Return the registered task definition as a request of RegisterTaskDefinition."""
    run(ecs_task_definition, DEFINITION)
    found = place.ecs.describe_task_definition(taskDefinition="drift")["taskDefinition"]
    taken = place.ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    return copy.deepcopy({key: value for key, value in found.items() if key in taken and value not in ("", None)})


def register(place: Place, definition: Data) -> None:
    tags = [{"key": "Project", "value": "drift"}]
    place.ecs.register_task_definition(**definition, tags=tags)


@pytest.mark.parametrize(("path", "change"), OF_THE_TASK, ids=[path for path, _ in OF_THE_TASK])
def test_task_definition(run: Runner, place: Place, definition: Data, path: str, change: Change) -> None:
    change(definition)
    register(place, definition)
    if path == "cpu":
        checked = run(ecs_task_definition, DEFINITION, check=True)
        assert [item["path"] for item in checked["changes"]] == ["cpu", "memory"]
        assert run(ecs_task_definition, DEFINITION)["changed"] is True
        assert run(ecs_task_definition, DEFINITION)["changed"] is False
        return
    run.fixes(ecs_task_definition, DEFINITION, path, "RegisterTaskDefinition")


@pytest.mark.parametrize(("path", "change"), OF_THE_CONTAINER, ids=[path for path, _ in OF_THE_CONTAINER])
def test_container(run: Runner, place: Place, definition: Data, path: str, change: Change) -> None:
    change(definition["containerDefinitions"][0])
    register(place, definition)
    run.fixes(ecs_task_definition, DEFINITION, f"container_definitions.api.{path}", "RegisterTaskDefinition")


@pytest.mark.parametrize(
    ("path", "drift", "call"),
    [
        ("tags.Project", {"Project": "other"}, "TagResource"),
        ("tags.Project", {"Project": None}, "TagResource"),
        ("tags.More", {"More": "1"}, "UntagResource"),
    ],
)
@pytest.mark.parametrize("kind", ["task definition", "service", "cluster"])
def test_tags(run: Runner, kind: str, path: str, drift: dict[str, str | None], call: str) -> None:
    modules: dict[str, tuple[t.Any, Data]] = {
        "cluster": (ecs_cluster, CLUSTER),
        "task definition": (ecs_task_definition, DEFINITION),
        "service": (ecs_service, service(run.place)),
    }
    results = {name: run(*module) for name, module in modules.items()}
    arn = {
        "cluster": results["cluster"]["cluster"]["cluster_arn"],
        "task definition": results["task definition"]["task_definition_arn"],
        "service": results["service"]["service"]["service_arn"],
    }[kind]
    ecs = run.place.ecs
    for key, value in drift.items():
        if value is None:
            ecs.untag_resource(resourceArn=arn, tagKeys=[key])
        else:
            ecs.tag_resource(resourceArn=arn, tags=[{"key": key, "value": value}])
    run.fixes(*modules[kind], path, call)


CLUSTER: Data = {
    "name": "drift",
    "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
    "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
    "settings": {"containerInsights": "enhanced"},
    "configuration": {"execute_command_configuration": {"logging": "DEFAULT"}},
    "service_connect_defaults": {"namespace": "arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-1"},
    "tags": {"Project": "drift"},
}

FARGATE = [{"capacityProvider": "FARGATE", "weight": 1}]


@pytest.mark.parametrize(
    ("path", "call", "changed"),
    [
        ("settings.containerInsights", "update", {"settings": [{"name": "containerInsights", "value": "disabled"}]}),
        (
            "configuration.execute_command_configuration.logging",
            "update",
            {"configuration": {"executeCommandConfiguration": {"logging": "NONE"}}},
        ),
        (
            "service_connect_defaults.namespace",
            "update",
            {"serviceConnectDefaults": {"namespace": "arn:aws:servicediscovery:x:1:namespace/ns-2"}},
        ),
        ("capacity_providers", "put", {"capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": FARGATE}),
        (
            "default_capacity_provider_strategy",
            "put",
            {
                "capacityProviders": ["FARGATE_SPOT", "FARGATE"],
                "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
            },
        ),
    ],
)
def test_cluster(run: Runner, place: Place, path: str, call: str, changed: Data) -> None:
    run(ecs_cluster, CLUSTER)
    ecs = place.ecs
    operations = {"update": ecs.update_cluster, "put": ecs.put_cluster_capacity_providers}
    operations[call](cluster="drift", **changed)
    names = {"update": "UpdateCluster", "put": "PutClusterCapacityProviders"}
    run.fixes(ecs_cluster, CLUSTER, path, names[call])


def service(place: Place) -> Data:
    return {
        "name": "drift",
        "cluster": "drift",
        "task_definition": "drift",
        "desired_count": 0,
        "capacity_provider_strategy": [
            {"capacity_provider": "FARGATE", "weight": 1, "base": 1},
            {"capacity_provider": "FARGATE_SPOT", "weight": 3},
        ],
        "platform_version": "LATEST",
        "network_configuration": {"subnets": place.subnets, "security_groups": place.groups[:1]},
        "load_balancers": [
            {"target_group_arn": place.target_groups[0], "container_name": "api", "container_port": 8080}
        ],
        "service_registries": [{"registry_arn": place.registries[0]}],
        "service_connect_configuration": {"enabled": False},
        "deployment_configuration": {
            "strategy": "ROLLING",
            "minimum_healthy_percent": 100,
            "maximum_percent": 200,
            "deployment_circuit_breaker": {"enable": True, "rollback": True},
            "alarms": {"alarm_names": ["errors"], "enable": True, "rollback": False},
        },
        "health_check_grace_period_seconds": 30,
        "availability_zone_rebalancing": "ENABLED",
        "enable_execute_command": True,
        "enable_ecs_managed_tags": True,
        "propagate_tags": "SERVICE",
        "tags": {"Project": "drift"},
    }


def awsvpc(place: Place, **fields: t.Any) -> Data:
    found = {"subnets": place.subnets, "securityGroups": place.groups[:1], "assignPublicIp": "DISABLED"}
    return {"networkConfiguration": {"awsvpcConfiguration": {**found, **fields}}}


def configuration(**fields: t.Any) -> Data:
    return {"deploymentConfiguration": fields}


def balancer(target_group: str) -> Data:
    return {"targetGroupArn": target_group, "containerName": "api", "containerPort": 8080}


# The path that must be named, and the out-of-band UpdateService.
OF_THE_SERVICE: list[tuple[str, t.Callable[[Place], Data]]] = [
    ("desired_count", lambda p: {"desiredCount": 1}),
    ("platform_version", lambda p: {"platformVersion": "1.4.0"}),
    ("capacity_provider_strategy", lambda p: {"capacityProviderStrategy": FARGATE}),
    (
        "capacity_provider_strategy",
        lambda p: {
            "capacityProviderStrategy": [
                {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
                {"capacityProvider": "FARGATE_SPOT", "weight": 2},
            ]
        },
    ),
    ("network_configuration.subnets", lambda p: awsvpc(p, subnets=p.subnets[:1])),
    ("network_configuration.security_groups", lambda p: awsvpc(p, securityGroups=p.groups)),
    ("load_balancers", lambda p: {"loadBalancers": []}),
    ("load_balancers", lambda p: {"loadBalancers": [balancer(p.target_groups[1])]}),
    ("load_balancers", lambda p: {"loadBalancers": [balancer(arn) for arn in p.target_groups]}),
    ("service_registries", lambda p: {"serviceRegistries": []}),
    ("service_registries", lambda p: {"serviceRegistries": [{"registryArn": p.registries[1]}]}),
    (
        "service_connect_configuration.enabled",
        lambda p: {"serviceConnectConfiguration": {"enabled": True, "namespace": "drift.internal"}},
    ),
    # a load balancer would need a second target group and a role
    (
        "deployment_configuration.strategy load_balancers",
        lambda p: {**configuration(strategy="BLUE_GREEN", bakeTimeInMinutes=0), "loadBalancers": []},
    ),
    ("deployment_configuration.minimum_healthy_percent", lambda p: configuration(minimumHealthyPercent=50)),
    ("deployment_configuration.maximum_percent", lambda p: configuration(maximumPercent=150)),
    (
        "deployment_configuration.deployment_circuit_breaker.enable",
        lambda p: configuration(deploymentCircuitBreaker={"enable": False, "rollback": True}),
    ),
    (
        "deployment_configuration.deployment_circuit_breaker.rollback",
        lambda p: configuration(deploymentCircuitBreaker={"enable": True, "rollback": False}),
    ),
    (
        "deployment_configuration.alarms.alarm_names",
        lambda p: configuration(alarms={"alarmNames": ["errors", "slow"], "enable": True, "rollback": False}),
    ),
    (
        "deployment_configuration.alarms.rollback",
        lambda p: configuration(alarms={"alarmNames": ["errors"], "enable": True, "rollback": True}),
    ),
    ("health_check_grace_period_seconds", lambda p: {"healthCheckGracePeriodSeconds": 0}),
    ("availability_zone_rebalancing", lambda p: {"availabilityZoneRebalancing": "DISABLED"}),
    ("enable_execute_command", lambda p: {"enableExecuteCommand": False}),
    ("enable_ecs_managed_tags", lambda p: {"enableECSManagedTags": False}),
    ("propagate_tags", lambda p: {"propagateTags": "TASK_DEFINITION"}),
]


@pytest.mark.parametrize(
    ("path", "changed"), OF_THE_SERVICE, ids=[f"{path}-{index}" for index, (path, _) in enumerate(OF_THE_SERVICE)]
)
def test_service(run: Runner, place: Place, path: str, changed: t.Callable[[Place], Data]) -> None:
    run(ecs_cluster, CLUSTER)
    run(ecs_task_definition, DEFINITION)
    run(ecs_service, service(place))
    place.ecs.update_service(cluster="drift", service="drift", **changed(place))
    run.fixes(ecs_service, service(place), path, "UpdateService")


def test_an_older_revision(run: Runner, place: Place, definition: Data) -> None:
    run(ecs_cluster, CLUSTER)
    definition["containerDefinitions"][0]["user"] = "0"
    register(place, definition)
    older = run(ecs_service, {**service(place), "task_definition": "drift"})["service"]["task_definition"]
    newest = run(ecs_task_definition, DEFINITION)["task_definition_arn"]
    assert older != newest
    run.fixes(ecs_service, service(place), "task_definition", "UpdateService")


def test_the_deployment_is_the_one_that_was_started(run: Runner, place: Place) -> None:
    run(ecs_cluster, CLUSTER)
    run(ecs_task_definition, DEFINITION)
    run(ecs_service, service(place))
    ecs = place.ecs
    started = run(ecs_service, {**service(place), "force_new_deployment": True})["deployment_id"]
    found = ecs.describe_services(cluster="drift", services=["drift"])["services"][0]["deployments"]
    assert started == next(item["id"] for item in found if item["status"] == "PRIMARY")
    quiet = run(ecs_service, {**service(place), "enable_execute_command": False})
    assert (quiet["changed"], quiet["deployment_id"]) == (True, None)
    run(ecs_service, service(place))


def test_a_service_is_removed_and_made_again(run: Runner, place: Place) -> None:
    run(ecs_cluster, CLUSTER)
    run(ecs_task_definition, DEFINITION)
    run(ecs_service, service(place))
    gone = {"name": "drift", "cluster": "drift", "state": "absent"}
    assert run(ecs_service, gone, check=True)["changed"] is True
    assert run(ecs_service, gone)["changed"] is True
    assert run(ecs_service, gone)["changed"] is False
    place_again = run(ecs_service, service(place))
    assert (place_again["changed"], place_again["service"]["status"]) == (True, "ACTIVE")


def test_revisions_are_kept_and_removed(run: Runner, place: Place) -> None:
    family = {**DEFINITION, "family": "kept"}
    for user in ("1", "2", "3", "4"):
        containers = [{**CONTAINER, "user": user}, DEFINITION["container_definitions"][1]]
        run(ecs_task_definition, {**family, "container_definitions": containers, "keep": 2})
    ecs = place.ecs
    active = ecs.list_task_definitions(familyPrefix="kept", status="ACTIVE")["taskDefinitionArns"]
    assert [arn.rsplit(":", 1)[-1] for arn in active] == ["3", "4"]
    gone = {"family": "kept", "state": "absent", "delete": True}
    assert len(run(ecs_task_definition, gone)["deleted"]) == 4
    assert run(ecs_task_definition, gone)["changed"] is False
