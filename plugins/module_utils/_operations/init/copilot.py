# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports a manifest of AWS Copilot: https://aws.github.io/copilot-cli/docs/manifest/overview/."""

from __future__ import annotations

import re
import typing as t

from . import copilot_starts as starts
from .model import (
    Data,
    SourceError,
    Taken,
    between,
    check,
    leave_rest,
    mebibytes,
    name_of,
    seconds,
    size,
    text,
    variables,
    words,
)

BALANCED, BACKEND, WORKER = "Load Balanced Web Service", "Backend Service", "Worker Service"
JOB = "Scheduled Job"
KINDS = (BALANCED, BACKEND, WORKER, JOB)
ELSEWHERE = {
    "Request-Driven Web Service": "App Runner is not Fargate: write it as a Load Balanced Web Service first.",
    "Static Site": "a static site needs S3 and CloudFront, not Fargate.",
}
_KNOWN = {
    "name",
    "type",
    "image",
    "cpu",
    "memory",
    "platform",
    "count",
    "exec",
    "http",
    "variables",
    "secrets",
    "sidecars",
    "storage",
    "entrypoint",
    "command",
    "network",
    "environments",
    "deployment",
    "subscribe",
}
_OF_A_JOB: frozenset[t.Any] = frozenset({"on", True, "retries", "timeout"})  # fmt: skip
_WHY = {
    "alb": "is the older name of http; rename it in the manifest, and read it again.",
    "taskdef_overrides": "are patches of CloudFormation. Look for an option of the service that does the same.",
    "publish": "make the SNS topics elsewhere, and give the service their ARNs in environment and task_policies.",
    "logging": "containers log into the service's log group; log_retention says for how long.",
    "observability": "tracing needs a sidecar of the service.",
    "nlb": "there is an application load balancer alone.",
    "env_file": "write its variables into environment.",
}
_ON_STATES = {"start": "START", "complete": "COMPLETE", "success": "SUCCESS", "healthy": "HEALTHY"}


def take(manifest: Data, environment: str = "", folder: str = ".") -> Taken:
    """Return a service of a Copilot environment; build paths are relative to I(folder)."""
    kind = manifest.get("type")
    if kind not in KINDS:
        raise SourceError(f"type '{kind}': {ELSEWHERE.get(str(kind), 'is not a kind of service of Copilot.')}")
    taken = Taken()
    given = _of_environment(taken, manifest, environment)
    service: dict[str, t.Any] = {"name": name_of(str(given["name"]))}
    image = given.get("image") or {}
    service |= _image(taken, image, folder)
    if image.get("port") and kind in (BALANCED, BACKEND):
        service["port"] = int(image["port"])
    if health := image.get("healthcheck"):
        service["container_health_check"] = check(health.get("command", ["CMD-SHELL", "exit 0"]), health)
    if others := image.get("depends_on"):
        service["depends_on"] = _depends_on(others)
    service["cpu"], service["memory"] = size(float(given.get("cpu", 256)), mebibytes(given.get("memory", 512)))
    if "arm" in text(given.get("platform")):
        service["cpu_architecture"] = "ARM64"
    service |= _process(taken, given)
    service |= starts.schedule(taken, given) if kind == JOB else _count(taken, given.get("count", 1))
    service |= starts.queue(taken, given) if kind == WORKER else {}
    service |= _network(taken, given.get("network") or {}, service.get("port"))
    service |= _storage(taken, given.get("storage") or {})
    _deployment(taken, service, given.get("deployment") or {})
    if kind == BALANCED:
        _http(taken, service, given.get("http") or {})
    elif "port" in service:
        service["allow_from"] = ["{{ vpc_cidr_block }}"]
    if sidecars := [_sidecar(taken, str(name), one or {}) for name, one in (given.get("sidecars") or {}).items()]:
        service["sidecars"] = sidecars
    leave_rest(taken, "manifest", given, {*_KNOWN, *(_OF_A_JOB if kind == JOB else ())}, _WHY)
    taken.services.append(service)
    return taken


def _of_environment(taken: Taken, manifest: Data, environment: str) -> dict[str, t.Any]:
    """Return the manifest with the overrides of an environment."""
    of_environments = manifest.get("environments") or {}
    others = sorted(name for name in of_environments if name != environment)
    if others:
        taken.leave(
            f"environments {', '.join(others)}",
            "each environment is an inventory here: read the manifest again for it.",
        )
    return _merged(manifest, of_environments.get(environment) or {})


def _merged(below: t.Any, above: t.Any) -> t.Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _merged(below.get(key), one) for key, one in above.items()}}


def _image(taken: Taken, image: Data, folder: str) -> dict[str, t.Any]:
    leave_rest(taken, "image", image, {"build", "location", "port", "healthcheck", "depends_on", "labels"})
    build = image.get("build")
    if not build:
        return {"image": text(image.get("location"))}
    options: dict[str, t.Any] = {"dockerfile": build} if isinstance(build, str) else dict(build)
    dockerfile = text(options.get("dockerfile") or "Dockerfile")
    context = text(options.get("context") or (dockerfile.rpartition("/")[0] or folder))
    made: dict[str, t.Any] = {"path": context}
    within = dockerfile.removeprefix(f"{context}/")
    if within != "Dockerfile":
        made["dockerfile"] = within
    if options.get("target"):
        made["target"] = text(options["target"])
    if options.get("args"):
        made["build_args"] = {key: text(value) for key, value in options["args"].items()}
    leave_rest(taken, "image.build", options, {"dockerfile", "context", "target", "args"})
    return {"build": made}


def _process(taken: Taken, given: Data, where: str = "manifest") -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    plain = {}
    for name, value in (given.get("variables") or {}).items():
        if isinstance(value, dict):
            taken.leave(f"{where}: variable {name}", "is imported from a stack of CloudFormation. Write its value.")
        else:
            plain[name] = value
    if plain := variables(taken, where, plain):
        found["environment"] = plain
    secrets = {}
    for name, source in (given.get("secrets") or {}).items():
        if isinstance(source, str) and "$" not in source:
            secrets[name] = source
        else:
            taken.leave(
                f"{where}: secret {name}", "write the ARN of the secret, or the name of the parameter, into secrets."
            )
    if secrets:
        found["secrets"] = secrets
    for theirs, ours in (("command", "command"), ("entrypoint", "entry_point")):
        if given.get(theirs):
            found[ours] = words(given[theirs])
    if given.get("exec") is True:
        found["enable_execute_command"] = True
    return found


def _count(taken: Taken, count: t.Any) -> dict[str, t.Any]:
    if not isinstance(count, dict):
        return {"desired_count": int(count)}
    if "range" not in count:
        found: dict[str, t.Any] = {"capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]}
        return {"desired_count": int(count["spot"]), **found} if "spot" in count else {}
    bounds = count["range"]
    if isinstance(bounds, dict):
        low, high = int(bounds["min"]), int(bounds["max"])
        if bounds.get("spot_from"):
            taken.leave(
                "count.range.spot_from", "give capacity_provider_strategy a base on FARGATE, the rest on FARGATE_SPOT."
            )
    else:
        low, high = (int(one) for one in re.split(r"\s*-\s*", str(bounds)))
    scaling: dict[str, t.Any] = {"min": low, "max": high}
    for theirs, ours in (("cpu_percentage", "cpu"), ("memory_percentage", "memory"), ("requests", "requests")):
        target = count.get(theirs)
        if target is not None:
            scaling[ours] = target.get("value") if isinstance(target, dict) else target
    scaling |= starts.backlog(count)
    cooldown = count.get("cooldown") or {}
    for theirs, ours in (("in", "scale_in_cooldown"), ("out", "scale_out_cooldown")):
        if cooldown.get(theirs) is not None:
            scaling[ours] = seconds(cooldown[theirs])
    known = {"range", "cpu_percentage", "memory_percentage", "requests", "cooldown", "queue_delay"}
    leave_rest(taken, "count", count, known)
    if not {"cpu", "memory", "requests", "backlog_per_task"} & scaling.keys():
        scaling["cpu"] = 70
    return {"autoscaling": scaling}


def _network(taken: Taken, network: Data, port: int | None) -> dict[str, t.Any]:
    vpc, connect = network.get("vpc") or {}, network.get("connect")
    found: dict[str, t.Any] = {"service_connect": {}} if connect else {}
    if isinstance(connect, dict) and connect.get("alias") and port:
        found["service_connect"] = {"client_aliases": [{"name": text(connect["alias"]), "port": port}]}
    if vpc.get("security_groups"):
        taken.leave("network.vpc.security_groups", "a service has one of its own; allow_from says who else gets in.")
    return {**found, **({"subnets": "public"} if vpc.get("placement") == "public" else {})}


def _storage(taken: Taken, storage: Data) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    if storage.get("ephemeral"):
        found["ephemeral_storage"] = between(int(storage["ephemeral"]), 21, 200)
    if storage.get("readonly_fs"):
        found["readonly_root"] = True
    volumes, mounts = [], []
    for name, one in (storage.get("volumes") or {}).items():
        efs = one.get("efs")
        if isinstance(efs, dict) and str(efs.get("id", "")).startswith("fs-"):
            auth = efs.get("auth") or {}
            made = {"file_system_id": efs["id"], "iam": bool(auth.get("iam"))}
            if auth.get("access_point_id"):
                made["access_point_id"] = auth["access_point_id"]
            elif efs.get("root_dir", "/") != "/":
                made["root_directory"] = efs["root_dir"]
            volumes.append({"name": name, "efs": made})
        elif efs:
            taken.leave(
                f"storage.volumes.{name}",
                "Copilot's own file system goes with it. Make one, and write its id into volumes.",
            )
            continue
        else:
            volumes.append({"name": name})
        mounts.append({"volume": name, "path": one["path"], "read_only": bool(one.get("read_only", bool(efs)))})
    return {**found, **({"volumes": volumes, "mounts": mounts} if volumes else {})}


def _deployment(taken: Taken, service: dict[str, t.Any], deployment: Data) -> None:
    if deployment.get("rolling") == "recreate":
        service |= {"minimum_healthy_percent": 0, "maximum_percent": 100, "availability_zone_rebalancing": False}
    alarms = deployment.get("rollback_alarms")
    if isinstance(alarms, list):
        service["deployment_alarms"] = [text(one) for one in alarms]
    elif alarms:
        taken.leave("deployment.rollback_alarms", "make the alarms, and name them in deployment_alarms.")


def _http(taken: Taken, service: dict[str, t.Any], http: Data) -> None:
    paths, path = ["/*"], text(http.get("path") or "/").strip("/")
    if path:
        paths = [f"/{path}", f"/{path}/*"]
    service["rule"] = {"paths": paths}
    alias = http.get("alias")
    aliases = [alias] if isinstance(alias, str) else alias or []
    hosts = [text(one["name"] if isinstance(one, dict) else one) for one in aliases]
    if hosts:
        service["rule"]["hosts"] = [one for host in hosts for one in host.split(",")]
        taken.leave(
            f"http.alias {', '.join(hosts)}",
            "write it into alb_records, and have an issued certificate that covers it.",
        )
    health = http.get("healthcheck")
    options = {"path": health} if isinstance(health, str) else dict(health or {})
    found: dict[str, t.Any] = {"path": text(options.get("path") or "/")}
    if options.get("success_codes"):
        found["matcher"] = text(options["success_codes"])
    for key, low, high in (("healthy_threshold", 2, 10), ("unhealthy_threshold", 2, 10)):
        if options.get(key):
            found[key] = between(int(options[key]), low, high)
    interval = between(seconds(options.get("interval", 30)), 5, 300)
    if "interval" in options or "timeout" in options:
        found |= {
            "interval": interval,
            "timeout": between(seconds(options.get("timeout", 5)), 2, min(120, interval - 1)),
        }
    service["health_check"] = found
    if options.get("grace_period"):
        service["health_check_grace_period"] = seconds(options["grace_period"])
    if http.get("deregistration_delay"):
        service["deregistration_delay"] = seconds(http["deregistration_delay"])
    if http.get("stickiness"):
        service["stickiness_duration"] = 86400
    known = {"path", "alias", "healthcheck", "deregistration_delay", "stickiness"}
    why = {
        "allowed_source_ips": "alb_allowed_cidrs says who may connect, to all services.",
        "target_container": "requests go to the main container.",
    }
    leave_rest(taken, "http", http, known, why)


def _sidecar(taken: Taken, name: str, given: Data) -> dict[str, t.Any]:
    where = f"sidecar {name}"
    image = given.get("image")
    if isinstance(image, dict):
        taken.leave(
            f"{where}: image.build",
            "a sidecar is not built from source. Build it elsewhere, and write its image.",
        )
        image = image.get("location") or "registry.example/change-me:1"
    found: dict[str, t.Any] = {"name": name, "image": text(image), "essential": bool(given.get("essential", True))}
    if given.get("port"):
        found["port"] = int(str(given["port"]).partition("/")[0])
    process = _process(taken, given, where)
    process.pop("enable_execute_command", None)
    if health := given.get("healthcheck"):
        found["container_health_check"] = check(health["command"], health)
    if given.get("depends_on"):
        found["depends_on"] = _depends_on(given["depends_on"])
    known = {
        "image",
        "essential",
        "port",
        "variables",
        "secrets",
        "command",
        "entrypoint",
        "healthcheck",
        "depends_on",
        "labels",
    }
    leave_rest(taken, where, given, known)
    return {**found, **process}


def _depends_on(given: Data) -> list[dict[str, str]]:
    return [{"container": name, "condition": _ON_STATES[str(state).lower()]} for name, state in given.items()]
