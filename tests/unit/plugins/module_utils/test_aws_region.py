# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every region that botocore knows, in names, hosts and ARNs."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import region
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import planned
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import policies
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import names
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import zones
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import decide

from tests.unit.plugins.module_utils.service_definitions import PLATFORM
from tests.unit.plugins.module_utils.whole_platform import LAYERS

PARTITIONS = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text(encoding="utf-8"))
REGIONS = [
    (one["id"], name, one["outputs"])
    for one in PARTITIONS["partitions"]
    for name in one["regions"]
    if "global" not in name
]
EVERY = pytest.mark.parametrize(("partition", "name", "outputs"), REGIONS, ids=[name for _id, name, _out in REGIONS])


def test_all_partitions_are_here():
    assert {"aws", "aws-cn", "aws-us-gov", "aws-eusc"} <= {partition for partition, _name, _outputs in REGIONS}


@EVERY
def test_a_region_has_its_partition_prefix_zones_and_registry(monkeypatch, partition, name, outputs):
    assert region.problems(name) == []
    assert region.partition(name) == partition
    letters = "".join(word[0] for word in name.split("-")[:-1])
    assert names.name_prefix("shop", name, "Prod") == f"shop-{letters}{name.rpartition('-')[2]}p"
    assert zones.suffix(f"{name}b") == "b1"
    for host in (
        f"123456789012.dkr.ecr.{name}.{outputs['dnsSuffix']}",
        f"123456789012.dkr-ecr.{name}.{outputs['dualStackDnsSuffix'].replace('api.', 'on.', 1)}",
    ):
        known = host.endswith(region.DOMAINS)
        assert decide.ecr_registry(host) == (("123456789012", name) if known else None)
        assert known or partition.startswith("aws-iso")
    assert decide.ecr_registry(f"123456789012.dkr.ecr.{name}.{outputs['dnsSuffix']}") == ("123456789012", name)
    monkeypatch.setattr(region, "partitions", list)
    assert region.partition(name) == partition


@pytest.mark.parametrize("name", ["cn-north-1", "us-gov-west-1", "eusc-de-east-1", "ap-northeast-2"])
def test_arns_follow_the_partition(name):
    platform = {**PLATFORM, "region": name, "partition": region.partition(name)}
    trust = policies.trust_policy(platform)["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert trust == f"arn:{region.partition(name)}:ecs:{name}:123456789012:*"
    layers = {kind: {**inputs, "region": name} for kind, inputs in LAYERS.items()}
    layers["service"]["permissions_boundary"] = layers["vpc"]["permissions_boundary"] = ""
    made = [entry for kind, inputs in layers.items() for entry in planned.RESOURCES[kind](inputs)]
    text = json.dumps([entry for entry in made if entry["type"] in ("ecs_task_definition", "iam_role")])
    if name != "ap-northeast-2":
        given = json.dumps(LAYERS)
        own = {arn for arn in text.split('"') if arn.startswith("arn:aws:") and arn not in given}
        assert own == set()
