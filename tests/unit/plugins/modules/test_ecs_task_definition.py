# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import ecs_task_definition

from tests.unit.plugins.modules.aws_stub import ACCOUNT, CLUSTER

DEFINITION = f"{ACCOUNT}:task-definition/f"
MISSING = ("ClientException", "Unable to describe task definition.")

OPTIONS = {
    "family": "f",
    "requires_compatibilities": ["FARGATE"],
    "cpu": 256,
    "memory": 512,
    "container_definitions": [{"name": "api", "image": "i:1", "environment": {"A": "s3cret"}}],
}
REQUEST = {
    "family": "f",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "api", "image": "i:1", "environment": [{"name": "A", "value": "s3cret"}]}],
}


def revision(number, status="ACTIVE", **fields):
    return {**REQUEST, "taskDefinitionArn": f"{DEFINITION}:{number}", "revision": number, "status": status, **fields}


def found(ecs, definition, *tags):
    listed = [{"key": key, "value": value} for key, value in tags]
    ecs.answer(
        "describe_task_definition",
        {"taskDefinition": definition, "tags": listed},
        taskDefinition="f",
        include=["TAGS"],
    )


def none_found(ecs):
    ecs.refuse("describe_task_definition", *MISSING, taskDefinition="f", include=["TAGS"])


def run(ecs, **more):
    return ecs.run(ecs_task_definition.main, **{**OPTIONS, **more})


def test_registers_a_new_family(ecs):
    none_found(ecs)
    ecs.answer("register_task_definition", {"taskDefinition": revision(1)}, **REQUEST)
    result = run(ecs)
    assert (result["changed"], result["revision"], result["task_definition_arn"]) == (True, 1, f"{DEFINITION}:1")
    assert result["diff"]["before"] == ""


def test_changes_nothing_if_nothing_differs(ecs):
    found(ecs, revision(3))
    result = run(ecs)
    assert (result["changed"], result["changes"], result["revision"]) == (False, [], 3)


def test_check_mode_registers_nothing(ecs):
    found(ecs, revision(3))
    result = run(ecs, check=True, cpu=512, memory=1024)
    assert [change["path"] for change in result["changes"]] == ["cpu", "memory"]
    assert (result["changed"], result["revision"], result["task_definition"]) == (True, None, None)
    assert result["task_definition_arn"] == "f:(new revision)"
    assert (result["diff"]["before_header"], result["diff"]["after_header"]) == ("f:3", "f:(new revision)")


def test_check_mode_of_a_new_family(ecs):
    none_found(ecs)
    result = run(ecs, check=True)
    assert (result["changed"], result["task_definition_arn"]) == (True, "f:(new revision)")
    assert (result["diff"]["before_header"], result["diff"]["after_header"]) == ("f (no revision)", "f:(new revision)")


def test_the_next_revision_keeps_tags_that_are_not_given(ecs):
    found(ecs, revision(3), ("Project", "magiclub"), ("aws:x", "y"))
    ecs.answer(
        "register_task_definition",
        {"taskDefinition": revision(4)},
        **{**REQUEST, "cpu": "512", "memory": "1024", "tags": [{"key": "Project", "value": "magiclub"}]},
    )
    assert run(ecs, cpu=512, memory=1024)["revision"] == 4


def test_the_next_revision_has_given_tags_only(ecs):
    found(ecs, revision(3), ("Old", "1"))
    ecs.answer(
        "register_task_definition",
        {"taskDefinition": revision(4), "tags": [{"key": "New", "value": "1"}]},
        **{**REQUEST, "cpu": "512", "memory": "1024", "tags": [{"key": "New", "value": "1"}]},
    )
    result = run(ecs, cpu=512, memory=1024, tags={"New": "1"})
    assert result["task_definition"]["tags"] == {"New": "1"}


def test_changed_tags_need_no_revision(ecs):
    arn = f"{DEFINITION}:3"
    found(ecs, revision(3), ("Old", "1"))
    ecs.answer("tag_resource", {}, resourceArn=arn, tags=[{"key": "New", "value": "1"}])
    ecs.answer("untag_resource", {}, resourceArn=arn, tagKeys=["Old"])
    ecs.answer(
        "describe_task_definition",
        {"taskDefinition": revision(3), "tags": [{"key": "New", "value": "1"}]},
        taskDefinition=arn,
        include=["TAGS"],
    )
    result = run(ecs, tags={"New": "1"})
    assert (result["changed"], result["revision"], result["task_definition"]["tags"]) == (True, 3, {"New": "1"})


def test_check_mode_writes_no_tags(ecs):
    found(ecs, revision(3), ("Old", "1"))
    result = run(ecs, check=True, tags={"New": "1"})
    assert (result["changed"], result["revision"]) == (True, 3)


def test_other_tags_stay_without_purge(ecs):
    found(ecs, revision(3), ("Old", "1"))
    assert run(ecs, tags={}, purge_tags=False)["changed"] is False


def test_a_described_revision_that_is_not_active_is_not_compared(ecs):
    found(ecs, revision(5, "INACTIVE"))
    ecs.answer(
        "list_task_definitions",
        {"taskDefinitionArns": [f"{DEFINITION}-other:99", f"{DEFINITION}:2", f"{DEFINITION}:10"]},
        familyPrefix="f",
        status="ACTIVE",
        sort="DESC",
    )
    ecs.answer(
        "describe_task_definition",
        {"taskDefinition": revision(10)},
        taskDefinition=f"{DEFINITION}:10",
        include=["TAGS"],
    )
    assert run(ecs)["revision"] == 10


@pytest.mark.parametrize(
    ("show", "before", "after"), [(False, "(sensitive)", "(sensitive, changed)"), (True, "old", "s3cret")]
)
def test_environment_is_shown_on_request(ecs, show, before, after):
    container = {"name": "api", "image": "i:1", "environment": [{"name": "A", "value": "old"}]}
    found(ecs, revision(3, containerDefinitions=[container]))
    ecs.answer("register_task_definition", {"taskDefinition": revision(4)}, **REQUEST)
    result = run(ecs, show_environment=show)
    assert result["changes"] == [{"path": "container_definitions.api.environment.A", "before": before, "after": after}]
    assert ("s3cret" in str(result)) is show


def test_printed_arguments_contain_no_environment_values(ecs):
    found(ecs, revision(3))
    assert "s3cret" not in str(run(ecs)["invocation"])


@pytest.mark.parametrize("name", ["container_definitions", "containers"])
def test_a_refusal_shows_no_secret_under_either_option_name(ecs, name):
    log = {"log_driver": "splunk", "options": {"splunk-token": "t0ken"}}
    containers = [{"name": "api", "image": "i:1", "environment": {"A": "s3cret"}, "log_configuration": log}]
    options = {key: value for key, value in OPTIONS.items() if key != "container_definitions"}
    result = ecs.run(ecs_task_definition.main, **{**options, "cpu": 7, name: containers})
    assert result["msg"].startswith("cpu: Fargate has no tasks of 7")
    assert [word for word in ("s3cret", "t0ken") if word in str(result)] == []


@pytest.mark.parametrize("check", [True, False])
def test_a_variable_that_is_set_twice_is_not_shown(ecs, check):
    twice = [{"name": "A", "value": "0ld"}, {"name": "A", "value": "0lder"}]
    found(ecs, revision(3, containerDefinitions=[{"name": "api", "image": "i:1", "environment": twice}]))
    if not check:
        ecs.answer("register_task_definition", {"taskDefinition": revision(4)}, **REQUEST)
    result = run(ecs, check=check)
    path = "container_definitions.api.environment"
    assert result["changes"] == [{"path": path, "before": "(sensitive)", "after": "(sensitive, changed)"}]
    assert [word for word in ("0ld", "s3cret") if word in str(result)] == []


@pytest.mark.parametrize("show", [True, False])
def test_secret_options_are_never_shown(ecs, show):
    log = {"log_driver": "splunk", "options": {"splunk-token": "t0ken", "splunk-url": "u"}}
    request = {"logDriver": "splunk", "options": log["options"]}
    container = {"name": "api", "image": "i:1", "logConfiguration": request}
    none_found(ecs)
    ecs.answer(
        "register_task_definition",
        {"taskDefinition": revision(1, containerDefinitions=[container])},
        **{**REQUEST, "containerDefinitions": [container]},
    )
    containers = [{"name": "api", "image": "i:1", "log_configuration": log}]
    result = run(ecs, container_definitions=containers, show_environment=show)
    assert result["changed"] is True
    assert "t0ken" not in str(result)


def test_an_unknown_key_is_refused_before_any_call(ecs):
    result = run(ecs, container_definitions=[{"name": "api", "image": "i", "enviroment": {}}])
    assert result["msg"] == "container_definitions[0].enviroment: no such key; did you mean 'environment'?"


def test_a_broken_rule_is_refused_before_any_call(ecs):
    assert "Fargate has no task of 256 CPU units with 8192 MiB" in run(ecs, memory=8192)["msg"]


def test_a_denied_call_is_reported_with_its_action(ecs):
    none_found(ecs)
    ecs.refuse(
        "register_task_definition",
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/u is not authorized to perform: ecs:RegisterTaskDefinition on resource: *",
        **REQUEST,
    )
    result = run(ecs)
    assert result["msg"].startswith(
        "Failed to register task definition f in ap-northeast-2: arn:aws:iam::1:user/u may not ecs:Register"
    )
    assert result["error"]["code"] == "AccessDeniedException"


def listed(ecs, *numbers, status="ACTIVE"):
    ecs.answer(
        "list_task_definitions",
        {"taskDefinitionArns": [f"{DEFINITION}:{number}" for number in numbers]},
        familyPrefix="f",
        status=status,
        sort="DESC",
    )


def used(ecs, *numbers):
    ecs.answer("list_clusters", {"clusterArns": [CLUSTER]})
    ecs.answer("list_services", {"serviceArns": ["a"], "nextToken": "t"}, cluster=CLUSTER)
    ecs.answer("list_services", {"serviceArns": ["b"]}, cluster=CLUSTER, nextToken="t")
    ecs.answer(
        "describe_services",
        {"services": [{"taskDefinition": f"{DEFINITION}:{number}"} for number in numbers]},
        cluster=CLUSTER,
        services=["a", "b"],
        include=["TAGS"],
    )


def test_keep_deregisters_revisions_that_no_service_uses(ecs):
    found(ecs, revision(5))
    listed(ecs, 5, 4, 3, 2, 1)
    used(ecs, 2)
    for number in (3, 1):
        ecs.answer("deregister_task_definition", {}, taskDefinition=f"{DEFINITION}:{number}")
    result = run(ecs, keep=2)
    assert (result["changed"], result["deregistered"]) == (True, [f"{DEFINITION}:3", f"{DEFINITION}:1"])


def test_keep_reads_no_service_if_no_revision_is_superseded(ecs):
    found(ecs, revision(5))
    listed(ecs, 5, 4)
    assert run(ecs, keep=2)["changed"] is False


def test_keep_counts_the_unregistered_revision_of_check_mode(ecs):
    found(ecs, revision(5))
    listed(ecs, 5, 4)
    used(ecs)
    result = run(ecs, check=True, keep=2, cpu=512, memory=1024)
    assert result["deregistered"] == [f"{DEFINITION}:4"]


def test_keep_of_none_is_refused(ecs):
    assert run(ecs, keep=0)["msg"] == "keep: 0 is out of range: keep 1 revision at least. Raise it."


def absent(ecs, **more):
    return ecs.run(ecs_task_definition.main, family="f", state="absent", **more)


def test_absent_deregisters_all(ecs):
    listed(ecs, 2, 1)
    for number in (2, 1):
        ecs.answer("deregister_task_definition", {}, taskDefinition=f"{DEFINITION}:{number}")
    result = absent(ecs)
    assert (result["changed"], result["deregistered"], result["deleted"]) == (
        True,
        [f"{DEFINITION}:2", f"{DEFINITION}:1"],
        [],
    )


def test_absent_of_one_revision(ecs):
    listed(ecs, 12, 2, 1)
    ecs.answer("deregister_task_definition", {}, taskDefinition=f"{DEFINITION}:2")
    assert absent(ecs, revision=2)["deregistered"] == [f"{DEFINITION}:2"]


def test_absent_deletes_ten_at_once(ecs):
    listed(ecs, 1)
    listed(ecs, *range(2, 13), status="INACTIVE")
    ecs.answer("deregister_task_definition", {}, taskDefinition=f"{DEFINITION}:1")
    arns = [f"{DEFINITION}:{number}" for number in (1, *range(12, 1, -1))]
    ecs.answer("delete_task_definitions", {}, taskDefinitions=arns[:10])
    ecs.answer("delete_task_definitions", {}, taskDefinitions=arns[10:])
    result = absent(ecs, delete=True)
    assert result["deleted"] == arns
    assert [change["before"] for change in result["changes"]] == ["ACTIVE", *["INACTIVE"] * 11]


def test_absent_reports_revisions_that_could_not_be_deleted(ecs):
    listed(ecs)
    listed(ecs, 1, status="INACTIVE")
    ecs.answer(
        "delete_task_definitions",
        {"failures": [{"arn": f"{DEFINITION}:1", "reason": "busy"}]},
        taskDefinitions=[f"{DEFINITION}:1"],
    )
    assert absent(ecs, delete=True)["msg"] == f"Not every revision could be deleted: {DEFINITION}:1 (busy)."


@pytest.mark.parametrize("check", [True, False])
def test_a_missing_family_stays_absent(ecs, check):
    listed(ecs)
    assert absent(ecs, check=check)["changed"] is False


def test_absent_in_check_mode_writes_nothing(ecs):
    listed(ecs, 1)
    assert absent(ecs, check=True)["changed"] is True


KEPT = {**REQUEST, "containerDefinitions": [{**REQUEST["containerDefinitions"][0], "mountPoints": [], "cpu": 0}]}
FROM_AWS = {
    "requiresAttributes": [{"name": "x"}],
    "compatibilities": ["FARGATE"],
    "registeredAt": 1.5,
    "registeredBy": "me",
}
LISTED = [{"key": "Team", "value": "shop"}]


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param({**KEPT, "tags": LISTED}, id="as the GitHub action has it"),
        pytest.param({"taskDefinition": {**revision(3), **FROM_AWS}, "tags": LISTED}, id="as AWS describes it"),
        pytest.param(
            {"taskDefinition": {**KEPT, "tags": LISTED, "pidMode": None, "volumes": []}}, id="with empty fields"
        ),
        pytest.param({**OPTIONS, "tags": {"Team": "shop"}}, id="as the module's options"),
        pytest.param({**KEPT, "tags": [{"Key": "Team", "Value": "shop"}]}, id="with tags as in CloudFormation"),
    ],
)
def test_a_definition_is_accepted_in_each_form_of_a_file(ecs, definition):
    found(ecs, revision(1), ("Team", "shop"))
    result = ecs.run(ecs_task_definition.main, definition=definition)
    assert (result["changed"], result["changes"]) == (False, [])


def test_options_override_the_definition(ecs):
    found(ecs, revision(1))
    result = ecs.run(
        ecs_task_definition.main,
        definition={**KEPT, "family": "other"},
        family="f",
        cpu="512",
        memory="1024",
        check=True,
    )
    assert [change["path"] for change in result["changes"]] == ["cpu", "memory"]


def test_a_definition_without_a_family_is_refused(ecs):
    result = ecs.run(ecs_task_definition.main, definition={"cpu": "256"})
    assert (result["failed"], result["msg"]) == (True, "definition: it has no family. Add it, or set family.")


def test_an_unknown_key_of_a_definition_is_reported(ecs):
    wrong = {**KEPT, "containerDefinitions": [{"name": "api", "image": "i:1", "enviroment": []}]}
    result = ecs.run(ecs_task_definition.main, definition=wrong)
    assert "enviroment: no such key; did you mean 'environment'?" in result["msg"]


@pytest.mark.parametrize("check", [False, True])
def test_absent_stops_running_tasks_of_the_family(ecs, check):
    task = f"{ACCOUNT}:task/c/1"
    listed(ecs)
    ecs.answer("list_tasks", {"taskArns": [task]}, cluster="c", family="f")
    if not check:
        ecs.answer("stop_task", {}, cluster="c", task=task, reason="f is removed")
    result = absent(ecs, cluster="c", check=check)
    assert (result["changed"], result["stopped"]) == (True, [task])


def test_absent_stops_nothing_in_a_missing_cluster(ecs):
    listed(ecs)
    ecs.refuse("list_tasks", "ClusterNotFoundException", "no", cluster="c", family="f")
    assert absent(ecs, cluster="c")["changed"] is False
