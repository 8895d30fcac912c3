# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change by hand what the role creates, so that the next converge has to fix it."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    name, cluster = f"{prefix}-web", f"{prefix}-ecs"
    ecs, elb, iam, logs = (boto3.client(service) for service in ("ecs", "elbv2", "iam", "logs"))
    ecs.update_service(
        cluster=cluster,
        service=name,
        healthCheckGracePeriodSeconds=99,
        deploymentConfiguration={
            "maximumPercent": 150,
            "minimumHealthyPercent": 50,
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        },
    )
    ecs.update_service(cluster=cluster, service=f"{prefix}-plain", desiredCount=2)

    (group,) = elb.describe_target_groups(Names=[name])["TargetGroups"]
    arn = group["TargetGroupArn"]
    elb.modify_target_group(TargetGroupArn=arn, HealthCheckIntervalSeconds=60, Matcher={"HttpCode": "200-399"})
    off = [{"Key": "stickiness.enabled", "Value": "false"}]
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=off)
    listener = elb.describe_listeners(LoadBalancerArn=group["LoadBalancerArns"][0])["Listeners"][0]["ListenerArn"]
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    rule = next(rule["RuleArn"] for rule in rules if rule["Priority"] == "20")
    by_hand = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/by-hand"]}}]
    elb.modify_rule(RuleArn=rule, Conditions=by_hand)
    elb.remove_tags(ResourceArns=[rule], TagKeys=["Name"])

    logs.put_retention_policy(logGroupName=f"/ecs/{name}", retentionInDays=1)
    iam.attach_role_policy(RoleName=f"{name}-task", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.delete_role_policy(RoleName=f"{name}-task", PolicyName="read-objects")

    ec2 = boto3.client("ec2")
    named = [{"Name": "group-name", "Values": [f"{name}-sg"]}]
    (found,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=found["GroupId"], IpPermissions=[rule])

    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{cluster}/{name}",
        ScalableDimension="ecs:service:DesiredCount",
        MaxCapacity=9,
    )


if __name__ == "__main__":
    main(sys.argv[1])
