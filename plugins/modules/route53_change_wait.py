#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: route53_change_wait
version_added: 1.1.0
short_description: Wait until Route 53 has propagated changes
description:
  - Waits until changes of records are C(INSYNC), usually within 60 seconds. A resolver that asks for a new name earlier may cache
    for up to 15 minutes that it does not exist.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  changes:
    description: Ids of the changes, from C(wait_id) of M(amazon.aws.route53).
    type: list
    elements: str
    required: true
  timeout:
    description: Seconds to wait at most.
    type: int
    default: 300
notes:
  - "IAM action: C(route53:GetChange)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.route53
"""

EXAMPLES = r"""
- name: Wait until the new record is propagated
  magiclub.fargate.route53_change_wait:
    changes: ["{{ record.wait_id }}"]
"""

RETURN = r"""
statuses:
  description: Statuses of the changes by id.
  returned: success
  type: dict
  sample: {"/change/C2682N5HXP0BZ4": "INSYNC"}
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError, failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import call
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import WaitTimeoutError, wait_until

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "changes": {"type": "list", "elements": "str", "required": True},
    "timeout": {"type": "int", "default": 300},
}


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    route53, changes, timeout = module.client("route53"), module.params["changes"], module.params["timeout"]

    def read_statuses() -> dict[str, str]:
        return {change: call(route53, "get_change", Id=change)["ChangeInfo"]["Status"] for change in changes}

    with failing(module, "read the status of the changes"):
        try:
            statuses = wait_until(read_statuses, lambda found: set(found.values()) <= {"INSYNC"}, timeout)
        except WaitTimeoutError as error:
            pending = sorted(change for change, status in error.last.items() if status != "INSYNC")
            raise RefusedError(
                f"Route 53 has not propagated {', '.join(pending)} within {timeout} s. Run again in a few minutes."
            ) from error
    module.exit_json(changed=False, statuses=statuses)


if __name__ == "__main__":
    main()
