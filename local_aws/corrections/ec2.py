# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2 networking: NAT gateways and addresses as in AWS, and nothing is deleted that is in use."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from typing import Any

from local_aws import settings
from local_aws.corrections import elbv2
from local_aws.corrections._patch import corrects, instead, replace, service, unless

Params = dict[str, Any]
Record = dict[str, Any]

# Seconds on AWS, scaled here.
NAT_PENDING = 100.0
NAT_DELETING = 45.0


def in_use(ec2: Any, what: str) -> Any:
    return ec2._error("DependencyViolation", f"The {what} has dependencies and cannot be deleted.", 400)


def live_nat_gateways(ec2: Any) -> list[Record]:
    return [n for n in ec2._nat_gateways.values() if nat_state(n) in ("pending", "available", "deleting")]


def running_task_networks() -> Iterator[Record]:
    """Return the awsvpc configurations of services that have tasks which are not stopped."""
    ecs = service("ecs")
    groups = {(t["clusterArn"], t.get("group")) for t in ecs._tasks.values() if t["lastStatus"] != "STOPPED"}
    for svc in ecs._services.values():
        if (svc["clusterArn"], f"service:{svc['serviceName']}") in groups:
            yield (svc.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}


def subnet_users(ec2: Any, subnet: str) -> bool:
    return (
        any(n["SubnetId"] == subnet for n in live_nat_gateways(ec2))
        or any(subnet in b.get("Subnets", []) for b in elbv2.balancers_here())
        or any(subnet in e.get("SubnetIds", []) for e in ec2._vpc_endpoints.values())
        or any(i.get("SubnetId") == subnet for i in ec2._network_interfaces.values())
        or any(subnet in network.get("subnets", []) for network in running_task_networks())
    )


def group_users(ec2: Any, group: str) -> bool:
    for other in ec2._security_groups.values():
        for rule in [*other.get("IpPermissions", []), *other.get("IpPermissionsEgress", [])]:
            if other["GroupId"] != group and group in [p.get("GroupId") for p in rule.get("UserIdGroupPairs", [])]:
                return True
    return (
        any(group in b.get("SecurityGroups", []) for b in elbv2.balancers_here())
        or any(group in e.get("SecurityGroupIds", []) for e in ec2._vpc_endpoints.values())
        or any(group in network.get("securityGroups", []) for network in running_task_networks())
    )


def has_public_addresses(ec2: Any, vpc: str) -> bool:
    nats = [n for n in live_nat_gateways(ec2) if n["VpcId"] == vpc and n["ConnectivityType"] == "public"]
    return bool(nats) or any(b["VpcId"] == vpc and b["Scheme"] == "internet-facing" for b in elbv2.balancers_here())


def refuse_subnet(params: Params) -> Any:
    ec2 = service("ec2")
    subnet = ec2._p(params, "SubnetId")
    if subnet in ec2._subnets and subnet_users(ec2, subnet):
        return in_use(ec2, f"subnet '{subnet}'")
    for table in ec2._route_tables.values():
        table["Associations"] = [a for a in table["Associations"] if a.get("SubnetId") != subnet]
    return None


def refuse_security_group(params: Params) -> Any:
    ec2 = service("ec2")
    group = ec2._p(params, "GroupId")
    if group in ec2._security_groups and group_users(ec2, group):
        return ec2._error("DependencyViolation", f"resource {group} has a dependent object", 400)
    return None


def refuse_internet_gateway(params: Params) -> Any:
    ec2 = service("ec2")
    gateway = ec2._p(params, "InternetGatewayId")
    if ec2._internet_gateways.get(gateway, {}).get("Attachments"):
        return in_use(ec2, f"internetGateway '{gateway}'")
    return None


def refuse_detaching(params: Params) -> Any:
    ec2 = service("ec2")
    gateway, vpc = ec2._p(params, "InternetGatewayId"), ec2._p(params, "VpcId")
    if gateway not in ec2._internet_gateways:
        message = f"The internetGateway ID '{gateway}' does not exist"
        return ec2._error("InvalidInternetGatewayID.NotFound", message, 400)
    if vpc not in [a["VpcId"] for a in ec2._internet_gateways[gateway]["Attachments"]]:
        return ec2._error("Gateway.NotAttached", f"resource {gateway} is not attached to network {vpc}", 400)
    if has_public_addresses(ec2, vpc):
        message = (
            f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway."
        )
        return ec2._error("DependencyViolation", message, 400)
    return None


def refuse_route_table(params: Params) -> Any:
    ec2 = service("ec2")
    table = ec2._p(params, "RouteTableId")
    if ec2._route_tables.get(table, {}).get("Associations"):
        return in_use(ec2, f"routeTable '{table}'")
    return None


def refuse_vpc(params: Params) -> Any:
    ec2 = service("ec2")
    vpc = ec2._p(params, "VpcId")
    tables = [
        table
        for table in ec2._route_tables.values()
        if table["VpcId"] == vpc and not any(a.get("Main") for a in table["Associations"])
    ]
    endpoints = [e for e in ec2._vpc_endpoints.values() if e["VpcId"] == vpc]
    return in_use(ec2, f"vpc '{vpc}'") if vpc in ec2._vpcs and (tables or endpoints) else None


@corrects(
    "ec2",
    aws="deleting subnets, security groups, internet gateways, route tables and VPCs in use is a DependencyViolation",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
)
def refuse_deleting_what_is_in_use() -> None:
    ec2 = service("ec2")
    replace(ec2, "_delete_subnet", unless(refuse_subnet))
    replace(ec2, "_delete_security_group", unless(refuse_security_group))
    replace(ec2, "_delete_internet_gateway", unless(refuse_internet_gateway))
    replace(ec2, "_detach_internet_gateway", unless(refuse_detaching))
    replace(ec2, "_delete_route_table", unless(refuse_route_table))
    replace(ec2, "_delete_vpc", unless(refuse_vpc))


def refuse_new_subnet(params: Params) -> Any:
    ec2 = service("ec2")
    vpc, cidr = ec2._p(params, "VpcId"), ec2._p(params, "CidrBlock")
    if vpc not in ec2._vpcs:
        return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist", 400)
    try:
        network = ipaddress.ip_network(cidr)
    except ValueError:
        message = f"Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        return ec2._error("InvalidParameterValue", message, 400)
    if not subnet_of(network, ec2._vpcs[vpc]["CidrBlock"]):
        return ec2._error("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.", 400)
    taken = [subnet["CidrBlock"] for subnet in ec2._subnets.values() if subnet["VpcId"] == vpc]
    if any(network.overlaps(ipaddress.ip_network(other)) for other in taken):
        return ec2._error("InvalidSubnet.Conflict", f"The CIDR '{cidr}' conflicts with another subnet", 400)
    return None


def refuse_new_route(params: Params) -> Any:
    ec2 = service("ec2")
    table = ec2._route_tables.get(ec2._p(params, "RouteTableId"))
    destination, nat = ec2._p(params, "DestinationCidrBlock"), ec2._p(params, "NatGatewayId")
    if table and destination in [route.get("DestinationCidrBlock") for route in table["Routes"]]:
        message = f"The route identified by {destination} already exists."
        return ec2._error("RouteAlreadyExists", message, 400)
    if nat and nat_state(ec2._nat_gateways.get(nat, {})) not in ("pending", "available"):
        return ec2._error("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat}' does not exist", 400)
    return None


def refuse_association(params: Params) -> Any:
    ec2 = service("ec2")
    table, subnet = ec2._p(params, "RouteTableId"), ec2._p(params, "SubnetId")
    if subnet and subnet not in ec2._subnets:
        return ec2._error("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist", 400)
    for other in ec2._route_tables.values():
        if other["RouteTableId"] != table and subnet in [a.get("SubnetId") for a in other["Associations"]]:
            message = f"the specified association for route table {table} conflicts with an existing association"
            return ec2._error("Resource.AlreadyAssociated", message, 400)
    return None


@corrects(
    "ec2",
    aws="subnets must lie in their VPC and not overlap; a route's destination is unique and its target exists, and a "
    "subnet has one route table",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html",
)
def check_networks() -> None:
    ec2 = service("ec2")
    replace(ec2, "_create_subnet", unless(refuse_new_subnet))
    replace(ec2, "_create_route", unless(refuse_new_route))
    replace(ec2, "_associate_route_table", unless(refuse_association))


def subnet_of(network: ipaddress.IPv4Network | ipaddress.IPv6Network, vpc_cidr: str) -> bool:
    outer = ipaddress.ip_network(vpc_cidr)
    return (
        isinstance(network, ipaddress.IPv4Network)
        and isinstance(outer, ipaddress.IPv4Network)
        and network.subnet_of(outer)
    )


def nat_state(gateway: Record) -> str:
    """Return the current state of a NAT gateway; '' for none."""
    now = time.time()
    if "_deleted_at" in gateway:
        return "deleted" if now >= gateway["_deleted_at"] else "deleting"
    if not gateway or now >= gateway["_ready_at"]:
        return str(gateway.get("State", ""))
    return "pending"


def nat_xml(ec2: Any, gateway: Record, tag: str) -> str:
    state = nat_state(gateway)
    failure = gateway.get("_failure") if state == "failed" else None
    failed = f"<failureCode>{failure[0]}</failureCode><failureMessage>{failure[1]}</failureMessage>" if failure else ""
    address = gateway.get("_address")
    shown = "".join(f"<{k}>{v}</{k}>" for k, v in (address or {}).items())
    status = {"available": "succeeded", "deleting": "disassociating"}.get(state, "associating")
    addresses = f"<item>{shown}<isPrimary>true</isPrimary><status>{status}</status></item>" if address else ""
    if state == "deleted":
        addresses = addresses.replace("<status>associating</status>", "")
    return (
        f"<{tag}><natGatewayId>{gateway['NatGatewayId']}</natGatewayId><subnetId>{gateway['SubnetId']}</subnetId>"
        f"<vpcId>{gateway['VpcId']}</vpcId><state>{state}</state>{failed}"
        f"<connectivityType>{gateway['ConnectivityType']}</connectivityType>"
        f"<createTime>{gateway['CreateTime']}</createTime><natGatewayAddressSet>{addresses}</natGatewayAddressSet>"
        f"{ec2._tag_set_xml(gateway['NatGatewayId'])}</{tag}>"
    )


def nat_problem(ec2: Any, params: Params) -> tuple[str, str] | None:
    """Return why AWS refuses this CreateNatGateway, as (code, message)."""
    subnet, allocation = ec2._p(params, "SubnetId"), ec2._p(params, "AllocationId")
    public = (ec2._p(params, "ConnectivityType") or "public") == "public"
    if subnet not in ec2._subnets:
        return "InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist"
    if not public:
        return None
    if not allocation:
        return (
            "MissingParameter",
            "The request must include the AllocationId parameter. Add the required parameter and retry the request.",
        )
    if allocation not in ec2._addresses:
        return "InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist"
    if ec2._addresses[allocation].get("AssociationId"):
        return "Resource.AlreadyAssociated", f"Elastic IP address [{allocation}] is already associated"
    return None


def free_address(ec2: Any, gateway: Record) -> None:
    """Release the Elastic IP of a deleted NAT gateway."""
    address = ec2._addresses.get(gateway.get("AllocationId") or "")
    if address and address.get("_nat") == gateway["NatGatewayId"] and nat_state(gateway) in ("deleted", "failed"):
        address.update(AssociationId=None, NetworkInterfaceId=None, PrivateIpAddress=None, _nat=None)


def create_nat(original: Any) -> Any:
    ec2 = service("ec2")

    def call(params: Params) -> Any:
        token = ec2._p(params, "ClientToken")
        for gateway in ec2._nat_gateways.values():
            if token and gateway.get("_token") == token:
                return ec2._xml(200, "CreateNatGatewayResponse", nat_xml(ec2, gateway, "natGateway"))
        problem = nat_problem(ec2, params)
        if problem:
            return ec2._error(*problem, 400)
        before = set(ec2._nat_gateways.keys())
        original(params)
        (new,) = set(ec2._nat_gateways.keys()) - before
        gateway = ec2._nat_gateways[new]
        gateway.update(_ready_at=time.time() + NAT_PENDING * settings.time_scale(), _token=token)
        if gateway["ConnectivityType"] == "public":
            associate_nat(ec2, gateway)
        return ec2._xml(200, "CreateNatGatewayResponse", nat_xml(ec2, gateway, "natGateway"))

    return call


def describe_nats(params: Params) -> Any:
    ec2 = service("ec2")
    ids, filters = ec2._parse_member_list(params, "NatGatewayId"), ec2._parse_filters(params)
    for wanted in ids:
        if wanted not in ec2._nat_gateways:
            return ec2._error("NatGatewayNotFound", f"NAT gateway {wanted} was not found", 400)
    shown = []
    for gateway in ec2._nat_gateways.values():
        free_address(ec2, gateway)
        values = {
            "state": nat_state(gateway),
            "vpc-id": gateway["VpcId"],
            "subnet-id": gateway["SubnetId"],
            "nat-gateway-id": gateway["NatGatewayId"],
        }
        asked = not ids or gateway["NatGatewayId"] in ids
        if asked and passes(ec2, gateway["NatGatewayId"], values, filters):
            shown.append(nat_xml(ec2, gateway, "item"))
    return ec2._xml(200, "DescribeNatGatewaysResponse", f"<natGatewaySet>{''.join(shown)}</natGatewaySet>")


def delete_nat(params: Params) -> Any:
    ec2 = service("ec2")
    named = ec2._p(params, "NatGatewayId")
    gateway = ec2._nat_gateways.get(named)
    if gateway is None:
        return ec2._error("NatGatewayNotFound", f"NAT gateway {named} was not found", 400)
    gateway.setdefault("_deleted_at", time.time() + NAT_DELETING * settings.time_scale())
    return ec2._xml(200, "DeleteNatGatewayResponse", f"<natGatewayId>{named}</natGatewayId>")


@corrects(
    "ec2",
    aws="a NAT gateway is pending for minutes, has its Elastic IP associated, fails without an internet gateway, and "
    "is deleting before it is deleted",
    evidence="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
)
def take_time_for_nat_gateways() -> None:
    ec2 = service("ec2")
    replace(ec2, "_create_nat_gateway", create_nat)
    replace(ec2, "_describe_nat_gateways", instead(describe_nats))
    replace(ec2, "_delete_nat_gateway", instead(delete_nat))


def associate_nat(ec2: Any, gateway: Record) -> None:
    """Associate a public NAT gateway with its Elastic IP, or let it fail as AWS does without an internet gateway."""
    attached = {a["VpcId"] for igw in ec2._internet_gateways.values() for a in igw["Attachments"]}
    if gateway["VpcId"] not in attached:
        message = f"Network {gateway['VpcId']} has no Internet gateway attached"
        gateway.update(State="failed", _failure=("Gateway.NotAttached", message))
        return
    suffix = gateway["NatGatewayId"].removeprefix("nat-")
    network = ipaddress.ip_network(ec2._subnets[gateway["SubnetId"]]["CidrBlock"])
    private = str(network[10 + len(ec2._nat_gateways) % 200 if network.num_addresses > 220 else 5])
    address = ec2._addresses[gateway["AllocationId"]]
    address.update(
        AssociationId=f"eipassoc-{suffix}",
        NetworkInterfaceId=f"eni-{suffix}",
        PrivateIpAddress=private,
        _nat=gateway["NatGatewayId"],
    )
    gateway["_address"] = {
        "allocationId": gateway["AllocationId"],
        "associationId": address["AssociationId"],
        "networkInterfaceId": address["NetworkInterfaceId"],
        "privateIp": private,
        "publicIp": address["PublicIp"],
    }


def passes(ec2: Any, resource: str, values: dict[str, str], filters: dict[str, list[str]]) -> bool:
    """Return whether a resource matches filters by its values and its tags."""
    for name, wanted in filters.items():
        if name in values and not any(ec2._glob_match(pattern, values[name]) for pattern in wanted):
            return False
    return bool(ec2._resource_matches_tag_filters(resource, filters))


def describe_addresses(params: Params) -> Any:
    ec2 = service("ec2")
    ids, filters = ec2._parse_member_list(params, "AllocationId"), ec2._parse_filters(params)
    public = ec2._parse_member_list(params, "PublicIp")
    for wanted in ids:
        if wanted not in ec2._addresses:
            message = f"The allocation ID '{wanted}' does not exist"
            return ec2._error("InvalidAllocationID.NotFound", message, 400)
    for gateway in ec2._nat_gateways.values():
        free_address(ec2, gateway)
    shown = "".join(
        address_xml(ec2, address)
        for address in ec2._addresses.values()
        if (not ids or address["AllocationId"] in ids)
        and (not public or address["PublicIp"] in public)
        and passes(ec2, address["AllocationId"], address_values(address), filters)
    )
    return ec2._xml(200, "DescribeAddressesResponse", f"<addressesSet>{shown}</addressesSet>")


def refuse_releasing(params: Params) -> Any:
    ec2 = service("ec2")
    for gateway in ec2._nat_gateways.values():
        free_address(ec2, gateway)
    address = ec2._addresses.get(ec2._p(params, "AllocationId"))
    if address and address.get("AssociationId"):
        return ec2._error("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.", 400)
    return None


def describe_network_interfaces(params: Params) -> Any:
    ec2 = service("ec2")
    ids, filters = ec2._parse_member_list(params, "NetworkInterfaceId"), ec2._parse_filters(params)
    shown = "".join(
        ec2._eni_fields_xml(interface)
        for identifier, interface in ec2._network_interfaces.items()
        if (not ids or identifier in ids)
        and passes(ec2, identifier, {"subnet-id": interface["SubnetId"], "vpc-id": interface["VpcId"]}, filters)
    )
    return ec2._xml(200, "DescribeNetworkInterfacesResponse", f"<networkInterfaceSet>{shown}</networkInterfaceSet>")


@corrects(
    "ec2",
    aws="DescribeNetworkInterfaces honours its filters",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html",
)
def filter_network_interfaces() -> None:
    replace(service("ec2"), "_describe_network_interfaces", instead(describe_network_interfaces))


@corrects(
    "ec2",
    aws="DescribeAddresses honours its filters and shows associations; an associated address can't be released",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html",
)
def keep_addresses() -> None:
    ec2 = service("ec2")
    replace(ec2, "_describe_addresses", instead(describe_addresses))
    replace(ec2, "_release_address", unless(refuse_releasing))


def address_values(address: Record) -> dict[str, str]:
    names = {
        "allocation-id": "AllocationId",
        "association-id": "AssociationId",
        "domain": "Domain",
        "instance-id": "InstanceId",
        "network-interface-id": "NetworkInterfaceId",
        "private-ip-address": "PrivateIpAddress",
        "public-ip": "PublicIp",
    }
    return {name: str(address.get(key) or "") for name, key in names.items()}


def address_xml(ec2: Any, address: Record) -> str:
    names = {
        "allocationId": "AllocationId",
        "publicIp": "PublicIp",
        "domain": "Domain",
        "associationId": "AssociationId",
        "instanceId": "InstanceId",
        "networkInterfaceId": "NetworkInterfaceId",
        "privateIpAddress": "PrivateIpAddress",
    }
    shown = "".join(f"<{tag}>{address[key]}</{tag}>" for tag, key in names.items() if address.get(key))
    return f"<item>{shown}{ec2._tag_set_xml(address['AllocationId'])}</item>"
