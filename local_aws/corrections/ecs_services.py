# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""CreateService, UpdateService, DeleteService and RunTask: what they refuse, store and start."""

from __future__ import annotations

import copy
import ipaddress
import time
from typing import Any

from local_aws import settings
from local_aws.corrections import ecs_deployments, ecs_shift, ecs_tasks, target_health
from local_aws.corrections._patch import corrects, replace, service

Data = dict[str, Any]
Service = dict[str, Any]

# According to botocore's documentation of UpdateService, these start a new deployment; the others don't.
DEPLOYED_FIELDS = (
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
KEPT_FIELDS = (
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "availabilityZoneRebalancing",
    "placementConstraints",
    "placementStrategy",
)
DEFAULT_CONFIGURATION = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


class RefusedError(Exception):
    """A request that ECS refuses, with its error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def invalid(message: str) -> RefusedError:
    return RefusedError("InvalidParameterException", message)


def refusing(handler: Any) -> Any:
    def call(data: Data) -> Any:
        try:
            with ecs_deployments.LOCK:
                return handler(data)
        except RefusedError as error:
            return service("ecs").error_response_json(error.code, str(error), 400)

    return call


def cluster_of(data: Data) -> str:
    ecs = service("ecs")
    name = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if name is None or name not in ecs._clusters:
        raise RefusedError("ClusterNotFoundException", "Cluster not found.")
    return str(name)


def definition_of(reference: str, *, running: str = "") -> Data:
    """Return the named revision, without a name the I(running) one of a service, which may be deregistered."""
    ecs = service("ecs")
    definition: Data | None = ecs._task_defs.get(ecs._resolve_td_key(reference or running))
    if definition is None:
        raise RefusedError("ClientException", "TaskDefinition not found.")
    if definition["status"] != "ACTIVE" and (reference or not running):
        raise RefusedError("ClientException", "TaskDefinition is inactive")
    return definition


def service_of(data: Data) -> tuple[str, Service]:
    """Return (cluster name, service); refuse missing ones."""
    ecs = service("ecs")
    cluster = cluster_of(data)
    named = ecs._resolve_service_ref(data.get("service", ""))
    svc = ecs._services.get(f"{cluster}/{named[0]}") if named and named[1] in (None, cluster) else None
    if svc is None:
        raise RefusedError("ServiceNotFoundException", "Service not found.")
    return cluster, svc


def check_network(definition: Data, network: Data | None) -> None:
    """Refuse an awsvpc task without existing subnets and security groups."""
    if definition["networkMode"] != "awsvpc":
        return
    given = (network or {}).get("awsvpcConfiguration")
    if not given:
        raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    ec2 = service("ec2")
    for subnet in given.get("subnets", []):
        if subnet not in ec2._subnets:
            raise invalid(
                f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist "
                "(ErrorCode: InvalidSubnetID.NotFound)"
            )
    for group in given.get("securityGroups", []):
        if group not in ec2._security_groups:
            raise invalid(
                f"Error retrieving security group information for [{group}]: The security group '{group}' does not "
                "exist (ErrorCode: InvalidGroup.NotFound)"
            )


def check_balancers(definition: Data, balancers: list[Data] | None) -> None:
    """Refuse missing or unsuitable target groups, those without a load balancer, and undefined containers and ports."""
    alb = service("alb")
    containers = {c["name"]: c for c in definition["containerDefinitions"]}
    used = target_health.CHECKER.in_use()
    for balancer in balancers or []:
        arn = balancer.get("targetGroupArn")
        if arn is None:
            continue
        if arn not in alb._tgs:
            raise invalid(f"Unable to assume role and validate the specified targetGroupArn: {arn} does not exist.")
        if definition["networkMode"] == "awsvpc" and alb._tgs[arn]["TargetType"] != "ip":
            raise invalid(
                f"The provided target group {arn} has target type {alb._tgs[arn]['TargetType']}, which is incompatible "
                "with the awsvpc network mode specified in the task definition."
            )
        if arn not in used:
            raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        if name not in containers:
            raise invalid(f"The container {name} does not exist in the task definition.")
        if port not in [m.get("containerPort") for m in containers[name].get("portMappings", [])]:
            raise invalid(f"The container {name} did not have a container port {port} defined.")


def check_strategy(data: Data, configuration: Data | None, balancers: list[Data] | None) -> None:
    """Refuse a strategy without its settings, the other target group, the rules that it shifts, or the role."""
    if not configuration or not {"deploymentConfiguration", "loadBalancers"} & set(data):
        return
    why = ecs_shift.problem(configuration, balancers or [])
    if why:
        raise invalid(why)
    if configuration.get("strategy") not in ecs_shift.STRATEGIES:
        return
    used = target_health.CHECKER.in_use()
    for given in (balancer["advancedConfiguration"] for balancer in balancers or []):
        other, role = given["alternateTargetGroupArn"], given["roleArn"]
        if other not in used:
            raise invalid(f"The target group with targetGroupArn {other} does not have an associated load balancer.")
        for rule in filter(None, (given["productionListenerRule"], given.get("testListenerRule"))):
            if rule not in service("alb")._rules:
                raise invalid(f"Unable to assume role and validate the specified listener rule: {rule} does not exist.")
        if service("iam")._roles.get(role.rsplit("/", 1)[-1]) is None:
            raise invalid(f"Unable to assume the service linked role or the role {role}.")


def check_grace_period(data: Data, balancers: list[Data] | None) -> None:
    if data.get("healthCheckGracePeriodSeconds") and not balancers:
        raise invalid("Health check grace period is only valid for services configured to use load balancers")


def check_registries(registries: list[Data] | None) -> None:
    known = service("servicediscovery")._services
    for registry in registries or []:
        arn = registry.get("registryArn", "")
        if arn.rsplit("/", 1)[-1] not in known:
            raise invalid(f"Service registry {arn} could not be found.")


def with_defaults(network: Data | None) -> Data:
    given = copy.deepcopy(network or {})
    if "awsvpcConfiguration" in given:
        given["awsvpcConfiguration"].setdefault("assignPublicIp", "DISABLED")
        given["awsvpcConfiguration"].setdefault("securityGroups", [])
    return given


def with_default_roles(strategy: list[Data] | None) -> list[Data] | None:
    return [{"weight": 0, "base": 0, **item} for item in strategy] if strategy else None


def check_name(cluster: str, name: str | None) -> None:
    """Refuse the name of another service in the cluster, even a draining one."""
    if not name:
        raise invalid("Service name can't be empty.")
    status = service("ecs")._services.get(f"{cluster}/{name}", {}).get("status")
    if status == "ACTIVE":
        raise invalid("Creation of service was not idempotent.")
    if status == "DRAINING":
        raise invalid("Unable to Start a service that is still Draining.")


def create(data: Data) -> Any:
    ecs = service("ecs")
    cluster, name = cluster_of(data), data.get("serviceName")
    check_name(cluster, name)
    definition = definition_of(data.get("taskDefinition", ""))
    check_network(definition, data.get("networkConfiguration"))
    check_balancers(definition, data.get("loadBalancers", []))
    check_registries(data.get("serviceRegistries", []))
    check_grace_period(data, data.get("loadBalancers"))
    check_strategy(data, data.get("deploymentConfiguration"), data.get("loadBalancers", []))
    launch_type, strategy, error = ecs._launch_choice(data, ecs._clusters[cluster])
    if error:
        return error
    svc = {**new_service(data, cluster, definition), **launched(data, launch_type, strategy)}
    ecs_deployments.begin(svc)
    ecs._services[f"{cluster}/{name}"] = svc
    ecs._tags[svc["serviceArn"]] = list(data.get("tags", []))
    ecs._recount_cluster(cluster)
    return ecs.json_response({"service": ecs._sanitize({**svc, "tags": data.get("tags", [])})})


def launched(data: Data, launch_type: str | None, strategy: list[Data] | None) -> Service:
    """Return the part of a service that defines where its tasks run."""
    fargate = launch_type == "FARGATE" or bool(strategy)
    return {
        "launchType": launch_type,
        "capacityProviderStrategy": with_default_roles(strategy),
        "platformVersion": data.get("platformVersion") or ("LATEST" if fargate else None),
        "platformFamily": "Linux" if fargate else None,
    }


def new_service(data: Data, cluster: str, definition: Data) -> Service:
    """Return a service as requested, with AWS's defaults for the rest."""
    ecs = service("ecs")
    svc: Service = {
        "serviceArn": f"arn:aws:ecs:{ecs.get_region()}:{ecs.get_account_id()}:service/{cluster}/{data['serviceName']}",
        "serviceName": data["serviceName"],
        "clusterArn": ecs._clusters[cluster]["clusterArn"],
        "status": "ACTIVE",
        "taskDefinition": definition["taskDefinitionArn"],
        "desiredCount": data.get("desiredCount", 1),
        "runningCount": 0,
        "pendingCount": 0,
        "networkConfiguration": with_defaults(data.get("networkConfiguration")),
        "loadBalancers": data.get("loadBalancers", []),
        "serviceRegistries": data.get("serviceRegistries", []),
        "serviceConnectConfiguration": data.get("serviceConnectConfiguration"),
        "volumeConfigurations": data.get("volumeConfigurations"),
        "vpcLatticeConfigurations": data.get("vpcLatticeConfigurations"),
        "schedulingStrategy": data.get("schedulingStrategy", "REPLICA"),
        "deploymentController": data.get("deploymentController", {"type": "ECS"}),
        "deploymentConfiguration": {**DEFAULT_CONFIGURATION, **data.get("deploymentConfiguration", {})},
        "healthCheckGracePeriodSeconds": data.get("healthCheckGracePeriodSeconds", 0),
        "availabilityZoneRebalancing": data.get("availabilityZoneRebalancing", "ENABLED"),
        "placementConstraints": data.get("placementConstraints", []),
        "placementStrategy": data.get("placementStrategy", []),
        "enableECSManagedTags": data.get("enableECSManagedTags", False),
        "propagateTags": data.get("propagateTags", "NONE"),
        "enableExecuteCommand": data.get("enableExecuteCommand", False),
        "events": [],
        "createdAt": time.time(),
        "createdBy": f"arn:aws:iam::{ecs.get_account_id()}:root",
        "_namespace": (data.get("serviceConnectConfiguration") or {}).get("namespace", ""),
    }
    if svc["loadBalancers"]:
        svc["roleArn"] = (
            f"arn:aws:iam::{ecs.get_account_id()}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        )
    return svc


def update(data: Data) -> Any:
    ecs = service("ecs")
    _cluster, svc = service_of(data)
    if svc["status"] != "ACTIVE":
        raise RefusedError("ServiceNotActiveException", "Service was not ACTIVE.")
    definition = definition_of(data.get("taskDefinition", ""), running=svc["taskDefinition"])
    new = {name: data[name] for name in DEPLOYED_FIELDS if name in data}
    if "networkConfiguration" in new:
        new["networkConfiguration"] = with_defaults(new["networkConfiguration"])
    # A new count alone starts no deployment, and nothing is checked for it.
    if new or data.get("forceNewDeployment"):
        check_network(definition, new.get("networkConfiguration", svc["networkConfiguration"]))
        check_balancers(definition, new.get("loadBalancers", svc["loadBalancers"]))
        check_registries(new.get("serviceRegistries", svc["serviceRegistries"]))
    # https://github.com/aws/copilot-cli/issues/4011: checked against the load balancers before the update
    check_grace_period(data, svc["loadBalancers"])
    configuration = ecs_shift.updated(svc["deploymentConfiguration"], data.get("deploymentConfiguration", {}))
    check_strategy(data, configuration, new.get("loadBalancers", svc["loadBalancers"]))
    new["taskDefinition"] = definition["taskDefinitionArn"]
    deploys = bool(data.get("forceNewDeployment")) or any(svc.get(name) != value for name, value in new.items())
    svc.update(new)
    svc.update({name: data[name] for name in KEPT_FIELDS if data.get(name) is not None})
    svc["deploymentConfiguration"] = configuration
    if "capacityProviderStrategy" in data:
        strategy = with_default_roles(data["capacityProviderStrategy"])
        svc.update(capacityProviderStrategy=strategy, launchType=None if strategy else svc.get("launchType") or "EC2")
    if data.get("desiredCount") is not None:
        svc["desiredCount"] = data["desiredCount"]
        ecs_deployments.primary_of(svc)["desiredCount"] = data["desiredCount"]
    if deploys:
        ecs_deployments.begin(svc)
    return ecs.json_response({"service": ecs._sanitize(svc)})


def delete(data: Data) -> Any:
    ecs = service("ecs")
    _cluster, svc = service_of(data)
    if svc["status"] == "INACTIVE":
        raise RefusedError("ServiceNotFoundException", "Service not found.")
    if not data.get("force") and svc["desiredCount"] > 0:
        raise invalid("The service cannot be stopped while it is scaled above 0.")
    svc.update(status="DRAINING", desiredCount=0)
    for deployment in svc["deployments"]:
        deployment["desiredCount"] = 0
    rollout = ecs_deployments.rollout_of(svc)
    if rollout["status"] not in ecs_deployments.ENDED:
        ecs_deployments.finish(rollout, "STOPPED", "Service deployment stopped because the service was deleted.")
    return ecs.json_response({"service": ecs._sanitize(svc)})


def task_tags(data: Data, definition: Data, cluster: str) -> list[dict[str, str]]:
    """Return the tags of a new task: its own, those propagated to it, and those that ECS manages."""
    ecs = service("ecs")
    svc = data.get("_service")
    tags = {t["key"]: t["value"] for t in data.get("tags", [])}
    source = {"SERVICE": svc and svc["serviceArn"], "TASK_DEFINITION": definition["taskDefinitionArn"]}
    for tag in ecs._tags.get(source.get(data.get("propagateTags", "NONE")) or "", []):
        tags.setdefault(tag["key"], tag["value"])
    if data.get("enableECSManagedTags"):
        tags["aws:ecs:clusterName"] = cluster
        if svc:
            tags["aws:ecs:serviceName"] = svc["serviceName"]
    return [{"key": key, "value": value} for key, value in tags.items()]


@corrects(
    "ecs",
    aws="services and tasks are refused without their cluster, task definition, subnets, target groups or "
    "registries; the fields of UpdateService are stored, and start a deployment if AWS documents it",
    evidence="botocore model of ecs: UpdateService, each member's documentation on new service deployments",
)
def keep_and_check_services() -> None:
    ecs = service("ecs")
    replace(ecs, "_create_service", lambda _original: refusing(create))
    replace(ecs, "_update_service", lambda _original: refusing(update))
    replace(ecs, "_delete_service", lambda _original: refusing(delete))


@corrects(
    "ecs",
    aws="tasks have propagated and managed tags; RunTask refuses missing resources",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html",
)
def tag_and_check_tasks() -> None:
    ecs = service("ecs")

    def run_task(original: Any) -> Any:
        def call(data: Data) -> Any:
            cluster = cluster_of(data)
            named = data.get("taskDefinition", "")
            # a service continues with a revision that was deregistered
            definition = definition_of("", running=named) if data.get("_service") else definition_of(named)
            check_network(definition, data.get("networkConfiguration"))
            tags = task_tags(data, definition, cluster)
            group = data.get("group") or f"family:{definition['family']}"
            answer = original({**data, "tags": tags, "group": group})
            if not settings.containers_on():
                started = ecs.json.loads(answer[2]).get("tasks", [])
                give_addresses(started)
                find_healthy(started, definition)
                if data.get("overrides", {}).get("containerOverrides"):
                    end_well(started)
            return answer

        return refusing(call)

    replace(ecs, "_run_task", run_task)


def find_healthy(tasks: list[Data], definition: Data) -> None:
    """Without containers, pass every container health check, as those of target groups."""
    checked = [one["name"] for one in definition["containerDefinitions"] if one.get("healthCheck")]
    for shown in tasks if checked else []:
        task = service("ecs")._tasks[shown["taskArn"]]
        task["healthStatus"] = "HEALTHY"
        for container in task["containers"]:
            container["healthStatus"] = "HEALTHY" if container["name"] in checked else "UNKNOWN"


def end_well(tasks: list[Data]) -> None:
    """Without containers, end a task with a command override at once, with exit code 0."""
    ecs = service("ecs")
    for shown in tasks:
        task = ecs._tasks[shown["taskArn"]]
        reason = "Essential container in task exited"
        ecs_tasks.begin_stop(task, reason, "EssentialContainerExited")
        for container in task["containers"]:
            container["exitCode"] = 0
        ecs_tasks.end_stop(task, None)


NO_NETWORK = ipaddress.ip_network("10.255.0.0/16")


def give_addresses(tasks: list[Data]) -> None:
    """Without containers, give each task a unique address to register."""
    ecs = service("ecs")
    taken = {task.get("_container_ip") for task in ecs._tasks.values()}
    free = (str(address) for address in NO_NETWORK.hosts() if str(address) not in taken)
    for shown, address in zip(tasks, free, strict=False):
        ecs._tasks[shown["taskArn"]].update(_container_ip=address, _checked=[])
