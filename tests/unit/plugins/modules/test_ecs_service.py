# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.deployments import needs_restart
from ansible_collections.magiclub.fargate.plugins.modules import ecs_service

from tests.unit.plugins.modules.aws_stub import ACCOUNT, ANY, CLUSTER, Clock

SERVICE = f"{ACCOUNT}:service/c/s"
REVISION = f"{ACCOUNT}:task-definition/f:2"
NAMESPACE = "arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-1"

CREATE_SERVICE = botocore.session.get_session().get_service_model("ecs").operation_model("CreateService").input_shape

OPTIONS = {
    "task_definition": "f",
    "desired_count": 2,
    "launch_type": "FARGATE",
    "network_configuration": {"subnets": ["subnet-b", "subnet-a"], "security_groups": ["sg-1"]},
    "load_balancers": [{"target_group_arn": "tg", "container_name": "api", "container_port": 8080}],
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}},
    "deployment_controller": "ECS",
    "tags": {"Project": "magiclub"},
}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-b", "subnet-a"], "securityGroups": ["sg-1"]}}
REQUEST = {
    "desiredCount": 2,
    "launchType": "FARGATE",
    "networkConfiguration": NETWORK,
    "loadBalancers": [{"targetGroupArn": "tg", "containerName": "api", "containerPort": 8080}],
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    "deploymentController": {"type": "ECS"},
    "tags": [{"key": "Project", "value": "magiclub"}],
}

REGISTER = "Register it first (ecs_task_definition), or name an ACTIVE revision."


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return Clock(monkeypatch)


def running(**fields):
    return {
        **REQUEST,
        "serviceArn": SERVICE,
        "serviceName": "s",
        "clusterArn": CLUSTER,
        "status": "ACTIVE",
        "taskDefinition": REVISION,
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY"}],
        **fields,
    }


def creates(ecs, created, **request):
    """Expect the request that creates the service."""
    named = {"cluster": "c", "serviceName": "s", "taskDefinition": REVISION, "clientToken": ANY}
    ecs.answer("create_service", {"service": created}, **named, **request)


def found(ecs, *services):
    ecs.answer("describe_services", {"services": list(services)}, cluster="c", services=["s"], include=["TAGS"])


def defined(ecs, name="f", status="ACTIVE", **fields):
    definition = {
        "taskDefinitionArn": REVISION,
        "family": "f",
        "revision": 2,
        "status": status,
        "networkMode": "awsvpc",
        "containerDefinitions": [{"name": "api", "portMappings": [{"containerPort": 8080}]}],
        **fields,
    }
    ecs.answer("describe_task_definition", {"taskDefinition": definition}, taskDefinition=name, include=["TAGS"])


def undefined(ecs, name="f"):
    ecs.refuse(
        "describe_task_definition",
        "ClientException",
        "Unable to describe task definition.",
        taskDefinition=name,
        include=["TAGS"],
    )


def no_cluster(ecs):
    asked = {"cluster": "c", "services": ["s"], "include": ["TAGS"]}
    ecs.refuse("describe_services", "ClusterNotFoundException", "Cluster not found.", **asked)


def run(ecs, **parameters):
    return ecs.run(ecs_service.main, name="s", cluster="c", **parameters)


def paths(result):
    return [change["path"] for change in result["changes"]]


@pytest.mark.parametrize("before", [[], [running(status="INACTIVE", tags=[])]])
def test_creates(ecs, before):
    defined(ecs)
    found(ecs, *before)
    created = running(deployments=[{"id": "ecs-svc/9", "status": "PRIMARY"}])
    creates(ecs, created, **REQUEST)
    result = run(ecs, **OPTIONS)
    assert (result["changed"], result["deployment_id"]) == (True, "ecs-svc/9")
    assert result["service"]["tags"] == {"Project": "magiclub"}
    assert {"path": "task_definition", "before": None, "after": "f:2"} in result["changes"]


def test_a_new_service_has_one_task_by_default(ecs):
    defined(ecs, networkMode="bridge")
    found(ecs)
    creates(ecs, running(), desiredCount=1)
    assert run(ecs, task_definition="f", tags={})["changed"] is True


def test_a_daemon_service_gets_no_count(ecs):
    defined(ecs, networkMode="bridge")
    found(ecs)
    creates(ecs, running(), schedulingStrategy="DAEMON")
    assert run(ecs, task_definition="f", scheduling_strategy="DAEMON")["changed"] is True


def test_check_mode_creates_nothing(ecs):
    defined(ecs)
    found(ecs)
    result = run(ecs, check=True, **OPTIONS)
    assert (result["changed"], result["service"], result["deployment_id"]) == (True, None, None)


def test_check_mode_works_in_an_empty_account(ecs):
    undefined(ecs)
    no_cluster(ecs)
    assert run(ecs, check=True, **OPTIONS)["changed"] is True


UNREGISTERED = {**OPTIONS, "task_definition": "f:(new revision)"}


@pytest.mark.parametrize(
    ("services", "before"), [([], None), ([running()], "f:2")], ids=["a new service", "one that is there"]
)
def test_check_mode_accepts_an_unregistered_revision(ecs, services, before):
    found(ecs, *services)
    result = run(ecs, check=True, **UNREGISTERED)
    assert result["changed"] is True
    assert {"path": "task_definition", "before": before, "after": "f:(new revision)"} in result["changes"]


def test_outside_check_mode_an_unregistered_revision_is_refused(ecs):
    assert run(ecs, **UNREGISTERED)["msg"] == f"task_definition: f:(new revision) does not exist. {REGISTER}"


def test_outside_check_mode_a_missing_cluster_is_an_error(ecs):
    defined(ecs)
    no_cluster(ecs)
    assert run(ecs, **OPTIONS)["msg"] == (
        "Failed to set up service s in ap-northeast-2: there is no such cluster in this account and region."
        " Create it first, or set cluster."
    )


def test_changes_nothing_if_nothing_differs(ecs):
    defined(ecs)
    found(ecs, running())
    result = run(ecs, **OPTIONS)
    assert (result["changed"], result["changes"], result["deployment_id"]) == (False, [], None)
    assert result["service"]["service_arn"] == SERVICE


def test_options_that_are_not_given_are_left_alone(ecs):
    found(ecs, running(desiredCount=7, enableExecuteCommand=True))
    assert run(ecs)["changed"] is False


@pytest.mark.parametrize(
    ("options", "member", "value"),
    [
        ({"desired_count": 3}, "desiredCount", 3),
        ({"desired_count": 0}, "desiredCount", 0),
        ({"enable_ecs_managed_tags": True}, "enableECSManagedTags", True),
        ({"propagate_tags": "SERVICE"}, "propagateTags", "SERVICE"),
        ({"health_check_grace_period_seconds": 60}, "healthCheckGracePeriodSeconds", 60),
        ({"availability_zone_rebalancing": "ENABLED"}, "availabilityZoneRebalancing", "ENABLED"),
        ({"platform_version": "1.4.0"}, "platformVersion", "1.4.0"),
        ({"load_balancers": []}, "loadBalancers", []),
        ({"service_registries": [{"registry_arn": "r"}]}, "serviceRegistries", [{"registryArn": "r"}]),
        (
            {"placement_constraints": [{"type": "distinctInstance"}]},
            "placementConstraints",
            [{"type": "distinctInstance"}],
        ),
        ({"placement_strategy": [{"type": "random"}]}, "placementStrategy", [{"type": "random"}]),
        ({"deployment_controller": "EXTERNAL"}, "deploymentController", {"type": "EXTERNAL"}),
        (
            {"service_connect_configuration": {"enabled": True, "namespace": "n"}},
            "serviceConnectConfiguration",
            {"enabled": True, "namespace": "n"},
        ),
        (
            {"volume_configurations": [{"name": "v", "managed_ebs_volume": {"role_arn": "r", "size_in_gib": "20"}}]},
            "volumeConfigurations",
            [{"name": "v", "managedEBSVolume": {"roleArn": "r", "sizeInGiB": 20}}],
        ),
        (
            {"vpc_lattice_configurations": [{"role_arn": "r", "target_group_arn": "t", "port_name": "p"}]},
            "vpcLatticeConfigurations",
            [{"roleArn": "r", "targetGroupArn": "t", "portName": "p"}],
        ),
        (
            {"network_configuration": {"subnets": ["subnet-a"], "assign_public_ip": True}},
            "networkConfiguration",
            {
                "awsvpcConfiguration": {
                    "subnets": ["subnet-a"],
                    "securityGroups": ["sg-1"],
                    "assignPublicIp": "ENABLED",
                }
            },
        ),
        (
            {"network_configuration": {"subnets": ["subnet-a", "subnet-b"], "security_groups": []}},
            "networkConfiguration",
            {"awsvpcConfiguration": {"subnets": ["subnet-a", "subnet-b"], "securityGroups": []}},
        ),
        (
            {"deployment_configuration": {"maximum_percent": 150}},
            "deploymentConfiguration",
            {"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 150},
        ),
    ],
)
def test_an_update_contains_only_the_difference(ecs, options, member, value):
    found(ecs, running())
    ecs.answer("update_service", {"service": running()}, cluster="c", service="s", **{member: value})
    result = run(ecs, **options)
    assert result["changed"] is True
    assert {path.split(".")[0] for path in paths(result)} == set(options)


def test_several_differences_are_one_update(ecs):
    defined(ecs)
    found(ecs, running(desiredCount=1, taskDefinition=f"{ACCOUNT}:task-definition/f:1"))
    after = running(deployments=[{"id": "ecs-svc/2", "status": "PRIMARY"}, {"id": "ecs-svc/1", "status": "ACTIVE"}])
    ecs.answer("update_service", {"service": after}, cluster="c", service="s", desiredCount=2, taskDefinition=REVISION)
    result = run(ecs, **OPTIONS)
    assert (paths(result), result["deployment_id"]) == (["desired_count", "task_definition"], "ecs-svc/2")


def test_a_grace_period_follows_the_first_load_balancers(ecs):
    defined(ecs)
    found(ecs, running(loadBalancers=[], desiredCount=1))
    after = running(deployments=[{"id": "ecs-svc/2", "status": "PRIMARY"}, {"id": "ecs-svc/1", "status": "ACTIVE"}])
    ecs.answer(
        "update_service",
        {"service": after},
        cluster="c",
        service="s",
        desiredCount=2,
        loadBalancers=REQUEST["loadBalancers"],
    )
    # ECS may answer with the state before the previous call
    stale = running(healthCheckGracePeriodSeconds=30)
    ecs.answer("update_service", {"service": stale}, cluster="c", service="s", healthCheckGracePeriodSeconds=30)
    result = run(ecs, **OPTIONS, health_check_grace_period_seconds=30)
    assert set(paths(result)) == {"desired_count", "load_balancers", "health_check_grace_period_seconds"}
    assert (result["deployment_id"], result["service"]["health_check_grace_period_seconds"]) == ("ecs-svc/2", 30)


def test_check_mode_updates_nothing(ecs):
    found(ecs, running())
    result = run(ecs, check=True, desired_count=3, tags={})
    assert (result["changed"], result["deployment_id"]) == (True, None)
    assert result["diff"]["after"] == "desired_count: 3\n"
    assert result["service"]["desired_count"] == 2


def test_changed_tags_need_no_update(ecs):
    found(ecs, running())
    ecs.answer("tag_resource", {}, resourceArn=SERVICE, tags=[{"key": "New", "value": "1"}])
    ecs.answer("untag_resource", {}, resourceArn=SERVICE, tagKeys=["Project"])
    result = run(ecs, tags={"New": 1})
    assert (result["changed"], result["service"]["tags"]) == (True, {"New": "1"})


def test_a_preserved_count_is_left_alone(ecs):
    found(ecs, running(desiredCount=7))
    assert run(ecs, desired_count=2, desired_count_policy="preserve")["changed"] is False


def test_a_forced_deployment(ecs):
    found(ecs, running())
    after = running(deployments=[{"id": "ecs-svc/2", "status": "PRIMARY"}])
    ecs.answer("update_service", {"service": after}, cluster="c", service="s", forceNewDeployment=True)
    result = run(ecs, force_new_deployment=True)
    assert (result["changed"], result["deployment_id"]) == (True, "ecs-svc/2")


BEGAN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
WAITS = {"desiredCount": 1, "runningCount": 0, "pendingCount": 0, "createdAt": BEGAN, "rolloutState": "IN_PROGRESS"}
THROTTLED = {
    "id": "1",
    "createdAt": BEGAN + datetime.timedelta(minutes=3),
    "message": "(service s) is unable to consistently start tasks successfully. For more information, see the guide.",
}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("last", "events"), [({"rolloutState": "FAILED"}, []), (WAITS, [THROTTLED])], ids=["failed", "throttled"]
)
def test_a_deployment_that_ecs_gave_up_is_restarted(ecs, last, events, check):
    defined(ecs)
    found(ecs, running(deployments=[{"id": "ecs-svc/1", "status": "PRIMARY", **last}], events=events))
    after = running(deployments=[{"id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}])
    if not check:
        ecs.answer("update_service", {"service": after}, cluster="c", service="s", forceNewDeployment=True)
    result = run(ecs, check=check, task_definition="f")
    assert result["changes"] == [{"path": "force_new_deployment", "before": last["rolloutState"], "after": True}]
    assert result["deployment_id"] == (None if check else "ecs-svc/2")


@pytest.mark.parametrize(
    ("last", "service"),
    [
        ({}, {"events": []}),
        # of an earlier deployment
        ({}, {"events": [{**THROTTLED, "createdAt": BEGAN - datetime.timedelta(minutes=3)}]}),
        ({"pendingCount": 1}, {}),
        ({"runningCount": 1}, {}),
        ({"rolloutState": "COMPLETED"}, {}),
        ({}, {"deploymentConfiguration": {"strategy": "CANARY"}}),
    ],
    ids=["no event", "an earlier event", "pending", "running", "completed", "shifts traffic"],
)
def test_a_deployment_that_ecs_continues_is_left_alone(last, service):
    deployment = {"id": "ecs-svc/1", "status": "PRIMARY", **WAITS}
    waits = {"deployments": [deployment], "events": [THROTTLED]}
    assert needs_restart(waits)
    assert not needs_restart({**waits, "deployments": [{**deployment, **last}], **service})


def test_a_failed_deployment_is_left_alone_if_only_the_count_is_given(ecs):
    found(ecs, running(deployments=[{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "FAILED"}]))
    assert run(ecs, desired_count=2)["changed"] is False


@pytest.mark.parametrize("enabled", [True, False])
def test_enabling_exec_forces_a_deployment(ecs, enabled):
    found(ecs, running(enableExecuteCommand=not enabled))
    forced = {"forceNewDeployment": True} if enabled else {}
    after = {"service": running(enableExecuteCommand=enabled)}
    ecs.answer("update_service", after, cluster="c", service="s", enableExecuteCommand=enabled, **forced)
    assert paths(run(ecs, enable_execute_command=enabled)) == ["enable_execute_command"]


def test_from_a_launch_type_to_a_strategy(ecs):
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    found(ecs, running())
    ecs.answer(
        "update_service",
        {"service": running()},
        cluster="c",
        service="s",
        capacityProviderStrategy=strategy,
        forceNewDeployment=True,
    )
    assert run(ecs, capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}])["changed"] is True


def test_from_a_strategy_to_a_launch_type(ecs):
    service = running(capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1, "base": 0}])
    del service["launchType"]
    found(ecs, service)
    ecs.answer(
        "update_service",
        {"service": running()},
        cluster="c",
        service="s",
        capacityProviderStrategy=[],
        forceNewDeployment=True,
    )
    assert paths(run(ecs, launch_type="FARGATE")) == ["launch_type"]


def test_immutable_fields_are_refused_before_any_change(ecs):
    found(ecs, running(schedulingStrategy="REPLICA"))
    result = run(ecs, scheduling_strategy="DAEMON", launch_type="EC2", tags={"New": "1"})
    assert result["msg"].count("of a live service can't be changed") == 2


def test_a_task_definition_that_does_not_exist_is_refused(ecs):
    undefined(ecs, "f:9")
    assert run(ecs, task_definition="f:9")["msg"] == f"task_definition: f:9 does not exist. {REGISTER}"


@pytest.mark.parametrize("services", [[], [running(taskDefinition="other")], [running(status="INACTIVE")]])
def test_an_inactive_revision_is_refused(ecs, services):
    defined(ecs, "f:2", "INACTIVE")
    found(ecs, *services)
    assert run(ecs, task_definition="f:2")["msg"] == f"task_definition: f:2 is INACTIVE. {REGISTER}"


def test_an_inactive_revision_that_already_runs_is_accepted(ecs):
    defined(ecs, "f:2", "INACTIVE")
    found(ecs, running())
    assert run(ecs, task_definition="f:2")["changed"] is False


def test_a_new_service_needs_a_task_definition(ecs):
    found(ecs)
    assert run(ecs, desired_count=1)["msg"] == (
        "The service s does not exist, and can't be created without task_definition."
    )


@pytest.mark.parametrize("services", [[], [running(loadBalancers=[])]])
def test_an_unknown_container_is_refused(ecs, services):
    defined(ecs)
    found(ecs, *services)
    load_balancers = [{"target_group_arn": "tg", "container_name": "web", "container_port": 8080}]
    assert run(ecs, **{**OPTIONS, "load_balancers": load_balancers})["msg"] == (
        "load_balancers[0].container_name: 'web' is not one of the containers api."
    )


@pytest.mark.parametrize(
    ("mapped", "options", "refused"),
    [([], {}, True), ([8080], {}, False), ([], {"load_balancers": []}, False)],
    ids=["the service's port is not mapped", "it is", "the load balancer goes"],
)
def test_a_revision_without_the_port_of_the_load_balancer_is_refused(ecs, mapped, options, refused):
    ports = [{"containerPort": port} for port in mapped]
    containers = [{"name": "api", "image": "i", "portMappings": ports}]
    defined(ecs, "f:1", taskDefinitionArn=REVISION.replace("f:2", "f:1"), revision=1, containerDefinitions=containers)
    found(ecs, running())

    result = run(ecs, check=True, task_definition="f:1", **options)

    said = "load_balancers[0].container_port: the container api maps no port, not 8080."
    assert result.get("msg") == (said if refused else None)


def test_an_unknown_key_is_refused_before_any_call(ecs):
    result = run(ecs, network_configuration={"subnets": ["a"], "security_group": ["b"]})
    assert result["msg"] == "network_configuration.security_group: no such key; did you mean 'security_groups'?"


def test_a_broken_rule_is_refused_before_any_call(ecs):
    assert "leave desired_count out" in run(ecs, scheduling_strategy="DAEMON", desired_count=1)["msg"]


def test_a_secret_log_option_is_not_shown_with_the_arguments(ecs):
    found(ecs, running())
    options = {"log_driver": "awsfirelens", "options": {"Header": "Authorization Bearer s3cret"}}
    result = run(ecs, check=True, service_connect_configuration={"enabled": True, "log_configuration": options})
    assert "s3cret" not in str(result)


@pytest.mark.parametrize(("name", "changed"), [("magiclub.internal", False), ("other", True)])
def test_a_namespace_is_compared_by_name(ecs, name, changed):
    connect = {"enabled": True, "namespace": NAMESPACE}
    found(ecs, running(deployments=[{"id": "1", "status": "PRIMARY", "serviceConnectConfiguration": connect}]))
    ecs.answer(
        "get_namespace", {"Namespace": {"Id": "ns-1", "Name": "magiclub.internal"}}, "servicediscovery", Id="ns-1"
    )
    result = run(ecs, check=True, service_connect_configuration={"enabled": True, "namespace": name})
    assert result["changed"] is changed


def test_monitoring_is_read_from_the_newest_revision(ecs):
    metrics = {"metricConfigurations": [{"metricNames": ["CPUUtilization"], "resolutionSeconds": 20}]}
    found(ecs, running(currentServiceRevisions=[{"arn": "old"}, {"arn": "new"}]))
    ecs.answer(
        "describe_service_revisions",
        {
            "serviceRevisions": [
                {"serviceRevisionArn": "old", "createdAt": 1, "monitoring": {}},
                {"serviceRevisionArn": "new", "createdAt": 2, "monitoring": metrics},
            ]
        },
        serviceRevisionArns=["old", "new"],
    )
    wanted = {"metric_configurations": [{"metric_names": ["CPUUtilization"], "resolution_seconds": 20}]}
    assert run(ecs, monitoring=wanted)["changed"] is False


@pytest.mark.skipif(
    "gatewayConnectors" not in CREATE_SERVICE.members, reason="the installed botocore has no gateway connectors"
)
def test_gateway_connectors_are_read_from_the_newest_revision(ecs):
    found(ecs, running(currentServiceRevisions=[{"arn": "new"}]))
    ecs.answer(
        "describe_service_revisions",
        {"serviceRevisions": [{"gatewayConnectors": [{"portName": "http"}]}]},
        serviceRevisionArns=["new"],
    )
    assert run(ecs, gateway_connectors=[{"port_name": "http"}])["changed"] is False


def test_monitoring_of_a_service_without_revisions(ecs):
    found(ecs, running())
    wanted = {"metric_configurations": [{"metric_names": ["CPUUtilization"], "resolution_seconds": 20}]}
    assert run(ecs, check=True, monitoring=wanted)["changed"] is True


def test_a_draining_service_is_waited_for_and_recreated(ecs, clock):
    defined(ecs)
    found(ecs, running(status="DRAINING"))
    found(ecs, running(status="DRAINING"))
    found(ecs, running(status="INACTIVE"))
    creates(ecs, running(), **REQUEST)
    assert run(ecs, **OPTIONS)["changed"] is True
    assert clock.pauses == [1.0]


def test_a_draining_service_is_not_waited_for_in_check_mode(ecs, clock):
    defined(ecs)
    found(ecs, running(status="DRAINING"))
    assert run(ecs, check=True, **OPTIONS)["changed"] is True
    assert clock.pauses == []


def test_a_draining_service_is_not_waited_for_forever(ecs, clock):
    defined(ecs)
    for _ in range(4):
        found(ecs, running(status="DRAINING", runningCount=1, pendingCount=0))
    assert run(ecs, wait_timeout=2, **OPTIONS)["msg"] == (
        "The service s is still DRAINING after 2 s (tasks running: 1, pending: 0)."
        " ECS continues in the background: run this again later, or raise wait_timeout."
    )
    assert clock.pauses == [1.0, 1.0]


def test_absent_scales_deletes_and_waits(ecs, clock):
    found(ecs, running())
    ecs.answer("update_service", {"service": running()}, cluster="c", service="s", desiredCount=0)
    ecs.answer("delete_service", {"service": running(status="DRAINING")}, cluster="c", service="s", force=False)
    found(ecs, running(status="DRAINING"))
    found(ecs, running(status="INACTIVE"))
    stopping(ecs, stopping="STOPPING", stopped="STOPPED", others=("service:t", "STOPPING"))
    stopping(ecs, stopping="DEPROVISIONING", stopped="STOPPED")
    stopping(ecs, stopping="STOPPED", stopped="STOPPED")
    result = run(ecs, state="absent")
    assert (result["changed"], result["service"], clock.pauses) == (True, None, [1.0, 1.0, 1.5])


def stopping(ecs, **tasks):
    """Answer with tasks that were requested to stop, given as their status, or group and status."""
    described = []
    for name, given in tasks.items():
        group, status = given if isinstance(given, tuple) else ("service:s", given)
        described.append({"taskArn": f"{ACCOUNT}:task/c/{name}", "group": group, "lastStatus": status})
    arns = [task["taskArn"] for task in described]
    ecs.answer("list_tasks", {"taskArns": arns}, cluster="c", family="f", desiredStatus="STOPPED")
    if arns:
        ecs.answer("describe_tasks", {"tasks": described}, cluster="c", tasks=arns)


def test_absent_reports_tasks_that_do_not_stop(ecs, clock):
    found(ecs, running(desiredCount=0))
    ecs.answer("delete_service", {"service": running(status="DRAINING")}, cluster="c", service="s", force=False)
    found(ecs, running(status="INACTIVE"))
    for _look in range(3):
        stopping(ecs, stuck="STOPPING")
    assert run(ecs, state="absent", wait_timeout=2)["msg"] == (
        "The service s is deleted, but 1 of its tasks have not stopped after 2 s (stuck)."
        " ECS continues in the background: run this again later, or raise wait_timeout."
    )


@pytest.mark.parametrize(
    ("service", "force"),
    [(running(), True), (running(desiredCount=0), False), (running(schedulingStrategy="DAEMON"), False)],
)
def test_absent_without_scaling(ecs, service, force):
    found(ecs, service)
    ecs.answer("delete_service", {"service": running(status="DRAINING")}, cluster="c", service="s", force=force)
    assert run(ecs, state="absent", force=force, wait=False)["changed"] is True


@pytest.mark.parametrize("services", [[], [running(status="INACTIVE")]])
def test_a_missing_service_stays_absent(ecs, services):
    found(ecs, *services)
    assert run(ecs, state="absent")["changed"] is False


def test_a_service_of_a_missing_cluster_stays_absent(ecs):
    no_cluster(ecs)
    assert run(ecs, state="absent")["changed"] is False


def test_absent_waits_for_an_earlier_deletion_and_changes_nothing(ecs):
    found(ecs, running(status="DRAINING"))
    found(ecs)
    stopping(ecs)
    result = run(ecs, state="absent")
    assert (result["changed"], result["changes"], result["diff"]["before"]) == (False, [], "")


def test_absent_in_check_mode_writes_nothing(ecs):
    found(ecs, running())
    result = run(ecs, state="absent", check=True)
    assert (result["changed"], result["changes"]) == (True, [{"path": "status", "before": "ACTIVE", "after": None}])
