# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The web ACL of a load balancer: asked for, read, compared, or left alone."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import desired, found, read, web_acl
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from botocore.exceptions import ClientError

from tests.unit.plugins.module_utils.test_alb import ALB, INPUTS, NETWORK, raw

ACL = "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/shop/a1b2c3d4-5678"
OTHER = ACL.replace("shop", "other")
BALANCER = "arn:load-balancer-of-a-test"


@pytest.mark.parametrize(
    ("given", "has", "expected"),
    [
        ("", None, []),
        (ACL, ACL, []),
        (ACL, "", [("", ACL)]),
        (ACL, OTHER, [(OTHER, ACL)]),
        ("none", OTHER, [(OTHER, "")]),
        ("none", "", []),
    ],
)
def test_it_is_compared_where_it_is_asked_for(given, has, expected):
    wanted = [one for one in desired.resources({**INPUTS, "web_acl_arn": given}, NETWORK, {}) if one["name"] == ALB]
    there = [
        one for one in found.resources(raw(**({} if has is None else {"web_acl": has})), ALB) if one["name"] == ALB
    ]
    fields = [field for change in compare.changes(wanted, there) for field in change["fields"]]
    assert [(one["before"], one["after"]) for one in fields if one["path"] == "web_acl"] == expected


def test_the_one_that_it_has_is_read(aws):
    aws.answer("wafv2", "get_web_acl_for_resource", {"WebACL": acl()}, ResourceArn=BALANCER)
    aws.answer("wafv2", "get_web_acl_for_resource", {}, ResourceArn=BALANCER)
    aws.refuse("wafv2", "get_web_acl_for_resource", "WAFNonexistentItemException", ResourceArn=BALANCER)
    assert [read.web_acl_of(aws.client("wafv2"), BALANCER) for _each in range(3)] == [ACL, "", ""]


def acl():
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "shop"}
    return {"Name": "shop", "Id": "a1b2c3d4-5678", "ARN": ACL, "DefaultAction": {}, "VisibilityConfig": visible}


@pytest.mark.parametrize(
    ("code", "expected"), [(None, True), ("WAFNonexistentItemException", False), ("AccessDeniedException", None)]
)
def test_whether_the_wanted_one_is_there(aws, code, expected):
    asked = {"Name": "shop", "Scope": "REGIONAL", "Id": "a1b2c3d4-5678"}
    if code:
        aws.refuse("wafv2", "get_web_acl", code, **asked)
    else:
        aws.answer("wafv2", "get_web_acl", {"WebACL": acl()}, **asked)
    is_there = read.web_acl_exists(aws.client("wafv2"), ACL)
    assert is_there is expected
    says = f"alb_web_acl_arn {ACL}: there is no such web ACL in this account. Create it first, or name another."
    assert web_acl.missing(ACL, is_there) == ([says] if expected is False else [])


def test_no_web_acl_is_looked_for_by_a_word(aws):
    assert read.web_acl_exists(aws.client("wafv2"), web_acl.NONE) is None


def test_another_error_is_not_hidden(aws):
    aws.refuse(
        "wafv2", "get_web_acl", "WAFInvalidParameterException", Name="shop", Scope="REGIONAL", Id="a1b2c3d4-5678"
    )
    with pytest.raises(ClientError, match="WAFInvalidParameterException"):
        read.web_acl_exists(aws.client("wafv2"), ACL)
