# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Extracts values of a status, for scripts.  Plain data in and out."""

from __future__ import annotations

import difflib
import json
import typing as t

from .._aws.refused import RefusedError

Data = t.Mapping[str, t.Any]

ALL = "json"
OF_SERVICE = ("address", "serving", "image", "revision", "deployment", "running", "desired")
NEAR = 0.6


def outputs(found: Data, name_prefix: str) -> dict[str, t.Any]:
    """Return the values of a status (C(status.report)), with services named without the prefix."""
    return {
        "address": found["address"],
        "host_header": found["host_header"],
        "load_balancer": (found["load_balancer"] or {}).get("dns_name", ""),
        "cluster": found["cluster"]["name"],
        "serving": not found["problems"],
        "services": {one["name"].removeprefix(f"{name_prefix}-"): _service(one) for one in found["services"]},
    }


def value(known: Data, wanted: str) -> str:
    """Return the value I(wanted) of C(outputs) as text: C(address), C(services.lotto.image), or C(json) for all.

    Raises RefusedError for an unknown name.
    """
    if wanted == ALL:
        return json.dumps(known, indent=2, ensure_ascii=False)
    flat = dict(_flat(known))
    if wanted not in flat:
        near = difflib.get_close_matches(wanted, flat, n=2, cutoff=NEAR)
        meant = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(flat)}, and {ALL} for all."
        raise RefusedError(f"output '{wanted}' is not a value of the status. {meant}")
    found = flat[wanted]
    return found if isinstance(found, str) else json.dumps(found)


def _service(one: Data) -> dict[str, t.Any]:
    first = next((image["image"] for image in one["images"]), "")
    known = {**one, "image": first, "deployment": one["deployment"]["id"]}
    return {key: known[key] for key in OF_SERVICE}


def _flat(known: Data, at: str = "") -> t.Iterator[tuple[str, t.Any]]:
    for key, one in known.items():
        if isinstance(one, dict):
            yield from _flat(one, f"{at}{key}.")
        else:
            yield f"{at}{key}", one
