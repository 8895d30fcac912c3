# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change by hand what the role creates, so that the next converge has to fix it.

The tag and the rule that it adds are foreign: converge must not change them; verify.py checks for them.
"""

from __future__ import annotations

import sys

import boto3

ANSWER = {
    "Type": "fixed-response",
    "Order": 1,
    "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"},
}


def main(prefix: str) -> None:
    elbv2, ec2 = boto3.client("elbv2"), boto3.client("ec2")
    (balancer,) = elbv2.describe_load_balancers(Names=[f"{prefix}-pub-alb"])["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    listeners = {
        item["Port"]: item["ListenerArn"] for item in elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    }
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}
    elbv2.add_tags(ResourceArns=[arn], Tags=[{"Key": "Drifted", "Value": "yes"}])
    elbv2.create_rule(ListenerArn=listeners[443], Priority=10, Conditions=[condition], Actions=[ANSWER])
    elbv2.modify_listener(ListenerArn=listeners[443], DefaultActions=[ANSWER], SslPolicy="ELBSecurityPolicy-2016-08")
    elbv2.delete_listener(ListenerArn=listeners[80])
    attribute = {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[attribute])
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=balancer["SecurityGroups"][0], IpPermissions=[rule])


if __name__ == "__main__":
    main(sys.argv[1])
