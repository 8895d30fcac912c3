# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the load balancer in AWS after converge."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    elbv2, ec2, route53 = (boto3.client(service) for service in ("elbv2", "ec2", "route53"))
    (balancer,) = elbv2.describe_load_balancers(Names=[f"{prefix}-pub-alb"])["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    assert balancer["State"]["Code"] == "active"
    assert balancer["Scheme"] == "internet-facing"
    public = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": [f"{prefix}-pub-*"]}])["Subnets"]
    assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == {subnet["SubnetId"] for subnet in public}
    attributes = elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    values = {entry["Key"]: entry["Value"] for entry in attributes}
    assert values["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert values["idle_timeout.timeout_seconds"] == "60"

    (group,) = ec2.describe_security_groups(GroupIds=balancer["SecurityGroups"])["SecurityGroups"]
    assert group["GroupName"] == f"{prefix}-pub-alb-sg"
    assert sorted(
        (rule["FromPort"], rule["ToPort"], source["CidrIp"])
        for rule in group["IpPermissions"]
        for source in rule["IpRanges"]
    ) == [(80, 80, "0.0.0.0/0"), (443, 443, "0.0.0.0/0")]

    listeners = {item["Port"]: item for item in elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    assert sorted(listeners) == [80, 443]
    (redirect,) = listeners[80]["DefaultActions"]
    assert (redirect["RedirectConfig"]["Port"], redirect["RedirectConfig"]["StatusCode"]) == ("443", "HTTP_301")
    (answer,) = listeners[443]["DefaultActions"]
    assert answer["FixedResponseConfig"] == {
        "StatusCode": "404",
        "ContentType": "text/plain",
        "MessageBody": "Not found",
    }
    assert listeners[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    rules = elbv2.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"]
    tags = {tag["Key"]: tag["Value"] for tag in elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]}
    assert tags["ManagedBy"] == "ansible"
    assert [rule["Priority"] for rule in rules if not rule["IsDefault"]] == (["10"] if "Drifted" in tags else [])

    (zone,) = route53.list_hosted_zones()["HostedZones"]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    (alias,) = [record["AliasTarget"] for record in records if record["Type"] == "A"]
    assert alias["DNSName"].rstrip(".") == balancer["DNSName"].lower()
    assert alias["HostedZoneId"] == balancer["CanonicalHostedZoneId"]


if __name__ == "__main__":
    main(sys.argv[1])
