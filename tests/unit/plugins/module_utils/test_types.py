# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of types, by what botocore and the other tables have of them."""

from __future__ import annotations

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._constraints import sent
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.types import TYPES
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import delete

from tests.support.holdings import LISTINGS

EC2 = botocore.session.get_session().get_service_model("ec2")
OF_EC2 = sorted(name for name, one in TYPES.items() if one.tagged.startswith("ec2:"))


@pytest.mark.parametrize("name", OF_EC2)
def test_a_type_of_ec2_has_the_name_that_ec2_tags_it_by_and_can_be_deleted(name):
    assert TYPES[name].tagged.removeprefix("ec2:") in EC2.shape_for("ResourceType").enum
    assert TYPES[name].tagged.replace("-", "").endswith(name.replace("_", ""))
    assert name in delete.TYPES


def test_each_type_is_checked_by_its_constraints():
    assert TYPES.keys() <= sent.KINDS.keys()


def test_the_types_of_ec2_are_listed_by_operations_that_there_are():
    listed = {one.type: one for one in LISTINGS if one.service == "ec2"}
    assert sorted(listed) == OF_EC2
    for one in listed.values():
        operation = EC2.operation_model("".join(word.title() for word in one.operation.split("_")))
        assert one.items.partition("[")[0] in operation.output_shape.members
