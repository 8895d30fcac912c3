# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service of each kind of docs/workloads.md, in an existing network, without containers."""

from __future__ import annotations

import dataclasses
import typing as t

from . import workloads
from .account import Account
from .certificate import self_signed
from .network import Network
from .no_containers import Bare

DOMAIN, SECOND_DOMAIN = "your.company.com", "shop.example.org"
DEAD_LETTERS, CLIENT_SECRET = "failed-reports", "/magiclub-an2p/office/client-secret"
GREEN = {"name": "X-Release", "values": ["green"]}
SHARE = {"percent": 10, "bake_time": 1}
# Kinds with writes that no other has, and traffic shifts with test requests by header and by port (docs/blue-green.md).
KINDS: dict[str, dict[str, t.Any]] = {
    "portal": {},
    "ledger": {},
    "mailer": {},
    "clicks": {},
    "tickets": {"deployment": {"strategy": "canary", "canary": SHARE, "bake_time": 0, "test": {"header": GREEN}}},
    "report": {},
    "orders": {"deployment": {"strategy": "blue_green", "bake_time": 0, "test": {"port": 8443}}},
    "office": {},
}


def one_of_each(bare: Bare) -> Bare:
    """Create the resources that the services refer to, and return the platform with all of them."""
    account, network = bare.account, Network.made(bare.account.client)
    for domain in (DOMAIN, SECOND_DOMAIN):
        certificate, key = self_signed(domain)
        account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    account.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="tests")
    account.client("sqs").create_queue(QueueName=DEAD_LETTERS)
    account.client("ssm").put_parameter(Name=CLIENT_SECRET, Value="not to be seen", Type="SecureString")
    variables = {
        "fargate_lotto": False,
        "fargate_domain": DOMAIN,
        "fargate_services": services(bare),
        "vpc_id": network.vpc,
        "vpc_apps_subnet_ids": network.apps,
        "vpc_public_subnet_ids": network.public,
        "vpc_zones": [],
        "alb_https": True,
        "alb_certificates": [SECOND_DOMAIN],
        "alb_web_acl_arn": _web_acl(account),
        "alb_rules": [
            {"name": "www", "priority": 1, "hosts": [f"www.{DOMAIN}"], "redirect": {"host": DOMAIN}},
            {"name": "maintenance", "priority": 2, "paths": ["/closed/*"], "fixed_response": {"status_code": 503}},
        ],
        "ecs_cluster_http_namespace": "magiclub",
    }
    return dataclasses.replace(bare, variables={**bare.variables, **variables})


def services(bare: Bare) -> list[dict[str, t.Any]]:
    """Return the document's services, and one that is built from source; none gets a smoke request."""
    written = {service["name"]: service for section in workloads.definitions().values() for service in section}
    built = {"name": "built", "build": bare.variables["ecr_push_build"]}
    return [*({**written[name], **more, "smoke": None} for name, more in KINDS.items()), built]


def _web_acl(account: Account) -> str:
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "shop"}
    made = account.client("wafv2").create_web_acl(
        Name="shop", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen
    )
    return str(made["Summary"]["ARN"])
