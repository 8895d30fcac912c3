# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""moto's server, with what it leaves out of answers that AWS gives whole.

``python -m tests.house.corrected_moto [moto's own options]``.
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

Made = t.Callable[..., t.Any]

# What a new load balancer has, as the attribute tables of the Application Load Balancer guide give it.
ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
}


def with_all_attributes(made: Made) -> Made:
    """A load balancer tells also what was not set (LoadBalancerAttribute in the ELB API)."""

    def init(self: FakeLoadBalancer, *args: t.Any, **kwargs: t.Any) -> None:
        made(self, *args, **kwargs)
        self.attrs = {**ATTRIBUTES, **self.attrs}

    return init


def with_described_interfaces(made: Made) -> Made:
    """The interfaces that AWS makes for an endpoint say so (requester-managed network interfaces, EC2 user guide)."""

    def create_vpc_endpoint(self: EC2Backend, *args: t.Any, **kwargs: t.Any) -> t.Any:
        endpoint = made(self, *args, **kwargs)
        for identifier in endpoint.network_interface_ids:
            self.enis[identifier].description = f"VPC Endpoint Interface {endpoint.id}"
            self.enis[identifier].requester_managed = True
        return endpoint

    return create_vpc_endpoint


def with_a_described_interface(made: Made) -> Made:
    """So does that of a NAT gateway."""

    def create_nat_gateway(self: EC2Backend, *args: t.Any, **kwargs: t.Any) -> t.Any:
        gateway = made(self, *args, **kwargs)
        gateway._eni.description = f"Interface for NAT Gateway {gateway.id}"
        gateway._eni.requester_managed = True
        return gateway

    return create_nat_gateway


def with_its_interface(deleted: Made) -> Made:
    """And it goes with the gateway."""

    def delete_nat_gateway(self: EC2Backend, *args: t.Any, **kwargs: t.Any) -> t.Any:
        gateway = deleted(self, *args, **kwargs)
        self.enis.pop(gateway._eni.id, None)
        return gateway

    return delete_nat_gateway


def list_operations(self: ServiceDiscoveryResponse) -> str:
    """ListOperations minds its filters (OperationFilter in the Cloud Map API)."""
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
    """Put the corrections in moto's place."""
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
