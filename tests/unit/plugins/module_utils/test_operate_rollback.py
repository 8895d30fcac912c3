# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operate import rollback

LOTTO = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto"


def at(minute):
    return datetime.datetime(2026, 11, 22, 10, minute, tzinfo=datetime.UTC)


def history(*told):
    """Records and revisions of deployments, the oldest told first, as (revision, status)."""
    records = [
        {"targetServiceRevisionArn": f"revision-{index}", "status": status, "createdAt": at(index)}
        for index, (_, status) in enumerate(told)
    ]
    return records, {f"revision-{index}": f"{LOTTO}:{revision}" for index, (revision, _) in enumerate(told)}


@pytest.mark.parametrize(
    ("told", "current", "expected"),
    [
        pytest.param([(1, "SUCCESSFUL"), (2, "SUCCESSFUL")], 2, [1], id="undo what succeeded"),
        pytest.param(
            [(1, "SUCCESSFUL"), (2, "STOPPED"), (3, "STOPPED")], 3, [1], id="two that failed in a row, and stayed"
        ),
        pytest.param(
            [(1, "SUCCESSFUL"), (2, "ROLLBACK_SUCCESSFUL"), (3, "ROLLBACK_SUCCESSFUL")],
            1,
            [1],
            id="two that ECS rolled back: it is there already",
        ),
        pytest.param(
            [(1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "STOPPED"), (4, "IN_PROGRESS")],
            4,
            [2, 1],
            id="one under way after one that failed",
        ),
        pytest.param(
            [(1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "SUCCESSFUL"), (2, "SUCCESSFUL")],
            2,
            [1],
            id="going back twice goes back two",
        ),
        pytest.param(
            [(1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (2, "SUCCESSFUL")], 2, [1], id="a refresh is no step of its own"
        ),
        pytest.param([(1, "SUCCESSFUL")], 1, [], id="the only one"),
        pytest.param([(1, "STOPPED")], 1, [], id="none that succeeded"),
        pytest.param([], 1, [], id="nothing remembered"),
    ],
)
def test_candidates(told, current, expected):
    records, revisions = history(*told)
    found = rollback.candidates(f"{LOTTO}:{current}", records[::-1], revisions)
    assert found == [f"{LOTTO}:{revision}" for revision in expected]
    assert rollback.candidates(f"{LOTTO}:{current}", records, revisions) == found, "the order of the answer counts"


def test_a_revision_that_is_not_described_is_passed_over():
    records, revisions = history((1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (3, "STOPPED"))
    del revisions["revision-1"]
    assert rollback.candidates(f"{LOTTO}:3", records, revisions) == [f"{LOTTO}:1"]


@pytest.mark.parametrize(("active", "expected"), [((3, 2), 3), ((2,), 2)])
def test_choice_takes_the_first_that_can_be_deployed(active, expected):
    is_active = [f"{LOTTO}:{revision}" for revision in active].__contains__
    found = [f"{LOTTO}:3", f"{LOTTO}:2"]
    assert rollback.choice("lotto", f"{LOTTO}:4", found, is_active) == f"{LOTTO}:{expected}"


def test_choice_stays_with_what_runs_though_it_is_inactive():
    assert rollback.choice("lotto", f"{LOTTO}:4", [f"{LOTTO}:4"], lambda _arn: False) == f"{LOTTO}:4"


@pytest.mark.parametrize(("active", "expected"), [((4, 3), 4), ((3,), 3)])
def test_choice_stays_with_what_has_failed_only_where_it_can_be_deployed(active, expected):
    is_active = [f"{LOTTO}:{revision}" for revision in active].__contains__
    found = [f"{LOTTO}:4", f"{LOTTO}:3"]
    assert rollback.choice("lotto", f"{LOTTO}:4", found, is_active, failed=True) == f"{LOTTO}:{expected}"


@pytest.mark.parametrize(
    ("found", "middle"),
    [([], ""), ([f"{LOTTO}:3"], " Those that succeeded are no longer ACTIVE: magiclub-an2p-lotto:3.")],
)
def test_choice_says_why_there_is_none(found, middle):
    with pytest.raises(rollback.NoWayBackError) as told:
        rollback.choice("magiclub-an2p-lotto", f"{LOTTO}:4", found, lambda _arn: False)
    assert str(told.value) == (
        "Service 'magiclub-an2p-lotto' has no deployment that succeeded before that of magiclub-an2p-lotto:4,"
        f" as far as ECS remembers (90 days).{middle} Name a revision with -e revision=NUMBER."
    )


@pytest.mark.parametrize(
    ("to", "ends", "failed", "expected"),
    [
        (3, None, False, "lotto goes from magiclub-an2p-lotto:4 to magiclub-an2p-lotto:3."),
        (
            3,
            {"status": "PENDING"},
            False,
            "lotto goes from magiclub-an2p-lotto:4 to magiclub-an2p-lotto:3, which ends the deployment under way.",
        ),
        (3, None, True, "lotto goes from magiclub-an2p-lotto:4 to magiclub-an2p-lotto:3."),
        (4, None, False, "lotto is set to magiclub-an2p-lotto:4 already: nothing to go back to."),
        (
            4,
            None,
            True,
            "lotto is set to magiclub-an2p-lotto:4 already, but its deployment has FAILED: it is started anew.",
        ),
    ],
)
def test_message(to, ends, failed, expected):
    assert rollback.message("lotto", f"{LOTTO}:4", f"{LOTTO}:{to}", ends, failed=failed) == expected


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["SUCCESSFUL", "IN_PROGRESS"], "IN_PROGRESS"),
        (["ROLLBACK_IN_PROGRESS"], "ROLLBACK_IN_PROGRESS"),
        (["STOPPED"], None),
    ],
)
def test_under_way(statuses, expected):
    found = rollback.under_way([{"status": status} for status in statuses])
    assert (found or {}).get("status") == expected


def test_of_revision():
    assert rollback.of_revision(f"{LOTTO}:14", 3) == f"{LOTTO}:3"


ACCOUNT = "ap-northeast-2:123456789012"
OLD, NEW = f"arn:aws:ssm:{ACCOUNT}:parameter/app/old", f"arn:aws:ssm:{ACCOUNT}:parameter/app/new"
VAULT = f"arn:aws:secretsmanager:{ACCOUNT}:secret:app-AbCdEf"
TASK, EXECUTION, OWN = (f"arn:aws:iam::123456789012:role/{name}" for name in ("web-task", "ecs-execution", "web-x"))


def release(*secrets, roles=(TASK, EXECUTION), **container):
    named = [{"name": f"S{number}", "valueFrom": source} for number, source in enumerate(secrets)]
    return {
        "taskDefinitionArn": f"{LOTTO}:1",
        **dict(zip(("taskRoleArn", "executionRoleArn"), roles, strict=True)),
        "containerDefinitions": [{"name": "log"}, {"name": "app", "secrets": named, **container}],
    }


def logging(source):
    return {"logDriver": "splunk", "secretOptions": [{"name": "splunk-token", "valueFrom": source}]}


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        pytest.param(release(OLD), release(OLD), ([], []), id="the same"),
        pytest.param(release(OLD, NEW), release(OLD), ([], []), id="more by now"),
        pytest.param(release(NEW), release(OLD), ([], [OLD]), id="renamed"),
        pytest.param(release(OLD), release("/app/old"), ([], []), id="a parameter by its name"),
        pytest.param(release(), release("/app/old", OLD), ([], [OLD]), id="named twice"),
        pytest.param(release(f"{VAULT}:user::"), release(f"{VAULT}:password::"), ([], []), id="another key"),
        pytest.param(release(), release(f"{VAULT}:password::"), ([], [VAULT]), id="a secret without its key"),
        pytest.param(
            release(),
            release(repositoryCredentials={"credentialsParameter": VAULT}),
            ([], [VAULT]),
            id="of the registry",
        ),
        pytest.param(
            release(),
            release(repositoryCredentials={"credentialsParameter": "registry-login"}),
            ([], []),
            id="of the registry by its name, which a parameter may have, too",
        ),
        pytest.param(release(), release(logConfiguration=logging(NEW)), ([], [NEW]), id="of the log driver"),
        pytest.param(release(), release(NEW, roles=(TASK, OWN)), ([OWN], [NEW]), id="its own execution role"),
        pytest.param(release(roles=(OWN, EXECUTION)), release(), ([TASK], []), id="another task role"),
        pytest.param(release(roles=("web-task", None)), release(roles=(TASK, None)), ([], []), id="a role by its name"),
    ],
)
def test_lost(current, target, expected):
    assert rollback.lost(current, target) == expected
