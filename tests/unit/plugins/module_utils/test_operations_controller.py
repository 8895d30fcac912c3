# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import controller as content
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import controller_credentials as of_awx

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "secret"}
AWS, VAULT, ROLE = 1, 2, 3


def entry(name, kind=content.AWS_TYPE, **inputs):
    return {"name": name, "state": "present", "credential_type": kind, "inputs": inputs}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "tower_environments is empty: nothing would be made. Name one, as in [{name: poc}]."),
        (
            [{"inventory": "poc"}],
            "An environment of tower_environments has no name: ['inventory']. Give it one, as in {name: poc}.",
        ),
        ([{"name": "a"}, {"name": "a"}], "tower_environments has a name twice: a, a. Each has to have its own."),
        ([{"name": "a", "role": "x"}], "Environment 'a' has 'role', which nothing reads."),
        ([{"name": "a", "slices": 0}], "Environment 'a' has slices 0, which has to be a whole number from 1."),
        ([{"name": "a", "forks": "5"}], "Environment 'a' has forks '5', which has to be a whole number from 1."),
    ],
)
def test_an_environment_that_awx_could_not_have_is_refused(given, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        content.environments({"name": "magiclub", "environments": given})


@pytest.mark.parametrize(
    ("names", "own", "environ", "told"),
    [
        (["a"], {}, KEYS, []),
        (["a"], {}, {}, ["Credential a is missing in AWX, and can't be made: AWS_ACCESS_KEY_ID"]),
        (["a"], {"a": ("AKIAA", "")}, KEYS, ["Credential a is missing in AWX, and can't be made: aws_access_key_id"]),
        (["a"], {}, {**KEYS, "AWS_ACCESS_KEY_ID": "ASIAX"}, ["Credential a would be made of temporary keys"]),
        (["a"], {}, {**KEYS, "AWS_SESSION_TOKEN": "t"}, ["Credential a would be made of temporary keys"]),
        (["a"], {"a": ("AKIAA", "s")}, {"AWS_SESSION_TOKEN": "t"}, []),
        (["a", "b"], {}, KEYS, ["Credentials a, b are missing"]),
        (["a", "b"], {"a": ("AKIAA", "s")}, KEYS, []),
    ],
)
def test_keys_that_are_missing_temporary_or_of_one_account_are_refused(names, own, environ, told):
    missing = [entry(name, username=own.get(name, ("", ""))[0], password=own.get(name, ("", ""))[1]) for name in names]
    found = of_awx.key_problems(missing, environ)
    assert [sentence[: len(start)] for sentence, start in zip(found, told, strict=True)] == told


def test_a_role_that_a_machine_or_a_task_assumes_needs_no_keys():
    role = entry("a", "role", role_arn="arn:aws:iam::1:role/x", source="EcsContainer")
    assert of_awx.key_problems([role], {}) == []
    assert of_awx.with_keys([role], KEYS) == [role]


def test_a_credential_that_is_there_is_never_made_again():
    assert of_awx.missing_credentials([entry("a"), entry("b")], [{"name": "a"}]) == [entry("b")]


@pytest.mark.parametrize(
    ("listed", "held", "kept"),
    [
        (["aws"], [], []),
        (["aws"], [{"id": 11, "kind": "aws"}], []),
        (["aws"], [{"id": 12, "kind": "aws"}], []),
        (["aws"], [{"id": 21, "kind": "vault"}, {"id": 31, "kind": None}], ["21", "31"]),
        (["aws", "vault"], [{"id": 21, "kind": "vault"}, {"id": 22, "kind": "vault"}], ["22"]),
        ([], [{"id": 12, "kind": "aws"}], ["12"]),
    ],
)
def test_no_credential_of_a_template_is_taken_away_but_for_one_of_the_same_type(listed, held, kept):
    known = {"aws": (11, AWS), "other aws": (12, AWS), "vault": (21, VAULT), "second": (22, VAULT), "own": (31, ROLE)}
    credentials = [{"name": name, "id": key, "credential_type": kind} for name, (key, kind) in known.items()]
    template = {"name": "deploy", "credentials": listed}
    [found] = of_awx.with_kept_credentials(
        [template], [{"name": "deploy", "summary_fields": {"credentials": held}}], credentials
    )
    assert found["credentials"] == [*listed, *kept]


def test_a_node_that_an_earlier_version_had_is_stale():
    def held(workflow, identifier):
        return {"identifier": identifier, "summary_fields": {"workflow_job_template": {"name": workflow}}}

    entries = [
        {"name": "release", "state": "present", "simplified_workflow_nodes": [{"identifier": "plan"}]},
        {"name": "gone", "state": "absent"},
    ]
    nodes = [held("release", "plan"), held("release", "look"), held("gone", "look"), held("of others", "look")]
    assert content.stale_nodes(entries, nodes) == [{"workflow": "release", "identifier": "look"}]


TABLES = {"surveys": {}, "templates": [], "workflows": []}
SETTINGS = {"name": "magiclub", "organization": "o", "project": "p", "execution_environment": "ee", "notifications": []}
ROW = {"name": "site", "description": "d", "playbook": "playbooks/site.yml"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, {}),
        (
            {"slices": 4, "forks": 10, "instance_groups": ["mesh"]},
            {"job_slice_count": 4, "forks": 10, "instance_groups": ["mesh"]},
        ),
    ],
)
def test_jobs_of_many_hosts_are_spread_as_their_environment_says(given, told):
    [one] = content.environments({"name": "magiclub", "environments": [{"name": "poc", **given}]})
    template = content._template(TABLES, SETTINGS, one, ROW)
    spread = ("job_slice_count", "forks", "instance_groups")
    assert {key: value for key, value in template.items() if key in spread} == told
