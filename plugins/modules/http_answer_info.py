#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_answer_info
version_added: 1.0.0
short_description: Ask a server by a name that the DNS need not know yet
description:
  - Makes a GET request and asks again until the answer has the right status, or the time is over.
  - With I(connect_to) it connects there, as to a load balancer, while Host header, SNI and certificate are of the name in
    I(url). So a new domain can be asked for before this machine's resolver knows it. A resolver that was asked too early
    may remember for up to 15 minutes that a name does not exist.
  - Redirects are not followed. The environment's C(http_proxy), C(https_proxy) and C(no_proxy) are honoured.
  - It does not fail for a wrong status, or where there is no answer.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  url:
    description: What to ask, with C(http) or C(https).
    type: str
    required: true
  connect_to:
    description: Host to connect to, at the port of I(url). Without it, the name in I(url).
    type: str
  headers:
    description: Headers of the request.
    type: dict
    default: {}
  check_name:
    description:
      - Whether the certificate has to be for the name in I(url). Only where nobody knows a name of the certificate is there
        reason to set it to false; that the certificate is valid and issued by an authority is checked all the same.
    type: bool
    default: true
  status:
    description: The right status.
    type: int
    default: 200
  within:
    description: Seconds in which the right status has to come.
    type: int
    default: 30
  timeout:
    description: Seconds that the server may be silent.
    type: int
    default: 10
attributes:
  check_mode:
    description: Changes nothing.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Ask the load balancer for a domain that is new
  magiclub.fargate.http_answer_info:
    url: https://lotto.your.company.com/api/healthz
    connect_to: magiclub-an2p-pub-alb-1234567890.ap-northeast-2.elb.amazonaws.com
  register: answer
"""

RETURN = r"""
status:
  description: Status of the last answer, -1 where there was none.
  returned: success
  type: int
  sample: 200
msg:
  description: What the server says to the status, or why there was no answer.
  returned: success
  type: str
  sample: OK
content:
  description: The first MiB of the answer.
  returned: success
  type: str
  sample: ok
json:
  description: The answer as data, null where it is not JSON.
  returned: success
  type: raw
  sample: {"version": "2"}
headers:
  description: Headers of the answer, their names in small letters and with underscores.
  returned: success
  type: dict
  sample: {"content_type": "application/json"}
name_known:
  description:
    - Whether this machine's resolver knows the name in I(url). It is asked only where I(connect_to) is another one, and after
      the right answer; else null.
  returned: success
  type: bool
  sample: true
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._service import ask

ARGUMENTS = {
    "url": {"type": "str", "required": True},
    "connect_to": {"type": "str"},
    "headers": {"type": "dict", "default": {}},
    "check_name": {"type": "bool", "default": True},
    "status": {"type": "int", "default": 200},
    "within": {"type": "int", "default": 30},
    "timeout": {"type": "int", "default": 10},
}


def main() -> None:
    # It asks AWS nothing, and has none of the options for that.
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True, default_args=False, check_boto3=False)
    given = module.params
    connect_to = given["connect_to"] or ""
    headers = {name: str(value) for name, value in given["headers"].items()}
    request = ask.Request(given["url"], connect_to, headers, given["check_name"], given["timeout"])
    answer = ask.until_status(request, given["status"], given["within"])
    known = None
    if answer.status == given["status"] and connect_to not in ("", request.name):
        known = ask.is_known(request.name)
        if not known:
            module.warn(
                f"{request.name} is not known to this machine's resolver yet. The load balancer answers for it. Where its "
                "record is new, resolvers that were asked before it was there may take up to 15 minutes; else point "
                f"{request.name} at {connect_to}."
            )
    module.exit_json(
        changed=False,
        status=answer.status,
        msg=answer.msg,
        content=answer.content,
        json=answer.json,
        headers=dict(answer.headers),
        name_known=known,
    )


if __name__ == "__main__":
    main()
