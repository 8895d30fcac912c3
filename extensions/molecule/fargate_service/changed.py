# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check services in AWS after a rule or port was added or removed."""

from __future__ import annotations

import sys

import boto3

BALANCED = {"inner": 8070, "plain": None, "queue": None, "web": 8080}


def main(prefix: str) -> None:
    ecs, elb = boto3.client("ecs"), boto3.client("elbv2")
    names = [f"{prefix}-{app}" for app in BALANCED]
    services = ecs.describe_services(cluster=f"{prefix}-ecs", services=names)["services"]
    ports = {
        service["serviceName"].removeprefix(f"{prefix}-"): [
            entry["containerPort"] for entry in service["loadBalancers"]
        ]
        for service in services
    }
    assert ports == {app: [port] if port else [] for app, port in BALANCED.items()}, ports
    assert all(len(service["deployments"]) == 1 for service in services)
    assert {bool(service["serviceRegistries"]) for service in services} == {True}

    groups = {group["TargetGroupName"]: group for group in elb.describe_target_groups()["TargetGroups"]}
    assert set(groups) == {f"{prefix}-inner", f"{prefix}-web"}, set(groups)
    group = groups[f"{prefix}-inner"]
    health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    assert [(entry["Target"]["Port"], entry["TargetHealth"]["State"]) for entry in health] == [(8070, "healthy")]
    listener = elb.describe_listeners(LoadBalancerArn=group["LoadBalancerArns"][0])["Listeners"][0]["ListenerArn"]
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    paths = [path for rule in rules for entry in rule["Conditions"] for path in entry["PathPatternConfig"]["Values"]]
    assert sorted(paths) == ["/etc/*", "/inner/*", "/perl5/*", "/usr/share/*"], paths

    sources = {app: sources_of(f"{prefix}-{app}-sg") for app in BALANCED}
    assert sources == {"inner": ["balancer", "caller"], "plain": [], "queue": [], "web": ["balancer"]}, sources


def sources_of(name: str) -> list[str]:
    """Return the sources that a security group admits."""
    named = [{"Name": "group-name", "Values": [name]}]
    (group,) = boto3.client("ec2").describe_security_groups(Filters=named)["SecurityGroups"]
    kinds = {"UserIdGroupPairs": "balancer", "IpRanges": "caller"}
    return sorted(kinds[key] for rule in group["IpPermissions"] for key in kinds for _source in rule.get(key) or [])


if __name__ == "__main__":
    main(sys.argv[1])
