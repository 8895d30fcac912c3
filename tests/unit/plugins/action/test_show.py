# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.action import show


def test_lines_are_printed_as_they_are(run_action):
    result, lines = run_action(show, {"lines": ["Address  http://x", "", "  {{ not a template }}"]})
    assert lines == ["Address  http://x", "", "  {{ not a template }}"]
    assert result == {"changed": False}


def test_stats_become_artifacts_of_the_run(run_action):
    result, _lines = run_action(show, {"lines": [], "stats": {"fargate_outcome": "steady"}}, check=True)
    assert result["ansible_stats"] == {
        "data": {"fargate_outcome": "steady"},
        "per_host": False,
        "aggregate": False,
    }


HOST = {"inventory_hostname": "poc"}


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ({}, ["Address  http://x", ""]),
        ({**HOST, "ansible_play_hosts_all": ["poc"]}, ["Address  http://x", ""]),
        ({**HOST, "ansible_play_hosts_all": ["poc", "prod"]}, ["[poc] Address  http://x", ""]),
    ],
)
def test_lines_say_whose_they_are_if_the_play_has_several_hosts(run_action, hosts, expected):
    assert run_action(show, {"lines": ["Address  http://x", ""]}, variables=hosts)[1] == expected


def test_of_several_hosts_each_has_its_own_artifact(run_action):
    several = {**HOST, "ansible_play_hosts_all": ["poc", "prod"]}
    given = {"lines": [], "stats": {"fargate_result": {"failed": False}, "fargate_exit_code": 3}}
    result, _lines = run_action(show, given, variables=several)
    assert result["ansible_stats"] == {
        "data": {
            "fargate_result": {"failed": False, "hosts": {"poc": {"failed": False}}},
            "fargate_exit_code": {"hosts": {"poc": 3}},
        },
        "per_host": False,
        # else the last host's would be the only one
        "aggregate": True,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"), [({}, "missing required arguments: lines"), ({"lines": [], "line": "x"}, "line.")]
)
def test_wrong_arguments(run_action, arguments, sentence):
    with pytest.raises(AnsibleActionFail, match=sentence):
        run_action(show, arguments)
