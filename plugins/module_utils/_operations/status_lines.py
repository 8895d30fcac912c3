# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Formats the status report."""

from __future__ import annotations

import typing as t

from .._aws import tone
from .._aws.printable import counted
from .._resources.ecs.rollout import stages, verdicts
from . import jobs

Report = dict[str, t.Any]


def lines(found: Report) -> list[str]:
    """Return the report as lines."""
    result = []
    balancer, cluster = found["load_balancer"], found["cluster"]
    if balancer:
        header = f" with the header Host: {found['host_header']}" if found["host_header"] else ""
        result += [f"  Address        {found['address']}{header}"] if found["address"] else []
        result.append(f"  Load balancer  {balancer['name']} {balancer['state']}")
    for certificate in found["certificates"]:
        left = "" if certificate["days_left"] is None else f", {counted(certificate['days_left'], 'day')} left"
        result.append(f"  Certificate    {certificate['domain']} {certificate['status']}{left}")
    running = counted(cluster["running_tasks"], "running task")
    result.append(f"  Cluster        {cluster['name']} {cluster['status']}, {running}")
    for service in found["services"]:
        result += ["", *_service_lines(service)]
    for job in found["jobs"]:
        result += ["", *jobs.lines(job)]
    result.append("")
    idle = [service for service in found["services"] if not service["serving"]]
    well = "All services serve, or are idle." if idle else "All services serve."
    well = well if found["services"] else "No service is there, and no job has failed."
    result += [tone.Line(problem, tone.WRONG) for problem in found["problems"]] or [tone.Line(well, tone.WELL)]
    return result


def brief(found: Report) -> list[str]:
    """Return state and address of each service, for the end of a failed run."""
    return [line for service in found["services"] for line in _brief(service)]


def _brief(service: Report) -> t.Iterator[str]:
    yield _first_line(service)
    if service["serving"]:
        where = f"at {service['address']}, " if service["address"] else ""
        by = f"while {service['revision']} takes over from {_replaced(service)}" if service["replaces"] else ""
        yield f"    {where}{by or 'by ' + service['revision']}"


def _first_line(service: Report) -> str:
    state = "serving" if service["serving"] else "NOT SERVING" if service["problem"] else "idle"
    said = (state, service["problem"] or service["remark"])
    shade = {"serving": tone.WELL, "NOT SERVING": tone.WRONG}.get(state, "")
    if shade == tone.WELL and service["problem"]:
        shade = tone.DOUBT
    return tone.Line(f"  {service['name']}  {': '.join(filter(None, said))}", shade)


def _service_lines(service: Report) -> list[str]:
    deployment = service["deployment"]
    states = verdicts.states_text([target["state"] for target in service["targets"]])
    counts = f"{service['running']} of {service['desired']} running, {service['pending']} pending"
    targets = states if service["balanced"] else "none, as it has no rule"
    result = [
        _first_line(service),
        *([f"    Address      {service['address']}"] if service["address"] else []),
        f"    Deployment   {deployment['id']} {deployment['rollout_state']}, since {deployment['since']}",
        *_strategy_lines(service),
        f"    Revision     {service['revision']}"
        + (f", which takes over from {_replaced(service)}" if service["replaces"] else ""),
        *(f"    Image        {_image_text(image)}" for image in service["images"]),
        f"    Tasks        {counts}",
        f"    Targets      {targets}",
    ]
    result += [
        f"                 {target['address']} {target['state']}: {target['reason']} {target['description']}".rstrip()
        for target in service["targets"]
        if target["state"] != "healthy"
    ]
    if service["autoscaling"]:
        bounds = service["autoscaling"]
        result.append(f"    Autoscaling  {bounds['min_capacity']} to {bounds['max_capacity']} tasks")
    for title, items in (("Deployments", service["deployments"]), ("Events", service["events"])):
        texts = [_past_text(item) if title == "Deployments" else f"{item['at']}  {item['message']}" for item in items]
        result += [f"    {title if index == 0 else '':<12} {text}" for index, text in enumerate(texts)]
    return result


def _replaced(service: Report) -> str:
    return " and ".join(service["replaces"])


def _strategy_lines(service: Report) -> list[str]:
    rollout = service["rollout"]
    if rollout["strategy"] == "ROLLING" and not rollout["stages"]:
        return []
    result = [f"    Strategy     {', '.join(filter(None, (rollout['strategy'], rollout['stages'])))}"]
    if rollout["hook"]:
        result.append("                 Answer with continue.yml -e decision=continue, or -e decision=rollback")
    return result


def _image_text(image: Report) -> str:
    tags = f" (tag {', '.join(image['tags'])})" if image["tags"] else ""
    return f"{image['container']}: {image['image']}{tags}"


def _past_text(item: Report) -> str:
    if stages.has_no_candidate(item["reason"]):
        return f"{item['at']}  FAILED {item['revision']}, and there was no version to roll back to"
    reason = f": {item['reason']}" if item["reason"] and item["status"] != "SUCCESSFUL" else ""
    return f"{item['at']}  {item['status']} {item['revision']}{reason}"
