# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which schedules are asked for by the names of services, which others may have chosen."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import api


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        (["shop-web", "shop-job"], {"NamePrefix": "shop-"}),
        (["web", "job"], {}),
        (["job", "x" * 65], {"NamePrefix": "job"}),
    ],
)
def test_schedules_are_listed_by_what_their_names_have_in_common(aws, wanted, asked):
    aws.answer("scheduler", "list_schedules", {"Schedules": []}, GroupName="default", **asked)
    assert api.schedules(aws.client("scheduler"), wanted) == []


def test_no_schedule_has_so_long_a_name(aws):
    assert api.schedules(aws.client("scheduler"), ["x" * 65]) == []
