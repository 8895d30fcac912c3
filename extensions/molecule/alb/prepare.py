# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create the prerequisites of the role: the hosted zone of a domain's parent, and a certificate for the domain."""

from __future__ import annotations

import sys

import boto3


def main(domain: str) -> None:
    route53, acm = boto3.client("route53"), boto3.client("acm")
    if not route53.list_hosted_zones()["HostedZones"]:
        route53.create_hosted_zone(Name=domain.partition(".")[2], CallerReference=domain)
    if not acm.list_certificates()["CertificateSummaryList"]:
        acm.request_certificate(DomainName=f"*.{domain.partition('.')[2]}", ValidationMethod="DNS")


if __name__ == "__main__":
    main(sys.argv[1])
