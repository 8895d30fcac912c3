# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The facts of a cluster that other layers read, the same for an existing cluster and a planned one."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._plan.names import cluster_name, exec_policy_name
from .desired import OTHERS_BOUNDARY
from .kept import TYPE


def of_resources(
    prefix: str,
    region: str,
    account_id: str,
    resources: t.Sequence[Resource],
    wanted: t.Sequence[str] | None = None,
) -> dict[str, t.Any]:
    """Return C(ecs_cluster_info).  The ids and ARNs of planned resources are null.

    I(wanted) are the names of the namespaces to use, by default the first of each kind.
    """
    kept = _first(resources, TYPE)
    cluster = _with_arn(kept or _first(resources, "ecs_cluster"))
    namespaces = [entry for entry in resources if entry["type"] == "namespace"]
    used = [entry for entry in namespaces if wanted is None or entry["name"] in wanted]
    exists = bool(cluster and cluster["arn"])
    return {
        "name_prefix": prefix,
        "region": region,
        "account_id": account_id,
        "exists": exists,
        "planned": bool(cluster),
        "ready": exists and all(entry.get("state") == "available" for entry in used),
        "cluster": cluster or {"name": cluster_name(prefix), "arn": None},
        "execution_role": _with_arn(_first(resources, "iam_role")),
        "exec_policy": _with_arn(_first(resources, "iam_policy", exec_policy_name(prefix))),
        "others_boundary": bool(_first(resources, OTHERS_BOUNDARY)),
        "namespace": _namespace(used, "DNS_PRIVATE"),
        "http_namespace": _namespace(used, "HTTP"),
        "other_namespaces": {
            entry["name"]: entry["id"] for entry in namespaces if entry not in used and entry.get("id")
        },
        "resources": list(resources),
        **({"kept": True} if kept else {}),
    }


def _first(resources: t.Iterable[Resource], kind: str, name: str = "") -> Resource | None:
    return next((one for one in resources if one["type"] == kind and name in ("", one["name"])), None)


def _with_arn(entry: Resource | None) -> dict[str, t.Any] | None:
    return {"name": entry["name"], "arn": entry.get("id")} if entry else None


def _namespace(namespaces: t.Iterable[Resource], kind: str) -> dict[str, t.Any] | None:
    entry = next((one for one in namespaces if one["values"]["type"] == kind), None)
    return {"name": entry["name"], "id": entry.get("id"), "arn": entry.get("arn")} if entry else None
