#!/usr/bin/python
# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_service_wait
version_added: 1.0.0
short_description: Wait until ECS services are steady, or say why they are not
description:
  - Waits until the deployment of each service is steady. That is when it is PRIMARY and COMPLETED, no other deployment
    is left, as many tasks run as are desired, none is pending, and its targets are healthy. If it has no targets, its
    essential containers with a health check have to be HEALTHY. If none has one, the tasks have to stay for some
    seconds (see O(stable_for)).
  - Fails as soon as failure is certain, and not at the time-out, with an outcome, the cause in AWS's own words, and a
    next step.
  - A completed rollback is not success here, and neither is an older deployment that was steady before.
  - Where the service has C(deployment_configuration.alarms), ECS watches them for some more minutes when the tasks are
    replaced, and calls the deployment COMPLETED only then. That counts against O(timeout).
  - Watches one deployment. When another takes its place, the outcome is V(superseded) or V(rolled_back), as ECS's own record
    of it says.
  - ECS is eventually consistent, so V(superseded), V(gone) and, without that record, V(rolled_back) are reported only
    if a second read confirms them.
  - What failed before the wait began counts where C(deployment_id) says that the deployment is this run's. Without it, what
    failed may be repaired by now, and counts only where a task fails of the same cause again.
  - Shows progress while it waits, a line for each change.
  - Uses service deployments (C(ListServiceDeployments), C(DescribeServiceDeployments)) where the API and the
    permissions allow, and C(rolloutState), counts and events where not.
  - Watches task sets with the deployment controllers C(CODE_DEPLOY) and C(EXTERNAL).
  - In check mode it looks once, reports what it sees, and never fails because of it.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name or ARN of the cluster.
    type: str
    required: true
  services:
    description:
      - The services to wait for. Ten are described by one call, so a list costs less than a loop.
      - Each is a name, or a dictionary with C(name) and C(deployment_id).
      - C(name) is the name or the ARN of the service.
      - C(deployment_id) is the deployment to watch, C(ecs-svc/1234567890123456789), as M(magiclub.fargate.ecs_service)
        returns it. With the controllers C(CODE_DEPLOY) and C(EXTERNAL) it is the id, ARN or external id of a task set.
        Without it the PRIMARY deployment of the first look is watched, which right after an update
        can still be the old one.
      - Give C(deployment_id) only for a deployment that this run has started. What of it failed before the wait counts, and
        a service that ECS does not show yet is waited for, for up to two minutes.
    type: list
    elements: raw
    required: true
  timeout:
    description:
      - Seconds to wait at most. V(0) waits without an end.
      - With O(on_failure=rollback) the rollback may take as long again.
    type: int
    default: 900
  poll_interval_min:
    description: Seconds between two looks when the end is near, at least.
    type: float
    default: 1
  poll_interval_max:
    description:
      - Seconds between two looks, at most.
      - Between the two the module paces itself. It makes about 1.5 calls in 5 seconds of waiting, few while nothing
        can have changed and more when the end is near, which it learns from how long the last deployments of the
        service took. It doubles the interval when AWS throttles it, with jitter.
    type: float
    default: 15
  healthy_targets:
    description:
      - Whether a service is steady only with as many healthy targets as desired tasks, in each of its target groups.
      - The default is true where the service has load balancers.
    type: bool
  stable_for:
    description:
      - Seconds for which a service has to stay steady before it counts.
      - The default is V(0) where a load balancer or the health check of a container tells that its tasks work. Where
        neither does, ECS calls a deployment COMPLETED as soon as the tasks run, also of a program that ends soon after
        its start. There the default is V(10), and V(30) once a task of the deployment has stopped. A deployment that
        had been COMPLETED for so long when the wait began, and of which nothing stopped, needs no more than a look.
    type: int
  crash_threshold:
    description:
      - Failed tasks of the watched deployment that end the wait, also for a service without a circuit breaker.
      - The default is the circuit breaker's own, half of the desired count and at least 3 and at most 200, or what its
        C(thresholdConfiguration) says.
      - Where ECS is going to roll back, the wait leaves it to ECS until twice as many have failed.
      - A failure that can't heal, such as an image or a secret that does not exist, ends the wait at the first task,
        unless ECS is going to roll back.
    type: int
  on_failure:
    description:
      - V(none) leaves the service as it is.
      - V(rollback) asks ECS to roll the deployment back (C(StopServiceDeployment)) when it has failed or the time is
        over, and waits until ECS has done so. It does nothing if ECS rolls back by itself.
      - V(circuit_breaker) does so for a service whose circuit breaker is to roll back, and when its deployment has failed.
        ECS's circuit breaker does not count tasks that ran and then ended, so by itself it never ends a crash loop.
        A deployment that ECS calls COMPLETED, and the first one of a service, can't be rolled back.
      - Both need botocore 1.38.20, and the permission ecs:StopServiceDeployment.
    type: str
    choices: [none, rollback, circuit_breaker]
    default: none
  at_hook:
    description:
      - What to do where a deployment waits for an answer at a lifecycle hook of type PAUSE.
      - V(wait) goes on waiting until somebody answers, or the hook's time is over.
      - V(return) ends the wait for that service, with the outcome V(waiting) and RV(services[].hook), and without a failure.
    type: str
    choices: [wait, return]
    default: wait
  images_in_use:
    description:
      - Images to tag as M(magiclub.fargate.ecr_image_in_use) does, each once its service is steady with the revision that it
        belongs to, so that ECR keeps it. What can't be tagged is a warning. Not in check mode.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the service, as in O(services).
        type: str
        required: true
      image:
        description: The image, as the task definition names it.
        type: str
        required: true
      service:
        description: What the tag names.
        type: str
        required: true
      revision:
        description: Revision of its task definition.
        type: int
        required: true
      name_prefix:
        description: What the names of the platform's repositories begin with.
        type: str
        required: true
      account_id:
        description: Account of the platform.
        type: str
        required: true
      keep:
        description: How many revisions that served before to keep, the newest.
        type: int
        default: 10
  log_lines:
    description:
      - How many of the last log lines of the failed container to return. V(0) for none.
      - Needs the C(awslogs) log driver with a stream prefix.
    type: int
    default: 20
  _progress_file:
    description:
      - Internal. File on this machine that lines of progress are added to.
      - The action plugin sets it, and replaces what a task gives.
    type: path
attributes:
  check_mode:
    description: Looks once and changes nothing.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
notes:
  - Needs the permissions ecs:DescribeServices, and for targets elasticloadbalancing:DescribeTargetHealth.
  - To say causes, and to see the health of containers, it uses ecs:ListTasks, ecs:DescribeTasks,
    ecs:DescribeTaskDefinition, ecs:ListServiceDeployments, ecs:DescribeServiceDeployments and logs:GetLogEvents where they
    are allowed.
    What is not is told in RV(services[].notes).
  - For O(images_in_use) it needs ecr:DescribeImages, ecr:BatchGetImage, ecr:PutImage and ecr:BatchDeleteImage.
  - Network errors, server errors and throttling are waited out. Expired or unknown credentials and a denied
    ecs:DescribeServices stop the wait at once.
  - Over a connection that is not local the lines of progress are shown when the wait has ended.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecs_service
  - module: magiclub.fargate.ecs_service_deployment
  - module: magiclub.fargate.ecr_image_in_use
  - module: magiclub.fargate.ecs_stopped_tasks_info
"""

EXAMPLES = r"""
- name: Wait for the service's current deployment
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services: [magiclub-an2p-lotto]

- name: Update the service
  magiclub.fargate.ecs_service:
    cluster: magiclub-an2p-ecs
    name: magiclub-an2p-lotto
    task_definition: magiclub-an2p-lotto
  register: update

- name: Wait for this very deployment, and have it rolled back if it fails
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services:
      - name: magiclub-an2p-lotto
        deployment_id: "{{ update.deployment_id }}"
    timeout: 600
    stable_for: 10
    on_failure: rollback

- name: Wait for many services at once and go on whatever comes of it
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services: "{{ names }}"
  register: waited
  failed_when: false

- name: Show which are not steady
  ansible.builtin.debug:
    msg: "{{ waited.services | rejectattr('outcome', 'eq', 'steady') | map(attribute='message') }}"
"""

RETURN = r"""
services:
  description: One entry for each service, in the order given.
  returned: always, but not when AWS refuses to answer
  type: list
  elements: dict
  contains:
    name:
      description: Name of the service.
      type: str
      returned: always
      sample: magiclub-an2p-lotto
    arn:
      description: ARN of the service; empty if there is none.
      type: str
      returned: always
    outcome:
      description:
        - V(steady) when all is well.
        - V(rolled_back) when the deployment failed and the previous version is back; the message says what ECS went
          back for.
        - V(rollback_failed) when the deployment failed and the previous version is not back.
        - V(superseded) when a newer deployment took its place.
        - V(crash_loop), V(cannot_start), V(image), V(secrets), V(placement), V(health_check) or V(out_of_memory)
          by what its tasks died of.
        - V(blocked) when ECS can't go on with the deployment, as where its configuration allows no change.
        - V(failed) when the deployment failed, and neither its tasks nor ECS's events say why.
        - V(stopped) when someone or an alarm stopped the deployment.
        - V(gone) when the service does not exist or is being deleted, or never had the C(deployment_id).
        - V(waiting) with O(at_hook=return) where the deployment waits for an answer.
        - V(timed_out) when the time was over.
        - V(pending) only in check mode.
      type: str
      returned: always
      sample: image
    cause:
      description:
        - What lies behind the outcomes V(rolled_back), V(rollback_failed) and V(timed_out),
          in the words of RV(services[].outcome).
        - The same as the outcome when that is itself a cause, else empty.
      type: str
      returned: always
      sample: image
    reason:
      description: The reason in AWS's own words.
      type: str
      returned: always
      sample: "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found"
    message:
      description: One sentence that says it all.
      type: str
      returned: always
    next_step:
      description: What to do now; empty when steady.
      type: str
      returned: always
    progress:
      description: The last line of progress.
      type: str
      returned: always
      sample: steady, 2/2 running, targets 2 healthy
    deployment:
      description: The deployment that was watched.
      type: dict
      returned: always
      contains:
        id:
          description: Its id.
          type: str
          returned: always
          sample: ecs-svc/1234567890123456789
        status:
          description: V(PRIMARY) or V(ACTIVE); empty when ECS lists it no more.
          type: str
          returned: always
        rollout_state:
          description: V(IN_PROGRESS), V(COMPLETED) or V(FAILED).
          type: str
          returned: always
        task_definition:
          description: ARN of its task definition.
          type: str
          returned: always
        primary_id:
          description: Id of the deployment that is PRIMARY at the end.
          type: str
          returned: always
    counts:
      description: The deployment's tasks, C(desired), C(running), C(pending) and C(failed).
      type: dict
      returned: always
      sample: {desired: 2, running: 2, pending: 0, failed: 0}
    hook:
      description:
        - The hook that the deployment waits at, where RV(services[].outcome) is V(waiting); else empty. C(id),
          C(deployment_arn), C(stage), C(expires_at) (UTC) and C(timeout_action), what ECS does then (V(ROLLBACK) or
          V(CONTINUE)).
        - M(magiclub.fargate.ecs_service_deployment) answers it.
      type: dict
      returned: always
      sample: {}
    rollback_asked:
      description: Whether this wait asked ECS to roll back.
      type: bool
      returned: always
    rollback:
      description:
        - A sentence on the way back. What this wait asked of ECS and whether ECS did it, why it did not ask, or that ECS
          goes on starting tasks that fail.
      type: str
      returned: always, empty if there is nothing to say
      sample: This run asked ECS to roll back to magiclub-an2p-lotto:7, and it did.
    stopped_tasks:
      description: Failed tasks of this deployment by reason, the most frequent first. Tasks of a scale-in are left out.
      type: list
      elements: dict
      returned: always, empty when steady
      sample:
        - reason: Essential container in task exited
          kind: crash_loop
          stop_code: EssentialContainerExited
          exit_codes: [1]
          count: 3
          tasks: [4f1c1b0d9a2f4f6d8f6b4a3c2d1e0f9a]
    target_health:
      description: Every target of the service's target groups with state and reason code.
      type: list
      elements: dict
      returned: always
      sample:
        - target_group: magiclub-an2p-lotto
          target: 172.25.10.7
          port: 8080
          state: unhealthy
          reason: Target.ResponseCodeMismatch
          description: "Health checks failed with these codes: [500]"
    events:
      description: The service's events since the deployment began, the oldest first.
      type: list
      elements: dict
      returned: always, empty when steady
      sample:
        - at: "2026-11-22 10:00:00+00:00"
          message: "(service lotto) has started 1 tasks: (task 4f1c1b0d9a2f4f6d8f6b4a3c2d1e0f9a)."
    log_lines:
      description: The last lines of the container that failed, the oldest first.
      type: list
      elements: str
      returned: always, empty when steady
    seconds:
      description: Seconds from the start of the wait to this verdict.
      type: float
      returned: always
      sample: 41.3
    polls:
      description: Looks at this service.
      type: int
      returned: always
      sample: 12
    notes:
      description: What could not be looked at, and why.
      type: list
      elements: str
      returned: always
    seen:
      description:
        - What was seen, an entry each time that it was something new, the last 200 - C(seconds) of waiting, C(text), the
          deployment's tasks as C(running), C(pending) and C(desired), and in C(targets) how many are in which state.
      type: list
      elements: dict
      returned: always
steady:
  description: Whether all services are steady.
  returned: always, but not when AWS refuses to answer
  type: bool
images_in_use:
  description: Tags that images got.
  returned: always, but not when AWS refuses to answer
  type: list
  elements: str
  sample: [in-use-lotto-7]
seconds:
  description: Seconds waited.
  returned: always
  type: float
polls:
  description: Rounds of looking at all services that were still pending.
  returned: always
  type: int
calls:
  description: AWS calls made, by action, failed ones included.
  returned: always
  type: dict
  sample: {DescribeServices: 12, DescribeTargetHealth: 2, ListServiceDeployments: 1}
"""

import random
import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.progress import writer
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import marking
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.outcomes import STEADY, WAITING
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.api import (
    CLIENT_CONFIG,
    Api,
    PermanentError,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import (
    PENDING,
    Memory,
    Rules,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.pace import Pace
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.result import diagnosis, result_of
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.wait import Outside, Wait
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.watch import Watch

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "cluster": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "raw", "required": True},
    "timeout": {"type": "int", "default": 900},
    "poll_interval_min": {"type": "float", "default": 1},
    "poll_interval_max": {"type": "float", "default": 15},
    "healthy_targets": {"type": "bool"},
    "stable_for": {"type": "int"},
    "crash_threshold": {"type": "int"},
    "on_failure": {"type": "str", "choices": ["none", "rollback", "circuit_breaker"], "default": "none"},
    "at_hook": {"type": "str", "choices": ["wait", "return"], "default": "wait"},
    "images_in_use": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, **marking.OPTIONS},
    },
    "log_lines": {"type": "int", "default": 20},
    "_progress_file": {"type": "path"},
}
ADVICE = {
    "ClusterNotFoundException": "There is no such cluster in {region}. Correct cluster or region.",
    "NoCredentialsError": "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
}


def watches_of(services: list[t.Any]) -> list[Watch]:
    """What to wait for, from the option C(services).

    :raises RefusedError: a sentence, when an entry is not a name and not a dictionary with one.
    """
    found = [entry if isinstance(entry, dict) else {"name": entry} for entry in services]
    for position, entry in enumerate(found, start=1):
        unknown = sorted(set(entry) - {"name", "deployment_id"})
        if unknown or not isinstance(entry.get("name"), str) or not entry["name"]:
            raise RefusedError(
                f"services: entry {position} is {entry!r}, but has to be a name, or a dictionary with name "
                "and, if you like, deployment_id."
            )
    names = [entry["name"] for entry in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusedError(f"services: {', '.join(twice)} is listed more than once. List each service once.")
    return [Watch(entry["name"], Memory(entry.get("deployment_id") or None)) for entry in found]


def reporter(path: str | None, lines: list[str]) -> t.Callable[[str], None]:
    """Keeps each line of progress, and adds it to the file that the action plugin reads, if there is one."""
    write = writer(path)

    def report(line: str) -> None:
        lines.append(tone.packed(line, tone.of(line)))
        write(line)

    return report


def refused(error: PermanentError, region: str | None) -> str:
    """The sentence for a wait that AWS refuses to answer."""
    if error.wrong_clock:
        advice = (
            "This machine's clock differs from that of AWS. Set it (NTP) and repeat the run; the deployment goes on"
            " meanwhile."
        )
    elif error.expired:
        advice = "The credentials have expired. Log in again and repeat the run; the deployment goes on meanwhile."
    elif error.unknown_key:
        advice = "AWS does not know these credentials. Check the profile or access key, and the endpoint."
    elif error.denied:
        advice = f"The credentials do not allow {error.action}. Add it to their policy."
    else:
        advice = ADVICE.get(error.code, "").format(region=region)
    return f"Failed to watch the services: {error.text.rstrip('.')}. {advice}".strip()


def sentence_of(result: dict[str, t.Any]) -> str:
    """What the message says of a service that is not steady: what happened, the rollback, the next step, the log."""
    said = [result["message"], result["rollback"], result["next_step"]]
    logged = [f"  {line}" for line in result["log_lines"][-5:]]
    return "\n    ".join(filter(None, [*said, *(["Last log lines of the container:", *logged] if logged else [])]))


def serves(watch: Watch, image: dict[str, t.Any]) -> bool:
    """Whether the service of an entry of C(images_in_use) is steady with its revision."""
    revision = (watch.deployment.get("taskDefinition") or "").rpartition(":")[2]
    return (
        watch.service_name == image["name"] and watch.verdict.outcome == STEADY and revision == str(image["revision"])
    )


def tagged(module: OneSessionModule, wait: Wait) -> list[str]:
    """Tag the images that serve; return the tags that they got."""
    tags = []
    for image in [] if module.check_mode else module.params["images_in_use"]:
        if any(serves(watch, image) for watch in wait.watches):
            change, warning = marking.mark_if_allowed(module.client, image, module.region, write=True)
            tags += change.add
            if warning:
                module.warn(warning)
    return tags


def finished(module: OneSessionModule, wait: Wait, lines: list[str]) -> None:
    """End the module with what the wait has found."""
    results = []
    for watch in wait.watches:
        looked_into = {} if module.check_mode else diagnosis(wait.api, watch, module.params["log_lines"])
        results.append({**result_of(watch), **looked_into})
    # a hook ends the wait if that was asked for alone
    well = (STEADY, WAITING, PENDING) if module.check_mode else (STEADY, WAITING)
    lost = [item for item in results if item["outcome"] not in well]
    answer = {
        "changed": any(item["rollback_asked"] for item in results),
        "services": results,
        "steady": all(item["outcome"] == STEADY for item in results),
        "images_in_use": tagged(module, wait),
        "seconds": round(wait.waited, 1),
        "polls": wait.polls,
        "calls": wait.api.calls,
        "_progress": lines,
    }
    if not lost or module.check_mode:
        module.exit_json(**answer)
    module.fail_json(msg="\n".join(sentence_of(item) for item in lost), **answer)


def wait_of(module: OneSessionModule, lines: list[str]) -> Wait:
    """The wait that is asked for.

    :raises RefusedError: a sentence, when C(services) is wrong.
    """
    params = module.params
    return Wait(
        Api(lambda name: module.client(name, config=CLIENT_CONFIG), params["cluster"]),
        watches_of(params["services"]),
        Rules(
            params["healthy_targets"],
            params["stable_for"],
            params["timeout"] or None,
            params["crash_threshold"],
            confirm=not module.check_mode,
            end_at_hook=params["at_hook"] == "return",
            roll_back=params["on_failure"] == "rollback" and not module.check_mode,
            as_configured=params["on_failure"] == "circuit_breaker" and not module.check_mode,
        ),
        Outside(reporter(params["_progress_file"], lines), time.monotonic, time.sleep, random.random, time.time),
        Pace(params["poll_interval_min"], params["poll_interval_max"]),
    )


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    lines: list[str] = []
    with failing(module, "watch the services"):
        wait = wait_of(module, lines)
    try:
        wait.run(until=0 if module.check_mode else None)
    except PermanentError as error:
        module.fail_json(msg=refused(error, module.region), calls=wait.api.calls, seconds=round(wait.waited, 1))
    finished(module, wait, lines)


if __name__ == "__main__":
    main()
