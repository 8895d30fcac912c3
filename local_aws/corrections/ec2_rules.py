# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2: security groups have one rule per source, as in AWS, and flow logs keep the tags of their creation."""

from __future__ import annotations

from typing import Any

from local_aws.corrections._patch import corrects, replace, service

Params = dict[str, Any]
Permission = dict[str, Any]

# the lists of sources in a permission, and the key that identifies a source in each
SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}


def matches(one: Permission, other: Permission) -> bool:
    """Return whether two permissions have the same protocol and ports."""
    return all(one.get(name) == other.get(name) for name in ("IpProtocol", "FromPort", "ToPort"))


def without(existing: Permission, revoked: Permission) -> Permission:
    """Return a permission without the sources of another one."""
    left = dict(existing)
    for kind, key in SOURCES.items():
        gone = {entry.get(key) for entry in revoked.get(kind, [])}
        left[kind] = [entry for entry in existing.get(kind, []) if entry.get(key) not in gone]
    return left


def has_sources(permission: Permission) -> bool:
    return any(permission.get(kind) for kind in SOURCES)


def revoking(key: str) -> Any:
    """For ``replace``: revoke by source; MiniStack handles rule ids and whole permissions."""

    def make(original: Any) -> Any:
        def call(params: Params) -> Any:
            ec2 = service("ec2")
            group = ec2._security_groups.get(ec2._p(params, "GroupId"))
            asked = ec2._parse_ip_permissions(params, "IpPermissions")
            answer = original(params)
            for revoked in asked if group else []:
                group[key] = [
                    left
                    for existing in group[key]
                    for left in [without(existing, revoked) if matches(existing, revoked) else existing]
                    if has_sources(left)
                ]
            return answer

        return call

    return make


WHERE_TO = ("LogGroupName", "DeliverLogsPermissionArn")
FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets}"
    " ${bytes} ${start} ${end} ${action} ${log-status}"
)
HOW = {"DeliverLogsStatus": "SUCCESS", "LogFormat": FORMAT, "MaxAggregationInterval": "600"}
"""The defaults of a flow log, as in the example of the AWS CLI's describe-flow-logs."""


def describing(key: str, action: str) -> Any:
    """Set the descriptions of the sources of existing rules."""

    def call(params: Params) -> Any:
        ec2 = service("ec2")
        group = ec2._security_groups.get(ec2._p(params, "GroupId"))
        if group is None:
            return ec2._error("InvalidGroup.NotFound", f"Security group {ec2._p(params, 'GroupId')} not found", 400)
        for given in ec2._parse_ip_permissions(params, "IpPermissions"):
            alike = [existing for existing in group[key] if matches(existing, given)]
            for kind, name in SOURCES.items():
                for source in given[kind]:
                    there = [entry for one in alike for entry in one[kind] if entry.get(name) == source.get(name)]
                    if not there:
                        return ec2._error("InvalidPermission.NotFound", "The specified rule does not exist.", 400)
                    for entry in there:
                        entry["Description"] = source.get("Description", "")
        return ec2._xml(200, f"{action}Response", "<return>true</return>")

    return call


@corrects(
    "ec2",
    aws="a rule has one source: of several that were authorised in one call, each can be revoked alone, and "
    "descriptions of rules can be updated",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html, "
    "API_UpdateSecurityGroupRuleDescriptionsIngress.html",
)
def keep_rules_by_source() -> None:
    ec2 = service("ec2")
    for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        replace(ec2, f"_revoke_sg_{direction}", revoking(key))
        action = f"UpdateSecurityGroupRuleDescriptions{direction.capitalize()}"
        ec2._ACTION_MAP[action] = describing(key, action)


@corrects(
    "ec2",
    aws="a flow log has the tags, log group and role of its creation, no destination beside a log group, a format "
    "and an interval",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html, API_FlowLog.html",
)
def keep_flow_logs_whole() -> None:
    ec2 = service("ec2")

    def make(original: Any) -> Any:
        def call(params: Params) -> Any:
            before = set(ec2._flow_logs)
            answer = original(params)
            for flow_log in set(ec2._flow_logs) - before:
                ec2._parse_tag_specs(params, "vpc-flow-log", flow_log)
                given = {name: ec2._p(params, name) for name in (*WHERE_TO, *HOW)}
                ec2._flow_logs[flow_log] |= {**given, **{name: given[name] or HOW[name] for name in HOW}}
            return answer

        return call

    def describe(original: Any) -> Any:
        def call(params: Params) -> Any:
            status, headers, body = original(params)
            for flow_log, record in ec2._flow_logs.items():
                given = {name: record[name] for name in (*WHERE_TO, *HOW) if record.get(name)}
                if record.get("LogGroupName"):
                    body = body.replace(f"<logDestination>{record['LogGroupName']}</logDestination>".encode(), b"")
                shown = {f"{name[0].lower()}{name[1:]}": text for name, text in given.items()}
                fields = "".join(f"<{name}>{text}</{name}>" for name, text in shown.items())
                own = f"<flowLogId>{flow_log}</flowLogId>"
                body = body.replace(own.encode(), f"{own}{fields}".encode())
            return status, headers, body

        return call

    replace(ec2, "_create_flow_logs", make)
    replace(ec2, "_describe_flow_logs", describe)
