# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.magiclub.fargate.plugins.module_utils._operations import summary

from tests.checks.inventories import COLLECTION_WIDE

IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:0f1e"
LOTTO = {
    "steady": True,
    "image": IMAGE,
    "task_definition_arn": "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:4",
    "deployment": {"id": "ecs-svc/1"},
    "running_count": 1,
    "desired_count": 2,
    "targets": [{"state": "healthy"}, {"state": "draining"}],
    "resources": [{"type": "ecs_service", "name": "lotto", "values": {"load_balancers": [{"target_group": "lotto"}]}}],
}
PRIVATE = {
    **LOTTO,
    "targets": [],
    "resources": [
        {"type": "ecs_service", "name": "lotto", "values": {"load_balancers": []}},
        {"type": "cloud_map_service", "name": "lotto.magiclub.internal", "values": {}},
    ],
}
REQUEST = {
    "name": "lotto",
    "address": "https://lotto.example.com",
    "curl": "curl https://lotto.example.com/lucky",
    "curl_by_balancer": "curl --connect-to ::alb: https://lotto.example.com/lucky",
}
ANSWER = {
    "name": "lotto",
    "content": "[1, 2, 3, 4, 5, 6]\n",
    "answered_by": "one of 2 tasks of magiclub-an2p-lotto:4",
    "name_known": None,
}


def info(**services):
    return {"services": services}


def test_a_service_with_its_answer():
    assert summary.serving(info(lotto=LOTTO), [REQUEST], [ANSWER]) == {
        "lotto": {
            "address": "https://lotto.example.com",
            "schedule": "",
            "private_name": "",
            "curl": "curl https://lotto.example.com/lucky",
            "answer": "[1, 2, 3, 4, 5, 6]",
            "answered_by": "one of 2 tasks of magiclub-an2p-lotto:4",
            "image": IMAGE,
            "revision": "magiclub-an2p-lotto:4",
            "deployment": "ecs-svc/1",
            "running": 1,
            "desired": 2,
            "healthy": 1,
            "targets": "1 healthy, 1 draining (old)",
            "steady": True,
        }
    }


def test_the_suggested_command_uses_the_load_balancer_while_the_name_does_not_resolve():
    for known, told in ((True, REQUEST["curl"]), (None, REQUEST["curl"]), (False, REQUEST["curl_by_balancer"])):
        answer = {**ANSWER, "name_known": known}
        assert summary.serving(info(lotto=LOTTO), [REQUEST], [answer])["lotto"]["curl"] == told


def test_the_answer_names_the_tasks_that_gave_it():
    lines = summary.lines(summary.serving(info(lotto=LOTTO), [REQUEST], [ANSWER]))
    assert lines["Answer"] == "[1, 2, 3, 4, 5, 6] by one of 2 tasks of magiclub-an2p-lotto:4"


def test_healthy_targets_are_counted_and_the_address_replaces_the_private_name():
    named = {**LOTTO, "resources": [*LOTTO["resources"], PRIVATE["resources"][1]]}
    several = {**named, "targets": [{"state": "healthy"}, {"state": "healthy"}, {"state": "draining"}]}
    service = summary.serving(info(lotto=several), [REQUEST], [ANSWER])["lotto"]
    assert (service["healthy"], service["private_name"]) == (2, "")


def test_a_missing_service():
    there = {"steady": False, "image": None, "task_definition_arn": None, "deployment": None, "targets": []}
    service = summary.serving(info(lotto=there))["lotto"]
    assert (service["revision"], service["running"], service["healthy"], service["steady"]) == ("", 0, None, False)
    assert summary.lines({"lotto": service}) == {"Tasks": "0 of 0 running"}


def test_a_long_answer_is_cut():
    long = {**ANSWER, "content": "x" * 300}
    answer = summary.serving(info(lotto=LOTTO), [REQUEST], [long])["lotto"]["answer"]
    assert (len(answer), answer[-4:]) == (200, "x...")


def test_lines_of_one_service_leave_out_unknown_values():
    assert summary.lines(summary.serving(info(lotto=LOTTO))) == {
        "Image": IMAGE,
        "Revision": "magiclub-an2p-lotto:4",
        "Tasks": "1 of 2 running, 1 healthy, 1 draining (old)",
    }


def test_lines_of_a_service_without_a_rule_have_its_private_name_and_no_targets():
    assert summary.lines(summary.serving(info(lotto=PRIVATE))) == {
        "Private name": "lotto.magiclub.internal",
        "Image": IMAGE,
        "Revision": "magiclub-an2p-lotto:4",
        "Tasks": "1 of 2 running",
    }


def test_lines_of_a_service_scaled_to_zero_report_that_it_does_not_serve():
    parked = {**LOTTO, "running_count": 0, "desired_count": 0, "targets": []}
    tasks = summary.lines(summary.serving(info(lotto=parked)))["Tasks"]
    assert tasks == "0 of 0 running, 0 healthy: scaled to 0 tasks, it does not serve"


def test_lines_of_a_job_have_its_schedule_and_no_tasks():
    schedule = {"expression": "cron(0 2 * * ? *)", "timezone": "Asia/Seoul", "enabled": True}
    there = {"schedule": schedule, "steady": True, "image": IMAGE, "task_definition_arn": LOTTO["task_definition_arn"]}
    lines = summary.lines(summary.serving(info(report=there)))
    assert lines == {
        "Image": IMAGE,
        "Revision": "magiclub-an2p-lotto:4",
        "Schedule": "cron(0 2 * * ? *) Asia/Seoul",
    }
    paused = {**there, "schedule": {**schedule, "enabled": False}}
    assert summary.lines(summary.serving(info(report=paused)))["Schedule"] == "cron(0 2 * * ? *) Asia/Seoul, disabled"


def test_lines_of_several_services_name_each():
    lines = summary.lines(summary.serving(info(lotto=LOTTO, hello=LOTTO)))
    assert [label for label in lines if label.endswith("tasks")] == ["lotto tasks", "hello tasks"]


def test_artifacts_are_unsteady_if_one_service_is():
    services = summary.serving(info(lotto=LOTTO, hello={**LOTTO, "steady": False}), [REQUEST], [ANSWER])
    stats = summary.stats(services)
    assert stats["fargate_result"]["outcome"] == "unsteady"
    assert stats["fargate_result"]["address"] == "https://lotto.example.com"
    assert summary.stats(summary.serving(info(lotto=LOTTO)))["fargate_result"]["outcome"] == "steady"


def test_no_artifact_has_the_name_of_a_variable():
    """AWX passes artifacts on to later jobs of a workflow, in which they would override the inventory's variables."""
    assert not COLLECTION_WIDE & set(summary.stats(summary.serving(info(lotto=LOTTO))))


def test_a_run_without_services_has_artifacts_of_the_same_shape():
    serving = summary.serving(info(lotto=LOTTO))
    done, steady = (summary.stats(given)["fargate_result"] for given in ({}, serving))
    assert (done["outcome"], set(done)) == ("done", set(steady))
