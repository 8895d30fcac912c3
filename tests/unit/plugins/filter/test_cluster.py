# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.filter import cluster

from tests.unit.plugins.filter.templates import as_in_templates

FILTERS = as_in_templates(cluster.FilterModule().filters())
INPUTS = {
    "name_prefix": "magiclub-an2p",
    "region": "ap-northeast-2",
    "tags": {},
    "container_insights": "disabled",
    "capacity_providers": ["FARGATE"],
    "default_capacity_provider_strategy": [],
    "configuration": {},
    "execution_role_policies": [],
    "permissions_boundary": "",
    "account_id": "123456789012",
    "others_boundary": False,
    "private_domain": "",
    "http_namespace": "",
    "vpc_name": "magiclub-an2p-vpc",
}


def test_resources_and_facts_of_a_cluster():
    resources = FILTERS["ecs_cluster_resources"](INPUTS)
    facts = FILTERS["ecs_cluster_facts"](resources, "magiclub-an2p", "ap-northeast-2", "123456789012")
    assert facts["cluster"] == {"name": "magiclub-an2p-ecs", "arn": None}
    assert facts["planned"] is True


def test_an_input_that_is_missing_is_named():
    inputs = {key: value for key, value in INPUTS.items() if key != "vpc_name"} | {"private_domain": "a.internal"}
    with pytest.raises(AnsibleFilterError, match="No cluster can be made of these inputs: 'vpc_name'"):
        FILTERS["ecs_cluster_resources"](inputs)


@pytest.mark.parametrize(
    ("image", "names"), [(None, ["lotto"]), ({"tag": "3f2a9c81d4b7e605"}, ["lotto", "lotto:3f2a9c81d4b7e605"])]
)
def test_resources_of_an_image(image, names):
    assert [one["name"] for one in FILTERS["ecr_push_resources"]({"name": "lotto"}, image)] == names
