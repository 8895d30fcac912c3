# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the status report from AWS's responses; C(status_lines) formats it.  Plain data in and out."""

from __future__ import annotations

import datetime
import typing as t

from .._aws.arn import last
from .._aws.printable import counted
from .._aws.printable import moment as _moment
from .._resources.ecs import diagnose
from .._resources.ecs.rollout import answers, health_request, stages
from .._resources.ecs.shapes import Deployment, Service, ServiceDeployment, TargetGroup, Targets, Task
from .._resources.elbv2 import local, precedence, shadowing
from . import artifact, jobs, status_steps

NO_VERSION = "none has succeeded yet, so there is no version to roll back to"
Raw = t.Mapping[str, t.Any]
Report = dict[str, t.Any]


def report(raw: Raw, now: datetime.datetime) -> Report:
    """Return the report of a platform from the result of C(read.status)."""
    services = [_service(service, raw) for service in raw["services"]]
    scheduled = [jobs.report(job, now) for job in raw["jobs"]]
    certificates = [_certificate(certificate, now) for certificate in raw["certificates"]]
    result: Report = {
        "cluster": _cluster(raw["cluster"], raw["cluster_name"]),
        "load_balancer": _load_balancer(
            raw["load_balancer"], _expected(raw["load_balancer_name"], services, bool(scheduled))
        ),
        "certificates": certificates,
        "services": services,
        "jobs": scheduled,
        "missing": sorted(raw["missing"]),
    }
    result["address"], result["host_header"] = _address(raw, certificates)
    for service in services:
        service["address"] = _address_of(service, result["address"], local=bool(raw["local_endpoint"]))
    result["problems"] = _problems(result)
    result["next_step"] = status_steps.next_step(result)
    return result


def stats(found: Report) -> Report:
    """Return the artifact of a run: outcome, address, and image, revision and deployment of each service."""
    services = {
        service["name"]: {
            "image": next((image["image"] for image in service["images"]), ""),
            "revision": service["revision"],
            "deployment": service["deployment"]["id"],
        }
        for service in found["services"]
    }
    services |= {
        job["name"]: {"image": job["image"], "revision": job["revision"], "deployment": ""} for job in found["jobs"]
    }
    state = "unsteady" if found["problems"] else "steady"
    return {"fargate_result": artifact.succeeded(state, services, found["address"])}


def _address(raw: Raw, certificates: t.Iterable[Report]) -> tuple[str, str]:
    """Return the address of the services, and the Host header that it needs, if any."""
    balancer = raw["load_balancer"]
    if not balancer:
        return "", ""
    # other listeners are for test requests
    secure = next((item for item in raw["listeners"] if (item["Protocol"], item["Port"]) == ("HTTPS", 443)), None)
    if raw["local_endpoint"]:
        return _local_address(raw["local_endpoint"], balancer, secure or {"Port": 80, "Protocol": "HTTP"})
    if not secure:
        return f"http://{balancer['DNSName']}", ""
    named = [item["domain"] for item in certificates if item["domain"] and not item["domain"].startswith("*")]
    return f"https://{raw['domain'] or next(iter(named), balancer['DNSName'])}", ""


def _local_address(endpoint_url: str, balancer: Raw, listener: Raw) -> tuple[str, str]:
    account_id = balancer["LoadBalancerArn"].split(":")[4]
    host = local.host(balancer["LoadBalancerName"], account_id, listener["Port"])
    named = local.address(endpoint_url, host, listener["Protocol"])
    return (named, "") if named else (endpoint_url.rstrip("/"), host)


def _address_of(service: Report, address: str, *, local: bool) -> str:
    """Return the address of a service: that of the load balancer, with the first host and path of its rules.

    A local load balancer is identified by its host name, so other hosts do not lead to it.
    """
    asked = service.pop("asked")
    if not asked or not address:
        return ""
    host, path = asked
    scheme, _separator, name = address.partition("://")
    return f"{scheme}://{host if host and not local else name}{path}"


def _host_and_path(rules: t.Iterable[t.Iterable[Raw]], groups: t.Collection[str]) -> tuple[str | None, str] | None:
    """Return host (None for any) and path of the first rule that forwards to the groups; None without a rule."""
    every = [rule for described in rules for rule in shadowing.rules(described)]
    own = [rule for rule in every if set(rule["group_arns"]) & set(groups)]
    if not own:
        return None
    paths = [path for rule in own for path in rule["paths"]]
    return precedence.plain_host(own[0]["hosts"]), precedence.plain_path(paths)


def _cluster(cluster: Raw | None, name: str) -> Report:
    return {
        "name": name,
        "status": cluster["status"] if cluster else "MISSING",
        "running_tasks": (cluster or {}).get("runningTasksCount", 0),
    }


def _expected(name: str, services: t.Sequence[Report], has_jobs: bool) -> str:
    """Return the name of the required load balancer; empty if no service has one."""
    return name if not (services or has_jobs) or any(service["balanced"] for service in services) else ""


def _load_balancer(balancer: Raw | None, name: str) -> Report | None:
    if not balancer:
        return {"name": name, "dns_name": "", "state": "MISSING"} if name else None
    return {
        "name": balancer["LoadBalancerName"],
        "dns_name": balancer["DNSName"],
        "state": balancer["State"]["Code"],
    }


def _certificate(certificate: Raw, now: datetime.datetime) -> Report:
    ends = certificate.get("NotAfter")
    return {
        "arn": certificate["CertificateArn"],
        "domain": certificate.get("DomainName", ""),
        "status": certificate.get("Status", ""),
        "not_after": _moment(ends),
        "days_left": (ends - now).days if ends else None,
    }


def _service(service: Service, raw: Raw) -> Report:
    name = service["serviceName"]
    arns = answers.target_groups(service)
    health = {arn: raw["health"].get(arn) or [] for arn in arns}
    definition = answers.task_definition_of(service)
    checks = None if arns else raw["containers"].get(name, {})
    behind = shadowing.shadowed(raw["rules"].values(), arns)
    entry = {
        "name": name,
        "status": service["status"],
        "serving": _serves(service, health, checks) and not (behind and behind.everything),
        "lacks": [*_lacks(arns, raw)],
        "behind": f"{behind.sentence} ({behind.next_step.rstrip('.')})" if behind else "",
        "desired": answers.desired_of(service),
        "running": service.get("runningCount", 0),
        "pending": service.get("pendingCount", 0),
        "deployment": _deployment(service),
        "rollout": _rollout(service, raw["rollouts"].get(name, {})),
        "revision": last(definition),
        "replaces": _replaced(service, definition),
        "images": _images(raw["task_definitions"].get(definition) or {}, raw["image_tags"]),
        "balanced": bool(arns),
        "asked": _host_and_path(raw["rules"].values(), arns),
        "container_checks": answers.not_healthy(checks),
        "failed_tasks": _failed(
            service, raw.get("stopped", {}).get(name) or [], _check(service, health, raw.get("checks", {}))
        ),
        "targets": [_target(item) for items in health.values() for item in items],
        "autoscaling": raw["scaling"].get(name),
        "deployments": [_past(record, raw["revisions"]) for record in raw["deployments"].get(name, [])],
        "events": [
            {"at": _moment(event["createdAt"]), "message": event["message"]}
            for event in (service.get("events") or [])[: raw["event_count"]]
        ],
    }
    return {**entry, **_problem_or_remark(service, entry)}


def _deployment(service: Service) -> Report:
    primary = answers.primary_of(service) or {}
    return {
        "id": primary.get("id", ""),
        "rollout_state": _state(service),
        "reason": primary.get("rolloutStateReason", ""),
        "since": _moment(primary.get("createdAt")),
    }


def _problem_or_remark(service: Service, entry: Report) -> Report:
    """Return the problem of a service, or a remark about one without a problem."""
    done = entry["deployment"]["rollout_state"] in ("", "COMPLETED")
    trouble = _trouble(service, answers.primary_of(service) or {})
    loops = bool(trouble) and diagnose.is_unspecific({"message": trouble})
    well = done and ((entry["serving"] and not loops) or _is_idle(entry))
    # why tasks fail, rather than that they do
    specific = _trouble(service, answers.primary_of(service) or {}, specific=True) or trouble
    said = ", ".join(filter(None, (_remark(entry) if well else _why(entry), _ecs_says(specific))))
    return {"problem": "" if well else said, "remark": said if well else ""}


def _lacks(groups: t.Sequence[str], raw: Raw) -> t.Iterator[str]:
    """Yield what requests to a service lack: a target group, or any rule that forwards to one."""
    health = raw["health"]
    yield from (f"its target group {_group(arn)} is gone" for arn in groups if arn in health and health[arn] is None)
    ways = [rule["group_arns"] for described in raw["rules"].values() for rule in shadowing.rules(described)]
    there = [arn for arn in groups if health.get(arn)]
    # a group of another load balancer has its rule there
    used = [arn for arn in there if any(target["TargetHealth"]["State"] != "unused" for target in health[arn])]
    if ways and there and not used and not {arn for some in ways for arn in some} & {*groups}:
        yield f"no rule of the load balancer leads to its target group {' or '.join(map(_group, there))}"


def _group(arn: str) -> str:
    return arn.split("/")[1]


def _rollout(service: Service, record: ServiceDeployment) -> Report:
    """Return strategy and stage of the deployment; C(hook) is the one that it waits at."""
    target = record.get("targetServiceRevision") or {}
    return {
        "strategy": answers.strategy(service),
        "stage": record.get("lifecycleStage", ""),
        "production_weight": target.get("requestedProductionTrafficWeight"),
        "test_weight": target.get("requestedTestTrafficWeight"),
        "hook": stages.hook_of(record) or None,
        "stages": ", ".join(stages.stage_of(record)),
    }


def _is_idle(service: Report) -> bool:
    """Return whether a service without a load balancer has 0 tasks because its autoscaling found no work.

    Behind a load balancer, 0 tasks are a problem, as requests could not bring the service back.
    """
    bounds = service["autoscaling"]
    idle = service["status"] == "ACTIVE" and not service["desired"] and not service["balanced"]
    return bool(idle and bounds and bounds["min_capacity"] == 0)


def _trouble(service: Service, primary: Deployment, *, specific: bool = False) -> str:
    """Return ECS's last message about a problem of the deployment; empty if a steady state was reached since."""
    began = diagnose.seconds(primary.get("createdAt"))
    events = [event for event in service.get("events") or [] if diagnose.seconds(event.get("createdAt")) >= began]
    steady = (event for event in events if "has reached a steady state" in (event.get("message") or ""))
    since = max((diagnose.seconds(event.get("createdAt")) for event in steady), default=0.0)
    later = [event for event in events if diagnose.seconds(event.get("createdAt")) > since]
    newest = diagnose.newest_failure(item for item in later if not (specific and diagnose.is_unspecific(item)))
    return newest.reason if newest else ""


def _ecs_says(trouble: str) -> str:
    return f"ECS says: {trouble.rstrip('.')}" if trouble else ""


def _replaced(service: Service, definition: str) -> list[str]:
    """Return the revisions that the deployment in progress replaces."""
    others = [item for item in service.get("deployments") or [] if item.get("status") != "PRIMARY"]
    there = {item["taskDefinition"] for item in others if item.get("runningCount") and item.get("taskDefinition")}
    return sorted(last(arn) for arn in there - {definition})


def _check(service: Service, health: Targets, checks: t.Mapping[str, TargetGroup]) -> str:
    """Return the load balancer's health check as a clause, with its answer by targets or events; empty if unknown."""
    began = diagnose.seconds((answers.primary_of(service) or {}).get("createdAt"))
    events = diagnose.events_since(service.get("events") or [], began)
    texts = [*diagnose.unhealthy(health), *(event["message"] for event in events)]
    return health_request.clause([checks[arn] for arn in health if checks.get(arn)], service, health, texts)


def _failed(service: Service, stopped: t.Sequence[Task], check: str) -> str:
    """Return as a clause why tasks of the deployment failed; empty if none did."""
    failures = diagnose.failures_of(stopped, answers.primary_of(service) or {})
    main = diagnose.main_failure(failures)
    if not main:
        return ""
    codes = sorted({code for failure in failures for code in failure.exit_codes})
    ended = f", exit code {' and '.join(map(str, codes))}" if codes else ""
    have = "has" if len(failures) == 1 else "have"
    of_balancer = main.cause == "health_check" and not diagnose.mentions(main.reason, (diagnose.CONTAINER_CHECK,))
    request = f" ({check})" if check and of_balancer else ""
    return f"{counted(len(failures), 'new task')} {have} failed: {main.reason.rstrip('.')}{request}{ended}"


def _serves(service: Service, health: Targets, checks: t.Mapping[str, str] | None) -> bool:
    """Return whether a service serves: with a healthy target in each of its groups, or else a running task.

    Zone rebalancing, autoscaling, Spot and the retirement of tasks temporarily change the number of tasks, while it
    serves.
    """
    if service["status"] != "ACTIVE" or not answers.desired_of(service):
        return False
    if answers.target_groups(service):
        return answers.healthy_count(health, service) > 0
    healthy = not checks or "HEALTHY" in checks.values()
    return service.get("runningCount", 0) > 0 and healthy


def _state(service: Service) -> str:
    """Return the state of the deployment, which ECS returns for rolling updates only."""
    state = (answers.primary_of(service) or {}).get("rolloutState") or ""
    return state or ("IN_PROGRESS" if len(service.get("deployments") or []) > 1 else "")


def _remark(service: Report) -> str:
    """Return as one sentence harmless differences from the desired state; empty if there are none."""
    differs = service["running"] != service["desired"] or service["pending"]
    idle = ["its autoscaling lets it have 0 tasks"] if not service["serving"] else []
    return ", ".join([*idle, *_behind(service), *([f"{_counts(service)}"] if differs else []), *_unhealthy(service)])


def _behind(service: Report) -> list[str]:
    return [service["behind"]] if service["behind"] else []


def _counts(service: Report) -> str:
    pending = f", {service['pending']} more start" if service["pending"] else ""
    return f"{service['running']} of {service['desired']} tasks run{pending}"


def _unhealthy(service: Report) -> list[str]:
    """Return which targets and containers are not healthy."""
    sick = [target for target in service["targets"] if target["state"] not in ("healthy", "draining")]
    reasons = sorted({target["reason"] or target["state"] for target in sick})
    is_not = "target is" if len(sick) == 1 else "targets are"
    unhealthy = [f"{len(sick)} {is_not} not healthy ({', '.join(reasons)})"] if sick else []
    return [*unhealthy, *service["container_checks"]]


def _images(definition: Raw, tags: t.Mapping[str, t.Sequence[str]]) -> list[Report]:
    return [
        {"container": item["name"], "image": item["image"], "tags": list(tags.get(item["image"], []))}
        for item in definition.get("containerDefinitions") or []
    ]


def _target(item: Raw) -> Report:
    state = item["TargetHealth"]
    return {
        "address": f"{item['Target']['Id']}:{item['Target'].get('Port', '')}",
        "state": state["State"],
        "reason": state.get("Reason", ""),
        "description": state.get("Description", ""),
    }


def _past(record: ServiceDeployment, revisions: t.Mapping[str, str]) -> Report:
    target = record.get("targetServiceRevisionArn", "")
    return {
        "at": _moment(record.get("startedAt") or record.get("createdAt")),
        "status": record["status"],
        "reason": record.get("statusReason", ""),
        "revision": last(revisions.get(target, "")),
    }


def _why(service: Report) -> str:
    """Return as one sentence why a service does not serve, or why its deployment is not complete."""
    if service["status"] != "ACTIVE":
        return f"it is {service['status']}"
    state = service["deployment"]["rollout_state"] or "not known"
    reason = str(service["deployment"]["reason"] or "").rstrip(".") if state == "FAILED" else ""
    reason = service["rollout"]["stages"] or reason
    sentence = f"its deployment is {state}" + (f": {reason}" if reason else "")
    if state == "FAILED" and any(stages.has_no_candidate(past["reason"]) for past in service["deployments"][:1]):
        sentence += f", and {NO_VERSION}"
    if _is_idle(service):
        return sentence
    if service["desired"] == 0:
        return "it is scaled to 0 tasks"
    failed = [service["failed_tasks"]] if service["failed_tasks"] else []
    return ", ".join([*service["lacks"], *_behind(service), _counts(service), *_unhealthy(service), *failed, sentence])


def _problems(found: Report) -> list[str]:
    problems = [f"There is no service '{name}'." for name in found["missing"]]
    if found["cluster"]["status"] != "ACTIVE":
        problems.append(f"Cluster {found['cluster']['name']} is {found['cluster']['status']}.")
    elif not found["services"] and not found["missing"] and not found["jobs"]:
        problems.append(f"Cluster {found['cluster']['name']} has no services.")
    balancer = found["load_balancer"]
    if balancer and balancer["state"] != "active":
        problems.append(f"Load balancer {balancer['name']} is {balancer['state']}.")
    for certificate in found["certificates"]:
        if certificate["status"] != "ISSUED":
            problems.append(f"The certificate of {certificate['domain']} is {certificate['status']}.")
        elif certificate["days_left"] is not None and certificate["days_left"] < 0:
            problems.append(f"The certificate of {certificate['domain']} ended at {certificate['not_after']}.")
    problems += [
        f"Service {service['name']} {_verdict(service)}: {service['problem']}."
        for service in found["services"]
        if service["problem"]
    ]
    return problems + jobs.problems(found["jobs"])


def _verdict(service: Report) -> str:
    if not service["serving"]:
        return "does not serve"
    ends = {"FAILED": "its deployment has failed", "COMPLETED": "its tasks do not stay", "": "its tasks do not stay"}
    return f"serves, and {ends.get(service['deployment']['rollout_state'], 'its deployment is not done')}"
