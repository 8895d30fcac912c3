#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: log_group_retention
version_added: 1.1.0
short_description: Set the retention of a log group in CloudWatch Logs
description:
  - Accepts all retention periods of CloudWatch Logs, and V(never).
  - M(amazon.aws.cloudwatchlogs_log_group) can't set V(never), and deletes the group for V(1096), V(2192), V(2557), V(2922) and V(3288).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  log_group_name:
    description: Name of the log group. It must exist, except in check mode.
    type: str
    required: true
  retention:
    description: Retention in days, or V(never) for no expiry.
    type: str
    required: true
    choices: ["1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096", "1827", "2192",
      "2557", "2922", "3288", "3653", never]
notes:
  - "IAM actions: C(logs:DescribeLogGroups), C(PutRetentionPolicy), C(DeleteRetentionPolicy)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.cloudwatchlogs_log_group
"""

EXAMPLES = r"""
- name: Keep audit logs for seven years
  magiclub.fargate.log_group_retention:
    log_group_name: /ecs/magiclub-an2p-ledger
    retention: "2557"
"""

RETURN = r"""
retention:
  description: Retention in days, or V(never). In check mode, as it would be.
  returned: always
  type: str
  sample: "2557"
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.refused import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.logs import api, log_group

ARGUMENTS = {
    "log_group_name": {"required": True},
    "retention": {"required": True, "choices": [*map(str, log_group.RETENTIONS), log_group.NEVER]},
}


def ensure(client: t.Any, name: str, retention: str, check_mode: bool) -> dict[str, t.Any]:
    wanted = retention if retention == log_group.NEVER else int(retention)
    group = api.log_group(client, name)
    if group is None and not check_mode:
        raise RefusedError(f"There is no log group {name}. Create it first, as by amazon.aws.cloudwatchlogs_log_group.")
    change = log_group.retention_change(group or {}, wanted)
    if change and not check_mode:
        api.set_retention(client, name, None if wanted == log_group.NEVER else int(wanted))
    diff = {key: f"retention: {change[key]}\n" if change else "" for key in ("before", "after")}
    return {"changed": bool(change), "retention": retention, "diff": diff}


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    name = module.params["log_group_name"]
    with failing(module, f"set the retention of log group {name}"):
        module.exit_json(**ensure(module.client("logs"), name, module.params["retention"], module.check_mode))


if __name__ == "__main__":
    main()
