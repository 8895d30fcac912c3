# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ecs_rollback_info: the target of a rollback, from ECS's history of deployments."""

from __future__ import annotations

import datetime
import functools
import json
import urllib.parse

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.modules import ecs_rollback_info

CLUSTER, NAME = "magiclub-an2p-ecs", "magiclub-an2p-lotto"
ECS = "arn:aws:ecs:ap-northeast-2:123456789012"
LOTTO = f"{ECS}:task-definition/{NAME}"
DESCRIBED = {"cluster": CLUSTER, "services": [NAME], "include": ["TAGS"]}
ASKED = {"cluster": CLUSTER, "service": NAME}
NOWHERE = (
    f"Service '{NAME}' has no deployment that succeeded before that of {NAME}:{{}}, as far as ECS remembers (90 days)."
)


@pytest.mark.parametrize(
    ("strategy", "newest", "by_ecs"),
    [
        ("CANARY", "IN_PROGRESS", True),
        ("BLUE_GREEN", "ROLLBACK_IN_PROGRESS", True),
        ("ROLLING", "IN_PROGRESS", False),
        ("CANARY", "SUCCESSFUL", False),
    ],
)
def test_ecs_itself_rolls_back_shifted_requests(aws, strategy, newest, by_ecs):
    service(aws, 2, strategy=strategy)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, newest)))
    definition(aws, 1, "ACTIVE")
    definition(aws, 2, "ACTIVE")

    assert aws.run(ecs_rollback_info.main, **ASKED)["by_ecs"] is by_ecs


def service(aws, revision, status="ACTIVE", rollout="COMPLETED", strategy="ROLLING", **tags):
    found = {
        "serviceName": NAME,
        "status": status,
        "taskDefinition": f"{LOTTO}:{revision}",
        "deploymentConfiguration": {"strategy": strategy},
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": rollout}],
        "tags": [{"key": key, "value": value} for key, value in {"Project": "magiclub", **tags}.items()],
    }
    aws.answer("ecs", "describe_services", {"services": [found], "failures": []}, **DESCRIBED)


def history(aws, *deployments):
    """Answer with the deployments, given as (revision, status), the oldest first."""
    revisions = [f"{ECS}:service-revision/{CLUSTER}/{NAME}/{number:03}" for number in range(len(deployments))]
    records = [
        {
            "serviceDeploymentArn": f"{ECS}:service-deployment/{CLUSTER}/{NAME}/{number}",
            "targetServiceRevisionArn": revision,
            "status": status,
            "createdAt": datetime.datetime(2026, 11, 22, 10, number, tzinfo=datetime.UTC),
        }
        for number, (revision, (_, status)) in enumerate(zip(revisions, deployments, strict=True))
    ]
    answer = {"serviceDeployments": records[::-1]}
    aws.answer("ecs", "list_service_deployments", answer, cluster=CLUSTER, service=NAME, maxResults=100)
    return [
        {"serviceRevisionArn": arn, "taskDefinition": f"{LOTTO}:{number}"}
        for arn, (number, _) in zip(revisions, deployments, strict=True)
    ]


def revisions(aws, found):
    arns = [item["serviceRevisionArn"] for item in found]
    aws.answer("ecs", "describe_service_revisions", {"serviceRevisions": found}, serviceRevisionArns=arns)


def definition(aws, revision, status, **more):
    arn = f"{LOTTO}:{revision}"
    if status:
        found = {"taskDefinition": {"taskDefinitionArn": arn, "status": status, **more}}
        aws.answer("ecs", "describe_task_definition", found, taskDefinition=arn)
    else:
        message = "Unable to describe task definition."
        aws.refuse("ecs", "describe_task_definition", "ClientException", message, taskDefinition=arn)


@pytest.mark.parametrize("passed_over", ["INACTIVE", "DELETE_IN_PROGRESS", None])
def test_the_target_is_the_last_success_that_can_be_deployed(aws, passed_over):
    service(aws, 3)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL")))
    definition(aws, 2, passed_over)
    definition(aws, 1, "ACTIVE")
    definition(aws, 3, "INACTIVE")

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["changed"], result["from_arn"], result["to_arn"]) == (False, f"{LOTTO}:3", f"{LOTTO}:1")
    assert result["under_way"] is False
    assert result["message"] == f"{NAME} goes from {NAME}:3 to {NAME}:1."


def test_a_rollback_ends_the_pending_deployment(aws):
    service(aws, 2)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "IN_PROGRESS")))
    definition(aws, 1, "ACTIVE")
    definition(aws, 2, "ACTIVE")

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["to_arn"], result["under_way"]) == (f"{LOTTO}:1", True)
    assert result["message"] == f"{NAME} goes from {NAME}:2 to {NAME}:1, which ends the deployment under way."


def test_there_is_nothing_to_do_if_ecs_has_rolled_back(aws):
    service(aws, 1)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "ROLLBACK_SUCCESSFUL")))

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert result["to_arn"] == result["from_arn"] == f"{LOTTO}:1"
    assert result["message"].startswith(
        f"{NAME} is set to {NAME}:1 already: nothing to go back to. -e revision=NUMBER "
    )


def test_a_given_revision_is_accepted_whatever_the_history(aws):
    service(aws, 9)
    history(aws, (9, "SUCCESSFUL"))
    definition(aws, 4, "ACTIVE")
    definition(aws, 9, "ACTIVE")

    assert aws.run(ecs_rollback_info.main, revision=4, **ASKED)["to_arn"] == f"{LOTTO}:4"


def test_the_running_revision_is_not_looked_up(aws):
    service(aws, 9)
    history(aws, (9, "SUCCESSFUL"))

    result = aws.run(ecs_rollback_info.main, revision=9, **ASKED)

    assert result["message"].startswith(
        f"{NAME} is set to {NAME}:9 already: nothing to go back to. -e revision=NUMBER "
    )


@pytest.mark.parametrize("named", [{"revision": 9}, {}])
def test_the_running_revision_is_restarted_if_its_deployment_failed(aws, named):
    service(aws, 9, rollout="FAILED")
    found = history(aws, (9, "SUCCESSFUL"), (9, "STOPPED"))
    if not named:
        revisions(aws, found)
    definition(aws, 9, "ACTIVE")

    result = aws.run(ecs_rollback_info.main, **named, **ASKED)

    assert result["to_arn"] == result["from_arn"] == f"{LOTTO}:9"
    assert result["message"] == (
        f"{NAME} is set to {NAME}:9 already, but its deployment has FAILED: it is started again."
    )


def test_the_running_revision_is_refused_if_it_failed_and_cannot_be_deployed(aws):
    service(aws, 9, rollout="FAILED")
    found = history(aws, (9, "STOPPED"))
    definition(aws, 9, "INACTIVE")
    revisions(aws, found)

    assert aws.run(ecs_rollback_info.main, revision=9, **ASKED)["msg"].startswith(
        f"There is no ACTIVE revision {NAME}:9"
    )


NOTE = "magiclub.fargate/rollback"
GOING = "to=2 after=2"


@pytest.mark.parametrize("newest", ["SUCCESSFUL", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_only_failed_does_not_roll_back_a_newer_deployment(aws, newest):
    service(aws, 3)
    history(aws, (1, "SUCCESSFUL"), (2, "ROLLBACK_SUCCESSFUL"), (3, newest))
    result = aws.run(ecs_rollback_info.main, **ASKED, only_failed=True)
    assert (result["to_arn"], result["tags_before"]) == (f"{LOTTO}:3", {})
    assert result["message"] == f"The last deployment of {NAME} has not failed: nothing to undo."
    assert set(yaml.safe_load(ecs_rollback_info.RETURN)) <= set(result)


def test_only_failed_rolls_back_a_failed_deployment(aws):
    service(aws, 3, rollout="FAILED")
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (3, "STOPPED")))
    for revision in (1, 3):
        definition(aws, revision, "ACTIVE")
    assert aws.run(ecs_rollback_info.main, **ASKED, only_failed=True)["to_arn"] == f"{LOTTO}:1"


def test_the_rollback_is_to_be_recorded_before_and_after(aws):
    service(aws, 3)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL")))
    definition(aws, 2, "ACTIVE")
    definition(aws, 3, "ACTIVE")

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert result["resumed"] is False
    assert (result["tags_before"], result["tags_after"]) == ({NOTE: GOING}, {NOTE: "done=2"})


@pytest.mark.parametrize("status", ["IN_PROGRESS", "SUCCESSFUL"])
def test_an_interrupted_rollback_is_completed_not_repeated(aws, status):
    service(aws, 2, **{NOTE: GOING})
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL"), (2, status)))

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["to_arn"], result["resumed"]) == (f"{LOTTO}:2", True)
    assert (result["tags_before"], result["tags_after"]) == ({NOTE: GOING}, {NOTE: "done=2"})
    assert "by a rollback that was interrupted: this run completes it." in result["message"]


def test_a_completed_rollback_is_followed_by_an_older_revision(aws):
    service(aws, 2, **{NOTE: "done=2"})
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL"), (2, "SUCCESSFUL")))
    definition(aws, 1, "ACTIVE")
    definition(aws, 2, "ACTIVE")

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["to_arn"], result["resumed"]) == (f"{LOTTO}:1", False)
    assert result["tags_before"] == {NOTE: "to=1 after=3"}


def test_an_interrupted_rollback_whose_revision_became_inactive_takes_another(aws):
    service(aws, 3, **{NOTE: GOING})
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL")))
    definition(aws, 2, "INACTIVE")
    definition(aws, 1, "ACTIVE")
    definition(aws, 3, "ACTIVE")

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["to_arn"], result["resumed"]) == (f"{LOTTO}:1", False)


def test_a_given_revision_overrides_an_interrupted_rollback(aws):
    service(aws, 3, **{NOTE: GOING})
    history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL"))
    definition(aws, 1, "ACTIVE")
    definition(aws, 3, "ACTIVE")

    result = aws.run(ecs_rollback_info.main, revision=1, **ASKED)

    assert (result["to_arn"], result["resumed"]) == (f"{LOTTO}:1", False)
    assert result["tags_before"] == {NOTE: "to=1 after=2"}


def test_without_a_rollback_nothing_is_recorded(aws):
    service(aws, 1)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "ROLLBACK_SUCCESSFUL")))

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["tags_before"], result["tags_after"]) == ({}, {})


DEPLOYED = (
    f"{NAME}:9 (SUCCESSFUL, 2026-11-22 10:02 UTC), {NAME}:8 (STOPPED, 2026-11-22 10:01 UTC),"
    f" {NAME}:7 (SUCCESSFUL, 2026-11-22 10:00 UTC)"
)


@pytest.mark.parametrize("status", ["INACTIVE", None])
def test_a_given_revision_that_cannot_be_deployed_is_refused(aws, status):
    service(aws, 9)
    found = history(aws, (7, "SUCCESSFUL"), (8, "STOPPED"), (9, "SUCCESSFUL"))
    definition(aws, 4, status)
    revisions(aws, found)

    assert aws.run(ecs_rollback_info.main, revision=4, **ASKED)["msg"] == (
        f"There is no ACTIVE revision {NAME}:4, and no other can be deployed. Deployed were {DEPLOYED}."
        f" Look with: aws ecs list-task-definitions --family-prefix {NAME}"
    )


def test_without_a_target_the_error_asks_for_a_revision(aws):
    service(aws, 2)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "STOPPED")))
    definition(aws, 1, "INACTIVE")

    assert aws.run(ecs_rollback_info.main, **ASKED)["msg"] == (
        f"{NOWHERE.format(2)} Those that succeeded are no longer ACTIVE: {NAME}:1."
        " Name a revision with -e revision=NUMBER."
    )


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnsupportedFeatureException"])
def test_a_history_that_cannot_be_read_is_an_error(aws, code):
    service(aws, 2)
    aws.refuse("ecs", "list_service_deployments", code, cluster=CLUSTER, service=NAME, maxResults=100)

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert result["msg"].startswith(f"Failed to find the revision to roll {NAME} back to in ap-northeast-2: ")
    assert result["error"]["code"] == code


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnsupportedFeatureException"])
def test_a_given_revision_needs_no_history(aws, code):
    service(aws, 2)
    aws.refuse("ecs", "list_service_deployments", code, cluster=CLUSTER, service=NAME, maxResults=100)
    definition(aws, 1, "ACTIVE")
    definition(aws, 2, None)

    result = aws.run(ecs_rollback_info.main, revision=1, **ASKED)

    assert (result["to_arn"], result["under_way"]) == (f"{LOTTO}:1", False)


ROLE, PARAMETER = "magiclub-an2p-lotto-execution", "arn:aws:ssm:ap-northeast-2:123456789012:parameter/app/old"
NEEDED = f"role {ROLE}, {PARAMETER}"
SIMULATED = {
    "PolicySourceArn": f"arn:aws:iam::123456789012:role/{ROLE}",
    "ActionNames": ["ssm:GetParameters"],
    "ResourceArns": [PARAMETER],
    "ContextEntries": [],
}


def release(role, *secrets):
    return {
        "executionRoleArn": f"arn:aws:iam::123456789012:role/{role}",
        "containerDefinitions": [
            {"name": "app", "secrets": [{"name": "KEY", "valueFrom": source} for source in secrets]}
        ],
    }


def role(aws, name=ROLE, there=True):
    found = {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": f"arn:aws:iam::123456789012:role/{name}",
    }
    if there:
        moment = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
        aws.answer("iam", "get_role", {"Role": {**found, "CreateDate": moment}}, RoleName=name)
    else:
        aws.refuse("iam", "get_role", "NoSuchEntity", RoleName=name)


def simulated(aws, decision="allowed"):
    answer = {"EvalActionName": "ssm:GetParameters", "EvalDecision": decision}
    aws.answer("iam", "simulate_principal_policy", {"EvaluationResults": [answer]}, **SIMULATED)


def refused(aws):
    aws.refuse("iam", "simulate_principal_policy", "AccessDenied", **SIMULATED)


def policy(aws, resource):
    statement = {"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [resource]}
    document = urllib.parse.quote(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    aws.answer("iam", "list_role_policies", {"PolicyNames": ["read-secrets"]}, RoleName=ROLE)
    answer = {"RoleName": ROLE, "PolicyName": "read-secrets", "PolicyDocument": document}
    aws.answer("iam", "get_role_policy", answer, RoleName=ROLE, PolicyName="read-secrets")
    aws.answer("iam", "list_attached_role_policies", {"AttachedPolicies": []}, RoleName=ROLE)


def renamed(aws, *, named=False):
    """A service whose last release reads another secret, with the role of the cluster."""
    service(aws, 2)
    found = history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"))
    if not named:
        revisions(aws, found)
    definition(aws, 1, "ACTIVE", **release(ROLE, "/app/old"))
    definition(aws, 2, "ACTIVE", **release("magiclub-an2p-ecs-execution"))


@pytest.mark.parametrize(
    ("roles", "lost"),
    [
        pytest.param([functools.partial(role, there=False)], NEEDED, id="the role is gone"),
        pytest.param([role, functools.partial(simulated, decision="implicitDeny")], PARAMETER, id="it may not read"),
        pytest.param(
            [role, refused, functools.partial(policy, resource=f"{PARAMETER}er")], PARAMETER, id="its policies say so"
        ),
    ],
)
def test_a_target_whose_permissions_were_revoked_is_refused(aws, roles, lost):
    renamed(aws)
    for answer in roles:
        answer(aws)

    assert aws.run(ecs_rollback_info.main, **ASKED)["msg"] == (
        f"{NAME}:1 needs {lost}, which the roles lost when {NAME}:2 served, so its tasks would not start."
        " Restore the inventory of that revision and run site.yml, which extends the roles before it deploys."
    )


@pytest.mark.parametrize("roles", [[simulated], [refused, functools.partial(policy, resource=PARAMETER)]])
def test_a_target_that_still_has_its_permissions_is_accepted(aws, roles):
    renamed(aws)
    role(aws)
    for answer in roles:
        answer(aws)

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["to_arn"], result["lost"], result.get("warnings")) == (f"{LOTTO}:1", [], None)


def test_a_given_revision_without_its_permissions_is_accepted_with_a_warning(aws):
    renamed(aws, named=True)
    role(aws, there=False)

    result = aws.run(ecs_rollback_info.main, revision=1, **ASKED)

    assert (result["to_arn"], result["lost"]) == (f"{LOTTO}:1", NEEDED.split(", "))
    assert result["warnings"][0].startswith(f"{NAME}:1 needs {NEEDED}, which the roles lost when {NAME}:2 served")


def test_roles_that_cannot_be_read_do_not_prevent_a_rollback(aws):
    renamed(aws)
    aws.refuse("iam", "get_role", "AccessDenied", RoleName=ROLE)
    refused(aws)
    aws.refuse("iam", "list_role_policies", "AccessDenied", RoleName=ROLE)

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert (result["to_arn"], result["lost"]) == (f"{LOTTO}:1", [])
    assert result["warnings"] == [
        f"{NAME}:1 needs {NEEDED}, and {NAME}:2 does not. Whether {ROLE} may ssm:GetParameters is not known:"
        " allow iam:SimulatePrincipalPolicy to see it."
    ]


def no_cluster(aws):
    aws.refuse("ecs", "describe_services", "ClusterNotFoundException", **DESCRIBED)


def no_service(aws):
    failure = {"arn": f"{ECS}:service/{CLUSTER}/{NAME}", "reason": "MISSING"}
    aws.answer("ecs", "describe_services", {"services": [], "failures": [failure]}, **DESCRIBED)


@pytest.mark.parametrize("answer", [no_cluster, no_service, lambda aws: service(aws, 1, "INACTIVE")])
def test_a_missing_service_is_reported_with_its_cluster(aws, answer):
    answer(aws)

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert result["msg"] == f"There is no service '{NAME}' in cluster '{CLUSTER}'. Check with status.yml."


@pytest.mark.parametrize("named", [{"revision": 1}, {}])
def test_a_service_that_is_being_deleted_is_refused(aws, named):
    service(aws, 2, "DRAINING")

    assert aws.run(ecs_rollback_info.main, **named, **ASKED)["msg"] == (
        f"Service '{NAME}' is DRAINING: it is being deleted. Wait until it is gone, then run site.yml."
    )


def test_a_denied_call_is_not_mistaken_for_a_missing_revision(aws):
    service(aws, 2)
    revisions(aws, history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL")))
    aws.refuse("ecs", "describe_task_definition", "AccessDeniedException", taskDefinition=f"{LOTTO}:1")

    result = aws.run(ecs_rollback_info.main, **ASKED)

    assert result["msg"].startswith(f"Failed to find the revision to roll {NAME} back to in ap-northeast-2: ")
    assert result["error"]["code"] == "AccessDeniedException"


def test_a_denied_call_is_not_mistaken_for_a_missing_service(aws):
    aws.refuse("ecs", "describe_services", "AccessDeniedException", **DESCRIBED)

    assert aws.run(ecs_rollback_info.main, **ASKED)["error"]["code"] == "AccessDeniedException"


HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
IMAGE = f"{HOST}/{NAME}@sha256:{'a' * 64}"


def with_image(aws, *, in_ecr, named=False):
    """A rollback from :2 to :1, and DescribeImages' details of the image of :1, None if the call is denied."""
    service(aws, 2)
    found = history(aws, (1, "SUCCESSFUL"), (2, "SUCCESSFUL"))
    if not named:
        revisions(aws, found)
    definition(aws, 1, "ACTIVE", containerDefinitions=[{"name": "lotto", "image": IMAGE}])
    definition(aws, 2, "ACTIVE")
    wanted = {"registryId": "123456789012", "repositoryName": NAME, "imageIds": [{"imageDigest": f"sha256:{'a' * 64}"}]}
    if in_ecr is None:
        aws.refuse("ecr", "describe_images", "AccessDeniedException", **wanted)
    else:
        aws.answer("ecr", "describe_images", {"imageDetails": in_ecr}, **wanted)


@pytest.mark.parametrize("details", [{}, {"imageStatus": "ACTIVE"}])
def test_an_available_image_is_accepted(aws, details):
    with_image(aws, in_ecr=[{"imageDigest": "x", **details}])
    result = aws.run(ecs_rollback_info.main, **ASKED)
    assert (result["to_arn"], result["image"]) == (f"{LOTTO}:1", IMAGE)


def test_an_expired_image_prevents_a_rollback(aws):
    with_image(aws, in_ecr=[])
    assert aws.run(ecs_rollback_info.main, **ASKED)["msg"].startswith(
        f"{NAME}:1 needs {IMAGE}, which ECR does not have any more, so its tasks would not start."
    )


@pytest.mark.parametrize("status", ["ARCHIVED", "ACTIVATING"])
def test_an_archived_image_must_be_restored_first(aws, status):
    with_image(aws, in_ecr=[{"imageDigest": "x", "imageStatus": status}])
    assert (
        "which is in ECR's archive, from which nothing can be pulled. Restore it"
        in (aws.run(ecs_rollback_info.main, **ASKED)["msg"])
    )


def test_a_given_revision_without_its_image_is_accepted_with_a_warning(aws):
    with_image(aws, in_ecr=[], named=True)
    result = aws.run(ecs_rollback_info.main, revision=1, **ASKED)
    assert result["to_arn"] == f"{LOTTO}:1"
    assert "which ECR does not have any more" in json.dumps(result["warnings"])


def test_an_image_that_cannot_be_looked_up_counts_as_available(aws):
    with_image(aws, in_ecr=None)
    assert aws.run(ecs_rollback_info.main, **ASKED)["to_arn"] == f"{LOTTO}:1"
