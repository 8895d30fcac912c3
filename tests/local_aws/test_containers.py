# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ECS services with real containers: how they start, are replaced, and fail, as on AWS."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from local_aws import base_image, engine
from tests.local_aws.cloud import REGION, Account, Balancer, eventually
from tests.support.server import program

WRITES = """
try:
    open("/written", "w")
except OSError as error:
    print(f"uid {os.getuid()}, {error.strerror}", flush=True)
"""
SERVER = program('int(os.environ.get("STATUS", "200")), os.environ.get("ANSWER", "one")', first=WRITES)
CRASH = "import sys; print('no database'); sys.exit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
HUNGRY = "held = bytearray(900 * 2**20); import time; time.sleep(60)"
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    return base_image.ensure(tmp_path_factory.mktemp("image"))


class Service:
    """A service of one container behind a load balancer, in a separate account."""

    def __init__(self, port: int, image: str) -> None:
        self.aws = Account(port)
        self.image = image
        self.balancer = Balancer(self.aws, HealthCheckPath="/health", HealthCheckIntervalSeconds=10)
        self.aws.ecs.create_cluster(clusterName="c")
        self.aws.logs.create_log_group(logGroupName="/ecs/app")

    def define(self, program: str = SERVER, memory: str = "512", **container: Any) -> str:
        environment = [{"name": k, "value": v} for k, v in container.pop("environment", {}).items()]
        options = {"awslogs-group": "/ecs/app", "awslogs-region": REGION, "awslogs-stream-prefix": "app"}
        given = {
            "name": "api",
            "image": self.image,
            "command": ["python3", "-c", program],
            "environment": environment,
            "portMappings": [{"containerPort": 8080}],
            "user": "10001",
            "readonlyRootFilesystem": True,
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            **container,
        }
        roles = {"executionRoleArn": given.pop("role")} if "role" in given else {}
        made = self.aws.ecs.register_task_definition(
            family="app",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory=memory,
            containerDefinitions=[given],
            **roles,
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def create(self, definition: str, desired: int = 1, balanced: bool = True, **more: Any) -> None:
        target = {"targetGroupArn": self.balancer.group_arn, "containerName": "api", "containerPort": 8080}
        self.aws.ecs.create_service(
            cluster="c",
            serviceName="app",
            launchType="FARGATE",
            taskDefinition=definition,
            desiredCount=desired,
            networkConfiguration=self.balancer.configuration,
            **{"loadBalancers": [target] if balanced else [], "deploymentConfiguration": BREAKER, **more},
        )

    def update(self, definition: str, **more: Any) -> None:
        self.aws.ecs.update_service(cluster="c", service="app", taskDefinition=definition, **more)

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]
        return found

    def deployment(self) -> str:
        answer = self.aws.ecs.list_service_deployments(cluster="c", service="app")
        return str(answer["serviceDeployments"][0]["status"])

    def ends_in(self, status: str) -> None:
        assert eventually(self.deployment, status, 60) == status, [e["message"] for e in self.shown()["events"]]

    def stopped(self) -> list[dict[str, Any]]:
        arns = self.aws.ecs.list_tasks(cluster="c", desiredStatus="STOPPED")["taskArns"]
        return self.aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []

    def first_stopped(self, code: str) -> dict[str, Any]:
        """Return the first task that stopped with this code, once it is STOPPED."""

        def there() -> bool:
            return any(t["lastStatus"] == "STOPPED" and t["stopCode"] == code for t in self.stopped())

        assert eventually(there, True, 60), self.stopped()
        return next(t for t in self.stopped() if t["lastStatus"] == "STOPPED" and t["stopCode"] == code)

    def log(self) -> list[str]:
        streams = self.aws.logs.describe_log_streams(logGroupName="/ecs/app")["logStreams"]
        lines = []
        for stream in streams:
            named = {"logGroupName": "/ecs/app", "logStreamName": stream["logStreamName"]}
            lines += [event["message"] for event in self.aws.logs.get_log_events(**named)["events"]]
        return lines


@pytest.fixture
def service(containers: int, image: str) -> Any:
    made = Service(containers, image)
    yield made
    for arn in made.aws.ecs.list_services(cluster="c")["serviceArns"]:
        made.aws.ecs.delete_service(cluster="c", service=arn, force=True)


def test_a_service_comes_up_as_defined(service: Service) -> None:
    service.aws.ssm.put_parameter(Name="/app/answer", Value="hidden", Type="SecureString")
    service.create(service.define(secrets=[{"name": "ANSWER", "valueFrom": "/app/answer"}]))
    service.ends_in("SUCCESSFUL")
    assert service.aws.get("web", "/health") == (200, "hidden")
    assert service.log() == ["uid 10001, Read-only file system"]
    (stream,) = service.aws.logs.describe_log_streams(logGroupName="/ecs/app")["logStreams"]
    (task,) = service.aws.ecs.list_tasks(cluster="c", serviceName="app")["taskArns"]
    assert stream["logStreamName"] == f"app/api/{task.rsplit('/', 1)[-1]}"


def test_a_task_is_counted_from_the_event_of_its_start_on(service: Service) -> None:
    """As a wait takes a started task that is not counted for one that has stopped."""
    service.create(service.define(), balanced=False)
    looks = []

    def started() -> bool:
        looks.append(service.shown())
        return any("has started 1 tasks" in event["message"] for event in looks[-1]["events"])

    assert eventually(started, True, 60), looks[-1]
    assert looks[-1]["pendingCount"] + looks[-1]["runningCount"] == 1


def test_limits_are_those_of_the_task(service: Service) -> None:
    service.create(service.define())
    service.ends_in("SUCCESSFUL")
    (task,) = service.aws.ecs.list_tasks(cluster="c", serviceName="app")["taskArns"]
    label = f"com.amazonaws.ecs.task-arn={task}"
    (container,) = engine.client().containers.list(filters={"label": label})
    limits = container.attrs["HostConfig"]
    assert (limits["Memory"], limits["MemorySwap"], limits["NanoCpus"]) == (2**29, 2**29, 250_000_000)


def test_no_request_fails_while_tasks_are_replaced(service: Service) -> None:
    service.create(service.define(), desired=2)
    service.ends_in("SUCCESSFUL")
    answers: Counter[tuple[int, str]] = Counter()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answers[service.aws.get("web")] += 1

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    service.update(service.define(environment={"ANSWER": "two"}))
    service.ends_in("SUCCESSFUL")
    eventually(lambda: answers[200, "two"] > 20, True)
    done.set()
    for asker in askers:
        asker.join()
    assert set(answers) == {(200, "one"), (200, "two")}
    assert service.aws.get("web") == (200, "two")


def test_a_deployment_whose_tasks_can_not_start_is_rolled_back(service: Service) -> None:
    good = service.define()
    service.create(good)
    service.ends_in("SUCCESSFUL")
    service.update(service.define(secrets=[{"name": "ANSWER", "valueFrom": "/app/gone"}]))
    service.ends_in("ROLLBACK_SUCCESSFUL")
    shown = service.shown()
    assert shown["taskDefinition"] == good
    messages = " ".join(event["message"] for event in shown["events"])
    assert "deployment failed: tasks failed to start." in messages
    assert service.aws.get("web") == (200, "one")


def test_a_crash_loop_is_rolled_back_only_when_asked_for(service: Service) -> None:
    good = service.define()
    service.create(good)
    service.ends_in("SUCCESSFUL")
    service.update(service.define(CRASH))
    task = service.first_stopped("EssentialContainerExited")
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 3
    assert eventually(lambda: len(service.stopped()) >= 4, True, 60)
    assert "no database" in service.log()
    assert (service.deployment(), service.shown()["deployments"][0]["failedTasks"]) == ("IN_PROGRESS", 0)
    newest = service.aws.ecs.list_service_deployments(cluster="c", service="app")["serviceDeployments"][0]
    service.aws.ecs.stop_service_deployment(serviceDeploymentArn=newest["serviceDeploymentArn"], stopType="ROLLBACK")
    service.ends_in("ROLLBACK_SUCCESSFUL")
    assert service.shown()["taskDefinition"] == good
    assert service.aws.get("web") == (200, "one")


def test_a_removed_service_is_inactive_while_its_tasks_are_stopping(service: Service) -> None:
    service.create(service.define(STUBBORN, stopTimeout=4), balanced=False)
    service.ends_in("SUCCESSFUL")
    (arn,) = service.aws.ecs.list_tasks(cluster="c")["taskArns"]
    service.aws.ecs.delete_service(cluster="c", service="app", force=True)
    assert eventually(lambda: service.shown()["status"], "INACTIVE", 10) == "INACTIVE"
    (task,) = service.aws.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"]
    assert task["lastStatus"] == "STOPPING"


def test_a_first_deployment_that_fails_has_nothing_to_go_back_to(service: Service) -> None:
    service.create(service.define(secrets=[{"name": "ANSWER", "valueFrom": "/app/gone"}]), balanced=False)
    service.ends_in("ROLLBACK_FAILED")
    record = service.aws.ecs.list_service_deployments(cluster="c", service="app")["serviceDeployments"][0]
    assert record["statusReason"] == "No rollback candidate was found to run the rollback."
    (deployment,) = service.shown()["deployments"]
    assert (deployment["status"], deployment["rolloutState"], deployment["failedTasks"]) == ("PRIMARY", "FAILED", 3)


def test_without_a_breaker_starts_that_fail_go_on_slower_and_slower(service: Service) -> None:
    secrets = [{"name": "ANSWER", "valueFrom": "/app/gone"}]
    service.create(service.define(secrets=secrets), balanced=False, deploymentConfiguration={})
    assert eventually(lambda: service.shown()["deployments"][0]["failedTasks"] >= 5, True, 60)
    assert service.deployment() == "IN_PROGRESS"
    assert any("is unable to consistently start tasks" in e["message"] for e in service.shown()["events"])


def test_an_image_that_is_not_there(service: Service) -> None:
    uri = service.aws.ecr.create_repository(repositoryName="app")["repository"]["repositoryUri"]
    service.create(service.define(image=f"{uri}:gone"), balanced=False)
    task = service.first_stopped("TaskFailedToStart")
    assert task["stoppedReason"].startswith("CannotPullContainerError: pull image manifest has been retried")
    assert f"{uri}:gone" in task["stoppedReason"]


def test_too_little_memory(service: Service) -> None:
    service.create(service.define(HUNGRY, memory="512"), balanced=False)
    task = service.first_stopped("EssentialContainerExited")
    container = task["containers"][0]
    assert container["exitCode"] == 137
    assert container["reason"] == "OutOfMemoryError: Container killed due to memory usage"


def test_a_target_that_answers_500(service: Service) -> None:
    service.create(service.define(environment={"STATUS": "500"}))
    group = service.balancer.group_arn
    task = service.first_stopped("ServiceSchedulerInitiated")
    assert task["stoppedReason"] == f"Task failed ELB health checks in (target-group {group})"
    text = "due to (reason Health checks failed with these codes: [500])."
    assert any(text in event["message"] for event in service.shown()["events"])


def test_a_container_that_says_it_is_unhealthy(service: Service) -> None:
    check = {"command": ["CMD-SHELL", "exit 1"], "interval": 5, "timeout": 2, "retries": 1}
    service.create(service.define(healthCheck=check), balanced=False)
    task = service.first_stopped("ServiceSchedulerInitiated")
    assert task["stoppedReason"] == "Task failed container health checks"


MISSING = {
    "parameter": ("arn:aws:ssm:ap-northeast-2:1:parameter/gone", "unable to retrieve secrets from ssm: "),
    "secret": ("arn:aws:secretsmanager:ap-northeast-2:1:secret:gone-AbCdEf", "unable to retrieve secret from asm: "),
}


@pytest.mark.parametrize("kind", MISSING)
def test_a_secret_that_is_not_there(service: Service, kind: str) -> None:
    source, words = MISSING[kind]
    service.create(service.define(secrets=[{"name": "ANSWER", "valueFrom": source}]), balanced=False)
    reason = service.first_stopped("TaskFailedToStart")["stoppedReason"]
    assert reason.startswith("ResourceInitializationError: unable to pull secrets or registry auth: ")
    assert words in reason


def test_a_log_group_that_is_not_there(service: Service) -> None:
    service.aws.logs.delete_log_group(logGroupName="/ecs/app")
    service.create(service.define(), balanced=False)
    reason = service.first_stopped("TaskFailedToStart")["stoppedReason"]
    assert reason.startswith("ResourceInitializationError: failed to validate logger args: ")


def test_a_role_that_is_not_there(service: Service) -> None:
    role = f"arn:aws:iam::{service.aws.number}:role/gone"
    service.create(service.define(role=role), balanced=False)
    reason = service.first_stopped("TaskFailedToStart")["stoppedReason"]
    assert reason.startswith(f"ECS was unable to assume the role '{role}'")


def test_scaling_in_stops_a_task_by_sigterm(service: Service) -> None:
    service.create(service.define(), desired=2)
    service.ends_in("SUCCESSFUL")
    service.aws.ecs.update_service(cluster="c", service="app", desiredCount=1)
    task = service.first_stopped("ServiceSchedulerInitiated")
    assert task["containers"][0]["exitCode"] == 0
    assert service.shown()["runningCount"] == 1
    assert service.deployment() == "SUCCESSFUL"


def test_a_newer_deployment_supersedes_one_under_way(service: Service) -> None:
    service.create(service.define())
    service.ends_in("SUCCESSFUL")
    service.update(service.define(environment={"STATUS": "500"}))
    service.update(service.define(environment={"ANSWER": "three"}))
    service.ends_in("SUCCESSFUL")
    answer = service.aws.ecs.list_service_deployments(cluster="c", service="app")
    assert [d["status"] for d in answer["serviceDeployments"]] == ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]
    assert service.aws.get("web") == (200, "three")


class TwoSets:
    """The two target groups, the rules and the role of a service that is deployed by a strategy."""

    def __init__(self, service: Service) -> None:
        self.service, aws, balancer = service, service.aws, service.balancer
        elb = aws.elbv2
        given = {"Protocol": "HTTP", "Port": 8080, "VpcId": balancer.vpc, "TargetType": "ip"}
        check = {"HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 10}
        other = elb.create_target_group(Name="other", **given, **check)["TargetGroups"][0]["TargetGroupArn"]
        forward = {"Type": "forward", "TargetGroupArn": other}
        for_tests = elb.create_listener(
            LoadBalancerArn=balancer.arn, Port=8443, Protocol="HTTP", DefaultActions=[forward]
        )["Listeners"][0]["ListenerArn"]
        any_path = [{"Field": "path-pattern", "Values": ["/*"]}]

        def rule(listener: str, action: dict[str, Any]) -> str:
            made = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=any_path, Actions=[action])
            return str(made["Rules"][0]["RuleArn"])

        advanced = {
            "alternateTargetGroupArn": other,
            "productionListenerRule": rule(balancer.listener, balancer.forward),
            "testListenerRule": rule(for_tests, forward),
            "roleArn": aws.role("shift"),
        }
        target = {"targetGroupArn": balancer.group_arn, "containerName": "api", "containerPort": 8080}
        self.balancers = [{**target, "advancedConfiguration": advanced}]

    def newest(self) -> dict[str, Any]:
        ecs = self.service.aws.ecs
        arn = ecs.list_service_deployments(cluster="c", service="app")["serviceDeployments"][0]["serviceDeploymentArn"]
        return dict(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])

    def weight(self) -> float:
        return float(self.newest()["targetServiceRevision"].get("requestedProductionTrafficWeight", 0))

    def comes_to(self, stage: str) -> dict[str, Any]:
        assert eventually(lambda: self.newest().get("lifecycleStage"), stage, 60) == stage, self.service.shown()
        return self.newest()

    def answers(self, number: int, port: int | None = None) -> Counter[tuple[int, str]]:
        return Counter(self.service.aws.get("web", port=port) for _ in range(number))


def test_the_new_version_is_tested_first_and_then_gets_its_share(service: Service) -> None:
    sets = TwoSets(service)
    canary = {"canaryPercent": 30.0, "canaryBakeTimeInMinutes": 1440}
    pause = {"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}
    configuration = {"strategy": "CANARY", "canaryConfiguration": canary, "lifecycleHooks": [pause]}
    first = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}
    service.create(service.define(), loadBalancers=sets.balancers, deploymentConfiguration=first)
    service.ends_in("SUCCESSFUL")
    service.update(service.define(environment={"ANSWER": "two"}), deploymentConfiguration=configuration)
    shown = sets.comes_to("POST_TEST_TRAFFIC_SHIFT")
    assert sets.answers(100) == {(200, "one"): 100}
    assert sets.answers(20, port=8443) == {(200, "two"): 20}
    hook = shown["lifecycleHookDetails"][0]["hookId"]
    service.aws.ecs.continue_service_deployment(serviceDeploymentArn=shown["serviceDeploymentArn"], hookId=hook)
    assert eventually(sets.weight, 30.0, 60) == 30.0
    answers = sets.answers(1000)
    assert set(answers) == {(200, "one"), (200, "two")}
    # five standard deviations of a share of 30 % in 1,000
    assert abs(answers[200, "two"] - 300) < 73
    service.aws.ecs.stop_service_deployment(serviceDeploymentArn=shown["serviceDeploymentArn"], stopType="ROLLBACK")
    service.ends_in("ROLLBACK_SUCCESSFUL")
    assert sets.answers(50) == {(200, "one"): 50}


def test_a_second_set_that_does_not_come_up_gets_no_request(service: Service) -> None:
    sets = TwoSets(service)
    configuration = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, **BREAKER}
    service.create(service.define(), loadBalancers=sets.balancers, deploymentConfiguration=configuration)
    service.ends_in("SUCCESSFUL")
    service.update(service.define(environment={"STATUS": "500"}))
    answers: Counter[tuple[int, str]] = Counter()

    def ended() -> bool:
        answers.update(sets.answers(5))
        return service.deployment() == "ROLLBACK_SUCCESSFUL"

    assert eventually(ended, True, 90)
    assert set(answers) == {(200, "one")}
    assert sets.newest()["lifecycleStage"] == "SCALE_UP"


def test_no_request_fails_while_two_sets_change_places(service: Service) -> None:
    sets = TwoSets(service)
    linear = {"stepPercent": 40.0, "stepBakeTimeInMinutes": 0}
    configuration = {"strategy": "LINEAR", "linearConfiguration": linear, "bakeTimeInMinutes": 0}
    service.create(service.define(), desired=2, loadBalancers=sets.balancers, deploymentConfiguration=configuration)
    service.ends_in("SUCCESSFUL")
    answers: Counter[tuple[int, str]] = Counter()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            answers[service.aws.get("web")] += 1

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    service.update(service.define(environment={"ANSWER": "two"}))
    service.ends_in("SUCCESSFUL")
    done.set()
    for asker in askers:
        asker.join()
    assert set(answers) == {(200, "one"), (200, "two")}
    assert sets.answers(20) == {(200, "two"): 20}


def test_an_image_is_pushed_and_run_by_its_digest(service: Service, image: str) -> None:
    docker = engine.client(timeout=300)
    uri = service.aws.ecr.create_repository(repositoryName="app/api")["repository"]["repositoryUri"]
    docker.images.get(image).tag(uri, "v1")
    docker.images.push(uri, "v1", auth_config={"username": "AWS", "password": "any"})
    docker.images.remove(f"{uri}:v1")
    (found,) = service.aws.ecr.describe_images(repositoryName="app/api")["imageDetails"]
    service.create(service.define(image=f"{uri}@{found['imageDigest']}"), balanced=False)
    service.ends_in("SUCCESSFUL")
    arns = service.aws.ecs.list_tasks(cluster="c")["taskArns"]
    (task,) = service.aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]
    assert task["containers"][0]["imageDigest"] == found["imageDigest"]
