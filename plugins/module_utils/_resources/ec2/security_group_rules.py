# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of a security group as plans show and compare them: C({protocol, ports, source}), one for each source.

A source is a CIDR block, a prefix list or the name of a security group; ports are C(443), C(8080-8090) or C(all).
"""

from __future__ import annotations

import typing as t

Raw = t.Mapping[str, t.Any]


def shown(permissions: t.Iterable[Raw], names: t.Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rules of a security group, one for each source, sorted; I(names) maps ids of groups to names."""
    found = [
        {"protocol": _protocol(permission), "ports": _ports(permission), "source": source}
        for permission in permissions
        for source in _sources(permission, names)
    ]
    return sorted(found, key=lambda rule: (rule["protocol"], rule["ports"], rule["source"]))


def _protocol(permission: Raw) -> str:
    protocol = str(permission["IpProtocol"])
    return "all" if protocol == "-1" else protocol


def _ports(permission: Raw) -> str:
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if first is None or str(permission["IpProtocol"]) == "-1":
        return "all"
    return str(first) if first == last else f"{first}-{last}"


def _sources(permission: Raw, names: t.Mapping[str, str]) -> list[str]:
    groups = [pair["GroupId"] for pair in permission.get("UserIdGroupPairs") or []]
    return [
        *(entry["CidrIp"] for entry in permission.get("IpRanges") or []),
        *(entry["CidrIpv6"] for entry in permission.get("Ipv6Ranges") or []),
        *(entry["PrefixListId"] for entry in permission.get("PrefixListIds") or []),
        *(names.get(group, group) for group in groups),
    ]


def naming(groups: t.Iterable[Raw], ids: t.Mapping[str, str]) -> list[str]:
    """Return a sentence for each of I(groups) that is not in I(ids), but has a rule that references one of them.

    I(groups) are as M(amazon.aws.ec2_security_group_info) returns them; I(ids) maps ids to names.
    """
    found: dict[str, str] = {}
    for group in groups:
        pairs = [*_named(group, "ip_permissions"), *_named(group, "ip_permissions_egress")]
        named = [f"{ids[one]} ({one})" for one in dict.fromkeys(pairs) if one in ids]
        if named and group["group_id"] not in ids:
            found[group["group_id"]] = f"{group['group_name']} ({group['group_id']}) names {', '.join(named)}"
    return list(found.values())


def letting_in(groups: t.Iterable[Raw], ids: t.Container[str]) -> list[Raw]:
    """Return the I(groups) whose inbound rules reference one of I(ids) and whose outbound rules do not, each once."""
    found = {
        group["group_id"]: group
        for group in groups
        if any(one in ids for one in _named(group, "ip_permissions"))
        and not any(one in ids for one in _named(group, "ip_permissions_egress"))
    }
    return list(found.values())


def _named(group: Raw, direction: str) -> list[t.Any]:
    permissions = group.get(direction) or []
    return [pair.get("group_id") for permission in permissions for pair in permission.get("user_id_group_pairs") or []]


def arguments(rules: t.Iterable[t.Mapping[str, str]], ids: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    """Return rules as M(amazon.aws.ec2_security_group) takes them; I(ids) maps names of groups to ids."""
    return [{"proto": rule["protocol"], **_port_range(rule["ports"]), **_target(rule["source"], ids)} for rule in rules]


def _port_range(ports: str) -> dict[str, int]:
    if ports == "all":
        return {"from_port": -1, "to_port": -1}
    first, _dash, last = ports.partition("-")
    return {"from_port": int(first), "to_port": int(last or first)}


def _target(source: str, ids: t.Mapping[str, str]) -> dict[str, str]:
    if source.startswith("pl-"):
        return {"ip_prefix": source}
    if "/" in source:
        return {"cidr_ipv6" if ":" in source else "cidr_ip": source}
    return {"group_id": ids.get(source, source)}
