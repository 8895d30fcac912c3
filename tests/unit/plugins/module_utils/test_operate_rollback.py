# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import datetime
import re

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import rollback

LOTTO = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto"


def at(minute):
    return datetime.datetime(2026, 11, 22, 10, minute, tzinfo=datetime.UTC)


def history(*told):
    """Records and revisions of deployments, the oldest told first, as (revision, status)."""
    records = [
        {
            "serviceDeploymentArn": f"arn:aws:ecs:::service-deployment/cluster/service/d{index}",
            "targetServiceRevisionArn": f"revision-{index}",
            "status": status,
            "createdAt": at(index),
        }
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
            [(1, "SUCCESSFUL"), (2, "SUCCESSFUL"), (2, "SUCCESSFUL")], 2, [1], id="a refresh is not a step of its own"
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


THREE = [(number, "SUCCESSFUL") for number in (3, 4, 5)]


@pytest.mark.parametrize(
    ("since", "current", "expected"),
    [
        pytest.param([], 5, 4, id="killed before UpdateService"),
        pytest.param([(4, "PENDING")], 4, 4, id="killed after UpdateService"),
        pytest.param([(4, "IN_PROGRESS")], 4, 4, id="killed while it waited"),
        pytest.param([(4, "SUCCESSFUL")], 4, 4, id="killed when it was steady"),
        pytest.param([(4, "STOPPED"), (4, "SUCCESSFUL")], 4, 4, id="killed twice"),
        pytest.param([(4, "SUCCESSFUL"), (4, "SUCCESSFUL")], 4, 4, id="its tasks were replaced meanwhile"),
        pytest.param([(4, "ROLLBACK_SUCCESSFUL")], 5, None, id="it failed, and ECS went forth again"),
        pytest.param([(4, "ROLLBACK_FAILED")], 4, None, id="it failed, and so did going forth again"),
        pytest.param([(4, "STOPPED")], 4, None, id="it failed, and nothing went back"),
        pytest.param([(4, "STOPPED"), (4, "IN_PROGRESS")], 4, 4, id="it is being tried again"),
        pytest.param([(6, "SUCCESSFUL")], 6, None, id="another was deployed in between"),
        pytest.param([(4, "SUCCESSFUL"), (6, "IN_PROGRESS")], 6, None, id="another is being deployed"),
        pytest.param([(4, "SUCCESSFUL"), (6, "ROLLBACK_SUCCESSFUL")], 4, None, id="another was, and ECS went back"),
        pytest.param([(5, "SUCCESSFUL")], 5, None, id="somebody deployed the one to undo again"),
    ],
)
def test_a_rollback_that_was_interrupted_ends_where_it_was_going(since, current, expected):
    before, _ = history(*THREE)
    tag = rollback.pending_tag(f"{LOTTO}:4", before)
    assert tag == "to=4 after=d2"
    records, revisions = history(*THREE, *since)
    for listed in (records, records[::-1]):
        found = rollback.interrupted(f"{LOTTO}:{current}", tag, listed, revisions)
        assert found == (expected and f"{LOTTO}:{expected}")


@pytest.mark.parametrize(
    ("since", "current", "expected"),
    [
        pytest.param([(4, "ROLLBACK_SUCCESSFUL")], 5, [4, 5], id="ECS went forth again"),
        pytest.param([(4, "STOPPED")], 4, [4, 5], id="nothing went back"),
        pytest.param([], 5, [], id="nothing was deployed yet"),
        pytest.param([(4, "IN_PROGRESS")], 4, [], id="it is under way"),
        pytest.param([(4, "SUCCESSFUL")], 4, [], id="it served"),
        pytest.param([(4, "ROLLBACK_SUCCESSFUL"), (6, "SUCCESSFUL")], 6, [], id="another was deployed since"),
    ],
)
def test_a_rollback_that_failed_is_no_way_back_and_neither_is_what_it_was_to_undo(since, current, expected):
    tag = rollback.pending_tag(f"{LOTTO}:4", history(*THREE)[0])
    records, revisions = history(*THREE, *since)
    found = rollback.failed_targets(f"{LOTTO}:{current}", tag, records, revisions)
    assert found == [f"{LOTTO}:{revision}" for revision in expected]
    left = [arn for arn in rollback.candidates(f"{LOTTO}:{current}", records, revisions) if arn not in found]
    assert not expected or left == [f"{LOTTO}:3"]


def test_a_rollback_of_a_rollback_is_gone_on_with_too():
    once = [*THREE, (4, "SUCCESSFUL")]
    tag = rollback.pending_tag(f"{LOTTO}:3", history(*once)[0])
    records, revisions = history(*once, (3, "SUCCESSFUL"))
    assert rollback.interrupted(f"{LOTTO}:3", tag, records, revisions) == f"{LOTTO}:3"


@pytest.mark.parametrize(
    "tag",
    ["", rollback.done_tag(f"{LOTTO}:4"), "to=4", "to=0 after=d2", "to=4 after=d9", "to=4 after=d2 and more", "4"],
)
def test_a_tag_that_names_no_rollback_under_way_counts_for_nothing(tag):
    records, revisions = history(*THREE, (4, "SUCCESSFUL"))
    assert rollback.interrupted(f"{LOTTO}:4", tag, records, revisions) is None


def test_a_deployment_whose_revision_is_not_described_may_be_any():
    records, revisions = history(*THREE, (4, "SUCCESSFUL"))
    del revisions["revision-3"]
    assert rollback.interrupted(f"{LOTTO}:4", "to=4 after=d2", records, revisions) is None


def test_without_history_a_rollback_is_noted_and_not_gone_on_with():
    tag = rollback.pending_tag(f"{LOTTO}:4", [])
    assert tag == "to=4 after=unknown"
    records, revisions = history(*THREE)
    assert rollback.interrupted(f"{LOTTO}:5", tag, records, revisions) is None


@pytest.mark.parametrize("tag", [rollback.pending_tag(f"{LOTTO}:4", []), rollback.done_tag(f"{LOTTO}:4"), rollback.TAG])
def test_aws_takes_the_tag(tag):
    # API_Tag of ECS
    assert re.fullmatch(r"[\w .:/=+@-]{1,128}", tag)


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
    with pytest.raises(RefusedError) as told:
        rollback.choice("magiclub-an2p-lotto", f"{LOTTO}:4", found, lambda _arn: False)
    assert str(told.value) == (
        "Service 'magiclub-an2p-lotto' has no deployment that succeeded before that of magiclub-an2p-lotto:4,"
        f" as far as ECS remembers (90 days).{middle} Name a revision with -e revision=NUMBER."
    )


def test_the_first_revision_after_a_rollback_to_it_names_the_later_ones():
    with pytest.raises(RefusedError) as refusal:
        rollback.choice("lotto", f"{LOTTO}:1", [], lambda _arn: True, later={f"{LOTTO}:3", f"{LOTTO}:2"})
    assert str(refusal.value).endswith(
        "Fix the cause, and deploy again with site.yml, or name a later revision with -e revision=NUMBER"
        " (magiclub-an2p-lotto:2, magiclub-an2p-lotto:3 succeeded)."
    )


@pytest.mark.parametrize("failed", [False, True])
def test_the_first_revision_has_no_other_to_roll_back_to(failed):
    with pytest.raises(RefusedError) as refusal:
        rollback.choice("magiclub-an2p-lotto", f"{LOTTO}:1", [], lambda _arn: True, failed=failed)
    assert str(refusal.value) == (
        "Service 'magiclub-an2p-lotto' runs magiclub-an2p-lotto:1, its first revision: there is none before it to"
        " roll back to. Fix the cause, and deploy again with site.yml."
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
        (
            4,
            None,
            False,
            "lotto is set to magiclub-an2p-lotto:4 already: nothing to go back to."
            " -e revision=NUMBER goes to another one, of those that status.yml shows.",
        ),
        (
            4,
            None,
            True,
            "lotto is set to magiclub-an2p-lotto:4 already, but its deployment has FAILED: it is started again.",
        ),
    ],
)
def test_message(to, ends, failed, expected):
    assert rollback.message("lotto", f"{LOTTO}:4", f"{LOTTO}:{to}", ends, failed=failed) == expected


@pytest.mark.parametrize(
    ("to", "failed", "expected"),
    [
        (
            3,
            False,
            "lotto goes from magiclub-an2p-lotto:4 to magiclub-an2p-lotto:3,"
            " where a rollback that was interrupted was going.",
        ),
        (
            4,
            False,
            "lotto is set to magiclub-an2p-lotto:4 already, by a rollback that was interrupted: this run completes it.",
        ),
        (4, True, "lotto is set to magiclub-an2p-lotto:4 already, but its deployment has FAILED: it is started again."),
    ],
)
def test_message_of_a_rollback_that_was_interrupted(to, failed, expected):
    said = rollback.message("lotto", f"{LOTTO}:4", f"{LOTTO}:{to}", None, failed=failed, resumed=True)
    assert said == expected


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
    assert rollback.revoked_needs(current, target) == expected
