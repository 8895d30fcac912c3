#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fargate_status_info
version_added: 1.0.0
short_description: Report the status of a cluster's services
description:
  - Reads services with their deployments, images, targets, events, autoscaling and the outcomes of the last deployments,
    and the load balancer with its certificates, in one process.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name of the ECS cluster.
    type: str
    required: true
  services:
    description: Names of ECS services. If empty, all of the cluster.
    type: list
    elements: str
    default: []
  load_balancer:
    description: Name of the load balancer. If empty, none is read.
    type: str
    default: ""
  domain:
    description: Public domain name, for the address of a load balancer with HTTPS.
    type: str
    default: ""
  local_endpoint:
    description: URL of a local AWS, for the address of its load balancer. Empty for AWS itself.
    type: str
    default: ""
  events:
    description: Number of newest events to return for each service.
    type: int
    default: 5
  deployments:
    description: Number of newest past deployments to return for each service, 1 to 100.
    type: int
    default: 5
  name_prefix:
    description: Name prefix of the platform, which I(output) omits from the names of services. Defaults to O(cluster) without C(-ecs).
    type: str
    default: ""
    version_added: 1.1.0
  brief:
    description: Whether RV(lines) contains only the services and their addresses.
    type: bool
    default: false
  output:
    description: >-
      Return only this value in RV(lines), for use in a pipe, such as C(address), C(load_balancer), C(serving),
      C(services.lotto.revision), or C(json) for all values. The error for an unknown name lists the known ones.
    type: str
    default: ""
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.fargate_verify_info
  - module: magiclub.fargate.service_logs_info
"""

EXAMPLES = r"""
- name: Read the status
  magiclub.fargate.fargate_status_info:
    cluster: magiclub-an2p-ecs
    load_balancer: magiclub-an2p-pub-alb
  register: platform

- name: Fail if a service is not serving
  ansible.builtin.assert:
    that: platform.status.problems | length == 0

- name: Read the address of the services
  magiclub.fargate.fargate_status_info:
    cluster: magiclub-an2p-ecs
    load_balancer: magiclub-an2p-pub-alb
    output: address
  register: address
"""

RETURN = r"""
status:
  description: The status.
  returned: success
  type: dict
  contains:
    problems:
      description: Problems, one message each. Empty if all services are serving.
      type: list
      elements: str
      sample: ["Service magiclub-an2p-lotto does not serve: it is scaled to 0 tasks."]
    next_step:
      description: What to do about the problems. Empty without any.
      type: str
      sample: scale.yml sets the number of tasks, and site.yml that of the inventory.
    cluster:
      description: The cluster, with I(name), I(status) and I(running_tasks).
      type: dict
      sample: {"name": "magiclub-an2p-ecs", "status": "ACTIVE", "running_tasks": 2}
    address:
      description: >-
        URL of the services, with I(domain), else with the name of a certificate, else with that of the load balancer. On a local
        AWS, with a name that this machine can reach.
      type: str
      sample: https://lotto.your.company.com
    host_header:
      description: Host header that requests to the address need. Empty if they need none.
      type: str
      sample: ""
    load_balancer:
      description: The load balancer, with I(name), I(dns_name) and I(state).
      type: dict
      sample: {"name": "magiclub-an2p-pub-alb", "state": "active"}
    certificates:
      description: Certificates of its listeners, with I(domain), I(status), I(not_after) and I(days_left).
      type: list
      elements: dict
      sample: [{"domain": "lotto.your.company.com", "status": "ISSUED", "days_left": 212}]
    services:
      description: >-
        Services, with I(name), I(address) (its URL through the load balancer, or empty), I(serving) (whether a target or, without a
        load balancer, a task is healthy, and requests can reach it), I(behind) (requests that rules with a lower priority
        number take), I(lacks) (missing resources on the path of requests), I(problem), I(remark) (how its tasks differ from the
        desired ones while it is serving, or that it is idle, which is at 0 tasks by its autoscaling and without a load balancer),
        I(desired), I(running), I(pending), I(deployment), I(rollout) (I(strategy); while a deployment shifts traffic or pauses,
        also I(stage), I(production_weight) and I(test_weight) of the new version in percent, and I(hook), where it pauses),
        I(revision), I(replaces) (revisions that are still running), I(failed_tasks) (causes of failed tasks of a deployment in
        progress), I(images), I(balanced) (whether it is behind a load balancer), I(targets), I(container_checks) (containers that are
        not HEALTHY), I(autoscaling), I(deployments) and I(events).
      type: list
      elements: dict
      sample: [{"name": "magiclub-an2p-lotto", "serving": true, "revision": "magiclub-an2p-lotto:4"}]
    jobs:
      description: >-
        Jobs, which are schedules of EventBridge Scheduler that start tasks in the cluster, with I(name), I(problem), I(expression),
        I(timezone), I(window) (minutes), I(enabled), I(revision), I(image), I(running), I(next_run) (empty if unknown, for example
        for a rate without a known run), I(last_run) (I(task), I(started_by), I(started_at), I(stopped_at), I(exit_code),
        I(reason); null an hour after its end, when ECS no longer has the task) and I(last_log_line).
      type: list
      elements: dict
      sample: [{"name": "magiclub-an2p-report", "next_run": "2026-12-01 17:00:00Z", "last_run": {"exit_code": 0}}]
lines:
  description: The same as text.
  returned: success
  type: list
  elements: str
  sample: ["  Cluster        magiclub-an2p-ecs ACTIVE, 2 running tasks"]
tones:
  description: Tones of I(lines), for M(magiclub.fargate.show).
  returned: success
  type: list
  elements: str
  sample: [""]
stats:
  description: Artifacts of the run, with outcome, address, and image, revision and deployment by service.
  returned: success
  type: dict
  sample: {"fargate_result": {"failed": false, "outcome": "steady", "address": "https://lotto.your.company.com"}}
"""

import datetime
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import output, read, status, status_lines

ARGUMENTS = {
    "cluster": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "load_balancer": {"type": "str", "default": ""},
    "domain": {"type": "str", "default": ""},
    "local_endpoint": {"type": "str", "default": ""},
    "events": {"type": "int", "default": 5},
    "deployments": {"type": "int", "default": 5},
}
FORM = {
    "name_prefix": {"type": "str", "default": ""},
    "brief": {"type": "bool", "default": False},
    "output": {"type": "str", "default": ""},
}


def _lines(report: status.Report, query: read.Query, form: dict[str, t.Any]) -> list[str]:
    if form["output"]:
        known = output.outputs(report, form["name_prefix"] or query.cluster.removesuffix("-ecs"))
        return output.value(known, form["output"]).splitlines()
    return status_lines.brief(report) if form["brief"] else status_lines.lines(report)


def main() -> None:
    module = OneSessionModule(argument_spec={**ARGUMENTS, **FORM}, supports_check_mode=True)
    query = read.Query(**{name: module.params[name] for name in ARGUMENTS})
    with failing(module, f"read the status of {query.cluster}"):
        raw = read.status(module.client, query)
    report = status.report(raw, datetime.datetime.now(datetime.UTC))
    with failing(module, "find the output"):
        lines = _lines(report, query, module.params)
    tones = [tone.of(line) for line in lines]
    module.exit_json(changed=False, status=report, lines=lines, tones=tones, stats=status.stats(report))


if __name__ == "__main__":
    main()
