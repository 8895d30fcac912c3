#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: platform_lock
version_added: 1.0.0
short_description: Lock a platform, so that only one run at a time changes it
description:
  - Locks a platform for this run. A second run fails, with the holder of the lock.
  - The lock is a parameter of AWS Systems Manager (C(/PREFIX/lock)), as creating an existing parameter always fails
    (U(https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html)).
  - The lock of a dead run is taken over. If the holder ran on this machine (in the same container), that is when none of its
    processes is left, otherwise O(max_age) seconds after its last renewal.
  - A run whose main process was killed starts no more modules, but the current one continues until AWS has answered. It is
    found by its environment variable C(MAGICLUB_FARGATE_RUN), which P(magiclub.fargate.aws_environment#filter) sets, or by
    the name of its worker. The module waits O(wait_timeout) seconds for it.
  - Processes are identified by their id and start time, so that a later process with the same id does not hold the lock.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Name prefix of the platform.
    type: str
    required: true
  state:
    description:
      - C(present) acquires the lock, or renews it if this run holds it.
      - C(absent) releases the lock if this run holds it.
    type: str
    choices: [present, absent]
    default: present
  max_age:
    description:
      - Seconds after its last renewal at which a lock expires, if its holder ran on another machine.
      - It has to be longer than a run takes between two tasks of this module, which renew the lock.
    type: int
    default: 3600
  wait_timeout:
    description: Seconds to wait for processes that a killed run has left behind on this machine.
    type: int
    default: 120
  force:
    description: Whether to take the lock from any other run.
    type: bool
    default: false
  holder:
    description: Internal. Identity of this run. The action plugin sets it, and replaces a given value.
    type: dict
attributes:
  check_mode:
    description: Makes no calls and changes nothing.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
notes:
  - It never reports C(changed), as it does not change the platform.
  - Fails if another run holds the lock, with its holder, the time, and the next step.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.plan
"""

EXAMPLES = r"""
- name: Acquire the platform's lock
  magiclub.fargate.platform_lock:
    name_prefix: magiclub-an2p

- name: Release the lock
  magiclub.fargate.platform_lock:
    name_prefix: magiclub-an2p
    state: absent
"""

RETURN = r"""
name:
  description: Name of the parameter.
  returned: success
  type: str
  sample: /magiclub-an2p/lock
"""

import datetime
import functools
import time

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import api, lock, process
from ansible_collections.magiclub.fargate.plugins.module_utils._lock.options import ARGUMENTS


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    prefix, holder = module.params["name_prefix"], module.params["holder"]
    name = f"/{prefix}/lock"
    if module.check_mode:
        module.exit_json(changed=False, name=name)
    with failing(module, f"lock {prefix} by the parameter '{name}'"):
        client = module.client("ssm")
        if module.params["state"] == "absent":
            lock.release(api, client, name, holder)
        else:
            params = {key: module.params[key] for key in ("max_age", "force")}
            request = lock.Request(name, holder, prefix, wait=module.params["wait_timeout"], **params)
            now = functools.partial(datetime.datetime.now, datetime.UTC)
            lock.acquire(api, client, request, lock.Tools(process.inspect, now, time.sleep, module.warn))
    module.exit_json(changed=False, name=name)


if __name__ == "__main__":
    main()
