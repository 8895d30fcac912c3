# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The remaining resources of a platform, by the tagging API and by their services."""

from __future__ import annotations

import typing as t

from ..._aws.changes import as_text
from ..._aws.read import call, in_parallel
from . import api, decide

SERVICES = ("sts", "resourcegroupstaggingapi", "ec2", "iam", "logs", "elbv2")


def remaining(client: t.Callable[[str], t.Any], prefix: str, tags: t.Mapping[str, str]) -> list[dict[str, str]]:
    """Return C({arn, name, state}) of the resources with I(tags) and a name with I(prefix) that still exist."""
    tags = as_text(tags)
    clients = {service: client(service) for service in SERVICES}
    account = call(clients["sts"], "get_caller_identity")["Account"]
    read = in_parallel(
        listed=lambda: api.by_tagging_api(clients["resourcegroupstaggingapi"], tags),
        ec2=lambda: api.of_ec2(clients["ec2"], tags, account),
        iam=lambda: api.of_iam(clients["iam"], prefix),
        logs=lambda: api.of_logs(clients["logs"], prefix),
        elbv2=lambda: api.of_elbv2(clients["elbv2"], prefix),
    )
    listed = read.pop("listed")
    known = [entry for entries in read.values() for entry in entries]
    for kind, arns in decide.by_kind(listed, prefix).items():
        if kind in api.READERS:
            service, states = api.READERS[kind]
            found = states(client(service), arns)
            known += [decide.Known(arn, listed[arn], state) for arn, state in found.items()]
    return decide.remaining(listed, known, {*api.LISTED, *api.READERS}, prefix)
