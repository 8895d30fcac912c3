# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Missing resources can't be tagged, detached or protected.

tests/e2e/test_export.py requests again every resource of a removed platform.
"""

from __future__ import annotations

from typing import Any

from local_aws.corrections._patch import corrects, replace, service, unless

Params = dict[str, Any]
ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"

# By the prefix of an id: MiniStack's store of such resources, and the code for a missing one.
KEPT = {
    "eipalloc": ("_addresses", "InvalidAllocationID.NotFound"),
    "fl": ("_flow_logs", "InvalidFlowLogId.NotFound"),
    "igw": ("_internet_gateways", "InvalidInternetGatewayID.NotFound"),
    "nat": ("_nat_gateways", "NatGatewayNotFound"),
    "rtb": ("_route_tables", "InvalidRouteTableID.NotFound"),
    "sg": ("_security_groups", "InvalidGroup.NotFound"),
    "subnet": ("_subnets", "InvalidSubnetID.NotFound"),
    "vpc": ("_vpcs", "InvalidVpcID.NotFound"),
    "vpce": ("_vpc_endpoints", "InvalidVpcEndpointId.NotFound"),
}


def first_missing(ids: list[str]) -> Any:
    """Return the error of the first missing id, None if all exist."""
    ec2 = service("ec2")
    for one in ids:
        store, code = KEPT.get(one.partition("-")[0], ("", ""))
        if store and one not in getattr(ec2, store):
            return ec2._error(code, f"The ID '{one}' does not exist", 400)
    return None


def unknown_association(params: Params) -> Any:
    ec2 = service("ec2")
    wanted = ec2._p(params, "AssociationId")
    known = {one["RouteTableAssociationId"] for table in ec2._route_tables.values() for one in table["Associations"]}
    if wanted in known:
        return None
    return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{wanted}' does not exist", 400)


@corrects("ec2", aws="tags, flow logs and associations of missing resources are errors", evidence=ERRORS)
def miss_what_is_gone() -> None:
    ec2 = service("ec2")
    replace(ec2, "_create_tags", unless(lambda params: first_missing(ec2._parse_member_list(params, "ResourceId"))))
    replace(
        ec2, "_describe_flow_logs", unless(lambda params: first_missing(ec2._parse_member_list(params, "FlowLogId")))
    )
    replace(ec2, "_disassociate_route_table", unless(unknown_association))


def no_such_group(params: Params) -> Any:
    alb = service("alb")
    return alb._empty("DeleteTargetGroup") if alb._p(params, "TargetGroupArn") not in alb._tgs else None


@corrects(
    "elbv2",
    aws="deleting a missing target group is no error: DeleteTargetGroup has no error but ResourceInUse",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html",
)
def delete_no_group() -> None:
    replace(service("alb"), "_delete_tg", unless(no_such_group))


def no_such_balancer(data: Params) -> Any:
    arn = str(data.get("ResourceArn", ""))
    if ":loadbalancer/" not in arn or arn in service("alb")._lbs:
        return None
    return service("waf")._waf_err("WAFNonexistentItemException", f"There is no resource {arn}")


@corrects(
    "wafv2",
    aws="a web ACL can only protect an existing load balancer",
    evidence="https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html",
)
def protect_what_is_there() -> None:
    replace(service("waf"), "_associate_web_acl", unless(no_such_balancer))
