# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run of several hosts leaves behind of each."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.filter.hosts import FilterModule

FILTERS = FilterModule().filters()
SEVERAL = {"add": 2, "hosts": {"poc": {"add": 1}, "prod": {"add": 2}}}


@pytest.mark.parametrize(
    ("told", "host", "own"),
    [
        (SEVERAL, "poc", {"add": 1}),
        (SEVERAL, "prod", {"add": 2}),
        # the last host's is not another one's
        (SEVERAL, "dev", {}),
        ({"add": 3}, "poc", {"add": 3}),
        ({}, "poc", {}),
    ],
)
def test_an_artifact_is_taken_of_ones_own_host(told, host, own):
    assert FILTERS["artifact_of"](told, host) == own


@pytest.mark.parametrize(
    ("path", "hosts", "expected"),
    [
        ("out/plan.json", ["poc"], "out/plan.json"),
        ("out/plan.json", ["poc", "prod"], "out/plan.poc.json"),
        ("/tmp/plan", ["poc", "prod"], "/tmp/plan.poc"),
        ("poc.json", ["poc", "prod"], "poc.json"),
        ("poc/plan.json", ["poc", "prod"], "poc/plan.poc.json"),
        ("plan.json", [], "plan.json"),
    ],
)
def test_of_several_hosts_each_writes_its_own_file(path, hosts, expected):
    assert FILTERS["file_of"](path, "poc", hosts) == expected


def test_a_name_with_a_slash_stays_one_file():
    assert FILTERS["file_of"]("out/plan.json", "eu/poc", ["eu/poc", "prod"]) == "out/plan.eu_poc.json"
