#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: platform_lock
version_added: 1.0.0
short_description: Lock a platform, so that one run at a time changes it
description:
  - Holds a platform for this run. A second run is refused, and told who holds it.
  - The lock is a parameter of AWS Systems Manager (C(/PREFIX/lock)), since creating one that exists fails, whoever asks
    (U(https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html)).
  - A dead run does not keep the lock. It is taken over where the holder ran on this machine (in the same container)
    and none of its processes is left, and after O(max_age) seconds without a sign of life where it ran elsewhere.
  - A run whose main process was killed starts no further module, but the one under way goes on until AWS has answered.
    It is found by the variable C(MAGICLUB_FARGATE_RUN) of its environment, which
    P(magiclub.fargate.aws_environment#filter) gives, or by the name of the worker that runs it, and waited for
    O(wait_timeout) seconds.
  - A process is known by its id and its start, so that another one with the same id later holds nothing.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Name prefix of the platform.
    type: str
    required: true
  state:
    description:
      - C(present) takes the lock, or renews it where this run has it.
      - C(absent) leaves it, where this run has it.
    type: str
    choices: [present, absent]
    default: present
  max_age:
    description:
      - Seconds after which a lock that was not renewed counts as left behind, where its holder can't be looked for.
      - Longer than a run takes between two tasks of this module, since it gives no other sign of life.
    type: int
    default: 3600
  wait_timeout:
    description: Seconds to wait for what a run that was ended has left at work on this machine.
    type: int
    default: 120
  force:
    description: Take the lock from whoever has it.
    type: bool
    default: false
  holder:
    description: Who asks. The action plugin gives this; a value given in a task is replaced.
    type: dict
attributes:
  check_mode:
    description: Changes nothing, and asks nobody.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
notes:
  - It never reports C(changed), since the platform is as it was.
  - Fails if another run holds the platform, naming who, since when, and what to do.
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

- name: Release it
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
