# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""moto's server, with additions to its incomplete answers.

``python -m tests.support.corrected_moto [moto's own options]``.
"""

from __future__ import annotations

import json
import typing as t

from moto.ec2.models import EC2Backend
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.elbv2.models import FakeLoadBalancer
from moto.server import main
from moto.servicediscovery.responses import ServiceDiscoveryResponse

from local_aws.elbv2_defaults import LOAD_BALANCER_DEFAULTS

Made = t.Callable[..., t.Any]


def with_all_attributes(made: Made) -> Made:
    """A load balancer also returns attributes that were not set (LoadBalancerAttribute in the ELB API)."""

    def init(self: FakeLoadBalancer, *args: t.Any, **kwargs: t.Any) -> None:
        made(self, *args, **kwargs)
        self.attrs |= LOAD_BALANCER_DEFAULTS

    return init


def made_by_aws(interface: t.Any, description: str) -> None:
    """Mark an interface as created by AWS, with its purpose (requester-managed network interfaces, EC2 user guide)."""
    interface.description, interface.requester_managed = description, True


def with_described_interfaces(made: Made) -> Made:
    """The interfaces of an endpoint are AWS's."""

    def create_vpc_endpoint(self: EC2Backend, *args: t.Any, **kwargs: t.Any) -> t.Any:
        endpoint = made(self, *args, **kwargs)
        for identifier in endpoint.network_interface_ids:
            made_by_aws(self.enis[identifier], f"VPC Endpoint Interface {endpoint.id}")
        return endpoint

    return create_vpc_endpoint


def with_a_described_interface(made: Made) -> Made:
    """So is the interface of a NAT gateway."""

    def create_nat_gateway(self: EC2Backend, *args: t.Any, **kwargs: t.Any) -> t.Any:
        gateway = made(self, *args, **kwargs)
        made_by_aws(gateway._eni, f"Interface for NAT Gateway {gateway.id}")
        return gateway

    return create_nat_gateway


def with_its_interface(deleted: Made) -> Made:
    """It is deleted with the gateway."""

    def delete_nat_gateway(self: EC2Backend, *args: t.Any, **kwargs: t.Any) -> t.Any:
        gateway = deleted(self, *args, **kwargs)
        self.enis.pop(gateway._eni.id, None)
        return gateway

    return delete_nat_gateway


def list_operations(self: ServiceDiscoveryResponse) -> str:
    """ListOperations applies its filters (OperationFilter in the Cloud Map API)."""
    filters = {one["Name"]: one["Values"] for one in json.loads(self.body).get("Filters", [])}
    found = [
        operation
        for operation in self.servicediscovery_backend.list_operations()
        if operation.operation_type in filters.get("TYPE", [operation.operation_type])
        and operation.status in filters.get("STATUS", [operation.status])
        and operation.targets.get("NAMESPACE") in filters.get("NAMESPACE_ID", [operation.targets.get("NAMESPACE")])
        and operation.targets.get("SERVICE") in filters.get("SERVICE_ID", [operation.targets.get("SERVICE")])
    ]
    return json.dumps({"Operations": [operation.to_json(short=True) for operation in found]})


def correct() -> None:
    """Install the corrections in moto."""
    for owner, name, corrected in (
        (FakeLoadBalancer, "__init__", with_all_attributes(FakeLoadBalancer.__init__)),
        (VPCBackend, "create_vpc_endpoint", with_described_interfaces(VPCBackend.create_vpc_endpoint)),
        (NatGatewayBackend, "create_nat_gateway", with_a_described_interface(NatGatewayBackend.create_nat_gateway)),
        (NatGatewayBackend, "delete_nat_gateway", with_its_interface(NatGatewayBackend.delete_nat_gateway)),
        (ServiceDiscoveryResponse, "list_operations", list_operations),
    ):
        setattr(owner, name, corrected)


if __name__ == "__main__":
    correct()
    main()
