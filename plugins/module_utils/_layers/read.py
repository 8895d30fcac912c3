# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read everything of a platform that a plan needs, in parallel."""

from __future__ import annotations

import time
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from .._aws import codes, denied
from .._aws.read import in_parallel
from .._aws.refused import RefusedError
from .._resources.ecr.options import REPOSITORY
from . import unasked, unasked_read
from .alb import facts as alb_facts
from .alb import read as alb
from .ecr_push.read import repository
from .ecs_cluster import api as cluster_api
from .ecs_cluster import facts as cluster_facts
from .ecs_cluster import found as cluster_found
from .ecs_cluster import kept as cluster_kept
from .services import platform as services_platform
from .services.info import info
from .services.names import Names
from .services.read import Query
from .vpc import facts as vpc_facts
from .vpc import read as vpc

if t.TYPE_CHECKING:
    from .._aws.module import OneSessionModule

Found = dict[str, t.Any]

BELOW_SERVICES = ("vpc", "alb", "ecs_cluster")


def platform(module: OneSessionModule) -> Found:
    """Return the state of each layer that the options of M(magiclub.fargate.platform_info) request.

    C(wrong) of a layer has an error for each thing that the account lacks or has twice.
    """
    options = module.params
    asked = {name for name in READERS if options[name] is not None}
    asked |= set(BELOW_SERVICES) if options["services"] is not None else set()
    found = in_parallel(
        **{name: lambda name=name: _or_wrong(READERS[name], module, options[name] or {}) for name in sorted(asked)},
        **({"unasked": lambda: _or_denied(lambda: _listed(module))} if options["unasked"] else {}),
    )
    if options["unasked"]:
        found["unasked"] = _unasked(module, found)
    if options["services"] is not None:
        more = unasked.given_names(found["unasked"]["found"]) if (options["unasked"] or {}).get("read") else {}
        found["services"] = _services(module, found, more)
    return found


def _or_wrong(read: t.Callable[[OneSessionModule, Found], Found], module: OneSessionModule, options: Found) -> Found:
    try:
        return {"wrong": [], **read(module, options)}
    except RefusedError as error:
        return {"wrong": [str(error)], "resources": [], "account_id": ""}


def _cluster(module: OneSessionModule, options: Found) -> Found:
    prefix, timeout = module.params["name_prefix"], options.get("settle_timeout", 0)

    def settle(cloud_map: t.Any) -> None:
        cluster_api.settled(cloud_map, timeout, time.monotonic, time.sleep)

    kept_name, vpc_id = options.get("cluster_name") or "", options.get("vpc_id") or ""
    raw = cluster_api.read(module.client, prefix, settle if timeout else None, kept_name, vpc_id)
    resources = cluster_found.resources(raw, prefix, options.get("namespaces") or [], vpc_id)
    if kept_name:
        resources = cluster_kept.marked(resources, kept_name, module.region)
    return {"resources": resources, "account_id": raw["account_id"]}


def _repository(module: OneSessionModule, options: Found) -> Found:
    checked = ArgumentSpecValidator(REPOSITORY).validate(options)
    if checked.error_messages:
        raise RefusedError(f"ecr_push: {'; '.join(checked.error_messages)}")
    given = checked.validated_parameters
    return repository(module, given["name"], given)


def _listed(module: OneSessionModule) -> Found:
    listed = unasked_read.listing(module.client, module.params["name_prefix"], module.params["unasked"]["tags"])
    return {"wrong": "", "found": listed}


def _unasked(module: OneSessionModule, layers: Found) -> Found:
    options, listed = module.params["unasked"], layers["unasked"]
    resources = unasked.known(entry for name in READERS if name in layers for entry in layers[name]["resources"])
    inventory = unasked.Inventory(
        module.params["name_prefix"],
        options["services"],
        resources,
        options["beside"],
        _repositories_asked(module),
        {name: _names(module, name).by_type for name in (module.params["services"] or {}).get("names") or []},
        (module.params.get("ecs_cluster") or {}).get("cluster_name") or "",
    )
    if listed["wrong"]:
        return listed

    def confirmed() -> Found:
        return {"wrong": "", "found": unasked_read.read(module.client, listed["found"], inventory, options["tags"])}

    return _or_denied(confirmed)


def _repositories_asked(module: OneSessionModule) -> set[str]:
    """Return the names of the repositories of services that are built, and of layers that are not read."""
    built = (module.params["services"] or {}).get("repositories") or {}
    names = {_names(module, name).repository for name in built}
    return names | set(module.params["unasked"]["repositories"])


def _or_denied(read: t.Callable[[], Found]) -> Found:
    """Return what is read, or the error in C(wrong), as the rest of the plan does not depend on it."""
    try:
        return read()
    except RefusedError as error:
        return {"wrong": str(error), "found": []}
    except is_boto3_error_code(list(codes.DENIED)) as error:
        why = denied.refusal(str(error)) or error
        return {"wrong": f"What is no longer in the inventory can't be listed: {why}", "found": []}


READERS: dict[str, t.Callable[[OneSessionModule, Found], Found]] = {
    "vpc": vpc.read,
    "alb": alb.read,
    "ecs_cluster": _cluster,
    "ecr_push": _repository,
}


def _services(module: OneSessionModule, layers: Found, more: t.Mapping[str, t.Mapping[str, str]]) -> Found:
    prefix, options = module.params["name_prefix"], module.params["services"]
    alb_options, cluster_options = module.params["alb"] or {}, module.params["ecs_cluster"] or {}
    below = services_platform.of(
        {"region": module.region},
        vpc_facts.of_read(prefix, module.region, layers["vpc"]),
        alb_facts.of_read(prefix, module.region, layers["alb"], service_port=alb_options.get("service_port")),
        cluster_facts.of_resources(
            prefix,
            module.region,
            layers["ecs_cluster"]["account_id"],
            layers["ecs_cluster"]["resources"],
            cluster_options.get("used_namespaces"),
        ),
    )
    query = Query(
        services=[
            *(_names(module, name) for name in options["names"]),
            *(Names(prefix, name, given) for name, given in more.items()),
        ],
        cluster=below["cluster"],
        listener_arn=below["listener_arn"],
        namespace_id=below["namespace_id"],
        other_listeners=below["other_listeners"],
        other_namespaces=below["other_namespaces"],
        http_namespace_id=below["http_namespace_id"],
        shared_namespaces=options.get("shared_namespaces") or [],
        other_queues=options.get("other_queues") or [],
        client_secrets=options.get("client_secrets") or [],
        inactive_revisions=options["inactive_revisions"] or bool(more),
        vpc_id=below["vpc_id"],
    )
    wanted = {**dict.fromkeys(more, ALL_IMAGES), **(options["repositories"] or {})}
    read = in_parallel(
        services=lambda: info(
            module.client, query, {**below, "names": services_platform.known(below)}, options["images"]
        ),
        repositories=lambda: _repositories(module, wanted),
    )
    return _with_repositories(read["services"], read["repositories"])


def _names(module: OneSessionModule, service: str) -> Names:
    given = (module.params["services"] or {}).get("given_names") or {}
    return Names(module.params["name_prefix"], service, given.get(service) or {})


ALL_IMAGES = {"all_images": True}


def _repositories(module: OneSessionModule, wanted: t.Mapping[str, Found]) -> dict[str, Found]:
    """Return the repository and the image of each service that has or needs one, by its name."""
    asked = {name: {**one, "name": _names(module, name).repository} for name, one in wanted.items()}
    return in_parallel(**{name: lambda one=one: _or_wrong(_repository, module, one) for name, one in asked.items()})


def _with_repositories(found: Found, repositories: t.Mapping[str, Found]) -> Found:
    """Return what was read of services, each with its repository."""
    for name, read in repositories.items():
        service = found["services"][name]
        service["resources"] = [*service["resources"], *read["resources"]]
        service["built"] = {
            key: read.get(key) for key in ("image", "scanned_by_registry", "obstacle", "wrong") if read.get(key)
        }
    return {
        **found,
        "resources": [*found["resources"], *(one for read in repositories.values() for one in read["resources"])],
    }
