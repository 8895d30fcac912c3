#!/usr/bin/python
# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_service_wait
version_added: 1.0.0
short_description: Wait until ECS services are steady, or report why they are not
description:
  - Waits until the deployment of each service is steady. That is when it is PRIMARY and COMPLETED, no other deployment is
    left, the desired number of tasks is running, none is pending, and its targets are healthy. Without targets, its
    essential containers with a health check have to be HEALTHY. Without health checks, the tasks have to keep running for
    some seconds (see O(stable_for)).
  - Fails as soon as a failure is certain, not at the timeout, with an outcome, the cause in AWS's words, and the next step.
  - A completed rollback does not count as success, and neither does an older deployment that was already steady.
  - If the service has C(deployment_configuration.alarms), ECS watches them for some minutes after the tasks are replaced, and
    only then sets the deployment to COMPLETED. That time counts towards O(timeout).
  - Watches one deployment. If another replaces it, the outcome is V(superseded) or V(rolled_back), according to ECS's record
    of the deployment.
  - ECS is eventually consistent, so V(superseded), V(gone) and, without that record, V(rolled_back) are reported only
    if a second read confirms them.
  - Failures before the wait count if C(deployment_id) is given, as the deployment is then this run's. Otherwise their cause may
    be fixed by now, and they count only if a task fails again for the same cause.
  - Shows progress while it waits, one line for each change.
  - Uses service deployments (C(ListServiceDeployments), C(DescribeServiceDeployments)) if the API and the permissions allow
    it, else C(rolloutState), counts and events.
  - Watches task sets with the deployment controllers C(CODE_DEPLOY) and C(EXTERNAL).
  - In check mode, reads the services once, reports their state, and never fails because of it.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  cluster:
    description: Name or ARN of the cluster.
    type: str
    required: true
  services:
    description:
      - The services to wait for. One call describes ten of them, so a list needs fewer calls than a loop.
      - Each is a name, or a dictionary with C(name) and C(deployment_id).
      - C(name) is the name or the ARN of the service.
      - C(deployment_id) is the id of the deployment to watch, C(ecs-svc/1234567890123456789), as
        M(magiclub.fargate.ecs_service) returns it. With the controllers C(CODE_DEPLOY) and C(EXTERNAL) it is the id, ARN or
        external id of a task set. If omitted, the current PRIMARY deployment is watched, which can still be the old one right
        after an update.
      - Give C(deployment_id) only for a deployment that this run has started. Its failures before the wait count, and
        the module waits up to two minutes for a service that ECS does not show yet.
    type: list
    elements: raw
    required: true
  timeout:
    description:
      - Seconds to wait at most. V(0) means no limit.
      - With O(on_failure=rollback), the rollback can take the same time again.
    type: int
    default: 900
  poll_interval_min:
    description: Minimum seconds between two polls.
    type: float
    default: 1
  poll_interval_max:
    description:
      - Maximum seconds between two polls.
      - The module adapts the interval. It makes about 1.5 calls in 5 seconds, fewer while nothing can have changed, and more
        when the deployment is about to end, judging by the duration of the service's last deployments. It doubles the
        interval, with jitter, if AWS throttles it.
    type: float
    default: 15
  healthy_targets:
    description:
      - Whether a service needs as many healthy targets as desired tasks, in each of its target groups, to be steady.
      - If omitted, true for a service with load balancers.
    type: bool
  stable_for:
    description:
      - Seconds for which a service has to stay steady.
      - If omitted, V(0) for a service with a load balancer or a container health check. Without either, ECS sets a deployment
        to COMPLETED as soon as its tasks run, even if the program ends soon after its start. Then the default is V(10), and
        V(30) if a task of the deployment has stopped. A deployment that has been COMPLETED for this long already, without a
        stopped task, needs only one read.
    type: int
  crash_threshold:
    description:
      - Number of failed tasks of the watched deployment that ends the wait, also for a service without a circuit breaker.
      - If omitted, the threshold of ECS's circuit breaker, which is its C(thresholdConfiguration), or half of the desired count
        within 3 to 200.
      - If ECS is going to roll back, the wait leaves that to ECS until twice as many tasks have failed.
      - A permanent failure, such as an image or a secret that does not exist, ends the wait at the first task, unless ECS is
        going to roll back.
    type: int
  on_failure:
    description:
      - V(none) does not change the service.
      - V(rollback) asks ECS to roll back the deployment (C(StopServiceDeployment)) after a failure or timeout, and waits for
        the rollback. It does nothing if ECS rolls back automatically.
      - V(circuit_breaker) does the same after a failure, but only for a service whose circuit breaker has rollback enabled.
        ECS's circuit breaker ignores tasks that ran and then ended, so it never ends a crash loop.
      - A COMPLETED deployment, and the first deployment of a service, can't be rolled back.
      - V(rollback) and V(circuit_breaker) need botocore 1.38.20, and the permission ecs:StopServiceDeployment.
    type: str
    choices: [none, rollback, circuit_breaker]
    default: none
  at_hook:
    description:
      - What to do if a deployment pauses at a lifecycle hook of type PAUSE.
      - V(wait) keeps waiting until someone continues it or rolls it back, or the hook times out.
      - V(return) ends the wait for that service, with the outcome V(waiting) and RV(services[].hook). It is no failure.
    type: str
    choices: [wait, return]
    default: wait
  images_in_use:
    description:
      - Images to tag as with M(magiclub.fargate.ecr_image_in_use), so that ECR keeps them, each if its service is steady with the
        given revision. A failure to tag is a warning. Not in check mode.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the service, as in O(services).
        type: str
        required: true
      image:
        description: The image, as in the task definition.
        type: str
        required: true
      service:
        description: Name of the service in the tag.
        type: str
        required: true
      revision:
        description: Revision of its task definition.
        type: int
        required: true
      name_prefix:
        description: Prefix of the names of the platform's repositories.
        type: str
        required: true
      account_id:
        description: Id of the platform's AWS account.
        type: str
        required: true
      keep:
        description: Number of previous revisions whose images keep their tags.
        type: int
        default: 10
  log_lines:
    description:
      - Number of last log lines of the failed container to return. V(0) for none.
      - Needs the C(awslogs) log driver with a stream prefix.
    type: int
    default: 20
  _progress_file:
    description:
      - Internal. File on this machine to which progress is appended.
      - The action plugin sets it, and replaces a given value.
    type: path
attributes:
  check_mode:
    description: Reads the services once and changes nothing.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
notes:
  - Needs the permissions ecs:DescribeServices, and for targets elasticloadbalancing:DescribeTargetHealth.
  - To determine causes and the health of containers, it uses ecs:ListTasks, ecs:DescribeTasks, ecs:DescribeTaskDefinition,
    ecs:ListServiceDeployments, ecs:DescribeServiceDeployments, elasticloadbalancing:DescribeTargetGroups and
    logs:GetLogEvents if it is allowed to. Missing permissions are reported in RV(services[].notes).
  - For O(images_in_use) it needs ecr:DescribeImages, ecr:BatchGetImage, ecr:PutImage and ecr:BatchDeleteImage.
  - Network errors, server errors and throttling don't end the wait. Expired or unknown credentials and a denied
    ecs:DescribeServices end it immediately.
  - With a connection that is not local, progress is shown after the wait.
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

- name: Wait for this deployment, and roll it back if it fails
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services:
      - name: magiclub-an2p-lotto
        deployment_id: "{{ update.deployment_id }}"
    timeout: 600
    stable_for: 10
    on_failure: rollback

- name: Wait for many services at once, and continue whatever the outcome
  magiclub.fargate.ecs_service_wait:
    cluster: magiclub-an2p-ecs
    services: "{{ names }}"
  register: waited
  failed_when: false

- name: Show the services that are not steady
  ansible.builtin.debug:
    msg: "{{ waited.services | rejectattr('outcome', 'eq', 'steady') | map(attribute='message') }}"
"""

RETURN = r"""
services:
  description: One entry for each service, in the order given.
  returned: always, unless the calls to AWS fail
  type: list
  elements: dict
  contains:
    name:
      description: Name of the service.
      type: str
      returned: always
      sample: magiclub-an2p-lotto
    arn:
      description: ARN of the service. Empty if there is none.
      type: str
      returned: always
    outcome:
      description:
        - V(steady) if the service is steady.
        - V(rolled_back) if the deployment failed and the previous version is running again. The message has the reason of the
          rollback.
        - V(rollback_failed) if the deployment failed and the previous version is not running again.
        - V(superseded) if a newer deployment replaced it.
        - V(crash_loop), V(cannot_start), V(image), V(secrets), V(placement), V(health_check) or V(out_of_memory)
          if its tasks failed for this cause.
        - V(blocked) if ECS can't continue the deployment, for example if its configuration allows no change.
        - V(failed) if the deployment failed, and neither its tasks nor ECS's events have the cause.
        - V(stopped) if someone or an alarm stopped the deployment.
        - V(gone) if the service does not exist or is being deleted, or never had the C(deployment_id).
        - V(waiting) if the deployment pauses at a hook, with O(at_hook=return).
        - V(timed_out) after O(timeout).
        - V(pending) if the service is not steady yet, in check mode only.
      type: str
      returned: always
      sample: image
    cause:
      description:
        - The cause of the outcomes V(rolled_back), V(rollback_failed) and V(timed_out), with the values of
          RV(services[].outcome).
        - The outcome if that is itself a cause, else empty.
      type: str
      returned: always
      sample: image
    reason:
      description: The reason in AWS's words.
      type: str
      returned: always
      sample: "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found"
    message:
      description: Summary. For a failed health check, with its request or command.
      type: str
      returned: always
    next_step:
      description: What to do next. Empty if steady.
      type: str
      returned: always
    progress:
      description: The last line of progress.
      type: str
      returned: always
      sample: steady, 2/2 running, targets 2 healthy
    deployment:
      description: The watched deployment.
      type: dict
      returned: always
      contains:
        id:
          description: Its id.
          type: str
          returned: always
          sample: ecs-svc/1234567890123456789
        status:
          description: V(PRIMARY) or V(ACTIVE). Empty if ECS no longer lists it.
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
          description: Id of the PRIMARY deployment at the end of the wait.
          type: str
          returned: always
    counts:
      description: Numbers of the deployment's tasks, C(desired), C(running), C(pending) and C(failed).
      type: dict
      returned: always
      sample: {desired: 2, running: 2, pending: 0, failed: 0}
    hook:
      description:
        - The hook at which the deployment pauses, with C(id), C(deployment_arn), C(stage), C(expires_at) (UTC) and
          C(timeout_action), which ECS takes then (V(ROLLBACK) or V(CONTINUE)). Empty unless RV(services[].outcome) is V(waiting).
        - Use M(magiclub.fargate.ecs_service_deployment) to continue or roll back.
      type: dict
      returned: always
      sample: {}
    rollback_asked:
      description: Whether the module asked ECS to roll back.
      type: bool
      returned: always
    rollback:
      description:
        - One sentence about the rollback. Whether the module asked ECS to roll back, and whether ECS did, why it did not
          ask, that there is no version to roll back to, or that ECS keeps starting tasks that fail.
      type: str
      returned: always, empty if there is nothing to say
      sample: This run asked ECS to roll back to magiclub-an2p-lotto:7, and it did.
    stopped_tasks:
      description: Failed tasks of this deployment by reason, the most frequent first, without those of a scale-in.
      type: list
      elements: dict
      returned: always, empty if steady
      sample:
        - reason: Essential container in task exited
          kind: crash_loop
          stop_code: EssentialContainerExited
          exit_codes: [1]
          count: 3
          tasks: [4f1c1b0d9a2f4f6d8f6b4a3c2d1e0f9a]
    target_health:
      description: All targets of the service's target groups, with state and reason code.
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
      returned: always, empty if steady
      sample:
        - at: "2026-11-22 10:00:00+00:00"
          message: "(service lotto) has started 1 tasks: (task 4f1c1b0d9a2f4f6d8f6b4a3c2d1e0f9a)."
    log_lines:
      description: The last log lines of the failed container, the oldest first.
      type: list
      elements: str
      returned: always, empty if steady
    seconds:
      description: Seconds from the start of the wait to this outcome.
      type: float
      returned: always
      sample: 41.3
    polls:
      description: Number of polls of this service.
      type: int
      returned: always
      sample: 12
    notes:
      description: What could not be read, and why.
      type: list
      elements: str
      returned: always
    seen:
      description:
        - The last 200 changes that were seen, each with C(seconds) of waiting, C(text), the deployment's tasks as C(running),
          C(pending) and C(desired), and C(targets), the number of targets by state.
      type: list
      elements: dict
      returned: always
steady:
  description: Whether all services are steady.
  returned: always, unless the calls to AWS fail
  type: bool
images_in_use:
  description: Tags that were added to images.
  returned: always, unless the calls to AWS fail
  type: list
  elements: str
  sample: [in-use-lotto-7]
seconds:
  description: Seconds waited.
  returned: always
  type: float
polls:
  description: Number of polls of all pending services.
  returned: always
  type: int
calls:
  description: Numbers of calls to AWS by action, including failed ones.
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
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.outcomes import (
    NOT_FAILURES,
    PENDING,
    STEADY,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.api import (
    CLIENT_CONFIG,
    Api,
    PermanentError,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import Memory, Rules
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
    """Return what to watch, from the option C(services).

    :raises RefusedError: if an entry is neither a name nor a dictionary with one, or a service is listed twice.
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
    """Return a function that keeps a line of progress, and appends it to the file that the action plugin reads."""
    write = writer(path)

    def report(line: str) -> None:
        lines.append(tone.packed(line, tone.of(line)))
        write(line)

    return report


def refused(error: PermanentError, region: str | None) -> str:
    """Return the error message for a wait that ended because calls to AWS failed."""
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
    """Return the message for a service that is not steady: what happened, the rollback, the next step, the log."""
    sentences = [result["message"], result["rollback"], result["next_step"]]
    log = [f"  {line}" for line in result["log_lines"][-5:]]
    return "\n    ".join(filter(None, [*sentences, *(["Last log lines of the container:", *log] if log else [])]))


def is_running(watch: Watch, image: dict[str, t.Any]) -> bool:
    """Return whether the service of an entry of C(images_in_use) is steady with its revision."""
    revision = (watch.deployment.get("taskDefinition") or "").rpartition(":")[2]
    return (
        watch.service_name == image["name"] and watch.verdict.outcome == STEADY and revision == str(image["revision"])
    )


def tagged(module: OneSessionModule, wait: Wait) -> list[str]:
    """Tag the running images; return the added tags."""
    tags = []
    for image in [] if module.check_mode else module.params["images_in_use"]:
        if any(is_running(watch, image) for watch in wait.watches):
            change, warning = marking.mark_if_allowed(module.client, image, module.region, write=True)
            tags += change.add
            if warning:
                module.warn(warning)
    return tags


def finished(module: OneSessionModule, wait: Wait, lines: list[str]) -> None:
    """End the module with the result of the wait."""
    results = []
    for watch in wait.watches:
        details = {} if module.check_mode else diagnosis(wait.api, watch, module.params["log_lines"])
        results.append({**result_of(watch), **details})
    # only at_hook=return ends the wait at a hook
    successes = (*NOT_FAILURES, PENDING) if module.check_mode else NOT_FAILURES
    failed = [item for item in results if item["outcome"] not in successes]
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
    if not failed or module.check_mode:
        module.exit_json(**answer)
    module.fail_json(msg="\n".join(sentence_of(item) for item in failed), **answer)


def wait_of(module: OneSessionModule, lines: list[str]) -> Wait:
    """Return the wait that the options request.

    :raises RefusedError: if C(services) is invalid.
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
