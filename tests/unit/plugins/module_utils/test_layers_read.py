# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read beside the layers: what nobody asks for, which a plan can do without."""

from __future__ import annotations

import types

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import read, unasked_read
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged.decide import Known
from botocore.exceptions import ClientError

P = "magiclub-an2p"
TAGS = {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"}
AWS = "arn:aws:{}:ap-northeast-2:123456789012:{}".format
VPC = Known(AWS("ec2", "vpc/vpc-1"), {**TAGS, "Name": f"{P}-vpc"})
SHOP = Known(AWS("logs", f"log-group:/ecs/{P}-shop"), TAGS)
OLD = Known(AWS("ecr", f"repository/{P}-old"), TAGS)


@pytest.fixture
def platform(monkeypatch):
    """Return a function that reads layers, where AWS lists what it is given."""

    def layer(_module, _options):
        return {"resources": [{"type": "vpc", "name": f"{P}-vpc", "id": "vpc-1"}]}

    def reads(listed, asked, layers=("vpc", "ecr_push")):
        def listing(*_arguments):
            if isinstance(listed, Exception):
                raise listed
            return listed

        monkeypatch.setattr(read, "READERS", dict.fromkeys(("vpc", "ecr_push"), layer))
        monkeypatch.setattr(unasked_read, "listing", listing)
        monkeypatch.setattr(unasked_read, "confirmed", lambda _client, candidates, _tags: candidates)
        monkeypatch.setattr(read, "_services", lambda _module, _found, more=(): {"more": list(more)})
        monkeypatch.setattr(read, "BELOW_SERVICES", ("vpc",))
        options = {"name_prefix": P, **{name: {} if name in layers else None for name in ("vpc", "ecr_push")}}
        params = {**options, "services": {"names": ["lotto"]}, "unasked": asked}
        return read.platform(types.SimpleNamespace(params=params, client=None))

    return reads


def asked(**options):
    return {"tags": TAGS, "services": ["lotto"], "beside": [], "repositories": [], "read": False, **options}


def names(found):
    return [entry["name"] for entry in found["unasked"]["found"]]


def test_it_is_not_looked_for_unless_it_is_asked_for(platform):
    assert "unasked" not in platform(AssertionError("asked"), None)


def test_what_a_layer_has_is_asked_for(platform):
    found = platform([VPC, SHOP, OLD], asked())
    assert names(found) == ["shop", f"{P}-old"]
    assert found["services"] == {"more": []}


def test_what_goes_is_read_with_the_services(platform):
    assert platform([VPC, SHOP], asked(read=True))["services"] == {"more": ["shop"]}


def test_a_repository_of_a_layer_that_is_not_read_is_asked_for(platform):
    assert names(platform([OLD], asked(repositories=[f"{P}-old"]), layers=("vpc",))) == []
    assert names(platform([OLD], asked(), layers=("vpc",))) == [f"{P}-old"]


def test_a_repository_is_its_services_where_there_is_one(platform):
    shop = Known(AWS("ecr", f"repository/{P}-shop"), TAGS)
    [service] = platform([SHOP, shop], asked())["unasked"]["found"]
    assert (service["kind"], [one["type"] for one in service["resources"]]) == (
        "service",
        ["ecr_repository", "log_group"],
    )
    [alone] = platform([shop], asked())["unasked"]["found"]
    assert (alone["kind"], alone["name"]) == ("resource", f"{P}-shop")


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetResources"), "GetResources"),
        (RefusedError("fargate_tags has no Environment."), "has no Environment"),
    ],
)
def test_a_plan_can_do_without(platform, error, wrong):
    found = platform(error, asked(read=True))
    assert (names(found), wrong in found["unasked"]["wrong"]) == ([], True)
    assert found["services"] == {"more": []}


def test_another_error_is_one(platform):
    error = ClientError({"Error": {"Code": "InternalServiceException", "Message": "no"}}, "GetResources")
    with pytest.raises(ClientError):
        platform(error, asked())
