# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module fargate_status_info."""

from __future__ import annotations

import datetime
import json
import pathlib
import types

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import read
from ansible_collections.magiclub.fargate.plugins.modules import fargate_status_info

NOW = datetime.datetime(2025, 11, 22, 5, 0, tzinfo=datetime.UTC)
ACCOUNT = "111122223333"
CLUSTER, NAME, BALANCER = "magiclub-an2p-ecs", "lotto", "magiclub-an2p-pub-alb"
ARN = f"arn:aws:{{}}:ap-northeast-2:{ACCOUNT}"
ECS, ELB = ARN.format("ecs"), ARN.format("elasticloadbalancing")
BALANCER_ARN = f"{ELB}:loadbalancer/app/{BALANCER}/50dc6c495c0c9188"
LISTENER = f"{ELB}:listener/app/{BALANCER}/50dc6c495c0c9188"
CERTIFICATE = f"{ARN.format('acm')}:certificate/12345678-1234-1234-1234-123456789012"
DIGEST = f"sha256:{'a' * 64}"
IMAGE = f"{ACCOUNT}.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@{DIGEST}"
FIXTURES = pathlib.Path(__file__).parents[2] / "fixtures" / "ecs"
STEADY, TARGETS = (
    json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")) for name in ("service_steady", "target_health")
)
GROUP, DEFINITION = STEADY["loadBalancers"][0]["targetGroupArn"], STEADY["taskDefinition"]


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    clock = types.SimpleNamespace(datetime=types.SimpleNamespace(now=lambda _zone: NOW), UTC=datetime.UTC)
    monkeypatch.setattr(fargate_status_info, "datetime", clock)


def cluster(aws, *found):
    aws.answer("ecs", "describe_clusters", {"clusters": list(found)}, clusters=[CLUSTER])


def no_jobs(aws):
    aws.answer("scheduler", "list_schedules", {"Schedules": []}, GroupName="default")


def services(aws, *found, names=(NAME,)):
    answer = {"services": list(found), "failures": []}
    aws.answer("ecs", "describe_services", answer, cluster=CLUSTER, services=list(names))


def definition(aws, arn=DEFINITION, image=IMAGE, **more):
    found = {"taskDefinitionArn": arn, "containerDefinitions": [{"name": NAME, "image": image, **more}]}
    aws.answer("ecs", "describe_task_definition", {"taskDefinition": found}, taskDefinition=arn)


def deployments(aws, *revisions, count=5, name=NAME):
    records = [
        {"targetServiceRevisionArn": f"{ECS}:service-revision/{number}", "status": "SUCCESSFUL", "createdAt": NOW}
        for number in revisions
    ]
    answer = {"serviceDeployments": records}
    aws.answer("ecs", "list_service_deployments", answer, cluster=CLUSTER, service=name, maxResults=count)
    if revisions:
        arns = sorted(record["targetServiceRevisionArn"] for record in records)
        found = [{"serviceRevisionArn": arn, "taskDefinition": DEFINITION} for arn in arns]
        aws.answer("ecs", "describe_service_revisions", {"serviceRevisions": found}, serviceRevisionArns=arns)


def balancer(aws):
    found = {
        "LoadBalancerArn": BALANCER_ARN,
        "LoadBalancerName": BALANCER,
        "DNSName": f"{BALANCER}-1.ap-northeast-2.elb.amazonaws.com",
        "State": {"Code": "active"},
    }
    aws.answer("elbv2", "describe_load_balancers", {"LoadBalancers": [found]}, Names=[BALANCER])


def health(aws, *states):
    found = [TARGETS[state] for state in states]
    aws.answer("elbv2", "describe_target_health", {"TargetHealthDescriptions": found}, TargetGroupArn=GROUP)


def listeners(aws):
    certificates = [{"CertificateArn": CERTIFICATE}]
    found = [
        {"Port": 80, "Protocol": "HTTP", "ListenerArn": f"{LISTENER}/1"},
        {"Port": 443, "Protocol": "HTTPS", "ListenerArn": f"{LISTENER}/2", "Certificates": certificates},
    ]
    aws.answer("elbv2", "describe_listeners", {"Listeners": found}, LoadBalancerArn=BALANCER_ARN)
    described = {
        "CertificateArn": CERTIFICATE,
        "DomainName": "lotto.example.com",
        "Status": "ISSUED",
        "NotAfter": NOW + datetime.timedelta(days=20, hours=1),
    }
    aws.answer("acm", "describe_certificate", {"Certificate": described}, CertificateArn=CERTIFICATE)
    forward = {"Type": "forward", "TargetGroupArn": GROUP}
    rules = [{"RuleArn": "arn:rule", "Priority": "7", "Conditions": [], "Actions": [forward], "IsDefault": False}]
    aws.answer("elbv2", "describe_rules", {"Rules": []}, ListenerArn=f"{LISTENER}/1")
    aws.answer("elbv2", "describe_rules", {"Rules": rules}, ListenerArn=f"{LISTENER}/2")


def scaling(aws, *names, services=(NAME,)):
    """Answer with the scalable targets of I(names) among the I(services)."""
    found = [
        {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{CLUSTER}/{name}",
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 1,
            "MaxCapacity": 4,
            "RoleARN": "arn:role",
            "CreationTime": NOW,
        }
        for name in names
    ]
    aws.answer(
        "application-autoscaling",
        "describe_scalable_targets",
        {"ScalableTargets": found},
        ServiceNamespace="ecs",
        ResourceIds=[f"service/{CLUSTER}/{name}" for name in services],
        ScalableDimension="ecs:service:DesiredCount",
    )


def image(aws, *tags, code=None):
    wanted = {"registryId": ACCOUNT, "repositoryName": "magiclub-an2p-lotto", "imageIds": [{"imageDigest": DIGEST}]}
    if code:
        aws.refuse("ecr", "describe_images", code, **wanted)
    else:
        found = {"imageDigest": DIGEST, "imageTags": list(tags)} if tags else {"imageDigest": DIGEST}
        aws.answer("ecr", "describe_images", {"imageDetails": [found]}, **wanted)


def service(aws, found, balancers=(), **container):
    """Answer for a service, by default without a load balancer, and what is read of it."""
    cluster(aws, ACTIVE)
    services(aws, {**found, "loadBalancers": [*balancers]})
    definition(aws, **container)
    deployments(aws)
    scaling(aws)
    image(aws)


def reported(aws):
    (found,) = aws.run(fargate_status_info.main, cluster=CLUSTER, services=[NAME])["status"]["services"]
    return found


ACTIVE = {"clusterName": CLUSTER, "status": "ACTIVE", "runningTasksCount": 2}


@pytest.mark.parametrize(
    ("given", "name"),
    [({}, "shop-an2p-web"), ({"name_prefix": "shop-an2p"}, "web"), ({"name_prefix": "shop"}, "an2p-web")],
)
def test_outputs_name_services_without_the_prefix_of_the_platform(aws, given, name):
    """The name of an existing cluster does not contain it."""
    full = "shop-an2p-web"
    cluster(aws, ACTIVE)
    services(aws, {**STEADY, "serviceName": full, "loadBalancers": []}, names=[full])
    definition(aws)
    deployments(aws, name=full)
    scaling(aws, services=[full])
    image(aws)
    wanted = f"services.{name}.running"
    result = aws.run(fargate_status_info.main, cluster=CLUSTER, services=[full], output=wanted, **given)
    assert result["lines"] == ["2"]


def test_all_services_of_a_cluster_with_their_surroundings(aws):
    cluster(aws, ACTIVE)
    no_jobs(aws)
    balancer(aws)
    aws.answer("ecs", "list_services", {"serviceArns": [STEADY["serviceArn"]]}, cluster=CLUSTER)
    services(aws, STEADY)
    health(aws, "healthy", "healthy")
    definition(aws)
    deployments(aws, 2, 1)
    scaling(aws, NAME)
    listeners(aws)
    image(aws, "1f3a9c", "latest")

    result = aws.run(fargate_status_info.main, cluster=CLUSTER, load_balancer=BALANCER, events=1)

    (found,) = result["status"]["services"]
    assert (result["changed"], found["serving"], found["desired"], found["running"]) == (False, True, 2, 2)
    assert found["images"] == [{"container": NAME, "image": IMAGE, "tags": ["1f3a9c", "latest"]}]
    assert found["autoscaling"] == {"min_capacity": 1, "max_capacity": 4}
    assert [item["revision"] for item in found["deployments"]] == ["magiclub-an2p-lotto:7"] * 2
    assert len(found["events"]) == 1
    assert {target["address"] for target in found["targets"]} == {"172.25.10.7:8080"}
    assert result["status"]["certificates"][0]["days_left"] == 20
    assert result["stats"]["fargate_result"]["outcome"] == "steady"
    assert result["lines"][0] == "  Address        https://lotto.example.com"
    assert result["lines"][-1] == "All services serve."


@pytest.mark.parametrize(("sizes", "expected"), [((1, 0, 2), 3), ((3, 2), 5), ((2, 3, 9), 5)])
def test_deployments_are_read_page_by_page_until_there_are_enough(aws, sizes, expected):
    listed = 0
    for page, size in enumerate(sizes):
        records = [{"serviceDeploymentArn": str(listed + number)} for number in range(size)]
        last = page == len(sizes) - 1
        listed += size
        token = {"nextToken": str(page)} if page else {}
        answer = {"serviceDeployments": records, **({} if last else {"nextToken": str(page + 1)})}
        aws.answer("ecs", "list_service_deployments", answer, cluster=CLUSTER, service=NAME, maxResults=5, **token)
        if listed >= 5:
            break
    found = read.service_deployments(aws.client("ecs"), CLUSTER, NAME, 5)
    assert [record["serviceDeploymentArn"] for record in found] == [str(number) for number in range(expected)]
    aws.assert_all_called()


def test_services_are_described_in_batches_of_ten_and_in_order(aws):
    names = [f"s{number:02}" for number in range(12)]
    found = [{**STEADY, "serviceName": name, "loadBalancers": []} for name in names]
    gone = {**found[3], "status": "INACTIVE"}
    cluster(aws, ACTIVE)
    aws.refuse("scheduler", "get_schedule", "ResourceNotFoundException", Name="s03", GroupName="default")
    services(aws, *found[:3][::-1], gone, *found[4:10], names=names[:10])
    services(aws, *found[10:], names=names[10:])
    definition(aws)
    for name in (*names[:3], *names[4:]):
        answer = {"serviceDeployments": []}
        aws.answer("ecs", "list_service_deployments", answer, cluster=CLUSTER, service=name, maxResults=5)
    scaling(aws, services=(*names[:3], *names[4:]))
    image(aws)

    report = aws.run(fargate_status_info.main, cluster=CLUSTER, services=names)["status"]

    assert [service["name"] for service in report["services"]] == [*names[:3], *names[4:]]
    assert report["missing"] == ["s03"]


@pytest.mark.parametrize(("state", "serving"), [("HEALTHY", True), ("UNKNOWN", False), (None, True)])
def test_without_a_load_balancer_container_health_counts(aws, state, serving):
    service(aws, STEADY, healthCheck={"command": ["CMD", "true"]})
    of_service = {"cluster": CLUSTER, "serviceName": NAME, "desiredStatus": "RUNNING"}
    if state:
        task = f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:task/{CLUSTER}/1"
        container = {"name": NAME, "healthStatus": state}
        aws.answer("ecs", "list_tasks", {"taskArns": [task]}, **of_service)
        aws.answer(
            "ecs",
            "describe_tasks",
            {"tasks": [{"taskArn": task, "containers": [container]}]},
            cluster=CLUSTER,
            tasks=[task],
        )
    else:
        aws.refuse("ecs", "list_tasks", "AccessDeniedException", **of_service)

    found = reported(aws)

    assert (found["serving"], found["balanced"]) == (serving, False)


@pytest.mark.parametrize("allowed", [True, False])
def test_stopped_tasks_of_a_pending_deployment_are_reported(aws, allowed):
    moving = {**STEADY["deployments"][0], "rolloutState": "IN_PROGRESS"}
    service(aws, {**STEADY, "deployments": [moving]})
    stopped = {"cluster": CLUSTER, "serviceName": NAME, "desiredStatus": "STOPPED"}
    if allowed:
        task = {
            "taskArn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:task/{CLUSTER}/1",
            "startedBy": moving["id"],
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": NAME, "exitCode": 3}],
        }
        aws.answer("ecs", "list_tasks", {"taskArns": [task["taskArn"]]}, **stopped)
        aws.answer("ecs", "describe_tasks", {"tasks": [task]}, cluster=CLUSTER, tasks=[task["taskArn"]])
    else:
        aws.refuse("ecs", "list_tasks", "AccessDeniedException", **stopped)

    reason = "1 new task has failed: Essential container in task exited, exit code 3"
    assert reported(aws)["failed_tasks"] == (reason if allowed else "")


def test_an_external_controllers_task_definition_is_read_from_the_task_set(aws):
    task_set = {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": DEFINITION}
    external = {**STEADY, "deployments": [], "taskSets": [task_set]}
    del external["taskDefinition"]
    service(aws, external)

    found = reported(aws)

    assert (found["revision"], found["images"][0]["image"]) == (DEFINITION.rpartition("/")[2], IMAGE)


def test_denied_lists_are_left_out_and_not_a_failure(aws):
    cluster(aws, ACTIVE)
    services(aws, STEADY)
    aws.refuse("elbv2", "describe_target_health", "TargetGroupNotFound", TargetGroupArn=GROUP)
    definition(aws)
    wanted = {"cluster": CLUSTER, "service": NAME, "maxResults": 5}
    aws.refuse("ecs", "list_service_deployments", "AccessDeniedException", **wanted)
    scaling(aws)
    image(aws, code="AccessDeniedException")

    found = reported(aws)

    assert (found["targets"], found["deployments"], found["images"][0]["tags"]) == ([], [], [])
    assert found["serving"] is False


@pytest.mark.parametrize("code", ["", "AccessDenied", "TargetGroupNotFound"])
def test_the_health_check_that_tasks_fail_is_shown_if_it_may_be_read(aws, code):
    primary = {**STEADY["deployments"][0], "rolloutState": "FAILED"}
    service(aws, {**STEADY, "deployments": [primary]}, balancers=STEADY["loadBalancers"])
    health(aws)
    task = {
        "taskArn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:task/{CLUSTER}/1",
        "startedBy": primary["id"],
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Task failed ELB health checks in (target-group lotto)",
    }
    stopped = {"cluster": CLUSTER, "serviceName": NAME, "desiredStatus": "STOPPED"}
    aws.answer("ecs", "list_tasks", {"taskArns": [task["taskArn"]]}, **stopped)
    aws.answer("ecs", "describe_tasks", {"tasks": [task]}, cluster=CLUSTER, tasks=[task["taskArn"]])
    check = {"TargetGroupArn": GROUP, "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/healthz"}
    if code:
        aws.refuse("elbv2", "describe_target_groups", code, TargetGroupArns=[GROUP])
    else:
        aws.answer("elbv2", "describe_target_groups", {"TargetGroups": [check]}, TargetGroupArns=[GROUP])

    shown = reported(aws)["failed_tasks"]

    request = "" if code else " (GET /healthz on port 8080, expected 200)"
    assert shown == f"1 new task has failed: Task failed ELB health checks in (target-group lotto){request}"


def test_an_image_without_a_tag_is_shown_unchanged(aws):
    untagged = IMAGE.partition("@")[0]
    cluster(aws, ACTIVE)
    services(aws, STEADY)
    health(aws, "healthy", "healthy")
    definition(aws, image=untagged)
    deployments(aws)
    scaling(aws)

    assert reported(aws)["images"] == [{"container": NAME, "image": untagged, "tags": []}]


def test_a_missing_cluster_and_load_balancer_are_problems(aws):
    cluster(aws)
    aws.refuse("elbv2", "describe_load_balancers", "LoadBalancerNotFound", Names=[BALANCER])

    result = aws.run(fargate_status_info.main, cluster=CLUSTER, load_balancer=BALANCER, services=[NAME])

    assert result["status"]["problems"] == [
        f"There is no service '{NAME}'.",
        f"Cluster {CLUSTER} is MISSING.",
        f"Load balancer {BALANCER} is MISSING.",
    ]
    assert result["stats"]["fargate_result"]["outcome"] == "unsteady"


REFUSED = {
    "describe_load_balancers": lambda aws: aws.refuse(
        "elbv2", "describe_load_balancers", "AccessDenied", Names=[BALANCER]
    ),
    "describe_services": lambda aws: (
        balancer(aws),
        aws.refuse("ecs", "describe_services", "AccessDeniedException", cluster=CLUSTER, services=[NAME]),
    ),
    "list_service_deployments": lambda aws: (
        balancer(aws),
        services(aws, STEADY),
        health(aws),
        definition(aws),
        aws.refuse("ecs", "list_service_deployments", "InvalidParameter", cluster=CLUSTER, service=NAME, maxResults=5),
        scaling(aws),
        aws.answer("elbv2", "describe_listeners", {"Listeners": []}, LoadBalancerArn=BALANCER_ARN),
    ),
    "describe_target_health": lambda aws: (
        balancer(aws),
        services(aws, STEADY),
        aws.refuse("elbv2", "describe_target_health", "AccessDenied", TargetGroupArn=GROUP),
        definition(aws),
        deployments(aws),
        scaling(aws),
        aws.answer("elbv2", "describe_listeners", {"Listeners": []}, LoadBalancerArn=BALANCER_ARN),
    ),
}


@pytest.mark.parametrize("operation", REFUSED)
def test_an_error_of_aws_is_reported_with_what_failed(aws, operation):
    cluster(aws, ACTIVE)
    REFUSED[operation](aws)

    result = aws.run(fargate_status_info.main, cluster=CLUSTER, load_balancer=BALANCER, services=[NAME])

    assert result["msg"].startswith(f"Failed to read the status of {CLUSTER} in ap-northeast-2: ")
