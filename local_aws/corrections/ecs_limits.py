# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ECS: limits of a call, and deletions that are refused."""

from __future__ import annotations

from typing import Any

from local_aws.corrections._patch import corrects, instead, replace, service, unless

Data = dict[str, Any]


def refuse_many_services(data: Data) -> Any:
    ecs = service("ecs")
    if len(data.get("services", [])) > 10:
        return ecs.error_response_json("InvalidParameterException", "Services cannot have more than 10 elements.", 400)
    return None


def refuse_many_tasks(data: Data) -> Any:
    ecs = service("ecs")
    if len(data.get("tasks", [])) > 100:
        return ecs.error_response_json("InvalidParameterException", "Tasks cannot have more than 100 elements.", 400)
    return None


def list_services(data: Data) -> Any:
    """Return the ARNs of a cluster's services, without draining ones, ten per page by default."""
    ecs = service("ecs")
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if cluster is None or cluster not in ecs._clusters:
        return ecs.error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    wanted = {name: data[name] for name in ("launchType", "schedulingStrategy") if data.get(name)}
    found = [
        svc["serviceArn"]
        for key, svc in ecs._services.items()
        if key.startswith(f"{cluster}/")
        and svc["status"] == "ACTIVE"
        and all(svc.get(name) == value for name, value in wanted.items())
    ]
    start = int(data.get("nextToken") or 0)
    end = start + int(data.get("maxResults") or 10)
    more = {"nextToken": str(end)} if end < len(found) else {}
    return ecs.json_response({"serviceArns": found[start:end], **more})


@corrects(
    "ecs",
    aws="DescribeServices accepts ten services and DescribeTasks a hundred tasks; ListServices returns ten per page, "
    "without draining services (DeleteService)",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html",
)
def limit_requests() -> None:
    ecs = service("ecs")
    replace(ecs, "_describe_services", unless(refuse_many_services))
    replace(ecs, "_describe_tasks", unless(refuse_many_tasks))
    replace(ecs, "_list_services", instead(list_services))


def refuse_cluster(data: Data) -> Any:
    ecs = service("ecs")
    name = ecs._resolve_cluster_name(data.get("cluster", "default"))
    arn = ecs._clusters.get(name, {}).get("clusterArn")
    if any(s["clusterArn"] == arn and s["status"] != "INACTIVE" for s in ecs._services.values()):
        message = "The Cluster cannot be deleted while Services are active."
        return ecs.error_response_json("ClusterContainsServicesException", message, 400)
    if any(t["clusterArn"] == arn and t["lastStatus"] != "STOPPED" for t in ecs._tasks.values()):
        message = "The Cluster cannot be deleted while Tasks are active."
        return ecs.error_response_json("ClusterContainsTasksException", message, 400)
    return None


def delete_definitions(original: Any) -> Any:
    """Delete only INACTIVE revisions; the others are returned as failures."""
    ecs = service("ecs")

    def call(data: Data) -> Any:
        keys = {arn: ecs._resolve_td_delete_key(arn) for arn in data.get("taskDefinitions", [])}
        active = [arn for arn, key in keys.items() if ecs._task_defs.get(key, {}).get("status") == "ACTIVE"]
        rest = [arn for arn in keys if arn not in active]
        status, _headers, body = original({**data, "taskDefinitions": rest})
        answer = ecs.json.loads(body)
        reason = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
        answer["failures"] += [{"arn": arn, "reason": reason} for arn in active]
        return ecs.json_response(answer, status)

    return call


@corrects(
    "ecs",
    aws="a cluster with services or tasks, and an active task definition, can't be deleted",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html",
)
def keep_clusters_in_use() -> None:
    ecs = service("ecs")
    replace(ecs, "_delete_cluster", unless(refuse_cluster))
    replace(ecs, "_delete_task_definitions", delete_definitions)
