# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The next steps for the problems of a status.  Plain data in and out."""

from __future__ import annotations

import typing as t

Report = t.Mapping[str, t.Any]

MAKE = "site.yml creates what is missing; with --check --diff it only shows it."
GATE = "continue.yml -e decision=continue gives users the new version, -e decision=rollback keeps the previous one."
DRAINING = "It is being deleted: run site.yml when it is gone, to recreate it."
COUNT = "scale.yml sets the number of tasks, and site.yml that of the inventory."
CERTIFICATE = "Renew the certificate in ACM, or request one that covers the same names."
LOOK = "logs.yml shows the log, with -e stopped=true why tasks stopped; verify.yml what a deployment lacks."
ORDER = (MAKE, GATE, DRAINING, COUNT, CERTIFICATE, LOOK)


def next_step(found: Report) -> str:
    """Return the next steps for the problems of a report; empty if it has none."""
    steps = {step for step, applies in _of_platform(found) if applies}
    steps |= {_of_service(service) for service in found["services"] if service["problem"]}
    steps |= {LOOK for job in found["jobs"] if job["problem"]}
    return " ".join(step for step in ORDER if step in steps)


def _of_platform(found: Report) -> t.Iterator[tuple[str, bool]]:
    balancer, certificates = found["load_balancer"], found["certificates"]
    yield MAKE, bool(found["missing"]) or not (found["services"] or found["jobs"])
    yield MAKE, found["cluster"]["status"] != "ACTIVE" or bool(balancer and balancer["state"] == "MISSING")
    yield CERTIFICATE, any(one["status"] != "ISSUED" or (one["days_left"] or 0) < 0 for one in certificates)


def _of_service(service: Report) -> str:
    if service["lacks"]:
        return MAKE
    if service["status"] == "DRAINING":
        return DRAINING
    if service["rollout"]["hook"]:
        return GATE
    # if the deployment of a service with 0 tasks failed, its log says more
    if not service["desired"] and service["deployment"]["rollout_state"] in ("", "COMPLETED"):
        return COUNT
    return LOOK
