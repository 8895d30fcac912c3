# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change by hand what the role creates, so that the next converge has to fix it."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    name = f"{prefix}-lotto"
    boto3.client("ecs").update_service(cluster=f"{prefix}-ecs", service=name, desiredCount=2)
    elb = boto3.client("elbv2")
    (group,) = elb.describe_target_groups(Names=[name])["TargetGroups"]
    elb.modify_target_group(TargetGroupArn=group["TargetGroupArn"], HealthCheckPath="/")


if __name__ == "__main__":
    main(sys.argv[1])
