# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import artifact

STEADY = {"name": "magiclub-an2p-hello", "outcome": "steady"}
CRASHED = {
    "name": "magiclub-an2p-lotto",
    "outcome": "rolled_back",
    "cause": "crash_loop",
    "next_step": "Fix the cause and deploy again.",
    "stopped_tasks": [{"exit_codes": [3], "count": 2}],
    "log_lines": [*(f"line {number}" for number in range(30)), "no such\x1b[31m file"],
}
DENIED = (
    "User: arn:aws:sts::1:assumed-role/deployer/x is not authorized to perform: ecs:UpdateService on resource:"
    " arn:aws:ecs:ap-northeast-2:1:service/a/b because no identity-based policy allows the ecs:UpdateService action"
)


def test_a_deployment_that_failed_hands_on_what_ecs_and_the_container_said():
    found = artifact.failed({"msg": "It crashed.", "services": [STEADY, CRASHED]}, "magiclub.fargate.ecs_service_wait")
    assert {key: found[key] for key in ("failed", "outcome", "category", "cause", "next_step", "exit_code")} == {
        "failed": True,
        "outcome": "rolled_back",
        "category": "crash_loop",
        "cause": "It crashed.",
        "next_step": "Fix the cause and deploy again.",
        "exit_code": 3,
    }
    assert found["last_lines"] == [*(f"line {number}" for number in range(11, 30)), r"no such\x1b[31m file"]


@pytest.mark.parametrize(
    ("failure", "action", "category"),
    [
        ({"msg": "Another run holds magiclub-an2p."}, "magiclub.fargate.platform_lock", "locked"),
        ({"msg": "Nothing was removed."}, "ansible.builtin.assert", "refused"),
        ({"msg": DENIED}, "magiclub.fargate.ecs_service", "denied"),
        ({"msg": "Connection reset"}, "amazon.aws.ec2_vpc_net", "error"),
        ({"msg": "", "services": [{**CRASHED, "outcome": "timed_out", "cause": ""}]}, "x", "timed_out"),
    ],
)
def test_a_failure_has_a_category(failure, action, category):
    assert artifact.failed(failure, action)["category"] == category


@pytest.mark.parametrize("outcome", ["waiting", "steady", "pending"])
def test_the_cause_is_that_of_the_service_that_failed(outcome):
    other = {"name": "web", "outcome": outcome, "next_step": "Answer the gate."}
    found = artifact.failed({"msg": "", "services": [other, CRASHED]})
    assert (found["outcome"], found["category"], found["exit_code"]) == ("rolled_back", "crash_loop", 3)


def test_a_wait_that_ends_at_a_gate_may_be_a_failure_to_a_playbook():
    found = artifact.failed({"failed": True, "services": [{"outcome": "waiting", "next_step": "Answer the gate."}]})
    assert (found["outcome"], found["category"], found["next_step"]) == ("waiting", "waiting", "Answer the gate.")


def test_a_playbook_may_know_what_kind_of_failure_it_is():
    failure = {"msg": "The platform is not as described."}
    assert artifact.failed(failure, "ansible.builtin.assert", category="drift")["category"] == "drift"


def test_a_failure_has_the_shape_of_a_success_and_keeps_what_was_known():
    known = artifact.succeeded("unsteady", {"magiclub-an2p-lotto": {"image": "x"}}, "http://lotto")
    found = artifact.failed({"msg": "It does not serve."}, known=known)
    assert set(found) == set(known)
    assert (found["address"], found["services"]) == (known["address"], known["services"])


def test_a_way_back_hands_on_the_failure_that_it_was_for():
    first = artifact.failed({"msg": "It crashed.", "services": [CRASHED]})
    back = artifact.after(artifact.succeeded("steady", {}), first)
    assert (back["failed"], back["before"]) == (False, first)
    assert artifact.failed({"msg": "The way back failed, too."}, before=first)["before"] == first
    assert artifact.after(artifact.succeeded("steady", {}), back)["before"] == first, (
        "of the first failure, however far"
    )


@pytest.mark.parametrize("before", [None, {}, artifact.succeeded("steady", {})])
def test_nothing_that_went_well_is_handed_on(before):
    assert "before" not in artifact.after(artifact.succeeded("steady", {}), before)
