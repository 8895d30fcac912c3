#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_flow_log
version_added: 1.0.0
short_description: Record the traffic of a VPC in CloudWatch Logs
description:
  - Creates and deletes flow logs of a VPC.
  - Flow logs are immutable. An existing one of the same VPC and log group is not changed, except for its tags.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  state:
    description: Whether the flow log should exist.
    type: str
    choices: [present, absent]
    default: present
  flow_log_id:
    description: Id of the flow log to delete. Required for I(state=absent).
    type: str
  vpc_id:
    description: Id of the VPC to record. Required for I(state=present).
    type: str
  traffic_type:
    description: Traffic to record.
    type: str
    choices: [ALL, ACCEPT, REJECT]
    default: ALL
  log_group:
    description: Name of the log group to write to. Required for I(state=present).
    type: str
  role_arn:
    description: ARN of a role that allows writing to the log group. Required for I(state=present).
    type: str
  tags:
    description: Tags of the flow log. Other tags are not changed.
    type: dict
    default: {}
notes:
  - EC2 may not know a role yet that was created within the last 5 minutes. If it refuses such a role, the call is retried
    for up to 2 minutes. The age of the role is read with C(iam:GetRole).
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.cloudwatchlogs_log_group
"""

EXAMPLES = r"""
- name: Record the traffic
  magiclub.fargate.ec2_flow_log:
    vpc_id: vpc-0a1b2c3d
    log_group: /vpc/magiclub-an2p-flow-log
    role_arn: arn:aws:iam::123456789012:role/magiclub-an2p-flow-log-role
    region: ap-northeast-2

- name: Stop recording the traffic
  magiclub.fargate.ec2_flow_log:
    flow_log_id: fl-0a1b2c3d
    state: absent
"""

RETURN = r"""
flow_log_id:
  description: Id of the flow log. Null if check mode would create it.
  returned: success
  type: str
  sample: fl-0a1b2c3d
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_specifications,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.changes import as_text, tag_changes
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import ClientError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call, pages
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.retry import IsNew, new_roles, retried
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.tagged import tags


def existing(ec2: t.Any, **wanted: str) -> dict[str, t.Any] | None:
    filters = [{"Name": key.replace("_", "-"), "Values": [value]} for key, value in wanted.items()]
    found = pages(ec2, "describe_flow_logs", "FlowLogs", Filters=filters)
    return next((item for item in found if item["ResourceId"] == wanted["resource_id"]), None)


def present(ec2: t.Any, given: dict[str, t.Any], check_mode: bool, is_new: IsNew) -> tuple[bool, str | None]:
    found = existing(ec2, resource_id=given["vpc_id"], log_group_name=given["log_group"])
    if not found:
        # EC2 can't assume a role yet that was just created.
        return True, None if check_mode else retried(
            lambda: create(ec2, given), request=given["role_arn"], is_new=is_new
        )
    missing, _others = tag_changes(tags(found), given["tags"], purge=False)
    if missing and not check_mode:
        call(ec2, "create_tags", Resources=[found["FlowLogId"]], Tags=ansible_dict_to_boto3_tag_list(missing))
    return bool(missing), found["FlowLogId"]


def create(ec2: t.Any, given: dict[str, t.Any]) -> str:
    wanted = as_text(given["tags"])
    made = call(
        ec2,
        "create_flow_logs",
        ResourceIds=[given["vpc_id"]],
        ResourceType="VPC",
        TrafficType=given["traffic_type"],
        LogDestinationType="cloud-watch-logs",
        LogGroupName=given["log_group"],
        DeliverLogsPermissionArn=given["role_arn"],
        **({"TagSpecifications": boto3_tag_specifications(wanted, ["vpc-flow-log"])} if wanted else {}),
    )
    for refused in made.get("Unsuccessful") or []:
        raise ClientError({"Error": refused["Error"]}, "CreateFlowLogs")
    return made["FlowLogIds"][0]


def absent(ec2: t.Any, given: dict[str, t.Any], check_mode: bool, _is_new: IsNew) -> tuple[bool, str | None]:
    flow_log_id = given["flow_log_id"]
    found = pages(ec2, "describe_flow_logs", "FlowLogs", FlowLogIds=[flow_log_id])
    if found and not check_mode:
        call(ec2, "delete_flow_logs", FlowLogIds=[flow_log_id])
    return bool(found), flow_log_id


def main() -> None:
    module = Module(
        argument_spec=dict(
            state=dict(type="str", choices=["present", "absent"], default="present"),
            flow_log_id=dict(type="str"),
            vpc_id=dict(type="str"),
            traffic_type=dict(type="str", choices=["ALL", "ACCEPT", "REJECT"], default="ALL"),
            log_group=dict(type="str"),
            role_arn=dict(type="str"),
            tags=dict(type="dict", default={}),
        ),
        required_if=[
            ("state", "present", ["vpc_id", "log_group", "role_arn"]),
            ("state", "absent", ["flow_log_id"]),
        ],
        supports_check_mode=True,
    )
    given = module.params
    carry_out = present if given["state"] == "present" else absent
    is_new = new_roles(lambda: module.client("iam"))
    creating, deleting = f"create the flow log of {given['vpc_id']}", f"delete the flow log {given['flow_log_id']}"
    with failing(module, creating if carry_out is present else deleting):
        changed, flow_log_id = carry_out(module.client("ec2"), given, module.check_mode, is_new)
    module.exit_json(changed=changed, flow_log_id=flow_log_id)


if __name__ == "__main__":
    main()
